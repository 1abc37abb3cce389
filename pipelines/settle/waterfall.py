"""The waterfall of a month paid per call: billed → below the minimum → duplicates → ghosts → owed.

A proven call is deducted once, under its strongest detector, and only where the terms' `evidence` lets the client
deduct it; else it is withheld pending the vendor's answer. Billed calls in hours that our own log does not cover cannot
be verified: they are shown and paid. Other forms of settlement are not priced here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from pipelines.contract.settlement_model import PerCall
from pipelines.contract.terms_model import TermsVersion
from pipelines.tables import PADDING, SETTLEMENT

_STRENGTH = ("duplicate", "ghost")
_CENT = Decimal("0.01")
_BILLABLE = {
    "talk": ["talk_s"],
    "talk_hold": ["talk_s", "hold_s"],
    "talk_hold_acw": ["talk_s", "hold_s", "acw_s"],
}


@dataclass(frozen=True)
class Line:
    """One line: `calls` and the amounts that the records allow; deductions are negative."""

    line: str
    calls: int
    low: Decimal
    high: Decimal
    note: str | None = None


def settle(billed: pl.DataFrame, findings: pl.DataFrame, terms: TermsVersion) -> pl.DataFrame:
    """The lines as `tables.SETTLEMENT`.

    `billed` has one row per delivered record of the month that the vendor bills: file_id, row, talk_s, hold_s, acw_s,
    ring_s, queue_s, is_covered.
    """
    form = terms.settlement
    if not isinstance(form, PerCall):
        return _frame(
            [Line("not_priced", billed.height, Decimal(0), Decimal(0), f"form {form.form} is not priced yet")]
        )
    lines = _per_call(billed, findings, form, terms.evidence.deduct if _binds(terms) else ())
    return _frame(lines)


def padding_amounts(billed: pl.DataFrame, findings: pl.DataFrame, terms: TermsVersion) -> pl.DataFrame:
    """What each detector found at each certainty, and the money it stands for, as `tables.PADDING`.

    Proven calls stand for their whole price; of others only the upper end is known.
    """
    form = terms.settlement
    rate = form.rate if isinstance(form, PerCall) else Decimal(0)
    payable = billed.filter(_seconds(form) >= form.minimum_talk_s) if isinstance(form, PerCall) else billed.clear()
    priced = findings.join(payable.select("file_id", "row", paid=pl.lit(1)), on=["file_id", "row"], how="left")
    groups = priced.group_by("detector", "certainty").agg(pl.len().alias("calls"), pl.col("paid").sum())
    rows = [
        (detector, certainty, calls, _money(paid * rate if certainty == "proven" else 0), _money(paid * rate))
        for detector, certainty, calls, paid in groups.sort("detector", "certainty").iter_rows()
    ]
    return pl.DataFrame(rows, schema=PADDING.schema, orient="row")


def _money(amount: Decimal | int) -> Decimal:
    """Rounded to the cent, half away from zero."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def _binds(terms: TermsVersion) -> bool:
    """Whether the terms make a record binding, and say where."""
    return terms.evidence.binding_record != "none" and bool(terms.evidence.clause)


def _per_call(billed: pl.DataFrame, findings: pl.DataFrame, form: PerCall, deduct: Collection[str]) -> list[Line]:
    long_enough = billed.filter(_seconds(form) >= form.minimum_talk_s)
    accused = _strongest(findings.filter(pl.col("certainty") == "proven"))
    proven = long_enough.join(accused, on=["file_id", "row"], how="inner")
    rate = form.rate
    lines = [_line("billed", billed.height, rate)]
    if billed.height > long_enough.height:
        lines.append(_line("below_minimum", billed.height - long_enough.height, -rate))
    withheld = 0
    for detector in _STRENGTH:
        calls = proven.filter(pl.col("detector") == detector).height
        if detector in deduct:
            lines += [_line(detector, calls, -rate)] if calls else []
        else:
            withheld += calls
    if withheld:
        lines.append(_line("withheld", withheld, -rate, "proven, but the terms let the client deduct nothing for it"))
    owed = sum((line.low for line in lines), Decimal(0))
    paid = owed + _money(withheld * rate)
    doubtful = long_enough.filter(~pl.col("is_covered")).height
    lines.append(Line("owed", long_enough.height - proven.height, owed, paid))
    if doubtful:
        amount = _money(doubtful * rate)
        lines.append(Line("cannot_be_verified", doubtful, amount, amount, "contained in what is owed"))
    return lines


def _seconds(form: PerCall) -> pl.Expr:
    """Billable seconds of a call; a part that was not delivered counts as none."""
    columns = _BILLABLE.get(form.billable_time, ["talk_s", "hold_s", "ring_s", "queue_s"])
    return pl.sum_horizontal(pl.col(name).fill_null(0) for name in columns)


def _strongest(proven: pl.DataFrame) -> pl.DataFrame:
    """One row per accused record, under its strongest detector."""
    strength = pl.col("detector").replace_strict({name: place for place, name in enumerate(_STRENGTH)}, default=99)
    ordered = proven.sort(strength, "file_id", "row")
    return ordered.unique(["file_id", "row"], keep="first", maintain_order=True).select("file_id", "row", "detector")


def _line(name: str, calls: int, rate: Decimal, note: str | None = None) -> Line:
    amount = _money(calls * rate)
    return Line(name, calls, amount, amount, note)


def _frame(lines: list[Line]) -> pl.DataFrame:
    rows = [(place, item.line, item.calls, item.low, item.high, item.note) for place, item in enumerate(lines, 1)]
    return pl.DataFrame(rows, schema=SETTLEMENT.schema, orient="row")
