"""Bytes in any encoding → UTF-8, chunk by chunk, without a byte order mark.

What is not of the encoding becomes the byte 0xFF, which UTF-8 never has: whoever cuts records rejects those that hold
it. Which encoding a file has without anybody saying so is found in `encodings.py`.
"""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.errors import TieoutError, fault
from pipelines.formats.encodings import bom_of, utf_16_order

BAD = b"\xff"
_MARKED = "tieout-marked"
_WIDER = {"utf-8-sig": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
"""Names that senders use for the wider encoding that their system in fact writes."""


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    if isinstance(error, UnicodeEncodeError):
        return BAD * (error.end - error.start), error.end
    raise error


codecs.register_error(_MARKED, _mark)


def codec_of(encoding: str, head: bytes, name: str) -> str:
    """Python's codec for the encoding of a contract, given the first bytes of the file.

    TieoutError where its byte order mark says something else, or where UTF-16 shows no byte order.
    """
    codec = codecs.lookup(encoding).name
    codec = _WIDER.get(codec, codec)
    marked = bom_of(head)
    if marked is not None and not codec.startswith(marked) and not marked.startswith(codec.removesuffix("-sig")):
        found = f"the byte order mark of {marked} where the contract says {encoding}"
        raise fault(name, found, f"text in {encoding}", f"write encoding: {marked} (or auto) at servers[0]")
    if codec == "utf-16" and marked is None:
        order = utf_16_order(head)
        if order is None:
            hint = "correct servers[0].encoding in the contract, or have the file sent in it"
            raise fault(name, "bytes that are not utf-16", "text in utf-16", hint)
        return order
    return codec


def utf_8_chunks(stream: BinaryIO, codec: str, size: int) -> Iterator[bytes]:
    """The text of a stream as UTF-8, about `size` bytes at a time; 0xFF for each run of bytes that is not of `codec`.

    UnicodeError only from codecs that cannot go on after an error.
    """
    chunks = _checked(stream, size) if codec == "utf-8" else _recoded(stream, codec, size)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(codecs.BOM_UTF8):
            break
    yield head.removeprefix(codecs.BOM_UTF8)
    yield from chunks


def first_bad_byte(stream: BinaryIO, codec: str) -> tuple[int, int] | None:
    """Offset and value of the first byte that is not of the encoding; None where the codec cannot say."""
    decoder, read = codecs.getincrementaldecoder(codec)(), 0
    try:
        while chunk := stream.read(1 << 16):
            read += len(chunk)
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return read - len(error.object) + error.start, error.object[error.start]
    except UnicodeError:
        pass
    return None


def wrong_encoding(stream: BinaryIO, codec: str, encoding: str, name: str) -> TieoutError:
    """The fault of a file that is not of its encoding, with the place of the first byte that says so."""
    bad = first_bad_byte(stream, codec)
    where, found = (f"{name}: byte {bad[0]}", f"0x{bad[1]:02x}, which") if bad else (name, "text that")
    hint = "correct servers[0].encoding in the contract, or have the file sent in it"
    return fault(where, f"{found} is not {encoding}", f"text in {encoding}", hint)


def _checked(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """UTF-8 as it is, only validated: decoding and encoding again would cost more than all the rest."""
    rest = b""
    while chunk := stream.read(size):
        data = rest + chunk if rest else chunk
        if data.isascii():
            rest = b""
            yield data
            continue
        good, used = _valid(data, final=False)
        rest = data[used:]
        yield good
    if rest:
        yield _valid(rest, final=True)[0]


def _valid(data: bytes, final: bool) -> tuple[bytes, int]:
    try:
        used = codecs.utf_8_decode(data, "strict", final)[1]
        return data[:used], used
    except UnicodeDecodeError:
        text, used = codecs.utf_8_decode(data, _MARKED, final)
        return text.encode("utf-8", _MARKED), used


def _recoded(stream: BinaryIO, codec: str, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)(_MARKED)
    while chunk := stream.read(size):
        yield decoder.decode(chunk).encode("utf-8", _MARKED)
    yield decoder.decode(b"", final=True).encode("utf-8", _MARKED)
