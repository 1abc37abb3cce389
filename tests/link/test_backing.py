"""What backs that the client's log is complete, and which of its rows are known to be lost."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.link.coverage.backing import backing, within_files
from pipelines.link.coverage.spans import SPANS, common, merged, spans
from pipelines.tables import INHOUSE_CALLS, LOG_SPANS

T0 = datetime(2026, 10, 5, tzinfo=UTC)
Minutes = tuple[int, int]


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def rows(
    numbers: Sequence[int | None], unit: str | None = None, start: int = 0, file: str = "file"
) -> list[dict[str, object]]:
    """Rows of the log, one a minute from `start` on, with these numbers."""
    return [
        {
            "sequence": number,
            "source": unit,
            "arrived_utc": at(start + place),
            "day": at(start + place).date(),
            "file_id": file,
            "row": place + 1,
        }
        for place, number in enumerate(numbers)
    ]


def judged(
    folder: Path, log: Sequence[dict[str, object]], lost: Sequence[int] = (), counted: Sequence[str] = ()
) -> dict[str, list[tuple[int, int]]]:
    """Kind → spans, in minutes from the start; rejects lie in the file `file`."""
    schema = {
        name: INHOUSE_CALLS.schema[name] for name in ("sequence", "source", "arrived_utc", "day", "file_id", "row")
    }
    frame = INHOUSE_CALLS.fit(pl.DataFrame(list(log), schema=schema, orient="row"))
    paths = []
    for (day,), part in sorted(frame.partition_by("day", as_dict=True).items()):
        paths.append(folder / f"{day}.parquet")
        part.sort("file_id", "row").write_parquet(paths[-1])
    rejects = pl.DataFrame(
        {"file_id": ["file"] * len(lost), "row": list(lost)}, schema={"file_id": pl.String, "row": pl.Int64}
    )
    known = pl.concat(backing(paths, rejects, counted))
    assert known.schema == LOG_SPANS.schema
    assert not known.select(LOG_SPANS.key).is_duplicated().any()
    return {
        kind: [(int((a - T0).total_seconds() // 60), int((b - T0).total_seconds() // 60)) for a, b in part.rows()]
        for (kind,), part in (
            (key, part.select("from_utc", "to_utc")) for key, part in known.partition_by("kind", as_dict=True).items()
        )
    }


def test_unbroken_numbers_vouch_from_the_first_row_to_the_last(tmp_path: Path) -> None:
    assert judged(tmp_path, rows(range(100, 400))) == {"numbered": [(0, 299)]}


def test_numbers_that_run_on_over_midnight_vouch_for_the_night(tmp_path: Path) -> None:
    assert judged(tmp_path, rows(range(500), start=1200)) == {"numbered": [(1200, 1699)]}


def test_a_hole_is_a_lost_row_at_a_known_time(tmp_path: Path) -> None:
    log = [row for row in rows(range(1000)) if row["sequence"] != 500]
    assert judged(tmp_path, log) == {"number": [(439, 561)], "numbered": [(0, 439), (561, 999)]}


def test_a_hole_at_midnight_is_found(tmp_path: Path) -> None:
    log = [row for row in rows(range(1000), start=940) if row["sequence"] != 500]
    assert judged(tmp_path, log)["number"] == [(1379, 1501)]


def test_each_unit_counts_for_itself_and_all_must_be_unbroken(tmp_path: Path) -> None:
    ivr, switch = rows(range(1000), "ivr"), rows(range(5000, 6000), "switch", start=100)
    assert judged(tmp_path, [*ivr, *switch]) == {"numbered": [(100, 999)]}
    hole = [row for row in switch if row["sequence"] != 5400]
    assert judged(tmp_path, [*ivr, *hole]) == {"number": [(439, 561)], "numbered": [(100, 439), (561, 999)]}


def test_units_may_count_together(tmp_path: Path) -> None:
    log = [row | {"source": "ivr" if place % 3 else "switch"} for place, row in enumerate(rows(range(1000)))]
    assert judged(tmp_path, log) == {"numbered": [(0, 999)]}
    assert judged(tmp_path, [row for row in log if row["sequence"] != 500])["number"] == [(439, 561)]


def test_a_unit_without_numbers_leaves_nothing_vouched_for(tmp_path: Path) -> None:
    assert judged(tmp_path, [*rows(range(300), "ivr"), *rows([None] * 300, "switch")]) == {}


def test_numbers_that_begin_anew_each_day_vouch_for_the_day(tmp_path: Path) -> None:
    log = [row for day in range(3) for row in rows(range(1, 601), start=1440 * day + 500)]
    assert judged(tmp_path, log) == {"numbered": [(500, 1099), (1940, 2539), (3380, 3979)]}
    hole = [row for row in log if row["arrived_utc"] != at(2200)]
    assert judged(tmp_path, hole)["number"] == [(2139, 2261)]


def test_rows_lost_at_a_restart_leave_the_time_between_both_runs_open(tmp_path: Path) -> None:
    """Two hundred numbers, a restart, an hour of lost rows, then thousands: none is missing, and nothing says so."""
    log = [*rows(range(1, 201)), *rows(range(1, 3001), start=260)]
    assert judged(tmp_path, log) == {"numbered": [(0, 199), (260, 3259)]}
    next_day = [*rows(range(1, 201)), *rows(range(1, 3001), start=1440)]
    assert judged(tmp_path, next_day) == {"numbered": [(0, 199), (1440, 4439)]}


def test_a_restart_too_small_to_be_told_leaves_its_time_open(tmp_path: Path) -> None:
    """Eight rows, then the numbers begin anew half an hour later: no run is told, but the numbers come twice."""
    log = [*rows(range(1, 9)), *rows(range(1, 601), start=40)]
    assert judged(tmp_path, log) == {"numbered": [(47, 639)]}


def test_numbers_that_turn_over_many_times_an_hour_vouch_for_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, rows([number % 25 for number in range(1000)])) == {}


@pytest.mark.parametrize(("last", "first"), [(65535, 0), (60999, 1)])
def test_a_restart_is_a_new_run_and_no_hole(tmp_path: Path, last: int, first: int) -> None:
    log = [*rows(range(last - 1999, last + 1)), *rows(range(first, first + 3000), start=2000)]
    assert judged(tmp_path, log) == {"numbered": [(0, 1999), (2000, 4999)]}
    hole = [row for row in log if row["arrived_utc"] != at(3000)]
    assert judged(tmp_path, hole) == {
        "number": [(2939, 3061)],
        "numbered": [(0, 1999), (2000, 2939), (3061, 4999)],
    }


def test_a_call_that_ends_after_a_restart_belongs_to_the_new_run(tmp_path: Path) -> None:
    """The counter begins anew at midnight; the call of 23:50 ended five past and has the number 6 of the new day."""
    log = [*rows(range(1, 991), start=450), *rows(range(1, 601), start=1440)]
    late = [
        row | {"arrived_utc": at(1430), "day": at(1430).date()} if row["arrived_utc"] == at(1445) else row
        for row in log
    ]
    assert judged(tmp_path, late) == {"numbered": [(450, 1439), (1440, 2039)]}
    last_rows_lost = [row for row in late if row["sequence"] == 6 or not 951 <= row["sequence"] <= 990]  # type: ignore[operator]
    assert judged(tmp_path, last_rows_lost) == {"numbered": [(450, 1399), (1440, 2039)]}


def test_a_long_call_is_no_restart(tmp_path: Path) -> None:
    log = rows(range(2000))
    late = [row | {"arrived_utc": at(700), "day": at(700).date()} if row["sequence"] == 900 else row for row in log]
    assert judged(tmp_path, late) == {"numbered": [(0, 1999)]}


def test_rows_of_one_call_may_share_its_number(tmp_path: Path) -> None:
    twice = [row | {"row": row["row"] + 1000} for row in rows(range(300))[::7]]  # type: ignore[operator]
    assert judged(tmp_path, [*rows(range(300)), *twice]) == {"numbered": [(0, 299)]}


def test_numbers_that_jump_all_day_leave_the_day_open(tmp_path: Path) -> None:
    assert judged(tmp_path, rows(range(0, 900, 3))) == {"number": [(-60, 359)]}


def test_numbers_in_no_order_of_time_say_that_a_row_is_lost_and_not_when(tmp_path: Path) -> None:
    mixed = [number * 37 % 600 for number in range(600)]
    assert judged(tmp_path, rows(mixed)) == {"numbered": [(0, 599)]}
    assert judged(tmp_path, [row for row in rows(mixed) if row["sequence"] != 300]) == {"number": [(-60, 659)]}


def test_a_log_without_numbers_says_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, rows([None] * 300)) == {}
    assert judged(tmp_path, []) == {}


def test_an_unreadable_row_lies_between_those_beside_it(tmp_path: Path) -> None:
    log = [row for row in rows([None] * 300) if row["row"] not in (100, 101)]
    assert judged(tmp_path, log, lost=[100, 101]) == {"unread": [(98 - 15, 101 + 60)]}


def test_an_unreadable_row_beyond_the_last_may_lie_half_a_day_on(tmp_path: Path) -> None:
    assert judged(tmp_path, rows([None] * 300), lost=[301]) == {"unread": [(299 - 15, 299 + 720 + 60)]}
    assert judged(tmp_path, rows([None] * 300)[1:], lost=[1]) == {"unread": [(1 - 720 - 15, 1 + 60)]}


def test_in_a_file_without_order_an_unreadable_row_may_lie_anywhere(tmp_path: Path) -> None:
    log = [row | {"row": row["row"] * 37 % 601} for row in rows([None] * 300)]  # type: ignore[operator]
    assert judged(tmp_path, log, lost=[700]) == {"unread": [(-15, 299 + 60)]}


def test_an_unreadable_row_at_midnight_lies_between_two_days(tmp_path: Path) -> None:
    log = [row for row in rows([None] * 300, start=1300) if row["row"] != 141]
    assert judged(tmp_path, log, lost=[141]) == {"unread": [(1439 - 15, 1441 + 60)]}


def test_closing_lines_that_agree_vouch_for_their_files(tmp_path: Path) -> None:
    log = [*rows([None] * 300, file="a"), *rows([None] * 300, start=400, file="b")]
    assert judged(tmp_path, log, counted=["a", "b"]) == {"counted": [(0, 299), (400, 699)]}
    assert judged(tmp_path, log, counted=["b"]) == {"counted": [(400, 699)]}


def test_closing_lines_of_files_beside_each_other_vouch_for_nothing() -> None:
    """Of two switches that each send a file one may be missing, on other days, and no closing line says so."""
    reach = [(None, "a", at(0), at(900)), (None, "b", at(5), at(905)), (None, "c", at(1000), at(1900))]
    frame = pl.DataFrame(reach, schema={"name": pl.String, "file_id": pl.String, **SPANS}, orient="row")
    assert within_files(frame, ["a", "b", "c"]).rows() == [(at(1000), at(1900))]


CUTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda each: (each[0], each[0] + each[1])), max_size=6
)


def minutes(parts: Sequence[Minutes]) -> set[int]:
    return {minute for start, end in parts for minute in range(start, end)}


def framed(parts: Sequence[Minutes]) -> pl.DataFrame:
    return spans([(at(start), at(end)) for start, end in parts])


@given(first=CUTS, second=CUTS, without=CUTS)
def test_what_is_common_agrees_with_sets_of_minutes(
    first: list[Minutes], second: list[Minutes], without: list[Minutes]
) -> None:
    found = common([framed(first), framed(second)], framed(without))
    inside = [((a - T0) // timedelta(minutes=1), (b - T0) // timedelta(minutes=1)) for a, b in found.rows()]
    assert minutes(inside) == (minutes(first) & minutes(second)) - minutes(without)
    assert all(before[1] < after[0] for before, after in pairwise(inside))


@given(parts=CUTS)
def test_a_union_holds_the_same_minutes_apart_from_each_other(parts: list[Minutes]) -> None:
    found = merged(framed(parts))
    inside = [((a - T0) // timedelta(minutes=1), (b - T0) // timedelta(minutes=1)) for a, b in found.rows()]
    assert minutes(inside) == minutes(parts)
    assert all(before[1] < after[0] for before, after in pairwise(inside))


@pytest.mark.parametrize("names", [("a", "a"), ("a", "b"), (None, None)])
def test_a_union_keeps_groups_apart_and_the_reason_of_the_longest(names: tuple[str | None, str | None]) -> None:
    frame = framed([(0, 10), (5, 30)]).with_columns(
        name=pl.Series(names, dtype=pl.String), reason=pl.Series(["x", "y"])
    )
    found = merged(frame, "name")
    expected = [(at(0), at(30), names[0], "y")]
    assert found.rows() == (expected if names[0] == names[1] else frame.rows())
