"""A made-up month in a lake, for `make bench`: so many calls a side, with the disorder that real clocks and logs have.

What it holds: callers who ring a few times a month, switchboards that ring all day, people who ring again within
minutes; a vendor's clock that is wrong and drifts; masked and withheld numbers, ghosts, lost legs, records left out,
two hours that the client's log lacks, records that stand twice. Which record is of which leg is kept beside the lake:
a match can be judged, not only timed. Days are made one after the other, so memory does not grow with the month.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.lake import Lake
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS
from pipelines.workshop import init

VENDOR = "south"
MONTH = "2026-10"
ZONE_S = 8 * 3600
DAYS = [date(2026, 10, 1) + timedelta(days=place) for place in range(31)]
OFFSET_S, DRIFT_S_PER_DAY, DELAY_S = 137.0, 2.0, 3.0

NEVER_PASSED_ON = 0.10
MASKED, WITHHELD = 0.05, 0.02
GHOSTS, LOST_LEGS, LEFT_OUT, TWICE = 0.01, 0.005, 0.003, 0.002
REDIALS, SWITCHBOARDS = 0.04, 0.005
MISSING = (DAYS[14], range(10, 12))
"""The day and the local hours that the client's log lacks."""

_RINGS = np.arange(1, 13)
_CALLERS = _RINGS**-1.2 / (_RINGS**-1.2).sum()
_SWITCHBOARD_RINGS = 50
_HOURS = np.array([1, 1, 1, 1, 1, 1, 2, 8, 30, 60, 66, 58, 42, 44, 56, 60, 56, 46, 34, 26, 18, 10, 5, 2], dtype=float)
_WEEKDAYS = np.array([1.15, 1.05, 1.0, 1.0, 1.05, 0.55, 0.45])
_ROUTES = np.array(["cards", "loans", "accounts", "app", "fraud desk", "merchants"])
_ROUTE_SHARES = np.array([0.34, 0.12, 0.26, 0.18, 0.04, 0.06])
_REASONS = np.array(["balance", "card blocked", "limit", "login", "complaint", "instalment", "statement", "other"])
_PREFIXES = [f"1{first}{second}" for first in (3, 5, 8) for second in range(10)]
_MASKS = pl.Series([f"{prefix}{'*' * 6}{last:02d}" for prefix in _PREFIXES for last in range(100)])


@dataclass(frozen=True)
class Day:
    """One day's contacts, as columns of one length; times are seconds since 1970 on the client's clock."""

    day: date
    caller: np.ndarray
    arrived: np.ndarray
    transferred: np.ndarray
    route: np.ndarray
    wait: np.ndarray
    talk: np.ndarray
    is_answered: np.ndarray
    is_passed_on: np.ndarray


def keys_of(callers: np.ndarray) -> np.ndarray:
    """Numbers of callers → 64-bit keys, evenly spread as an HMAC's are and one for one (splitmix64's last steps)."""
    with np.errstate(over="ignore"):
        mixed = (callers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def clock_error_s(moments: np.ndarray) -> np.ndarray:
    """How much the vendor's clock is ahead at these seconds since 1970, by the client's clock."""
    return np.asarray(OFFSET_S + DRIFT_S_PER_DAY * (moments - _midnight(DAYS[0])) / 86_400)


def write_world(folder: Path, calls: int, seed: int = 10) -> Lake:
    """Writes a workspace with a filled lake: about `calls` calls passed on to the vendor, and as many records.

    `truth/<day>.parquet` has a row per record: file_id, row, caller_kind, leg_file_id, leg_row (null where the log has
    no leg of it) and what it is (call, ghost, lost, twice). The same `calls` and `seed` give the same world.
    """
    _workspace(folder)
    lake = Lake(folder / "lake")
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    later = _no_records()
    for day, count in _counts(calls):
        dice = np.random.default_rng([seed, day.toordinal()])
        contacts = _contacts(dice, day, count, calls)
        log, leg_rows = _log(dice, contacts)
        lake.write(INHOUSE_CALLS, INHOUSE_CALLS.fit(log), f"bench {seed}", day=day.isoformat())
        records = pl.concat([later, _records(dice, contacts, leg_rows, calls)])
        ends = _midnight(day) + 86_400
        later = records.filter(pl.col("offered") >= ends)
        table, truth = _delivered(records.filter(pl.col("offered") < ends), day)
        lake.write(VENDOR_CALLS, VENDOR_CALLS.fit(table), f"bench {seed}", vendor=VENDOR, day=day.isoformat())
        truth.write_parquet(folder / "truth" / f"{day}.parquet", compression="zstd")
    return lake


def _workspace(folder: Path) -> None:
    """The contract files of `tieout init`, with the vendor under its name."""
    if (folder / "tieout.yaml").exists():
        return
    init(folder)
    (folder / "vendors" / "vendor").rename(folder / "vendors" / VENDOR)
    for path in (folder / "inhouse.odcs.yaml", *(folder / "vendors" / VENDOR).iterdir()):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("vendor: vendor", f"vendor: {VENDOR}").replace('1": vendor', f'1": {VENDOR}'))


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - ZONE_S


def _counts(calls: int) -> Iterator[tuple[date, int]]:
    """Contacts of each day: so many that about `calls` of the month are passed on."""
    weights = np.array([_WEEKDAYS[day.weekday()] for day in DAYS])
    shares = weights / weights.sum() * calls / (1 - NEVER_PASSED_ON)
    return zip(DAYS, np.round(shares).astype(int).tolist(), strict=True)


def _contacts(dice: np.random.Generator, day: date, count: int, calls: int) -> Day:
    again = int(count * REDIALS)
    first = count - again
    hour = dice.choice(24, first, p=_HOURS / _HOURS.sum())
    arrived = hour * 3600 + dice.integers(0, 3600, first)
    caller, route = _callers(dice, first, calls), dice.choice(len(_ROUTES), first, p=_ROUTE_SHARES)
    who = dice.integers(0, first, again)
    soon = arrived[who] + 15 + dice.exponential(170, again).astype(np.int64)
    # what is passed on after the month's last midnight would need a day more
    arrived = np.minimum(np.concatenate([arrived, soon]), 86_399 - (1_200 if day == DAYS[-1] else 0))
    arrived += _midnight(day)
    is_answered = dice.random(count) < 0.93
    wait = dice.exponential(25, count).astype(np.int64)
    return Day(
        day=day,
        caller=np.concatenate([caller, caller[who]]),
        arrived=arrived,
        transferred=arrived + dice.integers(5, 120, count),
        route=np.concatenate([route, route[who]]),
        wait=wait,
        talk=np.where(is_answered, np.minimum(dice.lognormal(4.9, 0.8, count), 7200).astype(np.int64) + 3, 0),
        is_answered=is_answered,
        is_passed_on=dice.random(count) >= NEVER_PASSED_ON,
    )


def _callers(dice: np.random.Generator, count: int, calls: int) -> np.ndarray:
    """Who rings: a class by how often its callers ring a month, then anybody of that class; some are switchboards."""
    weights = _RINGS * _CALLERS
    population = calls / (1 - NEVER_PASSED_ON) / weights.sum() * _CALLERS
    sizes = np.maximum(population.astype(np.int64), 1)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    ring = dice.choice(len(_RINGS), count, p=weights / weights.sum())
    caller = starts[ring] + (dice.random(count) * sizes[ring]).astype(np.int64)
    boards = max(int(calls * SWITCHBOARDS / len(DAYS) / _SWITCHBOARD_RINGS), 1)
    board = starts[-1] + dice.integers(0, boards, count)
    return np.where(dice.random(count) < SWITCHBOARDS, board, caller)


def _log(dice: np.random.Generator, of: Day) -> tuple[pl.DataFrame, np.ndarray]:
    """The client's log of a day, in order of arrival; and per contact its row there, 0 where the log has no leg."""
    hours = (of.arrived - _midnight(of.day)) // 3600
    is_missing = (of.day == MISSING[0]) & (hours >= MISSING[1].start) & (hours < MISSING[1].stop)
    is_kept = ~is_missing & ~(of.is_passed_on & (dice.random(len(hours)) < LOST_LEGS))
    order = np.argsort(of.arrived, kind="stable")
    order = order[is_kept[order]]
    rows = np.zeros(len(hours), dtype=np.int64)
    rows[order] = np.arange(1, len(order) + 1)
    leg_rows = np.where(of.is_passed_on, rows, 0)
    return _log_columns(dice, of, order), leg_rows


def _log_columns(dice: np.random.Generator, of: Day, order: np.ndarray) -> pl.DataFrame:
    count, passed = len(order), of.is_passed_on[order]
    answered = of.transferred + of.wait
    ended = np.where(of.is_passed_on & of.is_answered, answered + of.talk, of.transferred + of.wait)
    unit = dice.integers(1, 4, count)
    plain = {
        "place": np.arange(1, count + 1),
        "unit": unit,
        "passed": passed,
        "is_answered": of.is_answered[order],
        "route": of.route[order],
        "arrived": of.arrived[order],
        "transferred": of.transferred[order],
        "answered": answered[order],
        "ended": ended[order],
        "reason": dice.integers(0, len(_REASONS), count),
        "agent": dice.integers(100, 400, count),
        "caller_key": keys_of(of.caller[order]),
    }
    passed_on, own = pl.col("passed"), ~pl.col("passed")
    return pl.DataFrame(plain).select(
        call_id=pl.format("{}-{}", pl.lit(of.day.strftime("%y%m%d")), pl.col("place")),
        source=pl.format("ivr{}", "unit"),
        sequence="place",
        caller_key="caller_key",
        caller_mask=_masks(of.caller[order]),
        caller_kind=pl.lit("number"),
        called=pl.lit("95500"),
        reason=_words(_REASONS, "reason"),
        arrived_utc=_utc("arrived"),
        transferred_utc=_utc("transferred", passed_on),
        leg_answered_utc=_utc("answered", passed_on & pl.col("is_answered")),
        leg_ended_utc=_utc("ended", passed_on),
        vendor_id=pl.when(passed_on).then(pl.lit(VENDOR)),
        route=pl.when(passed_on).then(_words(_ROUTES, "route")),
        agent_id=pl.when(own & pl.col("is_answered")).then(pl.format("own{}", "agent")),
        answered_utc=_utc("answered", own & pl.col("is_answered")),
        ended_utc=_utc("ended"),
        outcome=pl.when(passed_on)
        .then(pl.lit("transferred"))
        .when("is_answered")
        .then(pl.lit("answered"))
        .otherwise(pl.lit("abandoned")),
        **_origin(of.day, 1),
    )


def _no_records() -> pl.DataFrame:
    whole = dict.fromkeys(("caller", "offered", "route", "wait", "talk", "leg_row"), pl.Int64)
    return pl.DataFrame(schema={**whole, "is_answered": pl.Boolean, "leg_day": pl.Date, "what": pl.String})


def _records(dice: np.random.Generator, of: Day, leg_rows: np.ndarray, calls: int) -> pl.DataFrame:
    """The vendor's records of a day's contacts, with ghosts and with what stands twice; `offered` by its clock."""
    at = np.flatnonzero(of.is_passed_on & (dice.random(len(leg_rows)) >= LEFT_OUT))
    offered = of.transferred[at] + clock_error_s(of.transferred[at]) + dice.random(len(at)) * DELAY_S
    honest = pl.DataFrame(
        {
            "caller": of.caller[at],
            "offered": np.floor(offered).astype(np.int64),
            "route": of.route[at],
            "wait": of.wait[at],
            "talk": of.talk[at],
            "leg_row": leg_rows[at],
            "is_answered": of.is_answered[at],
        }
    ).with_columns(
        leg_day=pl.lit(of.day),
        what=pl.when(pl.col("leg_row") > 0).then(pl.lit("call")).otherwise(pl.lit("lost")),
    )
    twice = honest.sample(int(len(at) * TWICE), seed=of.day.toordinal()).with_columns(what=pl.lit("twice"))
    twice = twice.with_columns(pl.col("offered") + pl.Series(dice.integers(0, 3, twice.height)))
    ghosts = honest.sample(int(len(at) * GHOSTS), seed=of.day.toordinal() + 1)
    ghosts = ghosts.with_columns(
        caller=pl.Series(_callers(dice, ghosts.height, calls)),
        offered=pl.col("offered") + pl.Series(dice.integers(-1800, 600, ghosts.height)),
        leg_row=pl.lit(0, pl.Int64),
        is_answered=pl.lit(value=True),
        talk=pl.max_horizontal("talk", pl.lit(45)),
        what=pl.lit("ghost"),
    ).with_columns(pl.col("offered").clip(lower_bound=_midnight(of.day)))
    return pl.concat([honest, twice, ghosts]).select(_no_records().columns)


def _delivered(records: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A day's file of the vendor, in order of its clock, and what is true of each row."""
    dice = np.random.default_rng(day.toordinal())
    rows = records.sort("offered", "caller", "what")
    caller = rows["caller"].to_numpy()
    rows = rows.with_columns(
        place=pl.int_range(1, pl.len() + 1),
        die=pl.Series(dice.random(records.height)),
        agent=pl.Series(dice.integers(1000, 3000, records.height)),
        reason=pl.Series(dice.integers(0, len(_REASONS), records.height)),
        ring=pl.Series(dice.integers(1, 9, records.height)),
        acw=pl.Series(dice.integers(0, 60, records.height)),
        caller_key=pl.Series(keys_of(caller)),
        mask=_masks(caller),
        answered=pl.col("offered") + pl.col("wait"),
        ended=pl.col("offered") + pl.col("wait") + pl.col("talk"),
    )
    shown, masked = pl.col("die") >= MASKED + WITHHELD, pl.col("die") < MASKED
    is_answered = pl.col("is_answered")
    table = rows.select(
        vendor_id=pl.lit(VENDOR),
        call_id=pl.format("S{}{}", pl.lit(day.strftime("%y%m%d")), pl.col("place") + 1_000_000),
        direction=pl.lit("inbound"),
        caller_key=pl.when(shown).then("caller_key"),
        caller_mask=pl.when(shown | masked).then("mask").otherwise(pl.lit("")),
        caller_kind=pl.when(shown)
        .then(pl.lit("number"))
        .when(masked)
        .then(pl.lit("masked"))
        .otherwise(pl.lit("withheld")),
        called=pl.lit("40088"),
        queue=pl.format("Q {}", _words(_ROUTES, "route")),
        agent_id=pl.when(is_answered).then(pl.format("A{}", "agent")),
        offered_utc=_utc("offered"),
        answered_utc=_utc("answered", is_answered),
        ended_utc=_utc("ended"),
        ring_s=pl.when(is_answered).then("ring"),
        queue_s="wait",
        talk_s="talk",
        acw_s=pl.when(is_answered).then("acw"),
        outcome=pl.when(is_answered).then(pl.lit("answered")).otherwise(pl.lit("abandoned")),
        is_billed=is_answered,
        reason=_words(_REASONS, "reason"),
        **_origin(day, 2),
    )
    has_leg = pl.col("leg_row") > 0
    names = {of: _file_id(of, 1) for of in DAYS}
    truth = rows.select(
        file_id=pl.lit(_file_id(day, 2)),
        row="place",
        caller_kind=table["caller_kind"],
        leg_file_id=pl.when(has_leg).then(pl.col("leg_day").replace_strict(names, return_dtype=pl.String)),
        leg_row=pl.when(has_leg).then("leg_row"),
        what="what",
    )
    return table, truth


def _origin(day: date, side: int) -> dict[str, Any]:
    return {
        "file_id": pl.lit(_file_id(day, side)),
        "row": pl.col("place"),
        "audit_month": pl.lit(MONTH),
        "day": pl.lit(day),
        "booked_day": pl.lit(day),
    }


def _file_id(day: date, side: int) -> str:
    return f"{int(keys_of(np.array([day.toordinal() * 4 + side]))[0]):016x}"


def _utc(name: str, where: pl.Expr | None = None) -> pl.Expr:
    moment = pl.from_epoch(pl.col(name) * 1_000_000, time_unit="us").dt.replace_time_zone("UTC")
    return moment if where is None else pl.when(where).then(moment)


def _words(words: np.ndarray, place: str) -> pl.Expr:
    return pl.lit(pl.Series(words.tolist())).gather(pl.col(place))


def _masks(callers: np.ndarray) -> pl.Series:
    return _MASKS.gather(pl.Series(keys_of(callers + 1) % np.uint64(len(_MASKS))))


def main() -> None:
    """Writes a world and says where and how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    started = time.perf_counter()
    write_world(given.folder, given.calls)
    sys.stdout.write(f"{given.folder}: {given.calls} calls a side, {time.perf_counter() - started:.0f} s\n")


if __name__ == "__main__":
    main()
