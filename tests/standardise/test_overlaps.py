"""Records that several files hold: which of them count. A file is a list of lines; the last was received last."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
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
        (call("a", 8, None, queue="cards"), call("a", 9, None, queue="cards")),
    ],
    ids=["its caller", "its time", "its time, caller masked", "its caller, once masked", "its time, caller withheld"],
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


def _ways(old: Line, new: Line) -> int | None:
    """By which agreement two calls are one, the surest first; None where they are two. Written out, no frames."""
    if all(old.get(name) == new.get(name) for name in ("call_id", "leg", "offered_utc", "caller", "queue", "talk_s")):
        return 0
    if old["call_id"] is None or (old["call_id"], old["leg"]) != (new["call_id"], new["leg"]):
        return None
    if old["offered_utc"] == new["offered_utc"]:
        if old["caller"] == new["caller"]:
            return 1
        if old["queue"] == new["queue"]:
            return 2
    if old["caller"] == new["caller"]:
        if isinstance(old["caller"], int):
            return 3
        if old["caller"] is not None:
            return 4
        return 5 if old["queue"] is not None and old["queue"] == new["queue"] else None
    return None


def oracle(files: list[list[Line]]) -> list[str]:
    """From the last file to the first: a row that no row of the later ones can stand for is kept."""
    kept: list[tuple[str, Line]] = []
    for name, lines in reversed(list(zip("ABCDEFG", files, strict=False))):
        old = {f"{name}{row}": line for row, line in enumerate(lines, 1)}
        free = list(kept)
        for way in range(6):
            for here, line in list(old.items()):
                twin = next((pair for pair in free if _is(way, line, pair[1])), None)
                if twin:
                    free.remove(twin)
                    del old[here]
        kept += old.items()
    return sorted(name for name, _ in kept)


def _is(way: int, old: Line, new: Line) -> bool:
    """Whether two calls agree in this way, whichever surer way they agree in too."""
    best = _ways(old, new)
    if best is None or best > way:
        return False
    same_time, same_who = old["offered_utc"] == new["offered_utc"], old["caller"] == new["caller"]
    has_id, queue = old["call_id"] is not None, old["queue"] == new["queue"]
    number, masked = isinstance(old["caller"], int), isinstance(old["caller"], str)
    return [
        best == 0,
        has_id and same_time and same_who,
        has_id and same_time and queue,
        has_id and same_who and number,
        has_id and same_who and masked,
        has_id and same_who and not number and not masked and queue and old["queue"] is not None,
    ][way]


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
