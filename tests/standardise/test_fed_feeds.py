"""Lines, forecasts, surveys and scores: what a sender's file becomes, and what the lake gives back of it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.rules.deliver import answers, judge
from pipelines.contract import Contract
from pipelines.errors import TieoutError
from pipelines.intake.manifest import in_force
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.measure.fed import fed
from pipelines.standardise.files import standardise_files
from pipelines.standardise.keys import caller_key
from pipelines.tables import DELIVERY_CHANGES, FORECAST, QUALITY_SCORES, SURVEYS, TRUNKS, Table
from tests.intake.contracts import KEY, calls, column, contract, put, schema, time, workspace
from tests.standardise.batches import told, work, written
from tests.standardise.files import rejected, standardised, tally

BERLIN = "Europe/Berlin"
DAYS = (date(2026, 10, 1), date(2026, 11, 1))
YES_NO = {"Y": "true", "N": "false"}


def day(name: str, role: str) -> dict[str, Any]:
    return column(name, "date", fmt="%Y-%m-%d", role=role)


def lines_feed(*more: dict[str, Any]) -> Any:
    capacity = column("lines", "integer", role="capacity")
    return schema("lines", "trunks", "lines.csv", day("since", "from_utc"), capacity, *more, zone=BERLIN)


def forecast_feed(*more: dict[str, Any]) -> Any:
    return schema(
        *("forecast", "forecast", "forecast.csv"),
        time("half_hour", "period_start"),
        column("calls", "number", role="calls"),
        *more,
        zone=BERLIN,
    )


def survey_feed() -> Any:
    return schema(
        *("survey", "surveys", "survey.csv"),
        column("call", role="call_id"),
        column("phone", role="caller"),
        time("asked", "at_utc"),
        column("invited", "boolean", role="invited"),
        column("score", "number", role="score"),
        column("of", "integer", role="scale"),
        column("who", role="scored_by"),
        zone=BERLIN,
    )


def scores_feed(form: str = "delimited", file: str = "scores.csv") -> Any:
    return schema(
        *("scores", "quality_scores", file),
        column("who", role="scored_by"),
        column("call", role="call_id"),
        column("agent", role="agent_id"),
        time("heard", "at_utc"),
        column("points", "number", role="score"),
        column("ok", role="passed", map=YES_NO),
        column("a", "integer", role="fault_a"),
        zone=BERLIN,
        format=form,
    )


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_lines_from_a_day_on(folder: Path) -> None:
    made = contract(folder, lines_feed())
    result = standardised(folder, made, "since,lines", "2026-10-01,30", "2026-10-25,24.0")
    assert result.frame.drop("file_id", "row").rows() == [
        ("south", utc(2026, 9, 30, 22), 30, "2026-10"),
        ("south", utc(2026, 10, 24, 22), 24, "2026-10"),
    ]


def test_lines_that_cannot_be_read_are_rejected_and_a_negative_number_is_left_to_the_rules(folder: Path) -> None:
    made = contract(folder, lines_feed())
    sent = ("since,lines", "2026-02-30,30", ",30", "2026-10-01,", "2026-10-02,many", "2026-10-03,-4")
    result = standardised(folder, made, *sent)
    assert tally(result) == {"rows_read": 5, "accepted": 1, "rejected": 4, "left_out": 0}
    assert result.frame["capacity"].to_list() == [-4]
    assert rejected(result) == [
        (1, 2, "since", "not a date like %Y-%m-%d", "2026-02-30"),
        (2, 3, "since", "empty, but every row needs from_utc", ""),
        (3, 4, "lines", "empty, but every row needs capacity", ""),
        (4, 5, "lines", "not a whole number", "many"),
    ]


def test_a_forecast_says_when_it_was_issued_for_which_half_hour(folder: Path) -> None:
    minutes = column("aht", "number", role="aht_s", unit="min")
    made = contract(folder, forecast_feed(day("issued", "issued_at"), column("line", role="queue"), minutes))
    sent = ("half_hour,calls,issued,line,aht", "2026-10-05 09:00:00,12.5,2026-09-20,west,4.5")
    result = standardised(folder, made, *sent)
    (row,) = result.frame.drop("file_id", "row").rows()
    assert row == (
        *("south", utc(2026, 9, 19, 22), "west", utc(2026, 10, 5, 7)),
        *(12.5, Decimal("270.000"), "2026-10"),
    )


def test_each_queues_forecast_goes_through_the_repeated_hour_by_itself(folder: Path) -> None:
    made = contract(folder, forecast_feed(column("line", role="queue")))
    night = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    sent = [f"2026-10-25 {clock}:00,{place},{line}" for line in "AB" for place, clock in enumerate(night)]
    result = standardised(folder, made, "half_hour,calls,line", *sent)
    expected = [utc(2026, 10, 24, 23, 30), *(utc(2026, 10, 25, half // 2, half % 2 * 30) for half in range(5))]
    assert result.frame["period_start_utc"].to_list() == expected * 2
    assert result.counts["clock_change"] == {"resolved": 8, "unresolved": 0, "shifted": 0}


def test_a_forecast_without_calls_or_with_no_such_time_is_rejected(folder: Path) -> None:
    made = contract(folder, forecast_feed())
    sent = ("half_hour,calls", "2026-10-05 25:00:00,3", "2026-10-05 09:00:00,", "2026-10-05 09:30:00,a few")
    result = standardised(folder, made, *sent, "2026-10-05 10:00:00,0")
    assert tally(result) == {"rows_read": 4, "accepted": 1, "rejected": 3, "left_out": 0}
    assert [row[2] for row in rejected(result)] == ["half_hour", "calls", "calls"]
    assert result.frame["calls"].to_list() == [0.0]


def test_the_clients_own_forecast_is_the_clients_and_names_the_route(folder: Path) -> None:
    log = schema(
        *("log", "inhouse_calls", "log.csv"),
        column("id", role="call_id"),
        column("caller", role="caller"),
        time("at", "arrived_utc"),
        zone=BERLIN,
    )
    own = contract(folder, forecast_feed(column("route", role="queue")), log, source="inhouse")
    sent = ("half_hour,calls,route", "2026-10-05 09:00:00,3,R1", "2026-10-05 09:00:00,4,")
    rows = standardised(folder, own, *sent).frame.select("vendor_id", "queue", "calls").rows()
    assert rows == [("inhouse", "R1", 3.0), ("inhouse", None, 4.0)]


def test_surveys_key_the_caller_and_an_empty_score_is_no_answer(folder: Path) -> None:
    made = contract(folder, survey_feed())
    sent = (
        "call,phone,asked,invited,score,of,who",
        "0017,030 12345678,2026-10-05 09:00:00,yes,4.5,5,office",
        "0018,anonymous,2026-10-05 09:05:00,1,,5,",
        "0019,+493012345678,,no,,,",
    )
    result = standardised(folder, made, *sent)
    key = caller_key("+493012345678", KEY.encode())
    assert result.frame.drop("vendor_id", "caller_mask", "file_id", "row", "audit_month").rows() == [
        ("0017", key, "number", utc(2026, 10, 5, 7), 4.5, 5.0, True, "office"),
        ("0018", None, "withheld", utc(2026, 10, 5, 7, 5), None, 5.0, True, None),
        ("0019", key, "number", None, None, None, False, None),
    ]
    assert "12345678" not in str(result.frame.rows())


def test_survey_cells_that_mean_nothing_reject_their_row(folder: Path) -> None:
    made = contract(folder, survey_feed())
    sent = (
        "call,phone,asked,invited,score,of,who",
        "a,,yesterday,yes,4,5,",
        "b,,2026-10-05 09:00:00,perhaps,4,5,",
        "c,,2026-10-05 09:00:00,yes,good,5,",
        "d,,2026-10-05 09:00:00,yes,9,5,",
    )
    result = standardised(folder, made, *sent)
    assert tally(result) == {"rows_read": 4, "accepted": 1, "rejected": 3, "left_out": 0}
    assert [(row[0], row[2]) for row in rejected(result)] == [(1, "asked"), (2, "invited"), (3, "score")]
    assert result.frame.select("call_id", "score").rows() == [("d", 9.0)]  # above its scale: a rule says so


SCORES = (
    {
        "who": "vendor",
        "call": "001",
        "agent": "7",
        "heard": "2026-10-05 09:00:00",
        "points": "88.5",
        "ok": "Y",
        "a": "0",
    },
    {"who": "client", "call": "001", "agent": "7", "heard": "2026-10-06 09:00:00", "points": "61", "ok": "N", "a": "2"},
    {"who": "client", "call": None, "agent": "08", "heard": None, "points": None, "ok": "?", "a": None},
)
HEARD = [
    ("south", "vendor", "001", "7", utc(2026, 10, 5, 7), 88.5, True, 0),
    ("south", "client", "001", "7", utc(2026, 10, 6, 7), 61.0, False, 2),
    ("south", "client", None, "08", None, None, None, None),
]


@pytest.mark.parametrize("form", ["delimited", "xlsx", "json_lines", "parquet"])
def test_scores_are_the_same_from_every_format(folder: Path, form: str) -> None:
    made = contract(folder, scores_feed(form, "sent.*"))
    path = written(folder, form, tuple(SCORES[0]), SCORES)
    rows, rejects, counts, _ = told(work(folder, made, path, None, "2026-10"))
    frame = pl.DataFrame(rows, schema=QUALITY_SCORES.schema, orient="row")
    assert frame.drop("fault_b", "fault_c", "file_id", "row", "audit_month").rows() == HEARD
    assert (rejects, counts["accepted"]) == ([], 3)
    assert [(code["column"], code["code"], code["rows"]) for code in counts["unknown_codes"]] == [("ok", "?", 1)]


def test_scores_that_cannot_be_read_are_rejected(folder: Path) -> None:
    made = contract(folder, scores_feed())
    sent = ("who,call,agent,heard,points,ok,a", "c,1,7,05.10.2026,80,Y,0", "c,2,7,,high,Y,0", "c,3,7,,80,Y,two")
    result = standardised(folder, made, *sent)
    assert tally(result) == {"rows_read": 3, "accepted": 0, "rejected": 3, "left_out": 0}
    assert [row[2] for row in rejected(result)] == ["heard", "points", "a"]


def deliver(folder: Path, lines: dict[str, tuple[str, ...]], *objects: Any) -> tuple[Lake, Contract]:
    """Files of a vendor that also sends calls, pulled and standardised; by path under the workspace."""
    space = workspace(folder / "w", calls(), *objects)
    put(space.dir, "drop/2026-10/calls.csv", "id,caller,start", "1,,2026-10-01 08:00:00")
    for file, text in lines.items():
        put(space.dir, file, *text)
    lake, south = Lake(space.lake), space.vendors["south"].contract
    pull(space.dir, lake, south, DAYS)
    standardise_files(space, lake, south, DAYS)
    return lake, south


FEEDS: list[tuple[Table, Any, str, list[str], list[str], tuple[str, ...], dict[str, int]]] = [
    (
        *(TRUNKS, lines_feed(), "lines.csv"),
        ["since,lines", "2026-10-01,30"],
        ["since,lines", "2026-10-01,28", "2026-10-15,30"],
        ("capacity",),
        {"added": 1, "removed": 0, "changed": 1},
    ),
    (
        *(FORECAST, forecast_feed(), "forecast.csv"),
        ["half_hour,calls", "2026-10-05 09:00:00,3", "2026-10-05 09:30:00,4"],
        ["half_hour,calls", "2026-10-05 09:00:00,3", "2026-10-05 09:30:00,5"],
        ("calls",),
        {"added": 0, "removed": 0, "changed": 1},
    ),
    (
        *(SURVEYS, survey_feed(), "survey.csv"),
        ["call,phone,asked,invited,score,of,who", "a,,,yes,4,5,", "b,,,yes,,5,"],
        ["call,phone,asked,invited,score,of,who", "a,,,yes,4,5,", "c,,,yes,2,5,"],
        ("call_id", "score"),
        {"added": 1, "removed": 1, "changed": 0},
    ),
    (
        *(QUALITY_SCORES, scores_feed(), "scores.csv"),
        ["who,call,agent,heard,points,ok,a", "c,1,7,,80,Y,0"],
        ["who,call,agent,heard,points,ok,a", "c,1,7,,80,N,1"],
        ("passed", "fault_a"),
        {"added": 0, "removed": 0, "changed": 1},
    ),
]


def by_month(lake: Lake, south: Contract, table: Table, names: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """What the lake gives back, by the month of the file."""
    rows = fed(lake, south, table)
    assert rows.schema == table.schema
    return {month: rows.filter(audit_month=month).select(*names).rows() for month in rows["audit_month"].unique()}


@pytest.mark.parametrize(("table", "feed", "file", "first", "second", "names", "counts"), FEEDS)
def test_what_counts_is_each_months_file_as_it_was_corrected(
    folder: Path,
    table: Table,
    feed: Any,
    file: str,
    first: list[str],
    second: list[str],
    names: tuple[str, ...],
    counts: dict[str, int],
) -> None:
    other = [*first, first[-1]]  # the same content as in October would count once
    files = {f"drop/2026-10/{file}": tuple(first), f"drop/2026-11/{file}": tuple(other)}
    lake, south = deliver(folder, files, feed)
    before = by_month(lake, south, table, names)
    assert {month: len(rows) for month, rows in before.items()} == {"2026-10": len(first) - 1, "2026-11": len(first)}
    lake, south = deliver(folder, {f"drop/2026-10/{file}": tuple(second)}, feed)
    after = by_month(lake, south, table, names)
    assert after["2026-11"] == before["2026-11"]
    assert len(after["2026-10"]) == len(second) - 1
    assert after["2026-10"] != before["2026-10"]
    (item,) = south.feed(table.name)
    corrected = next(one for one in in_force(lake, "south", item.name) if one.month == "2026-10")
    changed = lake.read(DELIVERY_CHANGES, source="south", object=item.name, file=corrected.file_id)
    kinds = changed["kind"].to_list()
    assert {kind: kinds.count(kind) for kind in ("added", "removed", "changed")} == counts


def test_a_feed_that_was_not_delivered_has_no_rows(folder: Path) -> None:
    lake, south = deliver(folder, {}, *(feed for _, feed, *_ in FEEDS))
    for table, *_ in FEEDS:
        assert fed(lake, south, table).equals(table.empty())


def test_rules_are_asked_of_them_on_the_first_day_of_their_month(folder: Path) -> None:
    files = {
        "drop/2026-10/lines.csv": ("since,lines", "2026-10-01,-3"),
        "drop/2026-11/survey.csv": ("call,phone,asked,invited,score,of,who", "a,,,yes,9,5,", "b,,,yes,5,5,"),
    }
    lake, south = deliver(folder, files, lines_feed(), survey_feed())
    judge(lake, south, DAYS)
    broken = answers(lake, "south", DAYS).filter(pl.col("state") == "broken", ~pl.col("rule").str.contains("deliver"))
    assert broken.select("day", "rule", "rows_failed").rows() == [
        (date(2026, 10, 1), "trunks.capacity_not_negative", 1),
        (date(2026, 11, 1), "surveys.score_within_scale", 1),
    ]


@pytest.mark.parametrize(
    ("feed", "found"),
    [
        (schema("x", "trunks", "x.csv", day("since", "from_utc"), zone=BERLIN), "no column with the role capacity"),
        (schema("x", "trunks", "x.csv", day("s", "from_utc"), column("n", "integer", role="capacity")), "no time zone"),
        (schema("x", "forecast", "x.csv", time("t", "period_start"), zone=BERLIN), "no column with the role calls"),
        (schema("x", "surveys", "x.csv", column("call", role="call_id")), "no column with the role score"),
        (
            schema("x", "quality_scores", "x.csv", column("ok", role="passed", map={"Y": "good"})),
            "`Y` mapped to `good`",
        ),
        (schema("x", "quality_scores", "x.csv", column("ok", "string", role="passed")), "logicalType `string`"),
        (schema("x", "surveys", "x.csv", column("score", "string", role="score")), "logicalType `string`"),
    ],
)
def test_a_contract_that_cannot_be_right_is_refused(folder: Path, feed: Any, found: str) -> None:
    with pytest.raises(TieoutError) as refused:
        contract(folder, feed)
    assert any(found in fault.found for fault in refused.value.faults), refused.value
