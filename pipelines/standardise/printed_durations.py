"""Durations as they are printed → seconds: numbers of a unit, `h:mm:ss`, and cells that bring their own unit.

`05:12` may be hours and minutes or minutes and seconds, so it is neither.
"""

import polars as pl

from pipelines.standardise.odd import in_two_steps
from pipelines.standardise.printed_numbers import numbers

SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_CLOCK = r"^[0-9]{1,4}:[0-5][0-9]:[0-5][0-9]$"
_CLOCK_PARTS = r"^-?([0-9]{1,4}):([0-5][0-9]):([0-5][0-9](?:[.,][0-9]{1,9})?)$"
_UNITS = {
    "H": ("小时", "小時", "時間", "时", "時", "hours", "hour", "hrs", "hr", "h"),
    "M": ("分钟", "分鐘", "分", "minutes", "minute", "mins", "min", "m"),
    "S": ("秒钟", "秒鐘", "秒", "seconds", "second", "secs", "sec", "s"),
    "U": ("毫秒", "milliseconds", "millisecond", "msecs", "msec", "ms"),
}
_LETTERS = dict(
    sorted(((word, letter) for letter, words in _UNITS.items() for word in words), key=lambda pair: -len(pair[0]))
)
_SPOKEN = r"^-?(?:pt)?" + "".join(rf"(?:(?P<{letter}>[0-9]{{1,15}}) ?{letter} ?)?" for letter in _UNITS) + "$"
_FACTOR = {"H": 3600.0, "M": 60.0, "S": 1.0, "U": 0.001}
_LIMIT = {"M": 60, "S": 60, "U": 1000}


def durations(text: pl.Series, unit: str, decimal: str) -> pl.Series:
    """Seconds with three decimals (Decimal(18, 3)), null where the text is no duration.

    `unit` is that of a bare number; `hms` means that there are none. A minus before it makes all of it negative.
    """
    if unit == "hms":
        seconds = in_two_steps(text, _clock, lambda cells: _with_unit(cells, decimal))
    else:
        factor = SECONDS[unit]
        bare = numbers(text, decimal) * factor
        seconds = in_two_steps(text, lambda cells: bare, lambda cells: _with_unit(cells, decimal))
    return seconds.set(seconds.abs() >= 1e12, None).round(3).cast(pl.Decimal(18, 3), strict=False)


def _clock(text: pl.Series) -> pl.Series:
    """`h:mm:ss` by its places."""
    text = text.str.strip_chars()
    text = text.set(~text.str.contains(_CLOCK), None)
    hours, minutes, seconds = text.str.head(-6), text.str.slice(-5, 2), text.str.slice(-2)
    parts = [part.cast(pl.Int64) for part in (hours, minutes, seconds)]
    return (parts[0] * 3600 + parts[1] * 60 + parts[2]).cast(pl.Float64)


def _with_unit(text: pl.Series, decimal: str) -> pl.Series:
    """`1:02:03.5` with a fraction or a minus, `1h 05m 10s`, `90 sec`, `1分30秒`, `PT5M`; the last may have decimals."""
    sign = r"\." if decimal == "." else ","
    cells = pl.DataFrame({"cell": text.str.to_lowercase().str.replace_many(_LETTERS, leftmost=True)})
    spoken = cells.select(
        pl.col("cell").str.replace(rf"{sign}[0-9]+( ?[HMSU])$", "${1}").str.extract_groups(_SPOKEN).alias("parts"),
        pl.col("cell").str.extract_groups(rf"(?P<tail>{sign}[0-9]+) ?(?P<last>[HMSU])$").struct.unnest(),
        pl.col("cell").str.extract_groups(_CLOCK_PARTS).struct.rename_fields(["h", "m", "s"]).struct.unnest(),
        pl.col("cell").str.starts_with("-").alias("is_negative"),
    ).unnest("parts")
    seconds = pl.coalesce(_of_clock(), _of_units())
    return spoken.select(pl.when("is_negative").then(-seconds).otherwise(seconds)).to_series()


def _of_clock() -> pl.Expr:
    hours, minutes, seconds = (pl.col(name).str.replace(",", ".").cast(pl.Float64) for name in ("h", "m", "s"))
    return hours * 3600 + minutes * 60 + seconds


def _of_units() -> pl.Expr:
    """The parts and what stands behind the last one's point; a part below a larger one must be less than one of it."""
    parts = {letter: pl.col(letter).cast(pl.Float64) for letter in _UNITS}
    tail = pl.col("tail").str.replace(",", ".").cast(pl.Float64).fill_null(0)
    factor = pl.col("last").replace_strict(_FACTOR, default=0.0, return_dtype=pl.Float64).fill_null(0)
    total = pl.sum_horizontal(part.fill_null(0) * _FACTOR[letter] for letter, part in parts.items()) + tail * factor
    fits = pl.any_horizontal(part.is_not_null() for part in parts.values())
    for letter, limit in _LIMIT.items():
        larger = list(_UNITS)[: list(_UNITS).index(letter)]
        fits &= (parts[letter] < limit).fill_null(value=True) | pl.all_horizontal(
            parts[one].is_null() for one in larger
        )
    return pl.when(fits).then(total)
