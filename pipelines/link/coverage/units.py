"""Hours in which less came than chance explains: of the whole log, of one switch or IVR unit, of one route.

Every hour speaks for or against a loss by a log-likelihood ratio, and neighbouring hours are summed until chance is
ruled out (Page's CUSUM, Biometrika 1954): a large unit is found within an hour, a small one after several.
Full silences, to the second, are found in `silences.py`.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from pipelines.link.coverage.silences import CALLS_MISSED, needed_of
from pipelines.link.coverage.spans import SPANS
from pipelines.link.coverage.usual import Floats, Share, Usual

SHARE_OF_MEDIAN = 0.2
FEWEST_EXPECTED = 10
UNIT_LOSS = 0.63
"""Share left of a unit against which its calls are weighed; hours under 80 % of what is usual speak for a loss."""
LOG_LOSS = 0.007
"""The same for the whole log, whose days differ: hours under 20 % speak for a loss."""
_WANDERING = 2.0
"""What a run of hours needs beyond a silence: the usual share is only known as well as some weeks tell it."""
_AROUND = timedelta(minutes=25)
"""A loss may begin and end in hours that look whole."""


def low_hours(known: Usual) -> pl.DataFrame:
    """Spans in which the whole log holds hardly any call: from_utc, to_utc, wrote, expected."""
    hours = known.hours
    wrote, expected = (hours[name].to_numpy().astype(np.float64) for name in ("calls", "expected"))
    runs = low_runs(expected * (1 - LOG_LOSS) + wrote * np.log(LOG_LOSS), CALLS_MISSED)
    bare = (expected >= FEWEST_EXPECTED) & (wrote < SHARE_OF_MEDIAN * expected)
    alone = [(int(place), int(place)) for place in np.flatnonzero(bare)]
    return _spans(hours, [*runs, *alone], wrote, expected)


def low_hours_of(part: Share, known: Usual, of: int) -> pl.DataFrame:
    """The same of a unit or route, against its usual share of what came; `of` so many are looked at.

    The score is binomial: its calls, given how many came in all.
    """
    wrote, others = part.told(known)
    score = wrote * np.log(UNIT_LOSS) + others * np.log((1 - UNIT_LOSS * part.share) / (1 - part.share))
    expected = others * part.share / (1 - part.share)
    by_hour = known.slots.select("hour_utc").with_columns(
        score=pl.Series(score), wrote=pl.Series(wrote), expected=pl.Series(expected)
    )
    summed = by_hour.group_by("hour_utc", maintain_order=True).agg(pl.all().sum())
    runs = low_runs(summed["score"].to_numpy() / part.spread, needed_of(of) + _WANDERING)
    return _spans(known.hours, runs, summed["wrote"].to_numpy(), summed["expected"].to_numpy())


def low_runs(scores: Floats, enough: float) -> list[tuple[int, int]]:
    """Runs (first and last place) whose scores add up to `enough`: from where the sum leaves zero to its peak."""
    runs, place = [], 0
    while place < len(scores):
        start, peak, top = place, place, 0.0
        total = 0.0
        for here in range(start, len(scores)):
            total += scores[here]
            if total > top:
                top, peak = total, here
            if total <= max(top - enough, 0):
                break
        is_low = top >= enough
        runs += [(start, peak)] if is_low else []
        place = peak + 1 if is_low else here + 1
    return runs


def _spans(hours: pl.DataFrame, runs: list[tuple[int, int]], wrote: Floats, expected: Floats) -> pl.DataFrame:
    """Runs of hours as spans with their sums, widened."""
    begin = hours["hour_utc"].to_list()
    rows = [
        (
            begin[first] - _AROUND,
            begin[last] + timedelta(hours=1) + _AROUND,
            round(float(wrote[first : last + 1].sum())),
            float(expected[first : last + 1].sum()),
        )
        for first, last in runs
    ]
    schema = pl.Schema({**SPANS, "wrote": pl.Int64(), "expected": pl.Float64()})
    return pl.DataFrame(rows, schema=schema, orient="row")
