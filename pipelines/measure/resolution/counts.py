"""Profiles of base contacts (`profiles.sql`) → the counts that resolution and callbacks of one window are made of."""

from collections.abc import Mapping

import polars as pl

PLACES = ("next", "same_vendor", "other_vendor", "inhouse", "agent_callback")
"""Where a caller came again: anywhere, at the same vendor, another, with the client; and the vendor's call back."""
Counts = Mapping[str, int]
"""By name, of the base contacts of one window:

`still_open`: whose window is not over; else `closed`: of those that can be judged; `unknown`: that cannot (no number,
or no reason where only the same reason counts); `resolved`; `resolved_unsure`: of these, may be followed unseen;
`strict`, `strict_unsure`: the same, with no call back by the vendor's agents. `numbered`, `unnumbered`: with and
without a number, whatever counts; `<place>`: followed there; `<place>_unsure`: not seen to be, but may be. `last_us`:
the latest end of those still open.
"""


def window_counts(
    profiles: pl.DataFrame, number: int, is_same: bool, by: str | None = None
) -> dict[str | None, Counts]:
    """Counts of the window of that number, for each value of column `by`; under None, always, where it is not given."""
    flags = _flags(number, is_same)
    sums = [(pl.col("calls") * flag).sum().cast(pl.Int64).alias(name) for name, flag in flags.items()]
    last = pl.col("last_us").filter(flags["still_open"]).max().fill_null(0).alias("last_us")
    if by is None:
        return {None: profiles.select(*sums, last).row(0, named=True)}
    return {row.pop("by"): row for row in profiles.group_by(pl.col(by).alias("by")).agg(*sums, last).to_dicts()}


def _flags(number: int, is_same: bool) -> dict[str, pl.Expr]:
    """Which profiles each count takes in."""
    has_end, is_over, has_number = pl.col("has_end"), pl.col("over") >= number, pl.col("has_number")
    counted = has_end & is_over
    can_be_judged = has_number & pl.col("reason").is_not_null() if is_same else has_number
    again = _within("same_reason" if is_same else "next", number)
    may_be = _within("blind", number) | (_within("unknown_reason", number) if is_same else pl.lit(value=False))
    resolved = counted & can_be_judged & ~pl.col("is_handed_back") & ~again
    strict = resolved & ~_within("agent_callback", number)
    known = counted & has_number
    placed = {place: known & _within(place, number) for place in PLACES}
    unseen = {f"{place}_unsure": known & ~_within(place, number) & _within("blind", number) for place in PLACES}
    return {
        "still_open": has_end & ~is_over,
        "closed": counted & can_be_judged,
        "unknown": counted & ~can_be_judged,
        "resolved": resolved,
        "resolved_unsure": resolved & may_be,
        "strict": strict,
        "strict_unsure": strict & may_be,
        "numbered": known,
        "unnumbered": counted & ~has_number,
        **placed,
        **unseen,
    }


def _within(what: str, number: int) -> pl.Expr:
    return pl.col(f"in_{what}") <= number


def diverted_counts(profiles: pl.DataFrame, number: int) -> Counts:
    """Of all answered calls, `back`: handed back, or followed in-house within that window; `unsure`: may be."""
    back = pl.col("is_handed_back") | _within("inhouse", number)
    is_blind = _within("blind", number) | (pl.col("over") < number)
    unsure = ~back & (~pl.col("has_number") | ~pl.col("has_end") | is_blind)
    is_open = pl.col("has_end") & (pl.col("over") < number)
    sums = {"answered": pl.lit(value=True), "back": back, "unsure": unsure, "still_open": is_open}
    found = profiles.select((pl.col("calls") * flag).sum().cast(pl.Int64).alias(name) for name, flag in sums.items())
    counts = {name: int(count or 0) for name, count in found.row(0, named=True).items()}
    last = profiles.select(pl.col("last_us").filter(is_open).max()).item()
    return {**counts, "last_us": int(last or 0)}
