"""One text cell → one typed value, as the contract says; and which cells cannot be read.

Expressions only, evaluated by Polars over whole columns. Local times stay local here (see `clocks.py`).
"""

import polars as pl

from pipelines.contract.model import Column

SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_HMS = r"^(\d{1,4}):([0-5]\d):([0-5]\d)$"
_TRUE, _FALSE = ["true", "1", "yes", "y"], ["false", "0", "no", "n"]


def typed(column: Column) -> pl.Expr:
    """The column's value, null where the text cannot be read."""
    if column.expression is not None and column.logical_type == "timestamp":
        return pl.col(column.raw)  # the expression gave a time already
    text = pl.col(column.raw).str.strip_chars()
    if column.role is not None and column.role.endswith("_s"):
        return _duration(text, column.unit or "s")
    return {
        "string": lambda: text,
        "integer": lambda: text.cast(pl.Int64, strict=False),
        "number": lambda: _finite(text),
        "timestamp": lambda: text.str.to_datetime(column.format, time_unit="us", strict=False),
        "date": lambda: text.str.to_date(column.format, strict=False),
        "boolean": lambda: _boolean(text),
    }[column.logical_type]()


def allowed(column: Column) -> str:
    """What a cell of this column may hold, in words, for a reject's reason."""
    if column.role is not None and column.role.endswith("_s"):
        return "h:mm:ss" if column.unit == "hms" else f"a number of {column.unit or 's'}"
    return {
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
        "timestamp": f"a time like {column.format}",
        "date": f"a date like {column.format}",
        "boolean": "true or false",
    }[column.logical_type]


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
