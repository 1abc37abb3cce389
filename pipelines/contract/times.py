"""Checks how a contract says that dates and times are written (`logicalTypeOptions.format`, strftime codes).

ODCS shows Java's patterns as examples; the files here use strftime codes, so a Java pattern is recognised and its
translation is offered. Reading times happens in `pipelines/standardise/`.
"""

import re
from typing import Literal

from pipelines.contract.documents import listed, shown

CODES = (
    *("%Y", "%y", "%m", "%b", "%B", "%d", "%j", "%a", "%A"),
    *("%H", "%I", "%p", "%M", "%S", "%f", "%z", "%%"),
)
"""The strftime codes that may be used."""

COUNTED = {"epoch_s": "timestamp", "epoch_ms": "timestamp", "excel_serial": "timestamp or date"}
"""Times that are written as one number: seconds or milliseconds since 1970 in UTC, days since 1900 on a local clock."""
ZONED = ("epoch_s", "epoch_ms")
"""Those of them that need no time zone."""

_JAVA = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "SSSSSS": "%f",
    "SSS": "%f",
    "XXX": "%z",
    "Z": "%z",
    "a": "%p",
}
_NEEDED = {
    "a year (%Y or %y)": {"%Y", "%y"},
    "a month (%m, %b, %B) or day of the year (%j)": {"%m", "%b", "%B", "%j"},
    "a day (%d) or day of the year (%j)": {"%d", "%j"},
}
_NEEDED_OF_TIMESTAMP = {"an hour (%H, or %I with %p)": {"%H", "%I"}, "minutes (%M)": {"%M"}}


def from_java(pattern: str) -> str:
    """`yyyy-MM-dd HH:mm:ss` as strftime codes."""
    longest_first = sorted(_JAVA, key=len, reverse=True)
    return re.sub("|".join(longest_first), lambda match: _JAVA[match[0]], pattern.replace("'", ""))


def format_problem(pattern: object, logical_type: Literal["timestamp", "date"]) -> tuple[str, str, str] | None:
    """What is wrong with a format: found, allowed, hint; None where it is sound."""
    allowed = f"strftime codes: {listed(CODES)}; or {listed(COUNTED)}"
    example = "%Y-%m-%d" if logical_type == "date" else "%Y-%m-%d %H:%M:%S"
    if not isinstance(pattern, str) or not pattern.strip():
        return shown(pattern), allowed, f'for example format: "{example}"'
    if logical_type in COUNTED.get(pattern, ""):
        return None
    codes = re.findall(r"%.?", pattern)
    if not codes:
        return f"{shown(pattern)}, which has no strftime code", allowed, f'write "{from_java(pattern)}"'
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        return f"{shown(pattern)} with the code {listed(unknown)}", allowed, f'for example format: "{example}"'
    return _gaps(pattern, codes, logical_type)


def _gaps(pattern: str, codes: list[str], logical_type: str) -> tuple[str, str, str] | None:
    needed = _NEEDED | (_NEEDED_OF_TIMESTAMP if logical_type == "timestamp" else {})
    missing = [what for what, any_of in needed.items() if not any_of & set(codes)]
    if missing:
        hint = "where the file holds the parts in other columns or not at all, put them together with transformLogic"
        return f"{shown(pattern)} without {' and without '.join(missing)}", f"a whole {logical_type}", hint
    if "%I" in codes and "%p" not in codes:
        return (
            f"{shown(pattern)} with %I but no %p",
            "%H (0 to 23), or %I with %p (AM, PM)",
            "use %H if the clock has 24 h",
        )
    twice = sorted({code for code in codes if codes.count(code) > 1 and code != "%%"})
    if twice:
        return f"{shown(pattern)} with {listed(twice)} twice", "each code once", "%m is the month and %M the minute"
    return None
