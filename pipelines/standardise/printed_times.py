"""Times and dates as they are printed → datetimes and dates, by the contract's format.

Local times stay local here (see `clocks.py`); a time that says its offset becomes one in UTC.
"""

import re
from collections.abc import Callable
from datetime import datetime

import polars as pl

from pipelines.standardise.odd import ASCII, in_two_steps

_YEARS = (1900, 2199)  # beyond lie typing errors and the zero dates of databases
_DAY_MS, _SECOND_MS = 86_400_000, 1000
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a local clock's)
_FIRST_SERIAL = 61  # spreadsheets count a 29 February 1900, so earlier days are one off
_EPOCHS = {"epoch_s": (10, 1_000_000), "epoch_ms": (13, 1000)}
_NOON = {"上午": "AM", "下午": "PM", "午前": "AM", "午後": "PM", "오전": "AM", "오후": "PM"} | {
    "a.m.": "AM",
    "p.m.": "PM",
    "A.M.": "AM",
    "P.M.": "PM",
}
_ISO = (
    r"^(?P<day>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})[T ]"
    r"(?P<minute>[0-9]{1,2}:[0-9]{2})(?P<second>:[0-9]{2}(?:[.][0-9]{1,9})?)?"
)
_OFFSET = r" ?(Z|[+-][0-9]{2}:?[0-9]{2})$"
_MIDNIGHT = r"[T ]0?0:00(:00([.]0+)?)?$"


def times(text: pl.Series, pattern: str | None, decimal: str = ".", *, is_zoned: bool = False) -> pl.Series:
    """Datetime(us), with the zone UTC where `has_zone`; null where the text is no such time.

    `pattern` is a strftime pattern, `epoch_s`, `epoch_ms` (UTC) or `excel_serial` (local). Without one the text is
    ISO 8601: with an offset in every cell if `is_zoned`, else with none.
    """
    if pattern in _EPOCHS:
        digits, unit = _EPOCHS[pattern]
        return _sane(_in_ascii(text, lambda cells: _epoch(_pointed(cells, decimal), digits, unit)))
    if pattern == "excel_serial":
        return _sane(_in_ascii(text, lambda cells: _serial(_pointed(cells, decimal))))
    if pattern is None:
        return _sane(_in_ascii(text, _with_offset if is_zoned else _without_offset))
    return _sane(_in_ascii(text, lambda cells: _strftime(cells, pattern)))


def has_zone(pattern: str | None) -> bool:
    """Whether times of this format are moments, and not what a local clock shows."""
    return pattern in _EPOCHS or "%z" in re.findall("%.", pattern or "")


def carry_offset(text: pl.Series) -> bool | None:
    """Whether the first cell that is an ISO 8601 time has an offset; None where no cell is one."""
    found = _ascii(text.drop_nulls()).str.extract_groups(f"{_ISO}(?P<offset>{_OFFSET[:-1]})?$").struct.unnest()
    first = found.filter(pl.col("day").is_not_null()).head(1)
    return None if first.is_empty() else first["offset"].item() is not None


def dates(text: pl.Series, pattern: str | None, decimal: str = ".") -> pl.Series:
    """Date; null where the text is no such date, or one with a time of day."""
    if pattern == "excel_serial":
        moments = times(text, pattern, decimal)
        days = moments.dt.date()
        return days.set(moments != days.cast(pl.Datetime("us")), None)
    if pattern is None:
        text = text.str.replace(_MIDNIGHT, "")
    return _sane(
        _in_ascii(text, lambda cells: cells.str.strip_chars().str.to_date(pattern or "%Y-%m-%d", strict=False))
    )


def turned_dates(local: pl.Series, month: str | None) -> pl.Series:
    """Per row, whether a date lies outside the file's month (`2026-10`), and inside it with day and month swapped.

    Spreadsheets turn `10/03/2026` round where they take it for a date of another country.
    """
    if month is None or not local.dtype.is_temporal():
        return pl.repeat(value=False, n=len(local), eager=True)
    year, inside = (int(part) for part in month.split("-"))
    dated = local.dt.date()
    turned = (dated.dt.year() == year) & (dated.dt.month() != inside) & (dated.dt.day() == inside)
    return turned.fill_null(value=False)


def _in_ascii(text: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    return in_two_steps(text, read, lambda cells: read(cells.str.replace_many(_NOON)))


def _pointed(text: pl.Series, decimal: str) -> pl.Series:
    text = text.str.strip_chars()
    return text if decimal == "." else text.set(text.str.contains(".", literal=True), None).str.replace(",", ".")


def _strftime(text: pl.Series, pattern: str) -> pl.Series:
    """Polars reads a plain `%f` as nanoseconds and no `Z` for `%z`; strftime means a fraction, and both forms."""
    text = text.str.strip_chars()
    if pattern.endswith("%z"):
        text = text.str.replace("[Zz]$", "+00:00")
    codes = re.findall(r"%%|\.%f|%.|[^%]", pattern)
    patterns = {"".join({".%f": "%.f", "%f": width}.get(code, code) for code in codes) for width in ("%3f", "%6f")}
    read = None
    for one in sorted(patterns):
        if read is None or read.null_count() > text.null_count():
            more = text.str.to_datetime(one, time_unit="us", strict=False)
            read = more if read is None else read.zip_with(read.is_not_null(), more)
    assert read is not None  # there is at least one pattern
    return read.cast(pl.Datetime("us", "UTC" if has_zone(pattern) else None))


def _epoch(text: pl.Series, digits: int, unit: int) -> pl.Series:
    """`unit` is the microseconds in one; a fraction may follow."""
    text = text.set(~text.str.contains(rf"^[0-9]{{{digits}}}(?:\.[0-9]+)?$"), None)
    places = len(str(unit)) - 1
    fraction = text.str.slice(digits + 1, places).str.pad_end(places, "0").cast(pl.Int64)
    return (text.str.head(digits).cast(pl.Int64) * unit + fraction).cast(pl.Datetime("us", "UTC"))


def _serial(text: pl.Series) -> pl.Series:
    """Days since 1899-12-30; the fraction to the millisecond, or to the second where it is but one off."""
    serial = text.set(~text.str.contains(r"^[0-9]{1,6}(?:\.[0-9]*)?$"), None).cast(pl.Float64)
    exact = (serial.set(serial < _FIRST_SERIAL, None) * _DAY_MS).round()
    second = (exact / _SECOND_MS).round() * _SECOND_MS
    rounded = exact.zip_with((exact - second).abs() > 1, second).cast(pl.Int64) * 1000
    return rounded.cast(pl.Duration("us")) + _SERIAL_ZERO


def _without_offset(text: pl.Series) -> pl.Series:
    """ISO 8601 with a blank or a T; seconds and a fraction may follow."""
    parts = text.str.strip_chars().str.extract_groups(f"{_ISO}$").struct.unnest()
    whole = parts.select(pl.concat_str("day", pl.lit(" "), "minute", pl.col("second").fill_null(":00"))).to_series()
    return whole.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)


def _with_offset(text: pl.Series) -> pl.Series:
    text = text.str.strip_chars()
    offset = text.str.extract(_OFFSET, 1).str.replace("Z", "+00:00", literal=True)
    local = _without_offset(text.str.replace(_OFFSET, ""))
    hours, minutes = offset.str.slice(1, 2).cast(pl.Int64), offset.str.slice(-2).cast(pl.Int64)
    ahead = ((hours * 60 + minutes) * 60_000_000).cast(pl.Duration("us"))
    return (local - ahead.zip_with(~offset.str.starts_with("-"), -ahead)).dt.replace_time_zone("UTC")


def _ascii(text: pl.Series) -> pl.Series:
    return text.str.replace_many(ASCII).str.strip_chars()


def _sane(value: pl.Series) -> pl.Series:
    return value.set(~value.dt.year().is_between(*_YEARS), None)
