"""Why a call was matched, flagged or deducted, and how a figure came to be: what `tieout explain` prints.

Read from the lake as the last audit left it; nothing is computed anew.
"""

from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.errors import fault
from pipelines.intake.manifest import in_force
from pipelines.lake import Lake
from pipelines.measure.catalogue import BY_ID
from pipelines.tables import FIGURES, FINDINGS, LINKS

_SERVICE, _RESOLUTION = ("universe.sql", "tallies.sql"), ("contacts.sql", "next_contacts.sql", "windows.sql")


def explain(space: Workspace, lake: Lake, month: Month, name: str, vendors: list[str]) -> list[str]:
    """The story of every record and leg with this id, or of a figure, as lines of text.

    Raises TieoutError where the month was not audited, or holds no such id.
    """
    audited = [vendor for vendor in vendors if lake.paths(LINKS, vendor=vendor, month=month.text)]
    if not audited:
        command = f"tieout audit --dir {space.dir} --month {month.text}"
        raise fault(f"--month {month.text}", "no audit of that month", "a month that was audited", f"run {command}")
    tell = _figure if name in BY_ID else _call
    lines = [line for vendor in audited for line in tell(space, lake, month, vendor, name)]
    if not lines:
        allowed = f"a call id of either side, or one of: {', '.join(BY_ID)}"
        raise fault(name, "no call and no figure of that id in the month", allowed, "look it up in evidence/*.parquet")
    return lines


def _call(space: Workspace, lake: Lake, month: Month, vendor: str, call_id: str) -> list[str]:
    """One paragraph per record of the vendor or leg that carries the id."""
    links = lake.read(LINKS, vendor=vendor, month=month.text).filter("in_month")
    rows = links.filter((pl.col("vendor_call_id") == call_id) | (pl.col("inhouse_call_id") == call_id))
    names = {file.file_id: file.file for source in (vendor, "inhouse") for file in in_force(lake, source)}
    findings = lake.read(FINDINGS, vendor=vendor, month=month.text)
    lines = []
    for row in rows.sort("side", "file_id", "row").iter_rows(named=True):
        lines += _record(space, lake, month, vendor, row, names)
        here = findings.filter((pl.col("file_id") == row["file_id"]) & (pl.col("row") == row["row"]))
        for found in here.iter_rows(named=True):
            lines.append(f"  {_CERTAINTY[found['certainty']]}: {found['explanation']}.")
            lines.append(f"  Innocent reading: {found['innocent_reading']}.")
            lines.append(f"  Money: {_money(space, vendor, month, found)}")
        if here.is_empty():
            lines.append("  Nothing is held against it.")
    return lines


_CERTAINTY = {"proven": "Contradicted by records", "probable": "To be explained", "suspected": "To be sampled"}


def _record(
    space: Workspace, lake: Lake, month: Month, vendor: str, row: dict[str, object], names: dict[str, str]
) -> list[str]:
    """Where it stands, when, with whom it was paired, and how whole our log is there."""
    where = f"{names.get(str(row['file_id']), row['file_id'])}, record {row['row']}"
    if row["side"] == "inhouse":
        head = f"Leg {row['inhouse_call_id']} of our own log, passed on to {vendor} ({where})"
        when = _moment(space, legs_of(lake, month), "transferred_utc", row)
    else:
        head = f"Call {row['vendor_call_id']} of {vendor} ({where})"
        when = _moment(space, calls_of(lake, vendor, month), "offered_utc", row)
    lines = [f"{head}, {when}."]
    if row["side"] == "pair":
        other = names.get(str(row["inhouse_file_id"]), row["inhouse_file_id"])
        leg = f"leg {row['inhouse_call_id']} ({other}, record {row['inhouse_row']})"
        apart = f"{row['delta_s']} s apart after the clock offset of {row['offset_s']} s is taken off"
        lines.append(f"  Matched by {row['match_class']} with {leg}: {row['reason']}; {apart}.")
        lines.append(f"  Confidence {row['confidence']}.")
    else:
        lines.append(f"  No partner ({row['match_class']}): {row['reason']}.")
        whole = "is whole" if row["is_covered"] else "has a gap, so nothing can be held against a call"
        lines.append(f"  Our log {whole} around that time.")
    return lines


def _moment(space: Workspace, paths: list[Path], column: str, row: dict[str, object]) -> str:
    frame = pl.scan_parquet(paths, hive_partitioning=False)
    found = frame.filter((pl.col("file_id") == row["file_id"]) & (pl.col("row") == row["row"])).select(column).collect()
    if found.is_empty():
        return "time unknown"
    local = found[column].dt.convert_time_zone(space.time_zone)[0]
    return f"{local:%Y-%m-%d %H:%M:%S} {space.time_zone}"


def _money(space: Workspace, vendor: str, month: Month, found: dict[str, object]) -> str:
    terms = space.vendors[vendor].terms.of_month(month.first, month.last)
    if found["certainty"] != "proven":
        return "nothing is deducted; it is on the list of calls to be explained."
    if found["detector"] in terms.evidence.deduct and terms.evidence.binding_record != "none":
        return f"deducted, as clause {terms.evidence.clause} lets us."
    return "withheld until answered: the terms name no record that binds both sides."


def _figure(space: Workspace, lake: Lake, month: Month, vendor: str, figure: str) -> list[str]:
    """The figure with everything that it rests on, and its SQL."""
    rows = lake.read(FIGURES, vendor=vendor, month=month.text).filter(
        (pl.col("id") == figure) & (pl.col("scope") == "all")
    )
    lines = []
    for row in rows.iter_rows(named=True):
        lines.append(f"{figure} of {vendor}, {month.text} (data until {row['as_of']}), {row['status']}")
        lines.append(f"  Definition: {BY_ID[figure].words} [{row['definition']}]")
        lines.append(f"  Reported {row['reported']}, measured {row['measured']} {row['unit']}, base {row['n']}.")
        lines.append(
            f"  Left open: {row['low']} to {row['high']}." if row["low"] is not None else "  Nothing left open."
        )
        lines += [f"  Reason: {row['reason']}"] if row["reason"] else []
    if rows.is_empty():
        return []
    steps = _RESOLUTION if figure.startswith(("fcr", "callback")) else _SERVICE
    folder = files("pipelines.measure")
    texts = [f"-- pipelines/measure/{step}\n{(folder / step).read_text(encoding='utf-8')}" for step in steps]
    return [*lines, *texts]
