"""Opens an .xlsx workbook, refuses what is not safe to unpack, and streams the rows of its sheets.

Nothing is typed and nothing computed: a cell is its stored text, its kind and its number format (`number_format.py`).
How its XML is read stands in `workbook_xml.py`; what records the rows make, in `xlsx.py`.

The sheets are read as a stream and not with a library. One that lays a sheet out as a rectangle takes memory for every
cell between the first and the last, and a workbook of 5 KB with one cell in the last corner ends the process with it.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from xml.parsers import expat

from pipelines.errors import TieoutError, fault
from pipelines.formats.workbook_xml import (
    BookParser,
    DamagedError,
    Parser,
    RelationsParser,
    Row,
    SheetParser,
    StringsParser,
    StylesParser,
)

_MOST_PARTS = 10_000
_SMALL = 64 << 20
_MOST_PACKED = 100  # times the file's own size: sheets of calls shrink to a tenth, those of zeros to a fiftieth
_CHUNK = 1 << 16
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, expat.ExpatError, EOFError, OSError),
    *(RuntimeError, NotImplementedError, LookupError, ValueError, ArithmeticError),
)
_TELLING = (DamagedError, zipfile.BadZipFile, zlib.error, expat.ExpatError)


@dataclass(frozen=True)
class Sheet:
    """One sheet with cells: where it lies in the file, and whether it is shown."""

    name: str
    part: str
    is_visible: bool


@dataclass(frozen=True)
class Workbook:
    """An opened workbook: `name` is how users know the file; `is_1904` tells which day its dates are counted from."""

    path: Path
    name: str
    sheets: tuple[Sheet, ...]
    strings: tuple[str, ...]
    codes: tuple[str, ...]
    is_1904: bool

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet in its order, those without a filled cell left out. Raises TieoutError if unreadable."""
        parser = SheetParser(self.strings, self.codes)
        with _readable(self.name), zipfile.ZipFile(self.path) as archive:
            for _ in _parse(archive, sheet.part, parser, self.name):
                yield from parser.done
                parser.done.clear()


def open_workbook(path: Path, name: str) -> Workbook:
    """Reads what all sheets share. Raises TieoutError for a file that is no workbook, broken, or not safe to unpack."""
    _check_kind(path, name)
    with _readable(name), zipfile.ZipFile(path) as archive:
        _check_size(archive, path, name)
        main = _main_part(archive, name)
        book = BookParser()
        _parse_all(archive, main, book, name)
        targets = _relations(archive, main, name)
        strings, styles = StringsParser(), StylesParser()
        for kind, part in targets.values():
            if kind in ("sharedStrings", "styles") and part in archive.NameToInfo:
                _parse_all(archive, part, strings if kind == "sharedStrings" else styles, name)
        sheets = tuple(
            Sheet(title, targets[link][1], state == "visible")
            for title, link, state in book.sheets
            if link in targets and targets[link][0] == "worksheet"
        )
        return Workbook(path, name, sheets, tuple(strings.texts), tuple(styles.codes()), book.is_1904)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Whatever the bytes of a broken file make the standard library raise, as one fault."""
    try:
        yield
    except TieoutError:
        raise
    except _BROKEN as error:
        # what other errors say may show the text of a cell
        detail = str(error)[:200] if isinstance(error, _TELLING) else type(error).__name__
        found = f"a workbook that cannot be read: {detail}"
        hint = "it looks half-uploaded or damaged: have it sent again, or open it in Excel and save it anew"
        raise fault(name, found, "a whole .xlsx workbook", hint) from None


def _check_kind(path: Path, name: str) -> None:
    with _readable(name), path.open("rb") as file:
        start = file.read(8)
    allowed, hint = "an .xlsx workbook", "save it as .xlsx without a password"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise fault(name, "an old .xls workbook, or one with a password", allowed, hint)
    if not start.startswith(b"PK"):
        hint = "if it opens in a text editor, set tieout.format to delimited; else save it as .xlsx"
        raise fault(name, "a file that is no workbook" if start else "an empty file", allowed, hint)


def _check_size(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Unpacking never gives more than an archive declares, so that what it declares is what it can cost."""
    parts = archive.infolist()
    size, most = sum(part.file_size for part in parts), max(_SMALL, _MOST_PACKED * path.stat().st_size)
    hint = "have the table sent as a plain workbook, or as delimited text"
    if len(parts) > _MOST_PARTS:
        raise fault(name, f"{len(parts)} parts in the workbook", f"at most {_MOST_PARTS}", hint)
    if size > most:
        raise fault(name, f"a workbook that unpacks to {size >> 20} MB", f"at most {most >> 20} MB of it", hint)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise fault(name, "a workbook packed in an unusual way", "deflated or stored parts", hint)
    if any(part.flag_bits & 1 for part in parts):
        raise fault(name, "a workbook with a password", "one without", "save it as .xlsx without a password")


def _main_part(archive: zipfile.ZipFile, name: str) -> str:
    targets = _relations(archive, "", name)
    found = next((part for kind, part in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
    if found.endswith(".xml") and found in archive.NameToInfo:
        return found
    what = "a binary workbook (.xlsb)" if found.endswith(".bin") else "a ZIP archive that holds no workbook"
    raise fault(name, what, "an .xlsx workbook", "save it as .xlsx")


def _relations(archive: zipfile.ZipFile, part: str, name: str) -> dict[str, tuple[str, str]]:
    """What a part refers to inside the archive: kind and name by id. Links to other files are left alone."""
    folder, parser = dirname(part), RelationsParser()
    links = join(folder, "_rels", f"{part.rpartition('/')[2]}.rels")
    if links in archive.NameToInfo:
        _parse_all(archive, links, parser, name)
    return {key: (kind, normpath(join("/", folder, to)).lstrip("/")) for key, kind, to in parser.links}


def _parse_all(archive: zipfile.ZipFile, part: str, parser: Parser, name: str) -> None:
    for _ in _parse(archive, part, parser, name):
        pass


def _parse(archive: zipfile.ZipFile, part: str, parser: Parser, name: str) -> Iterator[None]:
    """Feeds a part to a parser piece by piece. A document type is refused: nothing else can define entities."""

    def refuse(*_: object) -> None:
        hint = "no spreadsheet program writes one: ask the sender where the file comes from"
        raise fault(f"{name}: {part}", "a document type declaration", "plain XML", hint)

    reader = expat.ParserCreate()
    reader.buffer_text = True
    reader.StartDoctypeDeclHandler = refuse
    reader.StartElementHandler = lambda tag, given: parser.start(tag.rpartition(":")[2], given)
    reader.EndElementHandler = lambda tag: parser.end(tag.rpartition(":")[2])
    reader.CharacterDataHandler = parser.data
    if part not in archive.NameToInfo:
        raise DamagedError(f"no part {part}")
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            reader.Parse(chunk, False)
            yield
        reader.Parse(b"", True)
        yield
