"""Which encoding a file has, when nobody says so: byte order mark, strict UTF-8, then the encodings of call exports.

Statistics over a few hundred Chinese characters settle nothing, so first the characters themselves are weighed: text
in its own encoding is made of the everyday part of the character set, in another one of its rare part. Only what this
leaves open goes to charset-normalizer.
"""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
EAST_ASIAN, WESTERN = ("gb18030", "big5", "cp932"), ("cp1252", "cp1250", "cp1251")
SURE = 0.8
"""Share of everyday characters from which an encoding is taken."""
_ENOUGH = 1 << 16
_DOMAIN = {
    "gb18030": "时间日期电话呼叫接听通号码客户坐席队列工组姓名开始结束等待"
    "满意挂断转人数量合计总秒分率入出未已应答放弃服务技能男女是否",
    "big5": "時間日期電話呼叫接聽通號碼客戶座席隊列工組姓名開始結束等待"
    "滿意掛斷轉人數量合計總秒分率入出未已應答放棄服務技能男女是否",
    "cp932": "日時電話着信発応答開始終了通話顧客番号待担当者名件数合計秒分率放棄切断転送",
}
_ALONE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]{1,2}|(?<![^\x00-\x7f])[^\x00-\x7f]{1,2}(?=[A-Za-z])")
_LETTER = re.compile(r"[^\W\d_]")


def bom_of(head: bytes) -> str | None:
    """The encoding that a byte order mark names."""
    return next((name for mark, name in BOMS if head.startswith(mark)), None)


def utf_16_order(head: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: the ASCII signs of any table have their zero byte on one side."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < 2 or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def detect_encoding(sample: bytes) -> str | None:
    """The encoding of a file from its first bytes (any number; more bytes with accents or Chinese settle more).

    `utf-8`, `utf-16`, `utf-16-le`, `utf-16-be`, `utf-32`, `gb18030`, `big5`, `cp932`, `cp1252`, `cp1250` or `cp1251`;
    None where no one of them is likely. The sample may end inside a character.
    """
    marked = bom_of(sample)
    if marked:
        return "utf-16" if marked.startswith("utf-16") else marked
    if _text(sample, "utf-8") is not None:
        return utf_16_order(sample[:4096]) or "utf-8"
    order = utf_16_order(sample[:4096])
    if order:
        return order
    sample = telling_lines([sample])
    scores = {name: _everyday(name, text) for name in EAST_ASIAN if (text := _text(sample, name)) is not None}
    best = max(scores, key=lambda name: scores[name], default=None)
    western = _western(sample)
    if best is not None and scores[best] >= SURE and scores[best] >= western:
        return best
    return _normalised(sample, western)


def telling_lines(chunks: Iterable[bytes]) -> bytes:
    """The lines with bytes beyond ASCII, up to 64 KiB: an export may have its first Chinese name after a million rows.

    Where there are none, the ASCII bytes themselves, up to as many.
    """
    found, plain = bytearray(), bytearray()
    for chunk in chunks:
        if chunk.isascii():
            plain += chunk[: _ENOUGH - len(plain)]
            continue
        for line in chunk.splitlines(keepends=True):
            if not line.isascii():
                found += line
                if len(found) >= _ENOUGH:
                    return bytes(found)
    return bytes(found or plain)


def _text(sample: bytes, codec: str) -> str | None:
    """The sample as text, or None where it is not of the encoding; a character cut off at its end is left out."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample, final=False)
    except UnicodeDecodeError:
        return None


def _everyday(codec: str, text: str) -> float:
    """Share of the characters beyond ASCII that everyday text of an encoding is made of; 1.0 at most."""
    beyond = [sign for sign in text if sign > "\x7f"]
    return sum(_weight(codec, sign) for sign in beyond) / len(beyond) if beyond else 0.0


def _weight(codec: str, sign: str) -> float:
    if sign in _DOMAIN[codec]:
        return 1.0
    data = sign.encode(codec)
    if len(data) != 2:
        return 0.3 if codec == "cp932" and len(data) == 1 else 0.0  # half-width kana: in use, and anything looks so
    lead, trail = data
    if codec == "gb18030":  # GB 2312 level 1, and its signs and full-width forms
        return 0.9 if trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)) else 0.0
    if codec == "big5":  # level 1, and its signs
        return 0.85 if 0xA4 <= lead <= 0xC6 or lead in (0xA1, 0xA2) else 0.0
    return 0.9 if 0x81 <= lead <= 0x83 else 0.8 if 0x88 <= lead <= 0x97 else 0.0  # kana and signs; JIS level 1


def _western(sample: bytes) -> float:
    """Share of the bytes beyond ASCII that stand alone or in pairs next to an ASCII letter, as accents do."""
    text = sample.decode("latin-1")
    beyond = sum(sign > "\x7f" for sign in text)
    return sum(len(match[0]) for match in _ALONE.finditer(text)) / beyond if beyond else 0.0


def _normalised(sample: bytes, western: float) -> str | None:
    """What charset-normalizer makes of text in one byte per character; Windows-1252 where it has no view."""
    match = from_bytes(sample, cp_isolation=list(WESTERN), threshold=0.4).best()
    if match is not None and match.encoding in WESTERN and match.encoding != "cp1252" and western < SURE:
        return str(match.encoding)
    return "cp1252" if western >= SURE and _text(sample, "cp1252") is not None else None
