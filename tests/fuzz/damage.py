"""What happens to files on the way: every kind of damage, drawn from a seed, so that a run can be repeated."""

import gzip
import io
import random
import struct
import zipfile
import zlib

from tests.fuzz.bases import zipped

Dice = random.Random

_TOKENS = (
    *(b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\\"),
    *(b"=cmd|' /C calc'!A0", b'=HYPERLINK("x")', b"@SUM(1+1)*cmd", b"-2+3", b"6.02E+11", b"1,234", b"NaN", b"1e999"),
    *(b"{", b"}", b"[" * 5000, b"]", b'{"a":', b"null", b"\\u0000", b"\xed\xa0\x80", b"\xc3\x28", b"\x81\x30\x81\x30"),
    *(
        b"99999999999999999999",
        b"-1",
        b"0000-00-00 00:00:00",
        b"2026-02-30",
        b"24:61:61",
        b"\xef\xbc\x91",
        b"\x1a",
        b"%s%n",
    ),
    *(b"../../etc/passwd", b"<!ENTITY a 'b'>", "合计".encode(), b"\xe5\x90", b" " * 300, b"=" * 70_000),
)


def flip(data: bytes, dice: Dice) -> bytes:
    """Some bytes become others."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(data: bytes, dice: Dice) -> bytes:
    """Half an upload."""
    return data[: dice.randrange(len(data))]


def lose(data: bytes, dice: Dice) -> bytes:
    """A piece is missing."""
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randint(1, 200) :]


def repeat(data: bytes, dice: Dice) -> bytes:
    """A piece stands several times."""
    start = dice.randrange(len(data))
    piece = data[start : start + dice.randint(1, 400)]
    return data[:start] + piece * dice.randint(2, 40) + data[start:]


def insert(data: bytes, dice: Dice) -> bytes:
    """Nonsense in places."""
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(data) + 1)
        data = data[:place] + dice.choice(_TOKENS) + data[place:]
    return data


def shuffle(data: bytes, dice: Dice) -> bytes:
    """Lines change places."""
    lines = data.split(b"\n")
    dice.shuffle(lines)
    return b"\n".join(lines)


def nonsense(data: bytes, dice: Dice) -> bytes:
    """Something else under the same name."""
    return dice.randbytes(dice.randint(1, 4000))


def other_encoding(data: bytes, dice: Dice) -> bytes:
    """Text in an encoding that nobody spoke of."""
    text = data.decode("utf-8", "replace")
    return text.encode(
        dice.choice(("utf-16", "utf-16-be", "gb18030", "big5", "shift_jis", "cp1252", "utf-7")), "replace"
    )


def packed(data: bytes, dice: Dice) -> bytes:
    """Packed by somebody, or packed twice, or cut after packing."""
    forms = (gzip.compress(data), zipped(data), gzip.compress(gzip.compress(data)), zipped(zipped(data)))
    made = dice.choice(forms)
    return made if dice.random() < 0.5 else dice.choice((cut, flip))(made, dice)


def long_line(data: bytes, dice: Dice) -> bytes:
    """One line of ten megabytes."""
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice((b"a", b'"', b",", b"\xe5\x90\x88", b"{")) * 10_000_000 + data[place:]


COMMON = (flip, flip, cut, lose, repeat, insert, insert, insert, shuffle, nonsense, other_encoding, packed)


def damaged(data: bytes, dice: Dice) -> bytes:
    """One or two kinds of damage; never an empty file, which intake refuses."""
    for _ in range(dice.randint(1, 2)):
        data = dice.choice(COMMON)(data, dice) or b"\n"
    return data


def bombs(sound: bytes, workbook: bytes) -> dict[str, bytes]:
    """Files that were made to harm: each by its name."""
    zeros = b"\x00" * 400_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    made = {
        "gzip bomb": packer.compress(zeros) + packer.flush(),
        "zip bomb": zipped(zeros),
        "zip with ..": zipped(sound, "../../calls.csv"),
        "zip with a root path": zipped(sound, "/etc/calls.csv"),
        "zip in a zip": zipped(zipped(sound), "calls.zip"),
        "formula cells": sound + b"=cmd|' /C calc'!A0,=1+1,@x,-1,+1\r\n",
        "a line of 10 MB": sound + b"x" * 10_000_000 + b"\r\nc1,+49305550001,2026-10-01 08:00:00,0:01:00,answered\r\n",
        "a quoted cell of 10 MB": sound + b'"' + b"x\n" * 5_000_000,
        "ten million commas": sound + b"," * 10_000_000 + b"\n",
        "workbook with entities": _with(workbook, "xl/sharedStrings.xml", _ENTITIES),
        "workbook with entities in the sheet": _with(workbook, "xl/worksheets/sheet1.xml", _ENTITIES),
        "workbook that unpacks to much": _with(workbook, "xl/worksheets/sheet1.xml", b" " * 400_000_000),
        "workbook without sheets": _with(workbook, "xl/workbook.xml", b"<workbook/>"),
        "zip that lies about its size": _lying(zipped(sound)),
    }
    del zeros
    return made


_LEVELS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
_ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + _LEVELS + b"]><sst><si><t>&l9;</t></si></sst>"


def _with(workbook: bytes, part: str, content: bytes) -> bytes:
    """The workbook with one of its parts replaced, or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), part}:
            new.writestr(name, content if name == part else old.read(name))
    return target.getvalue()


def _lying(archive: bytes) -> bytes:
    """Every uncompressed size says one byte."""
    changed = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = changed.find(mark)
        changed[place + offset : place + offset + 4] = struct.pack("<I", 1)
    return bytes(changed)
