"""One text cell → one typed value, as the contract says; and which cells cannot be read.

Expressions only, evaluated by Polars over whole columns. Local times stay local here (see `clocks.py`).
"""

import re

import polars as pl

from pipelines.contract.model import Column

SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_HMS = r"^(\d{1,4}):([0-5]\d):([0-5]\d)$"
_YEARS = (1900, 2199)  # beyond lie typing errors and the zero dates of databases
_TRUE, _FALSE = ["true", "1", "yes", "y"], ["false", "0", "no", "n"]


def slot(column: Column) -> str:
    """The name under which a column's values stand: one column of a file may fill two roles, and bear any name."""
    if column.role is not None:
        return f"role {column.role}"
    return f"raw {column.raw}" if column.figure is None else f"figure {column.figure}"


def typed(column: Column, given: pl.DataType | None = None) -> pl.Expr:
    """The value in the column's slot, null where the text cannot be read.

    `given` is the slot's type where an expression has made a date or a time already, and no text.
    """
    if given is not None and given != pl.String:
        value = pl.col(slot(column))
        return _sane(value.cast(pl.Date) if column.logical_type == "date" else value.dt.cast_time_unit("us"))
    text = pl.col(slot(column)).str.strip_chars()
    if column.map is not None:
        return text  # the map reads it (see `outcomes.py`), and counts what it does not name
    if _is_duration(column):
        return _duration(text, column.unit or "s")
    if column.role == "sequence":
        return text.cast(pl.Int64, strict=False)
    return {
        "string": lambda: text,
        "integer": lambda: text.cast(pl.Int64, strict=False),
        "number": lambda: _finite(text),
        "timestamp": lambda: _sane(_time(text, column.format)),
        "date": lambda: _sane(text.str.to_date(column.format, strict=False)),
        "boolean": lambda: _boolean(text),
    }[column.logical_type]()


def allowed(column: Column) -> str:
    """What a cell of this column may hold, in words, for a reject's reason."""
    if _is_duration(column):
        return "h:mm:ss" if column.unit == "hms" else f"a number of {column.unit or 's'}"
    if column.role == "sequence":
        return "a whole number"
    return {
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
        "timestamp": f"a time like {column.format}",
        "date": f"a date like {column.format}",
        "boolean": "true or false",
    }[column.logical_type]


def _is_duration(column: Column) -> bool:
    """Durations of calls, in any unit, and reported figures that are printed as h:mm:ss."""
    return (column.role or "").endswith("_s") or (column.figure is not None and column.unit == "hms")


def _time(text: pl.Expr, pattern: str | None) -> pl.Expr:
    """Polars reads a plain `%f` as nanoseconds and no `Z` for `%z`; strftime means a fraction, and both forms."""
    if pattern is None:
        return text.str.to_datetime(time_unit="us", strict=False)
    if pattern.endswith("%z"):
        text = text.str.replace("[Zz]$", "+00:00")
    codes = re.findall(r"%%|\.%f|%.|[^%]", pattern)
    patterns = {"".join({".%f": "%.f", "%f": width}.get(code, code) for code in codes) for width in ("%3f", "%6f")}
    return pl.coalesce(text.str.to_datetime(one, time_unit="us", strict=False) for one in sorted(patterns))


def _sane(value: pl.Expr) -> pl.Expr:
    return pl.when(value.dt.year().is_between(*_YEARS)).then(value)


def _finite(text: pl.Expr) -> pl.Expr:
    value = text.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def _duration(text: pl.Expr, unit: str) -> pl.Expr:
    """Seconds with three decimals, whatever the unit in the file."""
    if unit == "hms":
        parts = [text.str.extract(_HMS, group).cast(pl.Float64, strict=False) for group in (1, 2, 3)]
        seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    else:
        seconds = _finite(text) * SECONDS[unit]
    return pl.when(seconds.abs() < 1e12).then(seconds).round(3).cast(pl.Decimal(18, 3), strict=False)


def _boolean(text: pl.Expr) -> pl.Expr:
    lower = text.str.to_lowercase()
    return pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)
