"""One figure of a vendor beside the same of somebody else: by reason, raw and standardised. Pure; no lake.

Standardised is to the vendor's own mix of reasons in the month, taken as it is: "what would the other have reached with
the calls that this vendor had". So the vendor's value stays what it is elsewhere, and only the other's moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.measure.intervals import Drawn, Floats, Sides, chance, drawn, holm, seed, share_difference

INHOUSE = "inhouse"
OTHER, NONE = "(other)", "(none)"
"""Contacts with a rare reason, and contacts without one."""
FEWEST = 20.0
"""Callers that a side needs before anything is said of it."""
RECORDED = 0.8
"""Share of the contacts of each side that must have a reason before the mix of reasons is allowed for."""
KINDS = 2_000
"""Kinds of callers beyond which groups of callers are resampled in place of kinds: as good, and always quick."""
MORE_IS_WORSE = ("callback_inhouse_",)

Row = dict[str, Any]
Places = NDArray[np.int64]
Whether = NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """What is compared: a figure of one vendor and month, and against whom; `notes` go with what is said of it."""

    vendor: str
    month: str
    figure: str
    against: str
    notes: tuple[str, ...] = ()


def sides(rows: pl.DataFrame, reasons: Iterable[str]) -> Sides:
    """Rows `unit, callers, place` (0 the vendor, 1 the other)`, reason, contacts, counted` as arrays; reasons in order.

    A unit is a kind of caller, or a group of callers that counts as one.
    """
    names, units = list(reasons), rows["unit"].unique(maintain_order=True)
    unit = rows["unit"].replace_strict(units, range(len(units)), return_dtype=pl.Int64).to_numpy()
    reason = rows["reason"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    at = (rows["place"].to_numpy(), unit, reason)
    base, part = (np.zeros((2, len(units), len(names))) for _ in range(2))
    np.add.at(base, at, rows["contacts"].to_numpy())
    np.add.at(part, at, rows["counted"].to_numpy())
    callers = np.zeros(len(units), dtype=np.int64)
    callers[unit] = rows["callers"].to_numpy()
    return Sides(callers, base, part)


def shared_reasons(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a reason that one side keeps apart, and the other not, put to the rare ones.

    Lists differ from month to month. Where the other side has no rare ones, it does not have that reason at all, and
    the reason stays as it is, without a like.
    """
    places = rows.group_by("reason").agg(pl.col("place").unique().alias("at")).rows()
    has_rare = {place for reason, at in places if reason == OTHER for place in at}
    moved = [reason for reason, at in places if len(at) == 1 and reason != NONE and 1 - at[0] in has_rare]
    return rows.with_columns(reason=pl.when(pl.col("reason").is_in(moved)).then(pl.lit(OTHER)).otherwise("reason"))


def beside(question: Question, every: Sides, reasons: tuple[str, ...]) -> list[Row]:
    """Rows of `comparisons`: all reasons together, then each reason that both sides have; none without contacts.

    `reasons` names the strata. Each row has `chance` besides: how probable such a difference is where there is none.
    """
    contacts = np.einsum("k,ski->si", every.callers, every.base)
    if (contacts.sum(axis=1) == 0).any():
        return []
    anew = drawn(every, seed(question.vendor, question.month, question.figure, question.against))
    notes, weights, used = _mix(reasons, contacts, _enough(every))
    whole = _row(question, "", every.only(used), anew.only(used), weights, [*question.notes, *notes])
    parts = np.einsum("k,ski->s", every.callers, every.part) / contacts.sum(axis=1)
    whole["raw_difference"] = _points(float(parts[0] - parts[1]))
    return [whole, *_by_reason(question, every, anew, reasons)]


def _mix(reasons: tuple[str, ...], contacts: Floats, enough: Whether) -> tuple[list[str], Floats | None, Places]:
    """What to know, the weights of the reasons (None: raw), and which reasons are compared."""
    named, apart = (np.array([reason not in left for reason in reasons]) for left in ((NONE,), (NONE, OTHER)))
    every = np.arange(len(reasons))
    if (contacts[:, named].sum(axis=1) < RECORDED * contacts.sum(axis=1)).any():
        return ["mix_not_allowed_for:reasons_missing"], None, every
    if contacts[0, enough].sum() < RECORDED * contacts[0].sum() or not (enough & apart).any():
        return ["mix_not_allowed_for:too_few_by_reason"], None, every
    left = [
        reason for reason, stays, calls in zip(reasons, enough, contacts[0], strict=True) if calls > 0 and not stays
    ]
    notes = ["standardised_to:own_mix", *([f"left_out:{', '.join(left)}"] if left else [])]
    return notes, contacts[0, enough] / contacts[0, enough].sum(), every[enough]


def _by_reason(question: Question, every: Sides, anew: Drawn, reasons: tuple[str, ...]) -> list[Row]:
    """A row for each reason on both sides; verdicts hold for all of them together (Holm)."""
    contacts = np.einsum("k,ski->si", every.callers, every.base)
    both = [at for at in range(len(reasons)) if (contacts[:, at] > 0).all() and reasons[at] != NONE]
    alone = {at: np.array([at]) for at in both}
    rows = [_row(question, reasons[at], every.only(alone[at]), anew.only(alone[at]), None, []) for at in both]
    judged = [row for row in rows if row["verdict"] != "too_few"]
    for row, stays in zip(judged, holm([row["chance"] for row in judged]), strict=True):
        if row["verdict"] != "no_difference_shown" and not stays:
            row |= {"verdict": "no_difference_shown", "note": "one_of_many_reasons"}
    return rows


def _row(question: Question, reason: str, two: Sides, anew: Drawn, weights: Floats | None, notes: list[str]) -> Row:
    base = np.einsum("k,ski->s", two.callers, two.base)
    spread, found = share_difference(two, anew, weights)
    few = bool(spread.callers.min() < FEWEST)
    low, high = (None, None) if few else (_points(found.low), _points(found.high))
    return {
        "figure": question.figure,
        "against": question.against,
        "reason": reason,
        "value": _points(float(spread.values[0])),
        "other_value": _points(float(spread.values[1])),
        "n": int(base[0]),
        "other_n": int(base[1]),
        "difference": _points(found.value),
        "ci_low": low,
        "ci_high": high,
        "is_standardised": weights is not None,
        "raw_difference": _points(found.value),
        "verdict": "too_few" if few else verdict(question.figure, found.low, found.high),
        "note": ";".join(notes),
        "chance": chance(found),
    }


def _points(share: float) -> float:
    """In percent, without the last digits, in which machines differ."""
    return round(100 * share, 9) + 0.0


def verdict(figure: str, low: float, high: float) -> str:
    """Better or worse only where the whole interval of the difference is on one side of 0."""
    if low <= 0 <= high:
        return "no_difference_shown"
    return "better" if (low > 0) != figure.startswith(MORE_IS_WORSE) else "worse"


def _enough(every: Sides) -> Whether:
    """Which reasons have enough callers on both sides."""
    callers = np.einsum("k,ski->si", every.callers, (every.base > 0).astype(np.float64))
    return np.asarray((callers >= FEWEST).all(axis=0))
