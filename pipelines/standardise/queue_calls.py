"""Events of a queue log → one row for each call and entry into a queue. Frames in, frames out; states of agents are
folded in `queue_states.py`, reading the log is the business of `formats/asterisk_queue_log.py`.

The order of rows is not trusted. Events are ordered by time, and within one second, the log's resolution, by what they
say themselves: an end with a wait of 20 s belongs to an entry that is older than one made in that very second.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

ENTRIES = ("ENTERQUEUE", "JOINEMPTY")
RINGS = ("RINGNOANSWER", "RINGCANCELED")
COMPLETED = ("COMPLETEAGENT", "COMPLETECALLER")
TRANSFERRED = ("TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER")
OVERFLOWED = ("EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY")
TALKED = (*COMPLETED, *TRANSFERRED)
"""Events that end a conversation."""
ENDS = ("ABANDON", *OVERFLOWED, *TALKED)
OF_CALLS = (*ENTRIES, *RINGS, "CONNECT", *ENDS)
OF_AGENTS = (
    *("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "ADDMEMBER", "REMOVEMEMBER"),
    *("PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
)
REMARKS = ("DID", "INFO", "SYSCOMPAT", "AGENTDUMP", "CONFIGRELOAD", "QUEUESTART", "PENALTY")
"""Events that are known, and change neither a call nor an agent's state."""
KNOWN = (*OF_CALLS, *OF_AGENTS, *REMARKS)
NOTHING = ("NONE", "")
"""What the log writes where there is no queue or agent."""
NO_CALL = (*NOTHING, "REALTIME", "MANAGER")
"""The same for calls."""

CALLS: Mapping[str, pl.DataType] = {
    "call_id": pl.String(),
    "leg": pl.String(),
    "caller_key": pl.UInt64(),
    "caller_mask": pl.String(),
    "caller_kind": pl.String(),
    "called": pl.String(),
    "queue": pl.String(),
    "agent_id": pl.String(),
    "offered_utc": pl.Datetime("us", "UTC"),
    "answered_utc": pl.Datetime("us", "UTC"),
    "ended_utc": pl.Datetime("us", "UTC"),
    "ring_s": pl.Decimal(18, 3),
    "queue_s": pl.Decimal(18, 3),
    "talk_s": pl.Decimal(18, 3),
    "outcome": pl.String(),
    "transfer_to": pl.String(),
    "file_id": pl.String(),
    "row": pl.Int64(),
}
_CALLER = ("caller_key", "caller_mask", "caller_kind")
_ENTRY = ["call_id", "queue", "entry"]
_SAFE_SECONDS = 1e9


@dataclass(frozen=True)
class FoldedCalls:
    """`calls`: CALLS. `without_entry`: events of calls whose entry is not in these events, all columns as given.

    `unknown` counts the events, by name, that the log's documentation does not know; they are in no call.
    """

    calls: pl.DataFrame
    without_entry: pl.DataFrame
    unknown: Mapping[str, int]


def fold_calls(events: pl.DataFrame) -> FoldedCalls:
    """Calls from `events`: event_utc, call_id, queue, agent_id, event, data1 to data5, caller_key, caller_mask,
    caller_kind, file_id, row, in any order.

    `leg` numbers a call's entries by time. A call that no event ends is `answered` where an agent took it, else
    `unknown`. `file_id` and `row` are those of the entry.
    """
    tidied = tidy(events)
    strange = tidied.filter(~pl.col("event").is_in(KNOWN)).group_by("event").len().sort("event")
    ordered = _entries(_ordered(tidied.filter(pl.col("event").is_in(OF_CALLS))))
    has_entry = (pl.col("entry") > 0) & pl.col("call_id").is_not_null()
    lost = events.join(ordered.filter(~has_entry).select("file_id", "row"), on=["file_id", "row"], how="semi")
    calls = _called(_numbered(_outcomes(_one_row_each(ordered.filter(has_entry)))), tidied)
    return FoldedCalls(
        calls.select(pl.col(name).cast(kind) for name, kind in CALLS.items()), lost, dict(strange.iter_rows())
    )


def tidy(events: pl.DataFrame) -> pl.DataFrame:
    """`NONE` for a queue, an agent or a call as null, agents without `Agent/`; what is so already stays as it is."""
    return events.with_columns(
        pl.when(~pl.col("call_id").is_in(NO_CALL)).then("call_id"),
        pl.when(~pl.col("queue").is_in(NOTHING)).then("queue"),
        pl.when(~pl.col("agent_id").is_in(NOTHING)).then(pl.col("agent_id").str.strip_prefix("Agent/")),
    )


def _seconds(name: str) -> pl.Expr:
    """A detail of an event as seconds; null where it is no number, or none that a call can last."""
    value = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(value.is_between(0, _SAFE_SECONDS)).then(value)


def _by_event(cases: Mapping[tuple[str, ...], pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col("event").is_in(names)).then(value) for names, value in cases.items())


def _wait() -> pl.Expr:
    """Seconds in the queue, as CONNECT and every end but the oldest versions' say."""
    attended = pl.when(pl.col("data1") == "LINK").then(_seconds("data4")).otherwise(_seconds("data3"))
    return _by_event(
        {
            ("CONNECT", *COMPLETED): _seconds("data1"),
            ("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "TRANSFER", "BLINDTRANSFER"): _seconds("data3"),
            ("EXITWITHKEY",): _seconds("data4"),
            ("ATTENDEDTRANSFER",): attended,
        }
    )


def _talk() -> pl.Expr:
    attended = pl.when(pl.col("data1") == "LINK").then(_seconds("data5")).otherwise(_seconds("data4"))
    return _by_event(
        {
            COMPLETED: _seconds("data2"),
            ("TRANSFER", "BLINDTRANSFER"): _seconds("data4"),
            ("ATTENDEDTRANSFER",): attended,
        }
    )


def _ring() -> pl.Expr:
    """Seconds of ringing: of the agent who took the call, or in milliseconds of one who did not."""
    return _by_event({("CONNECT",): _seconds("data3"), RINGS: _seconds("data1") / 1000})


def _ordered(events: pl.DataFrame) -> pl.DataFrame:
    """Events of calls by call, queue and time, with `wait`, `talk` and `ring`; ties as the module says."""
    told = events.with_columns(wait=_wait(), talk=_talk(), ring=_ring(), is_entry=pl.col("event").is_in(ENTRIES))
    since = pl.coalesce(
        pl.col("wait") + pl.col("talk").fill_null(0), pl.when(pl.col("event") != "CONNECT").then("ring")
    )
    first_entry = pl.col("event_utc").filter("is_entry").min().over("call_id", "queue")
    is_older = (since >= 1) & (first_entry < pl.col("event_utc"))
    place = pl.when("is_entry").then(1).when(is_older.fill_null(value=False)).then(0).otherwise(2)
    rank = _by_event(
        {("JOINEMPTY",): pl.lit(0), RINGS: pl.lit(1), ("CONNECT",): pl.lit(2), TRANSFERRED: pl.lit(3)}
    ).fill_null(4)
    return told.with_columns(place=place, rank=rank).sort(
        "call_id", "queue", "event_utc", "place", "rank", "event", "file_id", "row", nulls_last=True
    )


def _entries(ordered: pl.DataFrame) -> pl.DataFrame:
    """Adds which entry of its call into its queue an event belongs to; 0 before the first."""
    return ordered.with_columns(entry=pl.col("is_entry").cast(pl.Int64).cum_sum().over("call_id", "queue"))


def _one_row_each(events: pl.DataFrame) -> pl.DataFrame:
    """One row an entry: the entry itself, the first connection and the first end; what comes later is not its own."""
    opening = events.filter("is_entry").select(
        *_ENTRY,
        "caller_key",
        "caller_mask",
        "caller_kind",
        "file_id",
        "row",
        offered_utc="event_utc",
        opened_by="event",
    )
    connection = _first(events, ("CONNECT",)).select(
        *_ENTRY, "agent_id", "ring", answered_utc="event_utc", wait_told="wait"
    )
    end = _first(events, ENDS).select(
        *_ENTRY, "wait", "talk", "data1", "data2", ended_utc="event_utc", end="event", end_agent="agent_id"
    )
    rings = events.filter(pl.col("event").is_in(RINGS)).group_by(_ENTRY).agg(rang=pl.col("ring").sum())
    for part in (connection, end, rings):
        opening = opening.join(part, on=_ENTRY, how="left", nulls_equal=True)
    return opening


def _first(events: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    return events.filter(pl.col("event").is_in(names)).unique(_ENTRY, keep="first", maintain_order=True)


def _outcomes(entries: pl.DataFrame) -> pl.DataFrame:
    """What became of each entry, and its durations."""
    end, is_blocked = pl.col("end"), pl.col("opened_by") == "JOINEMPTY"
    has_talked = end.is_in(TALKED).fill_null(value=False)
    is_answered = pl.col("answered_utc").is_not_null() | has_talked
    outcome = (
        pl.when(end.is_in(TRANSFERRED))
        .then(pl.lit("transferred"))
        .when(is_answered)
        .then(pl.lit("answered"))
        .when(end == "ABANDON")
        .then(pl.lit("abandoned"))
        .when(end.is_in(OVERFLOWED))
        .then(pl.lit("overflowed"))
        .when(is_blocked)
        .then(pl.lit("blocked"))
        .otherwise(pl.lit("unknown"))
    )
    is_named = (end.is_in(["TRANSFER", "BLINDTRANSFER"]), (end == "ATTENDEDTRANSFER") & (pl.col("data1") == "APP"))
    return entries.with_columns(
        outcome=outcome,
        ended_utc=pl.when(is_blocked).then(pl.coalesce("ended_utc", "offered_utc")).otherwise("ended_utc"),
        agent_id=pl.coalesce("agent_id", pl.when(has_talked).then("end_agent")),
        ring_s=pl.coalesce("ring", pl.when(pl.col("answered_utc").is_null()).then("rang")).round(3),
        queue_s=pl.coalesce("wait_told", "wait").round(3),
        talk_s=pl.col("talk").round(3),
        transfer_to=pl.when(is_named[0]).then("data1").when(is_named[1]).then("data2"),
    )


def _numbered(entries: pl.DataFrame) -> pl.DataFrame:
    """Adds `leg`: 1 for the call's first entry into any queue. Of two in one second the first is the one that ended."""
    ordered = entries.sort(
        "call_id", "offered_utc", "ended_utc", "queue", "entry", nulls_last=[False, False, True, True, False]
    )
    return ordered.with_columns(leg=pl.int_range(1, pl.len() + 1).over("call_id").cast(pl.String))


def _called(entries: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Adds the dialled number where the log has it, and the caller to entries that show none (JOINEMPTY)."""
    dialled = _earliest(events, "DID").select("call_id", called="data1")
    callers = _earliest(events, "ENTERQUEUE").select(
        "call_id", *(pl.col(name).alias(f"call_{name}") for name in _CALLER)
    )
    joined = entries.join(dialled, on="call_id", how="left", maintain_order="left").join(
        callers, on="call_id", how="left", maintain_order="left"
    )
    is_bare = pl.col("opened_by") == "JOINEMPTY"
    shown = [pl.when(is_bare).then(f"call_{name}").otherwise(name).alias(name) for name in _CALLER]
    return joined.with_columns(shown).with_columns(
        pl.col("caller_mask").fill_null(""), pl.col("caller_kind").fill_null("withheld")
    )


def _earliest(events: pl.DataFrame, name: str) -> pl.DataFrame:
    """The first event of that name of each call."""
    named = events.filter((pl.col("event") == name) & pl.col("call_id").is_not_null())
    return named.sort("event_utc", "file_id", "row").unique("call_id", keep="first", maintain_order=True)
