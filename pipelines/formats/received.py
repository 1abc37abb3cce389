"""Opens a received file, packed or not, for the readers that go through it as a stream of text.

Undecodable bytes do not stop a stream: they become half characters, which the reader that meets them rejects with the
record that holds them.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pipelines.errors import fault
from pipelines.formats.encodings import detect_encoding
from pipelines.formats.raw import Source
from pipelines.formats.text import codec_of
from pipelines.formats.unpack import opened

_HEAD = 1 << 20
"""Bytes that an encoding is detected from."""


@contextmanager
def open_text(source: Source) -> Iterator[IO[str]]:
    """The file as text, its line ends as they are. Raises TieoutError where it cannot be read at all."""
    encoding = source.server.encoding
    try:
        with opened(source.path, source.name) as raw:
            head = raw.read(_HEAD)
        codec = codec_of(detect_encoding(head) or "utf-8" if encoding == "auto" else encoding, head, source.name)
        codec = "utf-8-sig" if codec == "utf-8" else codec
        with (
            opened(source.path, source.name) as raw,
            io.TextIOWrapper(raw, codec, "surrogateescape", newline="\n") as text,
        ):
            yield text
    except (LookupError, UnicodeError):
        hint = "correct servers[0].encoding in the contract, or have the file sent in it"
        raise fault(source.name, f"bytes that are not {encoding}", f"text in {encoding}", hint) from None
    except (OSError, EOFError) as error:
        raise fault(source.name, f"a file that cannot be read: {error}", "a whole file", "have it sent again") from None


def is_whole(text: str) -> bool:
    """Whether all characters of a text were in the file's encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
