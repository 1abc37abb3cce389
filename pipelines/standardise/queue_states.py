"""Events of a queue log → what each agent was doing, from when to when. Frames in, frames out; calls are folded in
`queue_calls.py`.

An agent is logged in while in any queue, on a break while every queue is paused, and in talk from CONNECT to the end of
that conversation, whatever the other two say. What an event ends must have begun: before a first REMOVEMEMBER the agent
was in that queue, before a first UNPAUSE on a break. Before an agent's first event nothing is said.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.standardise.queue_calls import TALKED, tidy

STATES: Mapping[str, pl.DataType] = {
    "agent_id": pl.String(),
    "state": pl.String(),
    "from_utc": pl.Datetime("us", "UTC"),
    "to_utc": pl.Datetime("us", "UTC"),
    "file_id": pl.String(),
    "row": pl.Int64(),
}
LOGINS = ("AGENTLOGIN", "AGENTCALLBACKLOGIN", "ADDMEMBER")
LOGOFFS = ("AGENTLOGOFF", "AGENTCALLBACKLOGOFF", "REMOVEMEMBER")
AGENT_WIDE = ("AGENTLOGIN", "AGENTCALLBACKLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF", "UNPAUSEALL")
"""Events that end the pause in every queue."""
_ENDS_PAUSE_OF_ALL = (*(name for name in AGENT_WIDE if name != "UNPAUSEALL"), "UNPAUSE", "ADDMEMBER")
ORDER = (*TALKED, *LOGOFFS, *LOGINS, "UNPAUSE", "UNPAUSEALL", "PAUSE", "PAUSEALL", "CONNECT")
"""Order within one second: first what ends, then what begins, and a pause after the login that it follows."""


def fold_states(events: pl.DataFrame) -> pl.DataFrame:
    """Intervals (STATES) from `events` as in `queue_calls.fold_calls`, in any order; `to_utc` is null for the last.

    States are idle, talk, break and logged_out. Neighbouring intervals of one agent differ in state. `file_id` and
    `row` are those of the event that began the interval.
    """
    ordered = _ordered(tidy(events))
    counted = ordered.with_columns(
        _count(ordered, switches).alias(name)
        for name, switches in {
            "member": _switches(ordered, on=LOGINS, off=LOGOFFS),
            "paused": _pauses(ordered),
            "all": _switches(_agent_wide(ordered), on=("PAUSEALL",), off=("UNPAUSEALL",), reset=_ENDS_PAUSE_OF_ALL),
            "talk": _switches(_agent_wide(ordered), on=("CONNECT",), off=TALKED),
        }.items()
    )
    is_out = pl.col("member") == 0
    is_paused = (pl.col("all") > 0) | (
        (pl.col("paused") > 0) & (pl.col("paused") >= pl.col("member").fill_null(0))
    ).fill_null(value=False)
    state = (
        pl.when(pl.col("talk") > 0)
        .then(pl.lit("talk"))
        .when(is_out)
        .then(pl.lit("logged_out"))
        .when(is_paused)
        .then(pl.lit("break"))
        .otherwise(pl.lit("idle"))
    )
    return _intervals(counted.with_columns(state=state))


def _ordered(events: pl.DataFrame) -> pl.DataFrame:
    """Events of agents by agent and time; `at` numbers them, `key` is the queue or empty."""
    of_agents = events.filter(pl.col("event").is_in(ORDER) & pl.col("agent_id").is_not_null())
    begins_now = (pl.col("event") == "CONNECT").any().over("agent_id", "call_id", "event_utc")
    is_no_talk = pl.col("event").is_in(TALKED) & begins_now  # the end of a conversation of less than a second
    rank = pl.col("event").replace_strict({name: place for place, name in enumerate(ORDER)}, return_dtype=pl.Int64)
    return (
        of_agents.with_columns(
            rank=pl.when(is_no_talk).then(len(ORDER)).otherwise(rank), key=pl.col("queue").fill_null("")
        )
        .sort("agent_id", "event_utc", "rank", "key", "file_id", "row")
        .with_columns(at=pl.int_range(pl.len(), dtype=pl.Int64))
    )


def _agent_wide(ordered: pl.DataFrame) -> pl.DataFrame:
    return ordered.with_columns(key=pl.lit(""))


def _switches(
    ordered: pl.DataFrame, *, on: Sequence[str], off: Sequence[str], reset: Sequence[str] = ()
) -> pl.DataFrame:
    """agent_id, key, at, value (1 or 0), and is_own: the event speaks of the key itself, so it was otherwise before."""
    event = pl.col("event")
    return ordered.filter(event.is_in([*on, *off, *reset])).select(
        "agent_id", "key", "at", value=event.is_in(on).cast(pl.Int64), is_own=~event.is_in(reset)
    )


def _pauses(ordered: pl.DataFrame) -> pl.DataFrame:
    """Pauses by queue; what is about an agent as a whole ends each of them.

    Where the log says of an agent which queues it joined or left, pauses in others say nothing.
    """
    every = _switches(ordered, on=("PAUSE",), off=("UNPAUSE",), reset=("ADDMEMBER", "REMOVEMEMBER"))
    joined = ordered.filter(pl.col("event").is_in([*LOGINS, *LOGOFFS]) & (pl.col("key") != "")).select(
        "agent_id", "key"
    )
    own = pl.concat(
        [every.join(joined, on=["agent_id", "key"], how="semi"), every.join(joined, on="agent_id", how="anti")]
    )
    keys = own.select("agent_id", "key").unique()
    wide = ordered.filter(pl.col("event").is_in(AGENT_WIDE)).select("agent_id", "at").join(keys, on="agent_id")
    ended = wide.select("agent_id", "key", "at", value=pl.lit(0, pl.Int64), is_own=pl.lit(value=False))
    return pl.concat([own, ended])


def _count(ordered: pl.DataFrame, switches: pl.DataFrame) -> pl.Series:
    """How many keys are on behind each event of its agent; null for an agent of whom no event speaks of any."""
    before = pl.col("value").shift(1).over("agent_id", "key", order_by="at")
    first = pl.when(pl.col("is_own")).then(1 - pl.col("value")).otherwise(0)
    known = switches.with_columns(before=pl.coalesce(before, first), is_first=before.is_null())
    change = known.group_by("at").agg(change=(pl.col("value") - pl.col("before")).sum())
    start = known.filter("is_first").group_by("agent_id").agg(start=pl.col("before").sum())
    joined = ordered.join(change, on="at", how="left", maintain_order="left").join(
        start, on="agent_id", how="left", maintain_order="left"
    )
    counted = pl.col("start") + pl.col("change").fill_null(0).cum_sum().over("agent_id", order_by="at")
    return joined.select(counted.alias("count")).to_series()


def _intervals(states: pl.DataFrame) -> pl.DataFrame:
    """Of several events at one moment the last counts; an interval lasts until the state changes."""
    moments = states.sort("at").unique(["agent_id", "event_utc"], keep="last", maintain_order=True)
    is_new = (pl.col("state") != pl.col("state").shift(1).over("agent_id")).fill_null(value=True)
    changes = moments.filter(is_new).with_columns(to_utc=pl.col("event_utc").shift(-1).over("agent_id"))
    named = changes.rename({"event_utc": "from_utc"})
    return named.select(pl.col(name).cast(kind) for name, kind in STATES.items())
