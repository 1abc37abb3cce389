"""What unmatched, withheld and uncovered calls leave open, as the lowest and highest value a figure can have.

Pure arithmetic on counts; a month is no sample, so nothing here is a statistical interval.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[int, int]
"""What one call adds to the part, and to the base."""


@dataclass(frozen=True)
class Open:
    """Calls that can still change a share.

    `drop_in`, `drop_out`: counted calls that may not exist, inside and outside the numerator. `up`: calls of the
    denominator that may belong to the numerator; `down`: calls of the numerator that may not. `add`: calls that may
    join the denominator, and then perhaps the numerator too.
    """

    drop_in: int = 0
    drop_out: int = 0
    up: int = 0
    down: int = 0
    add: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left open."""
        return not (self.drop_in or self.drop_out or self.up or self.down or self.add)


def share_pct(part: int, base: int) -> float | None:
    """100 × part ÷ base; None without a base."""
    return 100 * part / base if base > 0 else None


def share_bounds(part: int, base: int, left: Open) -> tuple[float | None, float | None]:
    """Lowest and highest percentage that `left` allows; (None, None) where nothing is left open.

    A share of no call at all is none: where every call may not exist, the bounds are those of the cases with a call.
    """
    if left.is_nothing or base + left.add <= 0:
        return None, None
    low = share_pct(max(part - left.drop_in - left.down, 0), base - left.drop_in + left.add)
    high = share_pct(part + left.up + left.add, base - left.drop_out + left.add)
    return 100.0 if low is None else low, 0.0 if high is None else min(high, 100.0)


def ratio_bounds(groups: Sequence[tuple[int, Collection[Pair]]]) -> tuple[Fraction | None, Fraction | None]:
    """Lowest and highest part ÷ base, where each of so many calls adds one of its pairs, whichever.

    Exact, by Dinkelbach's method (Management Science 13, 1967): with the best quotient so far as a price for the base,
    every call takes the pair that is worth most; that gives a better quotient, or the best is found. A base of none has
    no quotient. (None, None) where nothing is left open, or where no case has a base.
    """
    kept = [(count, list(pairs)) for count, pairs in groups if count > 0 and pairs]
    if all(len(set(pairs)) < 2 for _, pairs in kept):
        return None, None
    low = _most([(count, [(-part, base) for part, base in pairs]) for count, pairs in kept])
    return None if low is None else -low, _most(kept)


def _most(groups: Sequence[tuple[int, list[Pair]]]) -> Fraction | None:
    """The greatest quotient; None where no case has a base."""
    price = _first(groups)
    while price is not None:
        better = _better(groups, price)
        if better is None:
            break
        price = better
    return price


def _first(groups: Sequence[tuple[int, list[Pair]]]) -> Fraction | None:
    """The quotient of some case with a base: each call in its widest pair."""
    chosen = [(count, max(pairs, key=lambda pair: (pair[1], pair[0]))) for count, pairs in groups]
    return _quotient(chosen)


def _better(groups: Sequence[tuple[int, list[Pair]]], price: Fraction) -> Fraction | None:
    """A quotient above the price, if there is one."""

    def worth(pair: Pair) -> int:
        return pair[0] * price.denominator - pair[1] * price.numerator

    chosen = [(count, max(pairs, key=lambda pair: (worth(pair), pair[1]))) for count, pairs in groups]
    found = _quotient(chosen)
    if found is None:  # the best case has no base: one call must give it one
        cases = (
            _quotient([*chosen[:n], (count - 1, pair), (1, other), *chosen[n + 1 :]])
            for n, ((count, pairs), (_, pair)) in enumerate(zip(groups, chosen, strict=True))
            for other in pairs
        )
        found = max((case for case in cases if case is not None), default=None)
    return found if found is not None and found > price else None


def _quotient(chosen: Sequence[tuple[int, Pair]]) -> Fraction | None:
    base = sum(count * pair[1] for count, pair in chosen)
    return Fraction(sum(count * pair[0] for count, pair in chosen), base) if base > 0 else None


Histogram = Sequence[tuple[float, int]]
"""Values, and how many calls have each."""


def mean_bounds(total: float, count: int, doubtful: Histogram) -> tuple[float | None, float | None]:
    """Lowest and highest mean of `count` sure calls that add up to `total`, with any of the `doubtful` values or none.

    (None, None) where none is doubtful. At least one call is taken to exist: a mean of nothing is none.
    """
    if not any(often for _, often in doubtful):
        return None, None
    turned = _greatest(-total, count, [(-value, often) for value, often in doubtful])
    return -turned, _greatest(total, count, doubtful)


def _greatest(total: float, count: int, doubtful: Histogram) -> float:
    """The greatest mean: adding the largest value helps as long as it lies above the mean."""
    for value, often in sorted(doubtful, reverse=True):
        if count and value <= total / count:
            break
        if often:
            total, count = total + value * often, count + often
    return total / count
