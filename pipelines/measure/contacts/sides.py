"""What each side says of its contacts: a vendor's records with the legs that they are linked to, and the client's own.

Frames of `ROWS`, a few million rows at once at most; who followed whom is found in `part.py`. Proven findings are left
out. A record that was linked by its digits or its time takes the number that its leg shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.contract.vocabulary import INHOUSE
from pipelines.engine import Engine
from pipelines.measure.contacts.places import Places, taken
from pipelines.tables import INHOUSE_CALLS, LINKS, VENDOR_CALLS, Table

STEPS = files("pipelines.measure.contacts")
WHOLE_CALLS = files("pipelines.link") / "whole_calls.sql"
WORD = pl.Categorical()
"""Words of which a month has few: numbers stand for them until the table is written."""
CONTACT, BLOCKED, OUTBOUND = 0, 1, 2
"""`kind` of a row: reached a queue or an agent; met busy; the vendor called the caller."""
ROWS = pl.Schema(
    {
        "caller_key": pl.UInt64(),
        "side": WORD,
        "landed": WORD,
        "kind": pl.Int8(),
        "starts_us": pl.Int64(),
        "ends_us": pl.Int64(),
        "is_answered": pl.Boolean(),
        "is_handled_inhouse": pl.Boolean(),
        "is_base": pl.Boolean(),
        "is_returned": pl.Boolean(),
        "returned_us": pl.Int64(),
        "passed_us": pl.Int64(),
        "back_until_us": pl.Int64(),
        "own_us": pl.Int64(),
        **dict.fromkeys(("call_id", "inhouse_call_id"), pl.String()),
        **dict.fromkeys(("agent_id", "queue", "reason", "file_id"), WORD),
        "row": pl.Int64(),
    }
)
"""`landed`: where the caller was, which of a leg without a record is the vendor that it was passed on to; `passed_us`:
when the leg was passed on; `back_until_us`: end of the transfer grace; `is_returned`: within it the leg
came back; `returned_us`: when it did, also later; `own_us`: when an agent of the client took the call."""
ANSWERED = ("answered", "transferred")
_AT_ONCE = 500_000
QUEUED = ("abandoned", "short_abandoned", "overflowed", "voicemail", "callback_requested")
_NO, _IS_ANSWERED = pl.lit(value=False), pl.col("outcome").is_in(ANSWERED).fill_null(value=False)


@dataclass(frozen=True)
class Log:
    """The client's log of a month: its partitions, what a linked record takes from a leg, and which legs are paired."""

    paths: Sequence[Path]
    legs: pl.DataFrame
    places: Places
    paired: np.ndarray[tuple[int], np.dtype[np.bool_]]


def read_log(paths: Sequence[Path]) -> Log:
    """The client's legs, narrowed to what a linked record takes from its leg; none is paired yet."""
    told = (pl.col("caller_key").alias("leg_key"), pl.col("reason").cast(WORD).alias("leg_reason"))
    moments = [_us(name) for name in ("arrived", "transferred", "returned")]
    rows = _scan(paths, INHOUSE_CALLS).select("file_id", "row", *told, *moments).collect(engine="streaming")
    return Log(paths, rows.drop("file_id", "row"), Places(rows), np.zeros(rows.height, np.bool_))


def at_vendor(
    calls: Sequence[Path], links: Sequence[Path], proven: pl.DataFrame, log: Log, grace_s: int, folder: Path
) -> Iterator[pl.DataFrame]:
    """A vendor's linked calls, each with its leg, some at once; marks in `log` the paired legs.

    `proven` has file_id and row of the records that are left out; times come to stand on the client's clock.
    """
    records = _records(calls, folder)
    places, known = Places(records), records.drop("file_id", "row")
    for path in links:
        pairs = _scan([path], LINKS).filter(pl.col("side").is_in(["pair", "vendor"])).select(_LINKED).collect()
        for some in pairs.iter_slices(_AT_ONCE):
            leg = log.places.of(some["inhouse_file_id"], some["inhouse_row"])
            log.paired[leg.filter(leg.is_not_null()).to_numpy()] = True
            record = taken(known, places.of(some["file_id"], some["row"]))
            whole = pl.concat([some, record, taken(log.legs, leg)], how="horizontal")
            left = whole.filter(pl.col("offered_us").is_not_null())
            if not proven.is_empty():
                left = left.join(proven, on=["file_id", "row"], how="anti", maintain_order="left")
            yield left.with_columns(_linked_facts(grace_s)).select(_cast(ROWS))


def outbound(calls: Sequence[Path], offsets: pl.DataFrame) -> pl.DataFrame:
    """When a vendor's agents called somebody (kind OUTBOUND), on the client's clock.

    The column `caller` of such a record must hold the other party. `offsets` is the vendor's part of `clock_offsets`.
    """
    goes_out = (pl.col("direction") == "outbound") & pl.col("caller_key").is_not_null()
    found = _scan(calls, VENDOR_CALLS).filter(goes_out).select(_OUTBOUND).collect(engine="streaming")
    clock = offsets.sort("from_utc").select("from_utc", offset_us=_whole_us("offset_s"))
    timed = found.sort("offered_utc").join_asof(clock, left_on="offered_utc", right_on="from_utc")
    before = clock["offset_us"].first() if clock.height else 0  # of what lies before the first span
    starts = pl.col("offered_utc").dt.epoch("us") - pl.col("offset_us").fill_null(before)
    facts = {"kind": pl.lit(OUTBOUND), "landed": pl.col("side"), "starts_us": starts, **dict.fromkeys(_FLAGS, _NO)}
    nothing = _nulls("inhouse_call_id", "ends_us", "passed_us", "back_until_us", "returned_us", "own_us")
    return timed.with_columns(**facts, **nothing).select(_cast(ROWS))


def in_house(log: Log, month: str) -> Iterator[pl.DataFrame]:
    """The client's own contacts, and legs that no record was found for, a partition of the log at once."""
    for path in log.paths:
        rows = _scan([path], INHOUSE_CALLS).select(_OWN).collect()
        is_paired = pl.Series(log.paired).gather(log.places.of(rows["file_id"], rows["row"]))
        own = rows.filter(~is_paired).filter(_REACHED).with_columns(_own_facts(month))
        yield own.with_columns(**_nulls("queue", "passed_us", "back_until_us", "returned_us")).select(_cast(ROWS))


def _us(name: str) -> pl.Expr:
    """Whole microseconds of a moment."""
    return pl.col(f"{name}_utc").dt.epoch("us").alias(f"{name}_us")


def _whole_us(seconds: str) -> pl.Expr:
    return (pl.col(seconds).fill_null(0) * 1_000_000).cast(pl.Int64)


_FLAGS = ("is_answered", "is_handled_inhouse", "is_base", "is_returned")
CALLS = [
    *(pl.col("file_id", "row", "caller_key"), _us("offered"), _us("ended")),
    pl.col("outcome", "agent_id", "queue", "reason").cast(WORD),
]
"""What a contact takes from a vendor's record."""
_LINKED = (
    *(pl.col("vendor_id").alias("side"), pl.col("vendor_call_id").alias("call_id"), "inhouse_call_id"),
    *("file_id", "row", "inhouse_file_id", "inhouse_row", "in_month", _whole_us("offset_s").alias("offset_us")),
)
_OUTBOUND = (
    *("caller_key", pl.col("vendor_id").alias("side"), "call_id", "agent_id", "queue", "reason"),
    *("file_id", "row", "offered_utc"),
)
_OWN = (
    *("caller_key", "call_id", pl.col("call_id").alias("inhouse_call_id"), "agent_id", "reason", "outcome"),
    *("audit_month", "file_id", "row", "vendor_id", _us("arrived"), _us("transferred"), _us("answered")),
    pl.coalesce("ended_utc", "leg_ended_utc").dt.epoch("us").alias("ends_us"),
)
_IS_PASSED_ON, _HAS_AGENT = pl.col("transferred_us").is_not_null(), pl.col("agent_id").is_not_null()
_REACHED = _IS_PASSED_ON | _HAS_AGENT | pl.col("outcome").is_in([*ANSWERED, *QUEUED, "blocked"]).fill_null(value=False)
"""A call that never left the menu reached nobody."""


def _linked_facts(grace_s: int) -> list[pl.Expr]:
    """What a pair, or a record without a leg, says of its contact; a hand-back counts within the grace."""
    ends = pl.col("ended_us") - pl.col("offset_us")
    back_until = ends + grace_s * 1_000_000
    came_back = pl.col("returned_us").is_not_null() & (pl.col("returned_us") <= back_until).fill_null(value=True)
    is_blocked = (pl.col("outcome") == "blocked").fill_null(value=False)
    return [
        pl.coalesce("caller_key", "leg_key").alias("caller_key"),
        pl.col("side").alias("landed"),
        pl.when(is_blocked).then(BLOCKED).otherwise(CONTACT).alias("kind"),
        pl.coalesce("arrived_us", pl.col("offered_us") - pl.col("offset_us")).alias("starts_us"),
        ends.alias("ends_us"),
        _IS_ANSWERED.alias("is_answered"),
        _NO.alias("is_handled_inhouse"),
        (_IS_ANSWERED & pl.col("in_month")).alias("is_base"),
        (_IS_ANSWERED & came_back).alias("is_returned"),
        pl.col("transferred_us").alias("passed_us"),
        back_until.alias("back_until_us"),
        pl.lit(None).alias("own_us"),
        pl.coalesce("leg_reason", "reason").alias("reason"),
    ]


def _own_facts(month: str) -> list[pl.Expr]:
    """What a leg without record, or a call that was never passed on, says of its contact."""
    is_handled = ~_IS_PASSED_ON & (_IS_ANSWERED | _HAS_AGENT)
    is_blocked = (pl.col("outcome") == "blocked").fill_null(value=False) & ~_HAS_AGENT
    return [
        pl.lit(INHOUSE).alias("side"),
        pl.when(_IS_PASSED_ON).then("vendor_id").fill_null(INHOUSE).alias("landed"),
        pl.when(is_blocked).then(BLOCKED).otherwise(CONTACT).alias("kind"),
        pl.col("arrived_us").alias("starts_us"),
        is_handled.alias("is_answered"),
        is_handled.alias("is_handled_inhouse"),
        (is_handled & (pl.col("audit_month") == month)).fill_null(value=False).alias("is_base"),
        _NO.alias("is_returned"),
        pl.when(is_handled).then(pl.coalesce("answered_us", "arrived_us")).alias("own_us"),
    ]


def _records(calls: Sequence[Path], folder: Path) -> pl.DataFrame:
    """The records that stand for calls: inbound (or not said), of several legs the one that stands for all."""
    rows = _scan(calls, VENDOR_CALLS)
    if not rows.select(pl.col("leg").is_not_null().any()).collect().item():
        return (
            rows.filter(pl.col("direction").fill_null("inbound") == "inbound").select(CALLS).collect(engine="streaming")
        )
    with Engine(folder) as engine:
        engine.look(VENDOR_CALLS, list(calls))
        engine.name(WHOLE_CALLS)
        return engine.run(STEPS / "records.sql").with_columns(
            pl.col("outcome", "agent_id", "queue", "reason").cast(WORD)
        )


def _nulls(*names: str) -> dict[str, pl.Expr]:
    return {name: pl.lit(None).cast(ROWS[name]) for name in names}


def _cast(schema: pl.Schema) -> list[pl.Expr]:
    return [pl.col(name).cast(kind) for name, kind in schema.items()]


def _scan(paths: Sequence[Path], table: Table) -> pl.LazyFrame:
    return pl.scan_parquet(list(paths), hive_partitioning=False) if paths else table.empty().lazy()
