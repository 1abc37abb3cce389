"""What `tieout explain` prints: why a call was matched, flagged or deducted, or how a figure came to be.

Read from the lake as the last audit left it; nothing is computed anew. How a call is told stands in `explain_call.py`,
a figure in `explain_figure.py`; here every row of an id is found, and what is held against it.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.errors import fault
from pipelines.intake.manifest import in_force
from pipelines.lake import Lake, replacing
from pipelines.link.told import clock_of
from pipelines.measure.catalogue import BY_ID, has
from pipelines.tables import FINDINGS, LINKS
from reports.candidates import Surroundings, link_paths
from reports.case import Case
from reports.clock import move_sentence
from reports.explain_call import call_lines
from reports.explain_figure import figure_lines
from reports.scorecard import ClockMove
from reports.words import words

_CERTAINTY = {"proven": "Contradicted by records", "probable": "To be explained", "suspected": "To be sampled"}


def explain(
    space: Workspace, lake: Lake, month: Month, name: str, vendors: list[str], picture: Path | None = None
) -> list[str]:
    """The story of every record and leg with this id, or of a figure, as lines of text.

    `picture` takes a drawing of the call; of several rows with the id each has its own, numbered from the second on.
    Raises TieoutError where the month was not audited, or holds no such id.
    """
    _check_picture(name, picture)
    audited = [vendor for vendor in vendors if link_paths(lake, vendor, month)]
    if not audited:
        command = f"tieout audit --dir {space.dir} --month {month.text}"
        raise fault(f"--month {month.text}", "no audit of that month", "a month that was audited", f"run {command}")
    if has(name):
        lines = [line for vendor in audited for line in figure_lines(lake, month, vendor, name)]
    else:
        lines = list(_stories(space, lake, month, audited, name, picture))
    if not lines:
        allowed = f"a call id of either side, or one of: {', '.join(BY_ID)}"
        raise fault(name, "no call and no figure of that id in the month", allowed, "look it up in evidence/*.parquet")
    return lines


def _check_picture(name: str, picture: Path | None) -> None:
    if picture is None:
        return
    if has(name):
        raise fault(f"--picture {picture}", f"{name} is a figure", "the id of a call", "leave --picture out")
    if picture.suffix.lower() != ".svg" or picture.is_dir():
        raise fault(f"--picture {picture}", "no name of an SVG file", "a file, as call.svg", "correct --picture")


def _stories(
    space: Workspace, lake: Lake, month: Month, vendors: list[str], call_id: str, picture: Path | None
) -> Iterator[str]:
    """One paragraph per record of the vendor or leg that carries the id."""
    drawn = 0
    for vendor in vendors:
        rows = _rows(lake, month, vendor, call_id)
        if rows.is_empty():
            continue
        sources = (vendor, space.inhouse.source)
        names = {file.file_id: file.file for source in sources for file in in_force(lake, source)}
        findings = lake.read(FINDINGS, vendor=vendor, month=month.text)
        for case in Surroundings(space, lake, vendor, month).cases(rows):
            yield from call_lines(case, vendor, names, _moves(space, lake, vendor, month, case))
            yield from _held_against(space, vendor, month, case, findings)
            if not lake.paths(LINKS, vendor=vendor, month=month.text):
                yield "  Provisional: linked with its night alone; the audit of the month decides."
            if picture is not None:
                drawn += 1
                yield f"  Picture: {_drawn(case, space.language, picture, drawn)}"


def _rows(lake: Lake, month: Month, vendor: str, call_id: str) -> pl.DataFrame:
    links = pl.scan_parquet(link_paths(lake, vendor, month), hive_partitioning=False)
    is_it = (pl.col("vendor_call_id") == call_id) | (pl.col("inhouse_call_id") == call_id)
    return links.filter("in_month", is_it).collect(engine="streaming").sort("side", "file_id", "row")


def _moves(space: Workspace, lake: Lake, vendor: str, month: Month, case: Case) -> list[str]:
    """What the clock did on that day, if it moved."""
    moved = case.clock["moved"] if case.clock else None
    if moved is None:
        return []
    say, clock = words("en"), clock_of(lake, vendor, month, space.time_zone)
    return [move_sentence(say, ClockMove(**asdict(move))) for move in clock.moves if move.kind == moved]


def _held_against(space: Workspace, vendor: str, month: Month, case: Case, findings: pl.DataFrame) -> Iterator[str]:
    """The findings on the record, with their innocent readings and what they cost."""
    here = findings.filter((pl.col("file_id") == case.own.ref[0]) & (pl.col("row") == case.own.ref[1]))
    for found in here.iter_rows(named=True):
        yield f"  {_CERTAINTY[found['certainty']]}: {found['explanation']}."
        yield f"  Innocent reading: {found['innocent_reading']}."
        yield f"  Money: {_money(space, vendor, month, found)}"
    if here.is_empty():
        yield "  Nothing is held against it."


def _money(space: Workspace, vendor: str, month: Month, found: dict[str, object]) -> str:
    terms = space.vendors[vendor].terms.of_month(month.first, month.last)
    if found["certainty"] != "proven":
        return "nothing is deducted; it is on the list of calls to be explained."
    if found["detector"] in terms.evidence.deduct and terms.evidence.binding_record != "none":
        return f"deducted, as clause {terms.evidence.clause} lets us."
    return "withheld until answered: the terms name no record that binds both sides."


def _drawn(case: Case, language: str, target: Path, number: int) -> Path:
    """Draws a call; gives the file back."""
    from reports.picture import picture  # its colours are the chart's, whose library is slow to load

    path = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
    try:
        with replacing(path) as beside:
            beside.write_text(picture(case, language), encoding="utf-8")
    except OSError as error:
        raise fault(path, error.strerror or "cannot be written", "a place to write to", "correct --picture") from None
    return path
