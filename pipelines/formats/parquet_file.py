"""Apache Parquet files: every column as text, in slices, so that memory does not grow with the file.

Times are printed as ISO 8601, in UTC with its offset where the column has a zone; dates as ISO; durations as seconds;
decimals exactly, with the sign that the contract's `tieout.decimal` names; true and false; what is nested as JSON.
Bytes are no text: a contract that reads them is at fault. `{file}` is the file's own name.
Arrow reads the file, not Polars, which ends the whole program where a damaged page asks for more memory than there is.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats.header import FILE
from pipelines.formats.raw import LINE, ROW, Batch, Raw, Source, no_rejects, raw_columns, with_decimal_comma
from pipelines.formats.unpack import is_packed, opened

SLICE_ROWS = 100_000
_TIME = "%Y-%m-%dT%H:%M:%S%.f"


def read_parquet(source: Source) -> Raw:
    """Reads a Parquet file; LINE is the record's number, as ROW is.

    Raises TieoutError where it is no whole Parquet file, or lacks a column of the contract, or has bytes in one.
    """
    path = _unpacked(source)
    with _readable(source):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        schema = file.schema_arrow
        names = [str(name).encode("utf-8", "replace").decode() for name in schema.names]
    wanted = [name for name in raw_columns(source.item) if name != FILE]
    _check(source, wanted, names, schema)
    return Raw(tuple(names), _batches(source, file, wanted))


def _unpacked(source: Source) -> Path:
    """Where the file lies, its gzip or zip taken off: Parquet is read from its end."""
    if not is_packed(source.path):
        return source.path
    copy = source.scratch / "unpacked.parquet"
    with opened(source.path, source.name) as packed, copy.open("wb") as target:
        shutil.copyfileobj(packed, target)
    return copy


@contextmanager
def _readable(source: Source) -> Iterator[None]:
    """What the reader of Parquet says against a file becomes a fault of that file."""
    try:
        yield
    except TieoutError:
        raise
    except (pa.ArrowException, *_BROKEN) as error:
        said = str(error).splitlines()
        found = f"no whole Parquet file: {said[0][:200] if said else type(error).__name__}"
        raise fault(source.name, found, "Parquet", "have it sent again, or correct tieout.format") from None


_BROKEN = (
    *(pl.exceptions.PolarsError, pl.exceptions.PanicException),
    *(OSError, ValueError, ArithmeticError, MemoryError, TypeError, KeyError, NotImplementedError),
)


def _check(source: Source, wanted: list[str], names: list[str], schema: Any) -> None:
    """All columns that are missing, stand twice or hold bytes, at once."""
    where, allowed = source.name, f"the columns of {source.item.name!r} in the contract"
    rename = "ask the sender for the column, or correct the property's physicalName"
    faults = [
        Fault(where, f"no column {name!r}; the file has {', '.join(names) or 'none'}", allowed, rename)
        for name in wanted
        if name not in names
    ]
    for name in wanted:
        if names.count(name) > 1:
            faults.append(Fault(where, f"column {name!r} twice", "each column once", "ask for distinct names"))
        elif name in names and _has_bytes(kind := schema.field(names.index(name)).type):
            faults.append(Fault(where, f"column {name!r} of type {kind}", "text, numbers or times", "have it as text"))
    if faults:
        raise TieoutError(faults)


def _has_bytes(kind: Any) -> bool:
    kinds = pa.types
    return any(is_of(kind) for is_of in (kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary))


def _batches(source: Source, file: Any, wanted: list[str]) -> Iterator[Batch]:
    done, commas = 0, with_decimal_comma(source.item)
    given = {FILE: pl.lit(PurePosixPath(source.name).name)} if FILE in raw_columns(source.item) else {}
    with _readable(source), file:
        for part in file.iter_batches(SLICE_ROWS, columns=wanted, use_threads=False):
            part.validate(full=True)  # a damaged page may hold lengths and places that lie outside of it
            columns = {name: part.column(part.schema.get_field_index(name)) for name in wanted}
            texts = [_text(name, values, "," if name in commas else ".") for name, values in columns.items()]
            numbers = pl.int_range(done + 1, done + part.num_rows + 1, dtype=pl.Int64, eager=True)
            done += part.num_rows
            frame = pl.DataFrame([numbers.alias(ROW), numbers.alias(LINE), *texts])
            yield Batch(frame.with_columns(**given), no_rejects(), part.num_rows)
    if not done:
        empty = pl.DataFrame(schema={ROW: pl.Int64, LINE: pl.Int64, **_texts([*wanted, *given])})
        yield Batch(empty, no_rejects(), 0)


def _texts(wanted: list[str]) -> dict[str, type[pl.String]]:
    return dict.fromkeys(wanted, pl.String)


def _text(name: str, values: Any, decimal: str) -> pl.Series:
    """A column as text under its name; empty text is null. `decimal` stands before the decimals of its numbers."""
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        values = values.cast(pa.timestamp(values.type.unit, "UTC"))
    if pa.types.is_nested(values.type):
        plain = values.to_pylist()
        column = pl.Series(
            [None if each is None else json.dumps(each, ensure_ascii=False, default=str) for each in plain]
        )
    else:
        column = pl.Series(values)
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        text = column.dt.strftime(f"{_TIME}%:z" if kind.time_zone else _TIME)
    elif isinstance(kind, pl.Duration):
        micro = column.dt.total_microseconds()
        text = micro.map_elements(lambda each: f"{Decimal(each).scaleb(-6):f}", return_dtype=pl.String)
        text = text.str.replace(".", decimal, literal=True)
    elif kind == pl.Time:
        text = column.dt.strftime("%H:%M:%S%.f")
    else:
        text = column.cast(pl.String)
        text = text.str.replace(".", decimal, literal=True) if decimal != "." and kind.is_numeric() else text
    return text.set(text == "", None).alias(name)
