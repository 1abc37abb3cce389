"""Records that several files hold: which of them count. A file is a list of lines; the last was received last."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_letters as LETTERS
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.manifest import in_force
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from pipelines.standardise.overlaps import Noted, once
from pipelines.tables import AGENT_STATES, CLAIMS, INHOUSE_CALLS, QUEUE_EVENTS, VENDOR_CALLS, Table
from tests.intake.contracts import calls, column, put, workspace
from tests.standardise.test_days import DAYS

DAY = date(2026, 10, 1)
Line = dict[str, Any]


def call(call_id: str | None, hour: int, caller: int | str | None, **more: Any) -> Line:
    """A call at an hour of the day; the caller is a key, a mask, or withheld."""
    who: Line = {"caller_key": None, "caller_mask": "", "caller_kind": "withheld"}
    if isinstance(caller, int):
        who = {"caller_key": caller, "caller_mask": "030******78", "caller_kind": "number"}
    elif caller is not None:
        who = {"caller_key": None, "caller_mask": caller, "caller_kind": "masked"}
    offered = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hour)
    return {"vendor_id": "south", "call_id": call_id, "offered_utc": offered, "booked_day": DAY, **who, **more}


def frame(table: Table, *files: list[Line], ids: str = "ABCDEFG") -> pl.DataFrame:
    """Rows of these files, in order of reception; each file is a place of its own."""
    parts = [table.empty().with_columns(place=pl.lit(0, pl.Int64))]
    for place, lines in enumerate(files):
        stamped = [{**line, "file_id": ids[place], "row": row, "day": DAY} for row, line in enumerate(lines, 1)]
        whole = [{name: line.get(name) for name in table.schema} for line in stamped]
        part = pl.DataFrame(whole, schema=table.schema, orient="row")
        parts.append(part.with_columns(place=pl.lit(place, pl.Int64)))
    return pl.concat(parts)


def counted(*files: list[Line], table: Table = VENDOR_CALLS, **more: Any) -> tuple[list[str], Noted]:
    """The records that count, as file and row, and what was noted."""
    kept, noted = once(table, frame(table, *files), range(len(files)), **more)
    assert kept.schema == table.schema
    return sorted(f"{file}{row}" for file, row in kept.select("file_id", "row").iter_rows()), noted


def test_a_row_of_two_exports_counts_once_from_the_later_one() -> None:
    first, second = [call("a", 8, 1), call("b", 9, 2)], [call("b", 9, 2), call("c", 10, 3)]
    assert counted(first, second) == (["A1", "B1", "B2"], Noted(repeated=1, corrected=0))


def test_a_corrected_file_under_another_name_replaces_its_calls_one_by_one() -> None:
    sent = [call("a", 8, 1, talk_s=100), call("b", 9, 2, talk_s=50), call("c", 10, 3)]
    corrected = [call("a", 8, 1, talk_s=99), call("b", 9, 2, talk_s=50)]
    assert counted(sent, corrected) == (["A3", "B1", "B2"], Noted(repeated=2, corrected=1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (call("a", 8, 1), call("a", 8, 2)),
        (call("a", 8, 1), call("a", 12, 1)),
        (call("a", 8, "138****1234"), call("a", 9, "138****1234")),
        (call("a", 8, "138****1234"), call("a", 8, 7)),
    ],
    ids=["its caller", "its time", "its time, caller masked", "its caller, once masked"],
)
def test_a_call_is_the_same_call_though_one_thing_was_corrected(before: Line, after: Line) -> None:
    assert counted([before], [after]) == (["B1"], Noted(repeated=1, corrected=1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (call("1", 8, 1), call("1", 9, 2)),
        (call("1", 8, 1, leg="1"), call("1", 8, 1, leg="2")),
        (call("1", 8, 1, queue="cards"), call("1", 8, 2, queue="loans")),
        (call("1", 8, None, queue="cards"), call("1", 9, None, queue="loans")),
        (call("1", 8, None), call("1", 9, None)),
        (call("1", 8, "138****1234"), call("1", 9, "139****1234")),
        (call("1", 8, 1), call("2", 8, 1)),
    ],
    ids=["caller and time", "leg", "queue and caller", "queue, withheld", "time, withheld", "mask and time", "id"],
)
def test_an_id_that_merely_repeats_is_another_call(one: Line, other: Line) -> None:
    """Counters that begin anew in each queue: losing such a row would hurt an honest vendor."""
    assert counted([one], [other]) == (["A1", "B1"], Noted())


def test_a_file_for_each_queue_with_a_counter_of_its_own_loses_no_call() -> None:
    queues = ["cards", "loans", "claims"]
    files = [[call(str(n), n, 100 * q + n, queue=name) for n in range(1, 24)] for q, name in enumerate(queues)]
    kept, noted = counted(*files)
    assert (len(kept), noted) == (3 * 23, Noted())


def test_the_same_row_twice_in_one_file_stays_twice_and_is_judged() -> None:
    a = call("a", 8, 1)
    assert counted([a, a]) == (["A1", "A2"], Noted())
    assert counted([a], [a, a]) == (["B1", "B2"], Noted(repeated=1))
    assert counted([a, a], [a]) == (["A2", "B1"], Noted(repeated=1))
    assert counted([a, a], [call("a", 8, 1, talk_s=9)] * 2) == (["B1", "B2"], Noted(repeated=2, corrected=2))


def test_a_later_file_that_holds_only_the_second_of_two_calls_leaves_the_first() -> None:
    """One id and caller, two times: the afternoon's file speaks of the afternoon's call."""
    morning, afternoon = call("1", 8, 1), call("1", 15, 1)
    assert counted([morning, afternoon], [afternoon]) == (["A1", "B1"], Noted(repeated=1))


def test_rows_without_an_id_are_the_same_only_word_for_word() -> None:
    row, other = call(None, 8, 1, talk_s=5), call(None, 8, 1, talk_s=6)
    assert counted([row, other], [row]) == (["A2", "B1"], Noted(repeated=1))


def test_many_exports_that_roll_on_keep_each_call_from_the_last_that_holds_it() -> None:
    files = [[call(f"c{n}", n, n, talk_s=n) for n in range(start, start + 4)] for start in range(5)]
    assert counted(*files) == (["A1", "B1", "C1", "D1", "E1", "E2", "E3", "E4"], Noted(repeated=12))


def test_reception_decides_and_not_the_number_of_the_place() -> None:
    rows = frame(VENDOR_CALLS, [call("a", 8, 1)], [call("a", 8, 1, talk_s=9)])
    kept, _ = once(VENDOR_CALLS, rows, [1, 0])
    assert kept["file_id"].to_list() == ["A"]


def test_one_record_that_two_objects_read_counts_once_and_is_no_correction() -> None:
    rows = frame(VENDOR_CALLS, [call("a", 8, 1)], [call("a", 8, 1, queue="cards")], ids="AA")
    kept, noted = once(VENDOR_CALLS, rows, [0, 1])
    assert (kept["queue"].to_list(), noted) == (["cards"], Noted(repeated=1))


def test_a_call_that_a_correction_moved_to_the_day_before_is_left_out() -> None:
    """Both files hold both days; the later one has the call a at 23:00 of the day before."""
    rows = frame(VENDOR_CALLS, [call("a", 1, 1), call("b", 2, 2), call("z", 3, 9)], [call("b", 2, 2)])
    day_before = frame(VENDOR_CALLS, [call("q", 0, 8)], [call("a", 0, 1), call("q", 0, 8)])
    kept, noted = once(VENDOR_CALLS, rows, [0, 1], beside=day_before)
    assert sorted(kept["call_id"]) == ["b", "z"]
    assert noted == Noted(repeated=2, corrected=1)


@pytest.mark.parametrize(
    "there",
    [
        ([call("a", 0, 1)], [call("a", 0, 1)]),
        ([call("a", 0, 1)], []),
        ([], [call("a", 0, 2)]),
        ([], [call("a", 0, None)]),
    ],
    ids=["both hold it there", "the earlier holds it there", "another caller", "a withheld caller"],
)
def test_a_counter_that_repeats_from_day_to_day_moves_no_call(there: tuple[list[Line], list[Line]]) -> None:
    rows = frame(VENDOR_CALLS, [call("a", 8, 1)], [call("b", 9, 2)])
    kept, _ = once(VENDOR_CALLS, rows, [0, 1], beside=frame(VENDOR_CALLS, *there))
    assert sorted(kept["call_id"]) == ["a", "b"]


@pytest.mark.parametrize(("other", "left"), [(call("b", 3, 2), ["b"]), (call("b", 3, 5), ["a", "b", "b"])])
def test_a_withheld_call_moves_to_another_day_only_where_other_ids_mean_the_same_calls(
    other: Line, left: list[str]
) -> None:
    """A zone mistake takes calls over midnight. Where b is another caller's at another time, ids merely repeat."""
    rows = frame(VENDOR_CALLS, [call("a", 1, None), call("b", 2, 2)], [other])
    kept, _ = once(VENDOR_CALLS, rows, [0, 1], beside=frame(VENDOR_CALLS, [], [call("a", 0, None)]))
    assert sorted(kept["call_id"]) == left


def claim(value: float, queue: str | None = None, hour: int = 8) -> Line:
    start = datetime(2026, 10, 1, hour, tzinfo=UTC)
    return {"field": "offered", "queue": queue, "period_start_utc": start, "period_s": 3600, "value": value}


def test_the_later_report_of_a_period_counts() -> None:
    first, second = [claim(10), claim(20, hour=9), claim(5, "cards")], [claim(11), claim(20, hour=9)]
    assert counted(first, second, table=CLAIMS) == (["A3", "B1", "B2"], Noted(repeated=2, corrected=1))


@pytest.mark.parametrize("values", [(10, 10), (10, 11)])
def test_what_two_objects_report_of_a_period_are_two_figures(values: tuple[int, int]) -> None:
    files = [[claim(value)] for value in values]
    assert counted(*files, table=CLAIMS, objects={0: "web", 1: "phone"}) == (["A1", "B1"], Noted())
    assert counted(*files, table=CLAIMS, objects={0: "web", 1: "web"})[0] == ["B1"]


def test_other_tables_know_their_records_too() -> None:
    moment = datetime(2026, 10, 1, 8, tzinfo=UTC)
    leg = {"call_id": "a", "arrived_utc": moment, "booked_day": DAY, "caller_kind": "withheld"}
    assert counted([{**leg, "route": "x"}], [leg], table=INHOUSE_CALLS) == (["B1"], Noted(1, 1))
    state = {"agent_id": "1", "from_utc": moment, "state": "break"}
    assert counted([state], [{**state, "to_utc": moment}], table=AGENT_STATES) == (["B1"], Noted(1, 1))
    event = {"event_utc": moment, "event": "CONNECT", "call_id": "a"}
    assert counted([event, event], [event, {**event, "data1": "5"}], table=QUEUE_EVENTS)[0] == ["A2", "B1", "B2"]


def test_real_files_a_correction_under_another_name_and_a_day_of_its_own(folder: Path) -> None:
    """Two files of October, then a third that corrects a call of each and brings one more."""
    space = workspace(folder / "w", calls(column("talk", "integer", role="talk_s", unit="s"), file="calls*.csv"))
    lake, south = Lake(space.lake), space.vendors["south"].contract
    head = "id,caller,start,talk"
    deliveries = {
        "calls_1.csv": ["a,030 12345678,2026-10-01 08:00:00,10", "b,030 12345679,2026-10-01 09:00:00,20"],
        "calls_2.csv": ["c,030 12345678,2026-10-02 08:00:00,30", "b,030 12345679,2026-10-01 09:00:00,20"],
        "calls_corrected.csv": ["a,030 12345678,2026-10-01 08:00:00,11", "c,030 12345678,2026-10-02 08:05:00,30"],
    }
    for name, lines in deliveries.items():
        put(space.dir, f"drop/2026-10/{name}", head, *lines)
    pull(space.dir, lake, south, DAYS)
    standardise_files(space, lake, south, DAYS)
    laid = lay_days(lake, "south", VENDOR_CALLS, DAYS)
    names = {file.file_id: Path(file.file).stem for file in in_force(lake, "south")}
    rows = lake.read(VENDOR_CALLS).sort("call_id").select("call_id", "file_id", pl.col("talk_s").cast(pl.Int64)).rows()
    assert [(call_id, names[file_id], talk) for call_id, file_id, talk in rows] == [
        ("a", "calls_corrected", 11),
        ("b", "calls_2", 20),
        ("c", "calls_corrected", 30),
    ]
    assert laid.repeated == {"2026-10-01": Noted(2, 1), "2026-10-02": Noted(1, 1)}


def _trust(old: list[Line], new: list[Line]) -> tuple[bool, bool, bool]:
    """Whether two files hold the same calls: judged by time, and by caller. Written out, no frames."""
    times = [[line["offered_utc"] for line in lines] for lines in (old, new)]
    low, high = (max(min(part) for part in times), min(max(part) for part in times)) if old and new else (1, 0)
    smaller = min(sum(low <= time <= high for time in part) for part in times)
    moments = [Counter(_moment(line) for line in lines) for lines in (old, new)]
    held = sum((moments[0] & moments[1]).values())
    agree = against = same = strange = 0
    for one, other in product(old, new):
        if one["call_id"] is None or not _is_only(one, old, "offered_utc") or not _is_only(other, new, "offered_utc"):
            continue
        if _moment(one) == _moment(other) and isinstance(one["caller"], int) and isinstance(other["caller"], int):
            agree += one["caller"] == other["caller"]
            against += one["caller"] != other["caller"]
    for one, other in product(old, new):
        if one["call_id"] is None or not _is_only(one, old) or not _is_only(other, new) or _name(one) != _name(other):
            continue
        if one["offered_utc"] == other["offered_utc"] or None is not one["caller"] == other["caller"]:
            same += 1
        else:
            strange += not (one["caller"] is None and other["caller"] is None)
    by_time = (agree > 0 and agree >= against) or 2 * held >= smaller
    return by_time, same >= strange and (same > 0 or smaller > 0), same >= strange and same > 0


def _name(line: Line) -> tuple[Any, ...]:
    return line["call_id"], line["leg"]


def _moment(line: Line) -> tuple[Any, ...]:
    who = line["caller"] if line["call_id"] is None else "anybody"
    return *_name(line), line["offered_utc"], who


def _is_only(line: Line, lines: list[Line], *more: str) -> bool:
    alike = [one for one in lines if _name(one) == _name(line) and all(one[name] == line[name] for name in more)]
    return len(alike) == 1


def _ways(old: Line, new: Line, trust: tuple[bool, bool, bool]) -> list[bool]:
    """In which ways two rows are one call, the surest first."""
    by_time, by_caller, by_id = trust
    one_id = old["call_id"] is not None and _name(old) == _name(new)
    number = isinstance(old["caller"], int) and old["caller"] == new["caller"]
    time, who, queue = (old[name] == new[name] for name in ("offered_utc", "caller", "queue"))
    known = queue and old["queue"] is not None
    word_for_word = _name(old) == _name(new) and time and who and queue and old["talk_s"] == new["talk_s"]
    nameless = old["call_id"] is None and new["call_id"] is None
    return [
        word_for_word and number,
        word_for_word and one_id and known,
        word_for_word and by_time,
        one_id and time and number,
        one_id and time and who and known,
        one_id and time and who and by_time,
        one_id and time and known,
        one_id and time and queue and by_time,
        nameless and _name(old) == _name(new) and time and number and queue and by_time,
        one_id and number and by_caller,
        one_id and who and isinstance(old["caller"], str) and by_caller,
        one_id and who and old["caller"] is None and known and by_caller,
        one_id and who and old["caller"] is None and by_id,
    ]


def oracle(files: list[list[Line]]) -> list[str]:
    """From the last file to the first: a row that no row of the later ones can stand for is kept."""
    kept: list[tuple[str, Line]] = []
    named = dict(zip("ABCDEFG", files, strict=False))
    for name, lines in reversed(named.items()):
        old = {f"{name}{row}": line for row, line in enumerate(lines, 1)}
        free = list(kept)
        for way in range(13):
            for here, line in list(old.items()):
                twin = next((p for p in free if _ways(line, p[1], _trust(lines, named[p[0][0]]))[way]), None)
                if twin:
                    free.remove(twin)
                    del old[here]
        kept += old.items()
    return sorted(name for name, _ in kept)


LINE = st.fixed_dictionaries(
    {
        "call_id": st.sampled_from(["1", "1", "2", None]),
        "leg": st.sampled_from([None, None, "2"]),
        "hour": st.sampled_from([8, 9]),
        "caller": st.sampled_from([1, 2, "138****1234", None]),
        "queue": st.sampled_from([None, "cards", "loans"]),
        "talk_s": st.sampled_from([None, 5]),
    }
)


@given(st.lists(st.lists(LINE, max_size=5), min_size=2, max_size=4))
def test_the_rows_that_count_are_those_of_the_slow_loop(drawn: list[list[Line]]) -> None:
    files = [[call(line["call_id"], line["hour"], line["caller"], **_rest(line)) for line in lines] for lines in drawn]
    plain = [[{**line, "offered_utc": line["hour"]} for line in lines] for lines in drawn]
    assert counted(*files)[0] == oracle(plain)


def _rest(line: Line) -> Line:
    return {name: line[name] for name in ("leg", "queue", "talk_s")}


@given(st.lists(LINE, max_size=8))
def test_a_file_delivered_again_under_another_name_changes_no_count(lines: list[Line]) -> None:
    file = [call(line["call_id"], line["hour"], line["caller"], **_rest(line)) for line in lines]
    kept, noted = counted(file, file)
    assert kept == [f"B{row}" for row in range(1, len(file) + 1)]
    assert noted == Noted(repeated=len(file))


def day_of_calls(rng: Random, *, step_s: int = 1, known: float = 0.7, count: int = 300) -> list[Line]:
    """What truly happened on a day: calls in order of time, some of callers who show no number or a part of it."""
    times = sorted(rng.randrange(0, 86_400 // step_s) * step_s for _ in range(count))
    made = []
    for number, second in enumerate(times):
        drawn = rng.random()
        who: int | str | None = (
            rng.randrange(1, 200) if drawn < known else "030******78" if drawn < known + 0.1 else None
        )
        line = call(f"c{number}", 0, who, queue=rng.choice(["cards", "loans", "claims"]), talk_s=rng.choice([None, 60]))
        made.append({**line, "offered_utc": line["offered_utc"] + timedelta(seconds=second)})
    return made


def renumbered(lines: list[Line]) -> list[Line]:
    """A counter of the file's own."""
    return [{**line, "call_id": str(number)} for number, line in enumerate(lines, 1)]


def at(lines: list[Line], first: int, last: int) -> list[Line]:
    """The calls from one hour to another."""
    return [line for line in lines if first <= line["offered_utc"].hour < last]


def queues(lines: list[Line], *, named: bool) -> list[list[Line]]:
    """A file for each queue; where not `named`, the queue stands in no column."""
    files = [[line for line in lines if line["queue"] == name] for name in ("cards", "loans", "claims")]
    return [[line if named else {**line, "queue": None} for line in file] for file in files]


CUTS: dict[str, Callable[[list[Line]], list[list[Line]]]] = {
    "one file": lambda lines: [lines],
    "hourly": lambda lines: [at(lines, hour, hour + 1) for hour in range(24)],
    "hourly, each with the hour before": lambda lines: [at(lines, hour - 1, hour + 1) for hour in range(24)],
    "hourly, a counter each": lambda lines: [renumbered(at(lines, hour, hour + 1)) for hour in range(24)],
    "hourly, a counter each, no queue": lambda lines: [
        [{**line, "queue": None} for line in renumbered(at(lines, hour, hour + 1))] for hour in range(24)
    ],
    "one a queue": lambda lines: queues(lines, named=True),
    "one a queue, a counter each": lambda lines: [renumbered(file) for file in queues(lines, named=True)],
    "one a queue, a counter each, unnamed": lambda lines: [renumbered(file) for file in queues(lines, named=False)],
    "one a queue, without ids, unnamed": lambda lines: [
        [{**line, "call_id": None} for line in file] for file in queues(lines, named=False)
    ],
    "the day so far, four times": lambda lines: [at(lines, 0, hour) for hour in (6, 12, 18, 24)],
    "the day so far, without ids": lambda lines: [
        [{**line, "call_id": None} for line in at(lines, 0, hour)] for hour in (6, 12, 18, 24)
    ],
    "morning and afternoon, a counter each": lambda lines: [
        renumbered(at(lines, 0, 12)),
        renumbered(at(lines, 12, 24)),
    ],
    "the same again": lambda lines: [lines, lines, lines],
}


@pytest.mark.parametrize("step_s", [1, 60], ids=["seconds", "minutes"])
@pytest.mark.parametrize("cut", CUTS)
def test_however_an_honest_day_is_cut_into_files_each_call_counts_once(cut: str, step_s: int) -> None:
    lines = day_of_calls(Random(7), step_s=step_s)
    assert len(many(CUTS[cut](lines))[0]) == len(lines)


def many(files: list[list[Line]]) -> tuple[pl.DataFrame, Noted]:
    kept, noted = once(VENDOR_CALLS, frame(VENDOR_CALLS, *files, ids=LETTERS), range(len(files)))
    return kept, noted


def later(line: Line, seconds: int) -> Line:
    return {**line, "offered_utc": line["offered_utc"] + timedelta(seconds=seconds)}


CORRECTIONS: dict[str, Callable[[Line], Line]] = {
    "the talk time": lambda line: {**line, "talk_s": 61},
    "the clock by three seconds": lambda line: later(line, 3),
    "the zone by an hour": lambda line: later(line, 3600),
    "the zone, and no queue": lambda line: {**later(line, 3600), "queue": None},
    "the callers": lambda line: {**line, "caller_key": (line["caller_key"] or 0) + 1000, "caller_kind": "number"},
    "callers masked": lambda line: {**line, "caller_key": None, "caller_mask": "", "caller_kind": "withheld"},
    "the queue": lambda line: {**line, "queue": "all"},
    "the outcome": lambda line: {**line, "outcome": "abandoned"},
}


@pytest.mark.parametrize("share", [1.0, 0.1], ids=["all rows", "the wrong rows only"])
@pytest.mark.parametrize("what", CORRECTIONS)
def test_a_corrected_export_counts_in_place_of_the_first_whatever_was_corrected(what: str, share: float) -> None:
    rng = Random(7)
    lines = day_of_calls(rng)
    wrong = [line for line in lines if rng.random() < share]
    kept, noted = many([lines, [CORRECTIONS[what](line) for line in wrong]])
    assert len(kept) == len(lines)
    assert (kept["file_id"] == "b").sum() == len(wrong) == noted.repeated
