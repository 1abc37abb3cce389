"""The comparisons of one vendor's month on the lake, once the figures of all vendors of the month are measured.

What callers did comes from `family.py`, the arithmetic from `beside.py`. Against in-house, callers are resampled as
they are, with what they did on both sides; against other vendors and the last month, callers are resampled in groups
that are the same on both sides.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.measure.compare.beside import INHOUSE, Question, Row, beside, shared_reasons, sides
from pipelines.tables.compared import CALLER_GROUPS, COMPARISONS, PROFILES

PLACED = ("unit", "callers", "place", "reason", "contacts", "counted")


def write_comparisons(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """A vendor's figures beside in-house, each other vendor and its last month; table `comparisons`.

    Reads `profiles` and `caller_groups`; of whom there are none (yet), nothing is said.
    """
    where, vendors = {"vendor": vendor, "month": month.text}, sorted(space.vendors)
    unit = space.vendors[vendor].terms.of_month(month.first, month.last).definitions.fcr.unit
    unlike = _unlike(space, vendor, month)
    stamp = sha("comparisons", VERSION, vendor, unit, unlike, lake.stamps(_used(lake, vendors, vendor, month)))
    if not lake.is_fresh(COMPARISONS, stamp, **where):
        notes = () if unit == "calls" else (f"counts_calls_not:{unit}",)
        rows = compared(lake, vendors, vendor, month, notes, unlike)
        frame = pl.DataFrame([{name: row[name] for name in COMPARISONS.schema} for row in rows], COMPARISONS.schema)
        lake.write(COMPARISONS, frame, stamp, **where)
    return lake.read(COMPARISONS, **where)


def compared(
    lake: Lake,
    vendors: list[str],
    vendor: str,
    month: Month,
    notes: tuple[str, ...] = (),
    unlike: Collection[tuple[str, str]] = (),
) -> list[Row]:
    """Rows of `comparisons`, with these notes on those of all reasons; nothing is said of `unlike` ones."""
    asked = Question(vendor, month.text, "", INHOUSE, notes)
    groups = lake.read(CALLER_GROUPS, vendor=vendor, month=month.text)
    found = _inhouse(lake.read(PROFILES, vendor=vendor, month=month.text), groups, asked)
    own = groups.filter(pl.col("side") == vendor)
    for against, other in _others(lake, vendors, vendor, month).items():
        alike = set(own["figure"]) & set(other["figure"])
        for figure in sorted(each for each in alike if (against, each.partition("_")[0]) not in unlike):
            question = replace(asked, figure=figure, against=against)
            found += _asked(question, _in_groups(own, figure), _in_groups(other, figure))
    return found


def _unlike(space: Workspace, vendor: str, month: Month) -> list[tuple[str, str]]:
    """Against whom which figures are none to compare, by the first word of their ids: they count something else there.

    A window stands in a figure's id. Which reasons make a contact a further one, and how soon a call that comes back is
    handed back, do not.
    """
    before = Month(last(month))
    sides = {other: (other, month) for other in sorted(space.vendors) if other != vendor} | {
        last(month): (vendor, before)
    }
    own = _counts(space, vendor, month)
    found = {against: _counts(space, *of) for against, of in sides.items()}
    return [(against, figure) for against, rules in found.items() for figure in rules if rules[figure] != own[figure]]


def _counts(space: Workspace, vendor: str, month: Month) -> dict[str, tuple[object, ...]]:
    """By the first word of a figure's id, what the terms decide of it beside its window; nothing before they hold."""
    terms = space.vendors[vendor].terms
    if month.last < terms.versions[0].since:
        return {"fcr": (), "callback": ()}
    agreed = terms.of_month(month.first, month.last).definitions.fcr
    return {"fcr": (agreed.reason, agreed.transfer_grace_s), "callback": (agreed.reason,)}


def last(month: Month) -> str:
    """The month before, as YYYY-MM."""
    return (month.first - timedelta(days=1)).strftime("%Y-%m")


def _used(lake: Lake, vendors: list[str], vendor: str, month: Month) -> list[Path]:
    groups = [path for other in vendors for path in lake.paths(CALLER_GROUPS, vendor=other, month=month.text)]
    past = lake.paths(CALLER_GROUPS, vendor=vendor, month=last(month))
    return [*lake.paths(PROFILES, vendor=vendor, month=month.text), *groups, *past]


def _others(lake: Lake, vendors: list[str], vendor: str, month: Month) -> dict[str, pl.DataFrame]:
    """Against whom → the groups of their own calls: the other vendors of the month, and this vendor's last month."""
    of = {other: (other, month.text) for other in vendors if other != vendor} | {last(month): (vendor, last(month))}
    read = {against: lake.read(CALLER_GROUPS, vendor=whose, month=when) for against, (whose, when) in of.items()}
    return {against: frame.filter(pl.col("side") == of[against][0]) for against, frame in read.items()}


def _inhouse(profiles: pl.DataFrame, groups: pl.DataFrame, asked: Question) -> list[Row]:
    """Against in-house: first-contact resolution, by kinds of callers, or by groups where kinds are very many."""
    resolved = groups.filter(pl.col("figure").str.starts_with("fcr_"))
    if resolved.is_empty():
        return []
    figure = resolved["figure"][0]
    question = replace(asked, figure=figure)
    if profiles.is_empty():
        frames = [_in_groups(groups.filter(pl.col("side") == side), figure) for side in (asked.vendor, INHOUSE)]
        return _asked(question, *frames)
    place = pl.when(pl.col("side") == INHOUSE).then(1).otherwise(0)
    kinds = profiles.select("callers", "side", "reason", "contacts", unit="profile", counted="resolved", place=place)
    return _asked(question, *(kinds.filter(pl.col("place") == place) for place in (0, 1)))


def _in_groups(groups: pl.DataFrame, figure: str) -> pl.DataFrame:
    """Groups of callers, each resampled as one."""
    rows = groups.filter(pl.col("figure") == figure)
    return rows.select("reason", "contacts", "counted", unit="part", callers=pl.lit(1, pl.Int64))


def _asked(question: Question, own: pl.DataFrame, other: pl.DataFrame) -> list[Row]:
    """The comparison of two sides' rows; none where a side has none."""
    rows = [frame.with_columns(place=pl.lit(place)).select(PLACED) for place, frame in enumerate((own, other))]
    both = shared_reasons(pl.concat(rows))
    reasons = tuple(sorted(both["reason"].unique()))
    return beside(question, sides(both, reasons), reasons) if reasons else []
