"""Text → the keyed hash that stands for it in all tables, one text or a whole column.

What is hashed (E.164, a customer's identity) is decided in `numbers.py`.
"""

import hashlib
import hmac

import polars as pl

from pipelines.standardise.odd import spread

_BLOCK = 64  # bytes of a block of SHA-256, as HMAC (RFC 2104) pads its key


def key_id(key: bytes) -> str:
    """A short name of the key that gives nothing of it away; manifests carry it."""
    return hmac.new(key, b"tieout key id", hashlib.sha256).hexdigest()[:8]


def caller_key(e164: str, key: bytes) -> int:
    """HMAC-SHA-256 over the ASCII number (with `+`), its first 16 hex digits as an unsigned 64-bit integer."""
    return int(hmac.new(key, e164.encode(), hashlib.sha256).hexdigest()[:16], 16)


def caller_keys(texts: pl.Series, key: bytes) -> pl.Series:
    """`caller_key` of every text (null of null), in a third of its time: the key is hashed into both states once."""
    padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)).copy
    found = []
    for text in texts.drop_nulls().cast(pl.Binary).to_list():
        first, second = inner(), outer()
        first.update(text)
        second.update(first.digest())
        found.append(second.digest()[:8])
    keys = pl.Series(found, dtype=pl.Binary).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    return spread(keys, texts.is_not_null())
