"""One text cell → one typed value, as the contract says; and which cells cannot be read, and why.

Whole columns at once. How numbers, durations and times may be printed stands in `printed_numbers.py`,
`printed_durations.py` and `printed_times.py`. Local times stay local here (see `clocks.py`).
"""

from collections.abc import Callable

import polars as pl

from pipelines.contract.model import Column
from pipelines.standardise.odd import in_two_steps
from pipelines.standardise.printed_durations import durations
from pipelines.standardise.printed_figures import figures
from pipelines.standardise.printed_numbers import numbers, whole_numbers
from pipelines.standardise.printed_times import carry_offset, dates, has_zone, times, turned_dates

__all__ = ["allowed", "carries_offset", "damaged_id", "reason", "slot", "turned_dates", "typed"]

_TRUTHS = dict.fromkeys(("true", "1", "yes", "y", "是"), True) | dict.fromkeys(("false", "0", "no", "n", "否"), False)
_FLATTENED = r"^-?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2}$"
_NO_VALUE = r"^(?:#+|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!))$"


def slot(column: Column) -> str:
    """The name under which a column's values stand: one column of a file may fill two roles, and bear any name."""
    if column.role is not None:
        return f"role {column.role}"
    return f"raw {column.raw}" if column.figure is None else f"figure {column.figure}"


def typed(column: Column, given: pl.DataType | None = None, decimal: str = ".", *, is_zoned: bool = False) -> pl.Expr:
    """The value in the column's slot, null where the text cannot be read.

    `given` is the slot's type where an expression has made a date or a time already, and no text. `decimal` is the sign
    before the decimals of the file's numbers. `is_zoned` says that times without a format have an offset (see
    `carries_offset`); it is told and not found, as it sets the column's type.
    """
    cell = pl.col(slot(column))
    if given is not None and given != pl.String:
        value = cell.cast(pl.Date) if column.logical_type == "date" else cell.dt.cast_time_unit("us")
        return pl.when(value.dt.year().is_between(1900, 2199)).then(value)
    reader = _reader(column, decimal, is_zoned)
    if reader is None:
        return cell.str.strip_chars()
    dtype, read = reader
    return cell.map_batches(read, return_dtype=dtype)


def carries_offset(column: Column, text: pl.Series) -> bool | None:
    """Whether times of a column without a format are written with their offset, as cells of a typed file may be.

    The first time of the file says it, so that it does not matter where batches end; None where there is none yet.
    """
    is_open = column.logical_type == "timestamp" and column.format is None and column.map is None
    return carry_offset(text) if is_open and text.dtype == pl.String else False


def _reader(
    column: Column, decimal: str, is_zoned: bool
) -> tuple[pl.DataType, Callable[[pl.Series], pl.Series]] | None:
    """What a column's cells become, and how; None where they stay text. A map reads text (see `outcomes.py`)."""
    if column.map is not None:
        return None
    if _is_duration(column):
        return pl.Decimal(18, 3), lambda text: durations(text, column.unit or "s", decimal)
    if _is_of_any_unit(column):
        return pl.Float64(), lambda text: figures(text, decimal)
    if column.role == "sequence" or column.logical_type == "integer":
        return pl.Int64(), lambda text: whole_numbers(text, decimal)
    zone = "UTC" if is_zoned or has_zone(column.format) else None
    return {
        "string": None,
        "number": (pl.Float64(), lambda text: numbers(text, decimal, column.unit)),
        "timestamp": (
            pl.Datetime("us", zone),
            lambda text: times(text, column.format, decimal, is_zoned=is_zoned),
        ),
        "date": (pl.Date(), lambda text: dates(text, column.format, decimal)),
        "boolean": (pl.Boolean(), _truths),
    }[column.logical_type]


def allowed(column: Column) -> str:
    """What a cell of this column may hold, in words, for a reject's reason."""
    if _is_duration(column):
        return "h:mm:ss" if column.unit == "hms" else f"a number of {column.unit or 's'}"
    if _is_of_any_unit(column):
        return "a number, a per cent or h:mm:ss"
    if column.role == "sequence":
        return "a whole number"
    return {
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
        "timestamp": _like("time", column),
        "date": _like("date", column),
        "boolean": "true or false",
    }[column.logical_type]


def reason(column: Column, text: pl.Expr, decimal: str = ".") -> pl.Expr:
    """Why a cell that is not empty could not be read, with what to do where the text shows it."""
    plain = pl.lit(f"not {allowed(column)}")
    cases = [(text.str.contains(pattern), hint) for pattern, hint in _hints(column, decimal)]
    hinted = (pl.when(case).then(plain + pl.lit(f" ({hint})")) for case, hint in cases)
    return pl.when(text.is_not_null()).then(pl.coalesce(*hinted, plain))


def _hints(column: Column, decimal: str) -> list[tuple[str, str]]:
    """What gives away how a cell was meant, and what to do about it."""
    hints = []
    is_duration = _is_duration(column)
    if is_duration:
        hints.append((r"^\s*[0-9]{1,3}[:：][0-9]{2}\s*$", "h:mm or mm:ss? say which with transformLogic"))
    if column.logical_type in ("timestamp", "date") and column.format != "excel_serial":
        hints.append((r"^\s*[0-9]{5}([.,][0-9]+)?\s*$", "days since 1900? then set the format to excel_serial"))
    if column.role == "period_start":
        line = "a line of totals or a note? then set tieout.trailer, or leave it out with tieout.where"
        hints.append((r"^\s*(?i:合计|总计|小计|合計|小計|全天|注|备注|sub-?total|grand total|total|sum|note)", line))
    if column.logical_type == "timestamp" and column.format is None:
        hints.append((r"([Zz]|[+-][0-9]{2}:?[0-9]{2})\s*$", "it has an offset, others have none"))
    if column.logical_type in ("integer", "number") or is_duration:
        other, name = (",", "comma") if decimal == "." else (r"\.", "point")
        hints.append((rf"^\s*[+-]?[0-9]+{other}[0-9]+\s*$", f"a decimal {name}? then set tieout.decimal"))
    if column.logical_type in ("integer", "number") and not is_duration:
        hints.append((r"^\s*[0-9]+:[0-9]{2}:[0-9]{2}", "h:mm:ss? then set tieout.unit to hms, logicalType to string"))
        hints.append((r"[%％]\s*$", "a per cent sign? then set tieout.unit to pct or ratio, and logicalType to number"))
        hints.append((r"^[0-9.,]+[eE]\+?[0-9]+$", "a spreadsheet has shortened it: have it exported as text"))
    return hints


def damaged_id(text: pl.Expr) -> pl.Expr:
    """Whether an id is one that a spreadsheet flattened (`6.02E+11`: its last digits are gone) or could not show."""
    return text.str.strip_chars().str.contains(f"{_FLATTENED}|{_NO_VALUE}")


def _is_duration(column: Column) -> bool:
    """Durations of calls, in any unit, and reported figures that are printed as h:mm:ss."""
    is_figure = column.figure is not None or column.role == "value"
    return (column.role or "").endswith("_s") or (is_figure and column.unit == "hms")


def _is_of_any_unit(column: Column) -> bool:
    """The values of a long table of figures, where the contract names no unit for all of them."""
    return column.role == "value" and column.unit is None


def _like(kind: str, column: Column) -> str:
    words = {
        "epoch_s": "a time in seconds since 1970 (10 digits)",
        "epoch_ms": "a time in milliseconds since 1970 (13 digits)",
        "excel_serial": f"a {kind} in days since 1900, as spreadsheets count",
    }
    usual = "2026-10-31 08:05:00" if kind == "time" else "2026-10-31"
    return words.get(column.format or "", f"a {kind} like {column.format or usual}")


def _truths(text: pl.Series) -> pl.Series:
    return in_two_steps(text, _truth, _truth)


def _truth(text: pl.Series) -> pl.Series:
    lower = text.str.strip_chars().str.to_lowercase()
    return lower.replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
