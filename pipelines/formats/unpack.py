"""Gzip and zip taken off a received file, as a stream: what comes out is the one data file, whatever its name says.

Recognised by the first bytes. Nothing is ever written to disk, so a path in an archive can do no harm; one that leads
outside is refused all the same, because nobody sends it by accident. What the bytes mean is for the readers.
"""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import IO, BinaryIO

from pipelines.errors import TieoutError, fault

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MOST_EXPANSION, ALWAYS_ALLOWED = 200, 64 << 20
"""A file may grow to 200 times its compressed size, and to 64 MiB in any case. Call exports grow 5 to 30 times."""
_SENT_AGAIN = "have the file sent again"
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, OSError, ValueError)


@dataclass(frozen=True)
class Expansion:
    """How far a packed file may grow: `times` its compressed size, and to `always` bytes in any case."""

    times: int = MOST_EXPANSION
    always: int = ALWAYS_ALLOWED


@contextmanager
def opened(path: Path, name: str, expansion: Expansion | None = None) -> Iterator[BinaryIO]:
    """The bytes of a file, of the gzip stream or of the one data file in a zip archive, to be read once in order.

    TieoutError, also while reading: truncated or damaged, encrypted, several data files, an archive in an archive, or
    one that grows beyond `expansion`.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        size = path.stat().st_size
        if magic.startswith(GZIP):
            with gzip.GzipFile(fileobj=file) as inner:
                yield _checked(inner, name, size, expansion)
        elif magic in ZIP:
            with _archive(file, name) as archive, _member(archive, name) as inner:
                yield _checked(inner, name, size, expansion)
        else:
            yield file


def is_packed(path: Path) -> bool:
    """Whether a file is gzip or zip by its first bytes."""
    with path.open("rb") as file:
        magic = file.read(4)
    return magic.startswith(GZIP) or magic in ZIP


def _checked(inner: IO[bytes] | gzip.GzipFile, name: str, size: int, expansion: Expansion | None) -> BinaryIO:
    allowed = expansion or Expansion()
    stream = io.BufferedReader(_Unpacked(inner, name, max(size * allowed.times, allowed.always)), 1 << 16)
    head = stream.peek(4)[:4]
    if head.startswith(GZIP) or head in ZIP:
        raise fault(
            name, "an archive in an archive", "one packed file", "have the data file packed once, or not at all"
        )
    return stream


class _Unpacked(io.RawIOBase):
    """Decompressed bytes, counted: damage and growth become faults of the file."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, name: str, most: int) -> None:
        self._inner, self._name, self._most, self._read = inner, name, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type]
        data = self._take(len(view))
        self._read += len(data)
        if self._read > self._most:
            most = f"at most {self._most:,} bytes for its size"
            raise fault(
                self._name, f"a packed file that grows beyond {self._most:,} bytes", most, "have it sent unpacked"
            )
        view[: len(data)] = data
        return len(data)

    def _take(self, size: int) -> bytes:
        try:
            return self._inner.read(size)
        except _BROKEN as error:
            raise _damaged(self._name, error) from None
        except (NotImplementedError, RuntimeError) as error:
            raise fault(self._name, f"a zip that is not read: {error}", "zip or gzip", "have it packed anew") from None


def _damaged(name: str, error: Exception) -> TieoutError:
    if isinstance(error, EOFError):
        found = "a packed file that ends too early: it looks half-uploaded"
        return fault(name, found, "a complete file", _SENT_AGAIN)
    return fault(name, f"a packed file that is damaged: {error}", "a complete file", _SENT_AGAIN)


def _archive(file: BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (*_BROKEN, NotImplementedError):
        # The list of contents stands at the end of a zip: what starts as one and has none was cut off.
        found = "a zip without its list of contents: it looks half-uploaded"
        raise fault(name, found, "a complete file", _SENT_AGAIN) from None


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """The one data file of an archive, open."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    if any(info.filename == "[Content_Types].xml" for info in files):
        hint = "say tieout.format: xlsx in the contract, or have it exported as CSV"
        raise fault(name, "an Office document", "text, plain or packed", hint)
    for info in files:
        if _leads_outside(info.filename):
            found = f"the path {info.filename!r} in the archive"
            raise fault(name, found, "paths inside the archive", "find out who made this file, and how")
    data = [info for info in files if not _is_litter(info.filename)]
    if len(data) != 1:
        listed = ", ".join(sorted(info.filename for info in data)[:20]) or "nothing"
        raise fault(name, f"{len(data)} data files in the zip: {listed}", "exactly one", "have one file packed in each")
    if data[0].flag_bits & 1:
        hint = "have it sent without a password, or unpack it before it is dropped"
        raise fault(name, f"{data[0].filename!r} in the zip is encrypted", "a zip without a password", hint)
    try:
        return archive.open(data[0])
    except _BROKEN as error:
        raise _damaged(name, error) from None
    except (NotImplementedError, RuntimeError) as error:
        raise fault(name, f"a zip that is not read: {error}", "zip or gzip", "have it packed anew") from None


def _leads_outside(member: str) -> bool:
    path = PureWindowsPath(member)  # knows both kinds of slashes, and drives
    return bool(path.drive or path.root) or ".." in path.parts


def _is_litter(member: str) -> bool:
    """What desktop systems add to archives: `__MACOSX` and files whose name starts with a dot."""
    parts = PureWindowsPath(member).parts
    return "__MACOSX" in parts or not parts or parts[-1].startswith(".")
