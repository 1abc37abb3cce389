"""The waterfall of a month paid per call: billed → below the minimum → duplicates → ghosts → owed.

A proven call is deducted once, under its strongest detector, and only where the terms' `evidence` lets the client
deduct it; else it is withheld pending the vendor's answer. Billed calls in hours that our own log does not cover cannot
be verified: they are shown and paid. Other forms of settlement are not priced here, nor are terms that change a price
per call by volume or by figures (bands, caps, bonus, tax): a sum that ignores them would be wrong.
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


def settle(billed: pl.DataFrame, findings: pl.DataFrame, terms: TermsVersion, is_split: bool = False) -> pl.DataFrame:
    """The lines as `tables.SETTLEMENT`; a month that two versions of the terms share (`is_split`) is not priced.

    `billed` has one row per delivered record of the month that the vendor bills: file_id, row, talk_s, hold_s, acw_s,
    ring_s, queue_s, is_covered.
    """
    form, unpriced = terms.settlement, _unpriced(terms, is_split)
    if unpriced or not isinstance(form, PerCall):
        return _frame([Line("not_priced", billed.height, Decimal(0), Decimal(0), f"not priced yet: {unpriced}")])
    lines = _per_call(billed, findings, form, terms.evidence.deduct if _binds(terms) else ())
    return _frame(lines)


def _unpriced(terms: TermsVersion, is_split: bool) -> str:
    """What of these terms this module cannot price, "" where nothing: a wrong sum is worse than none."""
    form = terms.settlement
    if not isinstance(form, PerCall):
        return f"form {form.form}"
    if is_split:
        return "terms that change within the month"
    extras = ("volume_bands", "minimum_volume", "cap", "tax_pct", "fcr_bonus", "malus")
    return ", ".join(name for name in extras if getattr(form, name) not in (None, ()))


def padding_amounts(billed: pl.DataFrame, findings: pl.DataFrame, terms: TermsVersion) -> pl.DataFrame:
    """What each detector found at each certainty, and the money it stands for, as `tables.PADDING`.

    Proven calls stand for their whole price; of others only the upper end is known.
    """
    form = terms.settlement
    rate = form.rate if isinstance(form, PerCall) else Decimal(0)
    payable = _long_enough(billed, form) if isinstance(form, PerCall) else billed.clear()
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
    long_enough = _long_enough(billed, form)
    accused = _strongest(findings.filter(pl.col("certainty") == "proven"))
    proven = long_enough.join(accused, on=["file_id", "row"], how="inner")
    bill = _Bill(form.rate, billed.height)
    bill.take_off("below_minimum", billed.height - long_enough.height)
    for detector in sorted(proven["detector"].unique().to_list(), key=_strength):
        if detector in deduct:
            bill.take_off(detector, proven.filter(pl.col("detector") == detector).height)
    high = bill.owed
    withheld = proven.filter(~pl.col("detector").is_in(list(deduct))).height
    bill.take_off("withheld", withheld, "proven, but the terms let the client deduct nothing for it")
    doubtful = long_enough.join(accused, on=["file_id", "row"], how="anti").filter(~pl.col("is_covered")).height
    bill.lines.append(Line("owed", bill.calls, bill.owed, high))
    if doubtful:
        amount = _money(doubtful * form.rate)
        bill.lines.append(Line("cannot_be_verified", doubtful, amount, amount, "contained in what is owed"))
    return bill.lines


class _Bill:
    """The lines so far. Each amount is the difference of two rounded totals, so that the lines add up to the cent."""

    def __init__(self, rate: Decimal, calls: int) -> None:
        self.rate, self.calls = rate, calls
        self.lines = [Line("billed", calls, self.owed, self.owed)]

    @property
    def owed(self) -> Decimal:
        """The price of the calls that are left."""
        return _money(self.calls * self.rate)

    def take_off(self, line: str, calls: int, note: str | None = None) -> None:
        """One deduction; nothing where there is no such call."""
        if calls:
            before = self.owed
            self.calls -= calls
            self.lines.append(Line(line, calls, self.owed - before, self.owed - before, note))


def _strength(detector: str) -> tuple[int, str]:
    return (_STRENGTH.index(detector) if detector in _STRENGTH else len(_STRENGTH), detector)


def _long_enough(billed: pl.DataFrame, form: PerCall) -> pl.DataFrame:
    return billed.filter(_seconds(form) >= form.minimum_talk_s)


def _seconds(form: PerCall) -> pl.Expr:
    """Billable seconds of a call; a part that was not delivered counts as none."""
    columns = _BILLABLE.get(form.billable_time, ["talk_s", "hold_s", "ring_s", "queue_s"])
    return pl.sum_horizontal(pl.col(name).fill_null(0) for name in columns)


def _strongest(proven: pl.DataFrame) -> pl.DataFrame:
    """One row per accused record, under its strongest detector."""
    strength = pl.col("detector").replace_strict({name: place for place, name in enumerate(_STRENGTH)}, default=99)
    ordered = proven.sort(strength, "file_id", "row")
    return ordered.unique(["file_id", "row"], keep="first", maintain_order=True).select("file_id", "row", "detector")


def _frame(lines: list[Line]) -> pl.DataFrame:
    rows = [(place, item.line, item.calls, item.low, item.high, item.note) for place, item in enumerate(lines, 1)]
    return pl.DataFrame(rows, schema=SETTLEMENT.schema, orient="row")
