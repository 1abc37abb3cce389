"""Spans in which nothing came although several calls were usual: of the whole log, of one unit, of one route.

How many count as usual stands in `usual.py`; what came, but too little of it, is found in `units.py`.
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.link.coverage.spans import SPANS, spans
from pipelines.link.coverage.usual import Floats, Share, Usual

CALLS_MISSED = 7.0
"""A silence counts from this many usual calls on: by chance a log is under one hundredth of the time in such a one."""
_BUSY = 20.0
_DAY, _CALLS_OF_A_DAY = timedelta(days=1), 3.0
"""A day and more without a call counts from three usual calls on: a file is missing sooner than a day's calls."""


def needed_of(units: int) -> float:
    """The same for each of so many units or routes, looked at in two ways: their chances of a silence add up."""
    return CALLS_MISSED + float(np.log(4 * units))


def _busier(usual_calls: Floats, hours: Floats) -> Floats:
    """How many more must be missed in a busy log, which has more chances of a short silence: by e^-k of its calls."""
    return np.asarray(np.log(np.maximum(usual_calls / np.maximum(hours, 1e-9) / _BUSY, 1)), dtype=np.float64)


def log_silences(rows: pl.DataFrame, known: Usual) -> pl.DataFrame:
    """Spans without any call, with what was usual: from_utc, to_utc, expected."""
    quiet = _pauses(rows, known)
    expected = known.between(known.slots["expected"].to_numpy(), quiet["from_utc"], quiet["to_utc"])
    hours = _hours(quiet)
    is_long = (hours >= _DAY / timedelta(hours=1)) & (expected >= _CALLS_OF_A_DAY)
    return _kept(quiet, expected, (expected >= CALLS_MISSED + _busier(expected, hours)) | is_long)


def silences_of(part: Share, rows: pl.DataFrame, known: Usual, of: int) -> pl.DataFrame:
    """Spans in which a unit or route was silent, by what is usual, or by what came of all others meanwhile."""
    quiet = _pauses(rows, known)
    usual = known.slots["expected"].to_numpy() * part.share
    _, others = part.told(known)
    bounds = quiet["from_utc"], quiet["to_utc"]
    expected = known.between(usual, *bounds)
    evidence = np.maximum(expected, known.between(-others * np.log1p(-part.share), *bounds)) / part.spread
    meanwhile = known.between(others * part.share / (1 - part.share), *bounds)
    return _kept(quiet, np.maximum(expected, meanwhile), evidence >= needed_of(of) + _busier(evidence, _hours(quiet)))


def _pauses(rows: pl.DataFrame, known: Usual) -> pl.DataFrame:
    """The time between each beat and the next, and to the ends of the known time."""
    ends = pl.col("first_utc").min(), pl.col("last_utc").max()
    inside = rows.filter(pl.col("beat_utc").is_between(known.begin, known.stop, closed="left"))
    one = inside.group_by("beat_utc").agg(*ends).sort("beat_utc")
    edges = spans([(known.begin, known.begin), (known.stop, known.stop)]).cast(SPANS)
    heard = one.select(from_utc="first_utc", to_utc="last_utc")
    speaks = pl.concat([edges[:1], heard, edges[1:]])
    pauses = speaks.select(from_utc=pl.col("to_utc").shift(), to_utc="from_utc").drop_nulls()
    return pauses.filter(pl.col("to_utc") > pl.col("from_utc"))


def _hours(quiet: pl.DataFrame) -> Floats:
    length = (quiet["to_utc"] - quiet["from_utc"]).dt.total_microseconds()
    return np.asarray(length.to_numpy() / 3.6e9, dtype=np.float64)


def _kept(quiet: pl.DataFrame, expected: Floats, is_kept: npt.NDArray[np.bool_]) -> pl.DataFrame:
    return quiet.with_columns(expected=pl.Series(expected, dtype=pl.Float64)).filter(
        pl.Series(is_kept, dtype=pl.Boolean)
    )
