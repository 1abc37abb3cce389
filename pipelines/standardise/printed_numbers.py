"""Numbers as they are printed → numbers: separators of thousands, decimal commas, per cent, currency signs.

One text has one reading or none. Which sign stands before the decimals is the contract's to say (`tieout.decimal`), so
`1,23` is never guessed at.
"""

import polars as pl

from pipelines.standardise.odd import in_two_steps

_GROUPS = {".": (",", " ", "'"), ",": (r"\.", " ", "'")}
_MONEY = {"CNY": "¥￥元", "JPY": "¥￥円", "EUR": "€", "GBP": "£", "INR": "₹", "KRW": "₩"} | dict.fromkeys(
    ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN"), r"\$"
)


def numbers(text: pl.Series, decimal: str, unit: str | None = None) -> pl.Series:
    """Float64, null where the text is no finite number. `unit` pct, ratio or a currency may stand in the cell too."""
    read = in_two_steps(text, lambda cells: _float(cells, decimal), lambda cells: _printed(cells, decimal, unit))
    return read.set(read.is_infinite() | read.is_nan(), None)


def whole_numbers(text: pl.Series, decimal: str) -> pl.Series:
    """Int64, null where the text is no whole number; one in powers of ten has lost its digits and is none.

    `90.0` and `90.00` are 90: programs print so where a column has gaps.
    """
    odd, zeros = f"^[+-]?{_whole(decimal)}(?:{_sign(decimal)}0{{1,2}})?$", f"{_sign(decimal)}0{{1,2}}$"
    return in_two_steps(
        text,
        lambda cells: cells.str.strip_chars().cast(pl.Int64, strict=False),
        lambda cells: (
            _only(cells, odd).str.replace(zeros, "").str.replace_all(r"[^0-9+-]", "").cast(pl.Int64, strict=False)
        ),
    )


def _float(text: pl.Series, decimal: str) -> pl.Series:
    """What is a number by itself. A point is not read where the contract says comma: it parts thousands there."""
    plain = text.str.strip_chars()
    return (plain if decimal == "." else _only(plain, r"^[+-]?[0-9]+$")).cast(pl.Float64, strict=False)


def _printed(text: pl.Series, decimal: str, unit: str | None) -> pl.Series:
    if unit in _MONEY:
        sign = f"[{_MONEY[unit]}]"
        text = text.str.replace(rf"^([+-]?){sign} ?([+-]?[0-9.,].*[0-9.,]|[0-9])$", "${1}${2}")
        text = text.str.replace(rf"^([+-]?[0-9.,].*?) ?{sign}$", "${1}")
    if unit in ("pct", "ratio"):
        text = text.str.replace(r"^(.*[0-9.,]) ?%$", "${1}" if unit == "pct" else "${1}h")
    point = "." if decimal == "," else ","
    shape = rf"^[+-]?(?:{_whole(decimal)}(?:{_sign(decimal)}[0-9]*)?|{_sign(decimal)}[0-9]+)h?$"
    power = rf"^[+-]?[0-9]+(?:{_sign(decimal)}[0-9]*)?[eE][+-]?[0-9]{{1,3}}$"
    plain = _only(text, f"{shape}|{power}").str.replace_all(f"[ '{point}]", "")
    return (
        plain.str.replace(decimal, ".", literal=True)
        .str.replace("h", "e-2", literal=True)
        .cast(pl.Float64, strict=False)
    )


def _whole(decimal: str) -> str:
    """Digits, or digits by threes with one and the same sign between them."""
    by_threes = "|".join(f"(?:{sign}[0-9]{{3}})+" for sign in _GROUPS[decimal])
    return f"(?:[0-9]+|[0-9]{{1,3}}(?:{by_threes}))"


def _sign(decimal: str) -> str:
    return r"\." if decimal == "." else ","


def _only(text: pl.Series, pattern: str) -> pl.Series:
    """The cells of a pattern, null for the others."""
    return text.set(~text.str.contains(pattern), None)
