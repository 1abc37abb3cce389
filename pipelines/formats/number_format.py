"""A workbook's number formats: what a cell prints, and whether its number is a date, a time or a share.

Follows ECMA-376-1:2016, 18.8.30 and 18.8.31 (numFmt), in the words of Excel's own documentation of number format codes.
Understood are General, digits with decimals, thousands, percent and exponent, times of day and elapsed times, up to
three sections, colours, currency signs and literal text. What is not (conditions, fractions, Chinese numerals, dates)
prints as the caller decides. Cells are read in `xlsx.py`.
"""

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Literal

Kind = Literal["number", "percent", "date", "time", "moment", "elapsed"]
Token = tuple[str, str]

GENERAL = "General"
_WIDE = Context(prec=700)  # numbers of a workbook reach from 1e-308 to 1e308
_STORED = Context(prec=15, rounding=ROUND_HALF_UP)  # further digits of the binary number are never printed
_LONGEST = 255  # characters of a format, as in Excel
_GENERAL_DIGITS = 9  # of General behind the point; with `0.` they fill its 11 characters
_GENERAL_EXPONENTS = range(-4, 11)

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<blank>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<general>general)'
    r"|(?P<half>am/pm|a/p|上午/下午)|(?P<exponent>e[+-])|(?P<part>y+|m+|d+|h+|s+|e+|g+|b+)"
    r"|(?P<digit>[0#?])|(?P<sign>[.,%;@])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+", re.IGNORECASE)

_COMMON = (
    *("General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??"),
    *("mm-dd-yy", "d-mmm-yy", "d-mmm", "mmm-yy", "h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "m/d/yy h:mm"),
    *("#,##0 ;(#,##0)", "#,##0 ;[Red](#,##0)", "#,##0.00;(#,##0.00)", "#,##0.00;[Red](#,##0.00)"),
    *("mm:ss", "[h]:mm:ss", "mmss.0", "##0.0E+0", "@"),
)
_COMMON_IDS = (*range(5), *range(9, 23), *range(37, 41), *range(45, 50))
# East Asian dates and times, of which each language of Excel has its own form
_DATES, _HOURS, _SECONDS = (*range(27, 32), 36, *range(50, 55), 57, 58), (32, 34, 55), (33, 35, 56)

BUILT_IN = (
    dict(zip(_COMMON_IDS, _COMMON, strict=True))
    | dict.fromkeys(_DATES, "yyyy-mm-dd")
    | dict.fromkeys(_HOURS, "h:mm")
    | dict.fromkeys(_SECONDS, "h:mm:ss")
)
"""Formats that a workbook names by number only."""


@lru_cache(maxsize=1024)
def kind_of(code: str) -> Kind:
    """What a number under this format is: `time` of day, `elapsed` time, `date`, `moment` (both), or a number."""
    tokens = _sections(code)[0]
    kinds = {kind for kind, _ in tokens}
    parts = {text[0].lower() for kind, text in tokens if kind == "part"}
    has_time = bool(parts & {"h", "s"}) or "half" in kinds
    has_date = bool(parts & set("ydegb")) or ("m" in parts and not has_time)
    if "elapsed" in kinds:
        return "elapsed"
    if has_date or has_time:
        return "moment" if has_date and has_time else "date" if has_date else "time"
    return "percent" if ("sign", "%") in tokens else "number"


def printed(value: Decimal, code: str) -> str | None:
    """The text that a cell with this number shows, decimals behind a point; None where the format is not understood."""
    if not value.is_finite() or len(code) > _LONGEST:
        return None
    sections = _sections(code)
    number = _STORED.plus(value)
    place = 0 if number > 0 else 1 if number < 0 and len(sections) > 1 else 2 if not number and len(sections) > 2 else 0
    tokens = sections[place]
    if not any(kind in ("digit", "general", "part", "elapsed") for kind, _ in tokens):
        return "".join(text for kind, text in tokens if kind == "literal").strip() or None  # such as "-" for zero
    if kind_of(code) in ("time", "elapsed"):
        return _clock(number, tokens)
    try:
        shown = _number(abs(number), tokens)
    except ArithmeticError:  # hundreds of percent signs, and the like
        return None
    is_negative = number < 0 and place == 0 and shown is not None and re.search("[1-9]", shown)
    return f"-{shown}" if is_negative else shown


def general(value: Decimal) -> str:
    """A number without a format: as many digits as 11 characters hold, an exponent beyond."""
    if not value:
        return "0"
    exponent = value.adjusted()
    if exponent in _GENERAL_EXPONENTS:
        rounded = _rounded(value, min(_GENERAL_DIGITS, 9 - exponent) if exponent < 10 else 0)
        return _bare(rounded)
    plain = _bare(value)
    if exponent < 0 and len(plain.lstrip("-")) <= 11:
        return plain
    digits = Context(prec=6, rounding=ROUND_HALF_UP).plus(value)
    return f"{_bare(digits.scaleb(-digits.adjusted(), _WIDE))}E{digits.adjusted():+03d}"


def _bare(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Decimal, places: int) -> Decimal:
    """Away from zero at the half, as printed numbers are."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[tuple[Token, ...], ...]:
    """The format for positive numbers, for negative ones, for zero, for text; one section stands for all."""
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code or GENERAL):
        kind = str(match.lastgroup)
        text = match[kind]
        if kind == "sign" and text == ";":
            sections.append([])
        elif kind == "bracket":
            sections[-1] += _bracket(text)
        elif kind == "blank":
            sections[-1].append(("literal", " "))
        elif kind in ("quoted", "escaped", "plain"):
            sections[-1].append(("literal" if kind != "plain" or not _is_strange(text) else "strange", text))
        elif kind != "fill":
            sections[-1].append((kind, text))
    return tuple(tuple(section) for section in sections)


def _is_strange(text: str) -> bool:
    """A bare letter is no format code that is known here, and a slash makes a fraction."""
    return text == "/" or (text.isascii() and text.isalpha())


def _bracket(text: str) -> list[Token]:
    """Colours print nothing, a currency prints its sign, and [h] counts hours beyond a day."""
    if _COLOUR.fullmatch(text):
        return []
    if text.startswith("$"):
        return [("literal", text[1:].partition("-")[0])]
    if re.fullmatch("h+|m+|s+", text, re.IGNORECASE):
        return [("elapsed", text.lower())]
    return [("strange", text)]


def _number(value: Decimal, tokens: tuple[Token, ...]) -> str | None:
    """Prefix, digits, suffix. Text between digits, as in 000-0000, is not understood."""
    kinds = [kind for kind, _ in tokens]
    if {"strange", "part", "elapsed", "half"} & set(kinds) or ("sign", "@") in tokens:
        return None
    core = [at for at, (kind, text) in enumerate(tokens) if _is_core(kind, text)]
    if [at for at in range(core[0], core[-1] + 1) if at not in core]:
        return None
    value = value.scaleb(2 * tokens.count(("sign", "%")), _WIDE)
    digits = general(value) if "general" in kinds else _digits(value, "".join(tokens[at][1] for at in core))
    if digits is None:
        return None
    before = "".join(text for _, text in tokens[: core[0]])
    behind = "".join(text for _, text in tokens[core[-1] + 1 :])
    return f"{before}{digits}{behind}".strip()


def _is_core(kind: str, text: str) -> bool:
    return kind in ("digit", "general", "exponent") or (kind == "sign" and text in ".,")


def _digits(value: Decimal, pattern: str) -> str | None:
    """`pattern` holds 0 # ? . , and E+ only."""
    mantissa, exponent, power = re.fullmatch(r"([0#?.,]*)(?:([eE][+-])(.*))?", pattern).groups()  # type: ignore[union-attr]
    whole, point, places = mantissa.partition(".")
    if exponent is not None:
        return _scientific(value, whole, point, places, exponent, power)
    if "." in places:
        return None
    scaled = len(mantissa) - len(mantissa.rstrip(",")) or len(whole) - len(whole.rstrip(","))
    value = value.scaleb(-3 * scaled, _WIDE)
    places = places.replace(",", "")
    rounded = _rounded(value, len(places))
    left, _, right = f"{rounded:f}".partition(".")
    while right and places[len(right) - 1] != "0" and right.endswith("0"):
        right = right[:-1]
    left = "" if left == "0" else left
    left = left.zfill(whole.count("0")) if "0" in whole else left
    if "," in whole.rstrip(","):
        left = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", left)
    return f"{left}{point}{right}"


def _scientific(value: Decimal, whole: str, point: str, places: str, exponent: str, power: str) -> str | None:
    if len(whole) != 1 or "," in places or not set(power) <= {"0", "#"}:
        return None
    shown = Context(prec=len(places) + 1, rounding=ROUND_HALF_UP).plus(value)
    size = shown.adjusted() if shown else 0
    digits = _rounded(shown.scaleb(-size, _WIDE), len(places))
    sign = "-" if size < 0 else exponent[1].replace("-", "")
    return f"{digits:f}{'' if places else point}E{sign}{abs(size):0{max(1, power.count('0'))}d}"


def _clock(value: Decimal, tokens: tuple[Token, ...]) -> str | None:
    """Days as hours, minutes and seconds; the last part that is shown is rounded if it is seconds, else cut off."""
    kinds = [kind for kind, _ in tokens]
    if value < 0 or "strange" in kinds or any(kind == "part" and text[0].lower() not in "hms" for kind, text in tokens):
        return None
    units = [text[0].lower() for kind, text in tokens if kind in ("part", "elapsed")]
    code = "".join(text if kind in ("sign", "digit") else "s" if text[:1] in "sS" else " " for kind, text in tokens)
    fraction = re.search(r"s+\.(0+)", code)
    places = len(fraction[1]) if fraction else 0
    seconds = _WIDE.multiply(value, Decimal(86_400))
    seconds = _rounded(seconds, places) if "s" in units else _rounded(seconds, 3).to_integral_value(ROUND_FLOOR)
    whole = int(seconds)
    counted = {"h": whole // 3600, "m": whole // 60, "s": whole}
    shown = {"h": whole // 3600 % 24, "m": whole // 60 % 60, "s": whole % 60}
    if "half" in kinds:
        shown["h"] = shown["h"] % 12 or 12
    morning = whole % 86_400 < 43_200
    texts = []
    for kind, text in tokens:
        if kind in ("part", "elapsed"):
            number = (shown if kind == "part" else counted)[text[0].lower()]
            texts.append(f"{number:0{len(text)}d}")
        elif kind == "half":
            texts.append(text.split("/")[0 if morning else 1])
        elif kind == "sign" and text == "." and places:
            texts.append(f"{seconds % 1:.{places}f}"[1:])
        elif kind not in ("digit", "sign") or text == ".":
            texts.append(text)
    return "".join(texts).strip()
