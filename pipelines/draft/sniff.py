"""Which format is it? By the first bytes, the keys of JSON, the shape of the first lines. Looks, and types nothing."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.draft.grid import Grid

_QUEUE_LOG = re.compile(r"\d{9,11}(\.\d+)?\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[A-Z]+(\||$)")
_CISCO_TYPES = re.compile(r'"?INTEGER"?(,"?(INTEGER|STRING|VARCHAR\(\d+\)|UNIQUEIDENTIFIER)"?){20,}')
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"}
_NO_TABLE = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save it as .xlsx or CSV, or ask for that"),
    (b"%PDF", "a PDF", "ask for the figures as CSV or xlsx: a PDF is for reading, not for checking"),
    (b"7z\xbc\xaf", "a 7z archive", "have it sent as zip or gzip"),
    (b"Rar!", "a RAR archive", "have it sent as zip or gzip"),
    (b"<", "HTML or XML", "ask for CSV or xlsx: what some systems call .xls is a web page"),
)


def refused(head: bytes) -> tuple[str, str, str] | None:
    """Found, allowed, hint, where the first bytes are those of a kind that nothing here reads."""
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, what, hint in _NO_TABLE:
        if plain.startswith(magic):
            return what, "a delimited text, xlsx, parquet, JSON lines, or a known system's export", hint
    return None


def is_workbook(path: Path) -> bool:
    """Whether the file is an xlsx workbook, whatever its name says. OSError where it cannot be opened."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def text_format(text: str) -> str | None:
    """The format of a text that is known by its first lines, or None for what may be delimited."""
    start = text.lstrip()
    if start[:1] in ("{", "["):
        return _json_format(start)
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if lines and all(_QUEUE_LOG.match(line) for line in lines):
        return "asterisk_queue_log"
    if lines and ("cdrrecordtype" in lines[0].casefold() or _CISCO_TYPES.match(lines[0])):
        return "cisco_cucm_cdr"
    return None


def _json_format(start: str) -> str:
    first: Mapping[str, Any] = next(_objects(start), {})
    inner = first.get("conversations")
    if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
        first = inner[0]
    if "conversationId" in first or '"conversationId"' in start[:400]:
        return "genesys_conversation"
    known = {"AWSContactTraceRecordFormatVersion", "InitiationMethod", "InitiationTimestamp"}
    return "amazon_connect_ctr" if "ContactId" in first and known & set(first) else "json_lines"


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines, of one array, or of documents one after another; ends where the text breaks off."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        while place < len(text) and text[place] in " \t\r\n,[]":
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, dict):
            return
        yield value


def flat_records(text: str, most: int) -> list[dict[str, str]]:
    """Records of JSON as text by key; what lies deeper is named `outer.inner`."""
    found = []
    for value in _objects(text):
        found.append(dict(_flat(value, "")))
        if len(found) == most:
            break
    return found


def _flat(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{prefix}{_whole(key)}.")
        elif item is None:
            yield prefix + _whole(key), ""
        else:
            yield prefix + _whole(key), _whole(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False))


def _whole(text: str) -> str:
    """JSON's escapes can make halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def cells_format(grid: Grid) -> str | None:
    """A known system's delimited file without a header line, by the shape of its records; None for any other."""
    if grid.header_rows or not grid.rows:
        return None
    rows = grid.rows[:50]
    if 16 <= len(grid.header) <= 21 and all(_STAMP.fullmatch(row[9]) and row[14] in _DISPOSITIONS for row in rows):
        return "asterisk_cdr"
    if len(grid.header) >= 11 and all(
        _STAMP.fullmatch(row[4]) and _STAMP.fullmatch(row[6]) and re.fullmatch("[A-Z_]+", row[9]) for row in rows
    ):
        return "freeswitch_cdr"
    return None
