"""What the link step and the ghost detector made of a disturbed month, counted against the truth.

Counts only, so that months and seeds can be added up; shares and their intervals are made where they are printed.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import polars as pl

from tests.bench.disturb import Record, Truth
from tests.bench.knowable import delivered, kind, knowable

SURE = ("number", "mask", "time")
"""The classes of pairs that are asserted; an ambiguous pair says itself that another is as good."""
NEAR = timedelta(minutes=5)


@dataclass(frozen=True)
class Found:
    """What the road says: tables `links` and `findings`, the latter with and without the client's word for its log."""

    links: pl.DataFrame
    vouched: pl.DataFrame
    not_vouched: pl.DataFrame


@dataclass
class Counts:
    """Counts of one month and seed, or of several. Keys are classes of `links`, or kinds of `knowable.py`."""

    made: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    delivered_found: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    known_found: Counter[str] = field(default_factory=Counter)
    known_ambiguous: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    misses: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    clock: list[float] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Counts") -> "Counts":
        return replace(self, **{name: own + getattr(other, name) for name, own in vars(self).items()})


def count(truth: Truth, found: Found, tolerance_s: float) -> Counts:
    """The counts of one month."""
    counts = Counts()
    _count_pairs(counts, truth, found.links, tolerance_s)
    _count_findings(counts, truth, found)
    offsets = {record.row: record.offset_s for record in truth.records}
    applied = found.links.filter((pl.col("side") != "inhouse") & pl.col("offset_s").is_not_null())
    counts.clock = [abs(float(offset) - offsets[row]) for row, offset in applied.select("row", "offset_s").iter_rows()]
    return counts


def _count_pairs(counts: Counts, truth: Truth, links: pl.DataFrame, tolerance_s: float) -> None:
    records, pairs = {record.row: record for record in truth.records}, delivered(truth)
    known = knowable(truth, tolerance_s)
    counts.classes.update(links["match_class"])
    counts.records.update({"calls": len(truth.records), "legs": len(truth.legs)})
    for link in links.filter(pl.col("side") != "inhouse").iter_rows(named=True):
        row, made = link["row"], link["match_class"]
        is_right = row in pairs and link["inhouse_call_id"] == pairs[row].call_id
        if link["side"] == "pair":
            counts.made[made] += 1
            counts.right[made] += is_right
            if not is_right:
                counts.wrong[made, _of_wrong(records[row], truth, row in pairs)] += 1
        if row in pairs:
            own = kind(records[row], pairs[row])
            is_found = is_right and made in SURE
            counts.delivered[own] += 1
            counts.delivered_found[own] += is_found
            counts.known[own] += row in known
            counts.known_found[own] += row in known and is_found
            counts.known_ambiguous[own] += row in known and is_right and not is_found
            if row in known and not is_found:
                counts.misses[own, f"{made}: {link['reason']}"] += 1


def _of_wrong(record: Record, truth: Truth, has_leg: bool) -> str:
    """What the record of a wrong pair is in truth."""
    shown = "withheld" if not record.shown else "masked" if "*" in record.shown else "numbered"
    if record.leg is None:
        return f"a {shown} ghost"
    if not has_leg:
        return f"a {shown} call, its leg {'in the missing hours' if record.leg in truth.silenced else 'lost'}"
    return f"a {shown} call, its leg there"


def is_near_missing(record: Record, truth: Truth) -> bool:
    """Whether the client's row fell into the missing hours, or the call within five minutes of them."""
    return record.leg in truth.silenced or any(start - NEAR <= record.at <= end + NEAR for start, end in truth.missing)


def _count_findings(counts: Counts, truth: Truth, found: Found) -> None:
    """Findings by (vouched or not, whose record, certainty); a record that no finding names has certainty `none`."""
    for vouched, findings in (("vouched", found.vouched), ("not vouched", found.not_vouched)):
        certainty = dict(findings.select("row", "certainty").iter_rows())
        for record in truth.records:
            said = certainty.get(record.row, "none")
            near = is_near_missing(record, truth)
            whose = "ghost" if record.leg is None else "honest"
            counts.findings[vouched, whose, said] += 1
            if near:
                counts.findings[vouched, f"{whose} near missing", said] += 1
