"""A vendor's file of calls: what each line becomes, is left out as, or is rejected for; nothing is lost."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract import Contract
from pipelines.standardise.numbers import caller_key
from pipelines.tables import INHOUSE_CALLS, REJECTS, VENDOR_CALLS
from tests.intake.contracts import KEY, calls, column, contract, schema, time
from tests.standardise.files import rejected, standardised, tally

RESULT = column("result", role="outcome", map={"OK": "answered", "LOST": "abandoned"})


def test_a_line_becomes_a_call(folder: Path) -> None:
    talk = column("talk", "integer", role="talk_s", unit="s")
    south = contract(folder, calls(time("end", "ended_utc"), talk, RESULT, direction="inbound", zone="Asia/Shanghai"))
    result = standardised(
        folder,
        south,
        "id,caller,start,end,talk,result",
        "7,030 12345678,2026-10-01 05:00:00,2026-10-01 05:03:20,180,OK",
    )
    assert result.frame.schema == VENDOR_CALLS.schema
    (call,) = result.frame.to_dicts()
    assert {name: value for name, value in call.items() if value is not None} == {
        "vendor_id": "south",
        "call_id": "7",
        "direction": "inbound",
        "caller_key": caller_key("+493012345678", KEY.encode()),
        "caller_mask": "301*****78",
        "caller_kind": "number",
        "offered_utc": datetime(2026, 9, 30, 21, 0, tzinfo=UTC),
        "ended_utc": datetime(2026, 9, 30, 21, 3, 20, tzinfo=UTC),
        "talk_s": 180,
        "outcome": "answered",
        "file_id": "f0",
        "row": 1,
        "audit_month": "2026-10",
        "day": date(2026, 9, 30),
        "booked_day": date(2026, 10, 1),
    }
    assert result.counts["days"] == {"2026-09-30": 1}
    assert result.counts["clock_change"] == {"resolved": 0, "unresolved": 0, "shifted": 0}


def test_without_a_month_in_its_path_a_row_belongs_to_the_month_of_the_vendors_clock(folder: Path) -> None:
    south = contract(folder, calls(zone="Asia/Shanghai"))
    result = standardised(folder, south, "id,caller,start", "7,x,2026-10-01 05:00:00", month=None)
    assert result.frame.select("audit_month", "day").row(0) == ("2026-10", date(2026, 9, 30))


def test_every_cell_that_cannot_be_read_is_named_with_its_line(folder: Path) -> None:
    talk = column("talk", "integer", role="talk_s", unit="s")
    south = contract(folder, calls(talk, column("note")))
    result = standardised(
        folder, south, "id,caller,start,talk,note", 'a,1,soon,x,"two', 'lines"', ",1,2026-10-01 08:00:00,5,", "b,1"
    )
    assert rejected(result) == [
        (1, 2, "start", "not a time like %Y-%m-%d %H:%M:%S", "soon"),
        (1, 2, "talk", "not a number of s", "x"),
        (2, 4, "id", "empty, but every row needs call_id", ""),
        (3, 5, "", "2 cells where the header has 5", ""),
    ]
    assert result.rejects.schema == REJECTS.schema
    assert tally(result) == {"rows_read": 3, "accepted": 0, "rejected": 3, "left_out": 0}


def test_a_cell_of_blanks_is_an_empty_one(folder: Path) -> None:
    south = contract(folder, calls(column("queue", role="queue")))
    result = standardised(
        folder, south, "id,caller,start,queue", "   ,1,2026-10-01 08:00:00,q", "a, ,2026-10-01 08:00:00, "
    )
    assert rejected(result) == [(1, 2, "id", "empty, but every row needs call_id", "")]
    assert result.frame.select("queue", "caller_kind", "caller_key").rows() == [(None, "withheld", None)]


def test_codes_outside_the_map_are_unknown_and_counted_and_empty_ones_stay_empty(folder: Path) -> None:
    south = contract(folder, calls(RESULT))
    codes = ["OK", " LOST ", "", "BUSY", "busy", "BUSY", "13812345678"]
    lines = [f"{place},1,2026-10-01 08:00:00,{code}" for place, code in enumerate(codes)]
    result = standardised(folder, south, "id,caller,start,result", "", *lines)
    outcomes = ["answered", "abandoned", None, "unknown", "unknown", "unknown", "unknown"]
    assert result.frame["outcome"].to_list() == outcomes
    found = [tuple(code.values()) for code in result.counts["unknown_codes"]]
    assert found == [
        ("result", "138******78", 1, 7, 9, "OK, LOST"),
        ("result", "BUSY", 2, 4, 6, "OK, LOST"),
        ("result", "busy", 1, 5, 7, "OK, LOST"),
    ]


def test_without_a_map_outcomes_and_directions_must_be_canonical(folder: Path) -> None:
    south = contract(folder, calls(column("result", role="outcome"), column("way", role="direction")))
    head, start = "id,caller,start,result,way", "2026-10-01 08:00:00"
    result = standardised(
        folder, south, head, f"a,1,{start},answered,inbound", f"b,1,{start},Answered,IN", f"c,1,{start},,"
    )
    assert result.frame.select("outcome", "direction").rows() == [
        ("answered", "inbound"),
        ("unknown", None),
        (None, None),
    ]
    assert [code["code"] for code in result.counts["unknown_codes"]] == ["Answered", "IN"]


def test_one_column_may_fill_two_roles_and_bear_the_name_of_a_third(folder: Path) -> None:
    queue, reason = column("q", raw="line", role="queue"), column("r", raw="line", role="reason")
    south = contract(folder, calls(queue, reason, column("row", "integer", role="talk_s", unit="s")))
    result = standardised(folder, south, "row,line,id,caller,start", "5,cards,a,1,2026-10-01 08:00:00")
    assert result.frame.select("queue", "reason", "talk_s", "row").rows() == [("cards", "cards", 5, 1)]


def test_rows_outside_the_condition_are_left_out_and_not_judged(folder: Path) -> None:
    condition = "kind = 'IN' AND try_cast(seconds AS INT) >= 3"
    south = contract(folder, calls(column("kind"), column("seconds"), where=condition))
    result = standardised(
        folder,
        south,
        "id,caller,start,kind,seconds",
        "a,1,2026-10-01 08:00:00,IN,3",
        "b,1,never,OUT,3",
        "c,1,2026-10-01 08:00:00,IN,x",
        "d,1,2026-10-01 08:00:00,,",
        "e,1,never,IN,9",
        "f,1",
    )
    assert tally(result) == {"rows_read": 6, "accepted": 1, "rejected": 2, "left_out": 3}
    assert (result.frame["call_id"].to_list(), [row[0] for row in rejected(result)]) == (["a"], [5, 6])


def test_a_column_of_the_file_that_is_called_like_a_canonical_time_is_text_to_compute_with(folder: Path) -> None:
    both = column("both", logic="upper(offered_utc) || row", role="queue")
    south = contract(folder, calls(column("offered_utc"), column("row"), both, where="offered_utc <> 'no'"))
    lines = ("a,1,2026-10-01 08:00:00,soon,7", "b,1,2026-10-01 08:00:00,no,8")
    result = standardised(folder, south, "id,caller,start,offered_utc,row", *lines)
    assert result.frame.select("queue", "row").rows() == [("SOON7", 1)]


@pytest.mark.parametrize(
    ("logic", "fmt", "utc"),
    [
        ("strptime(d || ' ' || t, '%d.%m.%Y %H:%M')", "", 6),
        ("d || ' ' || t", "%d.%m.%Y %H:%M", 6),
        ("strptime(d || t || '+0800', '%d.%m.%Y%H:%M%z')", "", 0),
        ("to_timestamp(1790841600)", "", 8),
    ],
    ids=["a time", "text with a format", "a time with an offset", "seconds since 1970"],
)
def test_a_time_may_be_put_together(folder: Path, logic: str, fmt: str, utc: int) -> None:
    start = column("start", "timestamp", logic=logic, fmt=fmt, role="offered_utc")
    plain = column("id", role="call_id"), column("caller", role="caller"), column("d"), column("t")
    south = contract(folder, schema("calls", "calls", "calls.csv", *plain, start, zone="Europe/Berlin"))
    result = standardised(folder, south, "id,caller,d,t", "a,1,01.10.2026,08:00")
    assert rejected(result) == []
    assert result.frame["offered_utc"].to_list() == [datetime(2026, 10, 1, utc, tzinfo=UTC)]


def test_an_expression_that_gives_nothing_from_something_rejects_the_row(folder: Path) -> None:
    end = column("end", "timestamp", logic="strptime(d || t, '%d.%m.%Y%H:%M')", role="ended_utc")
    talk = column("talk", "integer", logic="replace(raw_talk, 's', '')", role="talk_s", unit="s")
    south = contract(folder, calls(column("d"), column("t"), end, column("raw_talk"), talk))
    start = "1,2026-10-01 08:00:00"
    result = standardised(
        folder,
        south,
        "id,caller,start,d,t,raw_talk",
        f"a,{start},,,",
        f"b,{start},01.10.2026,,5s",
        f"c,{start},01.10.2026,99:00,5s",
        f"d,{start},01.10.2026,08:05,5x",
        f"e,{start},01.10.2026,08:05,5s",
        f"f,{start},01.10.2026,08:05,s",
    )
    reason = 'transformLogic gives nothing: STRPTIME("d" || "t", \'%d.%m.%Y%H:%M\')'
    assert rejected(result) == [
        (3, 4, "end", reason, ""),
        (4, 5, "talk", "not a number of s", "5x"),
    ]
    assert result.frame.select("call_id", "ended_utc", "talk_s").rows() == [
        ("a", None, None),
        ("b", None, 5),
        ("e", datetime(2026, 10, 1, 6, 5, tzinfo=UTC), 5),
        ("f", datetime(2026, 10, 1, 6, 5, tzinfo=UTC), None),
    ]


def test_a_column_may_be_computed_from_itself(folder: Path) -> None:
    south = contract(folder, calls(column("queue", logic="upper(trim(queue))", role="queue")))
    result = standardised(folder, south, "id,caller,start,queue", "a,1,2026-10-01 08:00:00,  cards ")
    assert result.frame["queue"].to_list() == ["CARDS"]


def test_an_offset_in_one_column_and_none_in_another(folder: Path) -> None:
    start = column("begun", "timestamp", fmt="%Y-%m-%dT%H:%M:%S%z", role="offered_utc")
    plain = column("id", role="call_id"), column("caller", role="caller")
    south = contract(
        folder, schema("calls", "calls", "calls.csv", *plain, start, time("end", "ended_utc"), zone="Europe/Berlin")
    )
    result = standardised(folder, south, "id,caller,begun,end", "a,1,2026-10-01T06:00:00Z,2026-10-01 08:05:00")
    assert result.frame.select("offered_utc", "ended_utc").row(0) == (
        datetime(2026, 10, 1, 6, 0, tzinfo=UTC),
        datetime(2026, 10, 1, 6, 5, tzinfo=UTC),
    )


def test_the_clients_log_says_whom_a_call_was_passed_on_to(folder: Path) -> None:
    route = column("route", role="vendor_id", map={"R1": "south", "R2": "north"})
    plain = column("id", role="call_id"), column("caller", role="caller"), time("start", "arrived_utc")
    more = route, column("n", role="sequence"), column("unit", role="source")
    log = schema("log", "inhouse_calls", "log.csv", *plain, *more, zone="Europe/Berlin")
    inhouse = contract(folder, log, source="inhouse")
    start = "1,2026-10-01 08:00:00"
    result = standardised(
        folder,
        inhouse,
        "id,caller,start,route,n,unit",
        f"a,{start},R1,1,ivr",
        f"b,{start},R9,2,",
        f"c,{start},,3,",
        f"d,{start},,A4,",
    )
    assert result.frame.schema == INHOUSE_CALLS.schema
    assert result.frame.select("call_id", "vendor_id", "sequence", "source").rows() == [
        ("a", "south", 1, "ivr"),
        ("b", "unknown", 2, None),
        ("c", None, 3, None),
    ]
    assert rejected(result) == [(4, 5, "n", "not a whole number", "A4")]


CELLS = {
    "id": ["a", "b", "", " "],
    "caller": ["030 12345678", "", "anonymous", "138****5678", "6.02E+11", "?"],
    "start": ["2026-10-01 08:00:00", "2026-10-25 02:30:00", "2026-03-29 02:30:00", "never", "", "0000-00-00"],
    "talk": ["5", "", "x", "nan"],
    "result": ["OK", "LOST", "?", ""],
    "kind": ["IN", "OUT", ""],
}
LINE = st.one_of(
    st.tuples(*map(st.sampled_from, CELLS.values())).map(",".join),
    st.sampled_from(["", "a,b", '"open', "a,b,c,d,e,f,g", 'a,"x"y,c,d,e,f']),
)


@pytest.fixture(name="dirty", scope="module")
def a_contract_of_dirty_rows(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    talk = column("talk", "number", role="talk_s", unit="s")
    item = calls(talk, RESULT, column("kind"), where="kind = 'IN'")
    return contract(tmp_path_factory.mktemp("dirty"), item)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(lines=st.lists(LINE, max_size=12))
def test_read_is_accepted_and_rejected_and_left_out(folder: Path, dirty: Contract, lines: list[str]) -> None:
    result = standardised(folder, dirty, ",".join(CELLS), *lines)
    counts = tally(result)
    assert counts["rows_read"] == counts["accepted"] + counts["rejected"] + counts["left_out"]
    assert counts["accepted"] == result.frame.height == sum(result.counts["days"].values())
    assert counts["rejected"] == result.rejects["row"].n_unique()
    assert not set(result.frame["row"]) & set(result.rejects["row"])
    complete = [line for line in lines if line.count(",") == 5 and '"' not in line]
    if '"open' not in lines:
        assert counts["left_out"] == sum(not line.endswith(",IN") for line in complete)
    assert result.frame["offered_utc"].null_count() == 0
    assert set(result.frame["call_id"]) <= {"a", "b"}


def test_numbers_of_people_who_are_dialled_stay_in_the_landing_zone(folder: Path) -> None:
    way = column("way", role="direction", map={"in": "inbound", "out": "outbound"})
    south = contract(folder, calls(way, column("to", role="called"), column("on", role="transfer_to")))
    result = standardised(
        folder,
        south,
        "id,caller,start,way,to,on",
        "a,1,2026-10-01 08:00:00,in,+49 30 5550100,+49 30 5550199",
        "b,1,2026-10-01 08:00:00,out,+49 30 5550100,8014",
        "c,1,2026-10-01 08:00:00,,+49 30 5550100,",
    )
    assert result.frame.select("called", "transfer_to").rows() == [
        ("+49 30 5550100", "+493******99"),
        ("+493******00", "8014"),
        ("+49 30 5550100", None),
    ]
