"""Staff, lines, forecast and relief: rows in and figures out, and a month with all feeds delivered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.simulate import TINY, write_world
from pipelines.calendar import Month
from pipelines.contract.terms_model import Outage, Relief
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.measure.capacity.cells import cut
from pipelines.measure.capacity.family import capacity
from pipelines.measure.capacity.forecast import announced, forecast_figures, periods
from pipelines.measure.capacity.lines import beyond, busy_rate, can_say_busy, flow_back, peak, trunks_there
from pipelines.measure.capacity.relief import marked, relief_figures, relief_spans
from pipelines.measure.capacity.staff import needed, patience_s, staff_figures
from pipelines.measure.fed import fed
from pipelines.measure.measured import Found, Measured
from pipelines.measure.scene import scene
from pipelines.measure.service.levels import Rules
from pipelines.standardise.days import lay_days
from pipelines.tables import AGENT_STATES, FORECAST, INHOUSE_CALLS, ROSTER, TRUNKS
from pipelines.tables.capacity import INTERVALS
from tests.backtest.road import accuse

RULES = Rules("SL2", 20, "<=", 5)
NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)
HALF = timedelta(minutes=30)
Row = dict[str, Any]


def half(n: float) -> datetime:
    """The start of the n-th half hour from nine."""
    return NINE + n * HALF


# ------------------------------------------------------------------------------------------------------- forecast


def told(rows: list[tuple[datetime | None, str | None, datetime, float]]) -> pl.DataFrame:
    """Rows of table `forecast`: issued, queue, period, calls."""
    names = ("issued_utc", "queue", "period_start_utc", "calls")
    made = [dict(zip(names, row, strict=True)) | {"file_id": "f", "row": n} for n, row in enumerate(rows)]
    full = [{name: row.get(name) for name in FORECAST.schema} for row in made]
    return pl.DataFrame(full, schema=FORECAST.schema, orient="row")


def test_the_last_announcement_before_the_period_counts() -> None:
    rows = told(
        [
            (half(-50), "me", half(0), 10.0),
            (half(-2), "me", half(0), 12.0),
            (half(1), "me", half(0), 99.0),  # hindsight
            (half(-2), "other", half(0), 7.0),
            (half(-2), None, half(1), 5.0),
        ]
    )
    assert announced(rows, {"me"}, is_only=False).rows() == [(half(0), 12.0)]
    assert announced(rows, {"me"}, is_only=True).rows() == [(half(0), 12.0), (half(1), 5.0)]
    assert announced(rows, {"me", "other"}, is_only=False).rows() == [(half(0), 19.0)]


@pytest.mark.parametrize("calls", [float("nan"), -4.0])
def test_an_announcement_that_is_no_count_is_none(calls: float) -> None:
    """The one before it counts, and no error becomes `nan`."""
    rows = told([(half(-9), "me", half(0), 12.0), (half(-8), "me", half(0), calls), (None, "me", half(1), calls)])
    assert announced(rows, {"me"}, is_only=False).rows() == [(half(0), 12.0)]


def test_a_forecast_that_never_says_when_it_was_issued_counts_as_it_stands() -> None:
    rows = told([(None, "me", half(0), 10.0), (half(-1), "me", half(0), 12.0), (None, "me", half(1), 4.0)])
    assert announced(rows, {"me"}, is_only=False).rows() == [(half(0), 12.0), (half(1), 4.0)]


def ends(starts: list[datetime], zone: str) -> list[timedelta]:
    """How long each period lasts."""
    rows = pl.DataFrame({"start_utc": starts, "forecast": [1.0] * len(starts)})
    rows = rows.cast({"start_utc": pl.Datetime("us", "UTC")})
    return [end - start for start, end, _ in periods(rows, zone).rows()]


def test_a_period_is_as_long_as_its_forecast_makes_it() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert ends([half(0), half(2), half(4), half(30)], "UTC") == [hour] * 4
    assert ends([half(0)], "UTC") == [HALF]
    assert ends([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)], "UTC") == [31 * day, 28 * day]
    assert ends([], "UTC") == []


def test_a_day_of_a_clock_change_has_25_hours() -> None:
    midnights = [datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)]
    midnights += [datetime(2026, 10, 25, 23, tzinfo=UTC)]
    assert [length / timedelta(hours=1) for length in ends(midnights, "Europe/Berlin")] == [24, 25, 24]


def judged(pairs: list[tuple[float, int]]) -> pl.DataFrame:
    """Periods of half an hour with calls announced and passed on."""
    rows = [(half(n), half(n + 1), announced_calls, passed) for n, (announced_calls, passed) in enumerate(pairs)]
    kinds = {"forecast": pl.Float64, "passed": pl.Int64}
    moments = dict.fromkeys(("start_utc", "end_utc"), pl.Datetime("us", "UTC"))
    return pl.DataFrame(rows, schema=moments | kinds, orient="row")


def test_a_forecast_is_judged_by_the_calls_it_missed() -> None:
    """100 announced and 80 came, 50 announced and 60 came: 30 of 140 wrong, 10 too many in all."""
    error, bias = forecast_figures(judged([(100, 80), (50, 60)]))
    assert (error.value, error.n) == (pytest.approx(100 * 30 / 140), 140)
    assert bias.value == pytest.approx(100 * 10 / 140)


@given(st.lists(st.tuples(st.floats(0, 1000), st.integers(0, 1000)), max_size=30))
def test_forecast_error_equals_a_plain_sum(pairs: list[tuple[float, int]]) -> None:
    error, bias = forecast_figures(judged(pairs))
    base = sum(passed for _, passed in pairs)
    if not base:
        assert error.reason == bias.reason == "nothing_to_count"
        return
    assert error.value == pytest.approx(100 * sum(abs(calls - passed) for calls, passed in pairs) / base)
    assert bias.value == pytest.approx(100 * sum(calls - passed for calls, passed in pairs) / base, abs=1e-6)


# --------------------------------------------------------------------------------------------------------- relief


def test_more_calls_than_announced_relieve_only_beyond_the_agreed_share() -> None:
    relief = Relief.model_validate({"over_forecast_pct": 10})
    spans = relief_spans(relief, judged([(100, 110), (100, 111), (0, 1)]))
    assert spans.rows() == [(half(1), half(2), "over_forecast"), (half(2), half(3), "over_forecast")]


def calls(half_hour: int, day: int, is_relieved: bool, in_time: int, late: int) -> list[Row]:
    """Answered calls of one half hour, as `tallies_by_cell.sql` counts them."""
    flags = {"is_open": False, "is_short": False, "is_transferred": False, "is_callback": False, "is_queued": True}
    same = {"half_hour": half_hour, "booked_day": date(2026, 3, day), "kind": "record", "class": "answered", **flags}
    counts = ((True, in_time), (False, late))
    return [
        {**same, "is_rung": None, "is_relieved": is_relieved, "is_in_t": is_in_t, "calls": count}
        for is_in_t, count in counts
        if count
    ]


def test_an_outage_leaves_the_service_level() -> None:
    """In the outage 2 of 40 were in time, else 85 of 100: 62 % with it, 85 % without; the day then meets 80 %."""
    rows = pl.DataFrame(
        [*calls(0, 10, False, 45, 5), *calls(1, 10, True, 2, 38), *calls(2, 10, False, 40, 10)],
        schema_overrides={"is_rung": pl.Boolean},
    )
    found = {(figure.id, figure.scope): figure for figure in relief_figures(rows, RULES, 80.0)}
    level = found["service_level_relieved", "all"]
    assert (level.value, level.n) == (85.0, 100)
    assert found["relieved_calls", "all"].value == 40
    assert found["sl_days_met_relieved", "all"].value == 100
    assert found["sl_halfhours_met_relieved", "all"].value == 100
    without = relief_figures(rows.with_columns(is_relieved=pl.lit(value=False)), RULES, 80.0)
    assert [figure.value for figure in without if figure.scope == "all"] == [
        pytest.approx(100 * 87 / 140),
        0.0,
        0.0,
        pytest.approx(100 * 2 / 3),
    ]


def test_cells_are_relieved_up_to_the_second_in_which_an_outage_ends() -> None:
    times = {"from": "2026-03-10T17:10:05+08:00", "until": "2026-03-10T17:20:00+08:00"}
    outage = Outage.model_validate({name: datetime.fromisoformat(text) for name, text in times.items()})
    relief = Relief(outages=(outage,))
    cells = cut([(half(0), half(1)), (outage.since, outage.until)])
    found = marked(cells, relief_spans(relief, judged([])))
    assert found["is_relieved"].to_list() == [False, True, False]
    assert found["to_utc"][0] == NINE + timedelta(minutes=10, seconds=5)


# ---------------------------------------------------------------------------------------------------------- staff


def halves(rows: list[tuple[int, int, float]]) -> pl.DataFrame:
    """Half hours with calls offered, calls handled, and seconds spent on them."""
    times = {"start_utc": [half(n) for n in range(len(rows))], "end_utc": [half(n + 1) for n in range(len(rows))]}
    counts = dict(zip(("offered", "handles", "handle_s"), map(list, zip(*rows, strict=True)), strict=True))
    return pl.DataFrame({**times, **counts})


def test_staff_needed_is_erlangs() -> None:
    """100 calls of 180 s in half an hour need 14, with a patience of five minutes 13; on two calls each, 7 of each."""
    rows = halves([(100, 100, 18_000.0), (0, 0, 0.0), (10, 5, 5_000.0)])
    found = needed(rows, RULES, 80.0, 1, 300.0)
    assert found["load"].to_list() == [10.0, 0.0, pytest.approx(10 * 23_000 / 105 / 1800)]
    assert found["needed_c"].to_list()[:2] == [14, 0]
    assert found["needed_a"].to_list()[:2] == [13, 0]
    two = needed(rows, RULES, 80.0, 2, None)
    assert two["needed_c"].to_list()[:2] == [7, 0]
    assert two["needed_a"].null_count() == 3
    nothing = needed(halves([(3, 0, 0.0), (0, 0, 0.0)]), RULES, 80.0, 1, None)
    assert nothing["needed_c"].to_list() == [None, 0]


def test_patience_is_all_waiting_by_those_who_gave_up() -> None:
    assert patience_s(6_000.0, 40) == 150.0
    assert patience_s(6_000.0, 29) is None
    assert patience_s(0.0, 40) is None


def test_the_gap_counts_open_half_hours_only() -> None:
    """Planned 12, 3 and none for 14, 2 and none: two half hours, one short by 2 and one over by 1."""
    schema = {"offered": pl.Int64, "needed": pl.Float64, "planned": pl.Float64, "present": pl.Float64}
    rows = pl.DataFrame([(100, 14, 12, None), (5, 2, 3, None), (0, 0, 0, None)], schema=schema, orient="row")
    gap, short, present = staff_figures(rows, "Erlang C T=20 target=80", None, "feed_missing:agent_states")
    assert (gap.value, gap.n, gap.definition) == (-0.5, 2, "STAFFING Erlang C T=20 target=80")
    assert (short.value, short.n) == (50.0, 2)
    assert (present.value, present.reason) == (None, "feed_missing:agent_states")


# ---------------------------------------------------------------------------------------------------------- lines


def test_lines_are_those_of_the_last_notice() -> None:
    rows = pl.DataFrame(
        [
            {
                name: {"from_utc": when, "capacity": lines, "file_id": "f", "row": lines}.get(name)
                for name in TRUNKS.schema
            }
            for when, lines in ((half(1), 30), (half(2), 60))
        ],
        schema=TRUNKS.schema,
    )
    frame = halves([(1, 1, 1.0)] * 4)
    assert trunks_there(rows, frame, None).to_list() == [None, 30, 60, 60]
    assert trunks_there(rows, frame, 20).to_list() == [20, 30, 60, 60]


def test_more_calls_than_lines() -> None:
    most, lines = pl.Series([31, 30, 5, 70]), pl.Series([30, 30, None, 60])
    over = beyond("over_trunks", most, lines, "feed_missing:trunks")
    assert (over.value, over.n) == (pytest.approx(100 * 2 / 3), 3)
    assert beyond("over_trunks", most, pl.Series([None] * 4, dtype=pl.Int64), "feed_missing:trunks").value is None
    assert beyond("over_trunks", pl.Series([0, 0, 0, 0]), lines, "feed_missing:trunks").reason == "nothing_to_count"
    assert peak("peak_calls", most).value == 70


def test_busy_calls_by_either_sides_word() -> None:
    """200 legs, 3 blocked by our log, 2 more by the vendor's; 5 legs untold, 1 vendor's record that no leg confirms."""
    legs, records = {"legs": 200, "busy": 3, "untold": 5}, {"paired": 2, "alone": 1, "lone_legs": 9}
    both = busy_rate(legs, records, log_says=True, vendor_says=True)
    assert (both.value, both.n) == (2.5, 200)
    assert (both.low, both.high) == (pytest.approx(100 * 5 / 201), pytest.approx(100 * 11 / 201))
    theirs = busy_rate({**legs, "busy": 0}, records, log_says=False, vendor_says=True)
    assert (theirs.value, theirs.high) == (1.0, pytest.approx(100 * 12 / 201))
    neither = busy_rate(legs, records, log_says=False, vendor_says=False)
    assert (neither.value, neither.reason) == (None, "own_column_missing:outcome")


@pytest.mark.parametrize(
    ("outcomes", "says"),
    [(None, True), ({"HANGUP": "abandoned"}, False), ({"BUSY": "blocked", "HANGUP": "abandoned"}, True)],
)
def test_a_log_can_say_busy_only_if_a_word_of_it_means_so(
    world: tuple[Workspace, Lake], outcomes: dict[str, str] | None, says: bool
) -> None:
    space, _ = world
    (log,) = space.inhouse.feed("inhouse_calls")
    columns = tuple(replace(column, map=outcomes) if column.role == "outcome" else column for column in log.columns)
    contract = replace(space.inhouse, objects=(replace(log, columns=columns),))
    assert can_say_busy(contract, "inhouse_calls") is says


def test_calls_that_flow_back_leave_nameless_callers_open() -> None:
    found = flow_back({"legs": 100, "returned": 4, "retried": 2, "maybe": 3})
    assert (found.value, found.low, found.high) == (6.0, 6.0, 9.0)


# ------------------------------------------------------------------------------------------------ a delivered month

MONTH = Month("2026-10")
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Lake]]:
    """A small simulated world as far as the links: `honest` delivers every feed, `vague` calls and claims only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_KEY", "a secret of some length")
        made = write_world(tmp_path_factory.mktemp("capacity") / "world", seed=7, size=TINY)
        space, lake, month = accuse(made.directory, MONTH.text, has_rules=False)
        lay_days(lake, "honest", AGENT_STATES, month.scope)
        yield space, lake


def measured(world: tuple[Workspace, Lake], vendor: str, folder: Path) -> Found:
    with scene(*world, vendor, MONTH, folder) as on:
        return capacity(on)


def by_id(found: Found) -> dict[tuple[str, str], Measured]:
    return {(figure.id, figure.side): figure for figure in found.figures if figure.scope == "all"}


def test_a_vendor_that_delivers_little_is_told_what_is_missing(world: tuple[Workspace, Lake], tmp_path: Path) -> None:
    found = measured(world, "vague", tmp_path)
    assert {key: figure.reason for key, figure in by_id(found).items() if figure.value is None} == {
        ("busy_rate", "vendor"): "own_column_missing:outcome",
        ("over_trunks", "vendor"): "feed_missing:trunks",
        ("over_trunks", "inhouse"): "feed_missing:trunks",
        ("over_seats", "vendor"): "term_missing:seats",
        ("staffing_gap", "vendor"): "feed_missing:roster",
        ("staffing_short", "vendor"): "feed_missing:roster",
        (
            "staffing_gap_present",
            "vendor",
        ): "feed_missing:agent_states",  # who answered a call is fewer than who was there
    }
    frame = found.tables[INTERVALS]
    assert frame.height == 31 * 48
    assert frame["present_by"].unique().to_list() == ["calls"]
    assert frame["planned"].null_count() == frame["trunks"].null_count() == frame.height


def test_a_month_with_all_feeds_agrees_with_the_rows_delivered(world: tuple[Workspace, Lake], tmp_path: Path) -> None:
    space, lake = world
    found = measured(world, "honest", tmp_path)
    figures, frame = by_id(found), found.tables[INTERVALS]
    assert {key for key, figure in figures.items() if figure.value is None} == {("busy_rate", "vendor")}
    assert frame.schema == INTERVALS.schema
    assert frame["present_by"].unique().to_list() == ["states"]
    told = set(lake.read(AGENT_STATES, vendor="honest")["day"])
    for column, days in (
        ("present", told),
        ("planned", planned_days(fed(lake, space.vendors["honest"].contract, ROSTER))),
    ):
        known = set(frame.filter(pl.col(column).is_not_null())["day"])
        assert known == {day for day in frame["day"] if day in days} < set(frame["day"])
    assert figures["peak_calls", "vendor"].value == frame["peak_calls"].max()

    shifts = fed(lake, space.vendors["honest"].contract, ROSTER).select("planned_from_utc", "planned_to_utc").rows()
    first, last = frame["start_utc"][0], frame["end_utc"][-1]
    worked = sum(((min(b, last) - max(a, first)) / HALF for a, b in shifts if a and a < last and b > first), 0.0)
    assert frame["planned"].sum() == pytest.approx(worked)

    legs = lake.read(INHOUSE_CALLS).filter(vendor_id="honest")["transferred_utc"].drop_nulls().to_list()
    assert frame["passed"].to_list() == [
        sum(a <= leg < b for leg in legs) for a, b in frame.select("start_utc", "end_utc").rows()
    ]
    off, base, told = 0.0, 0, last_announced(fed(lake, space.inhouse, FORECAST))
    assert frame["forecast"].sum() == pytest.approx(sum(told.values()))
    for start, forecast in told.items():
        passed = sum(start <= leg < start + HALF for leg in legs)
        off, base = off + abs(forecast - passed), base + passed
    assert figures["forecast_error", "inhouse"].value == pytest.approx(100 * off / base)

    level = figures["service_level_relieved", "vendor"]
    assert figures["relieved_calls", "vendor"].value > 0
    kept = frame.filter(~pl.col("is_relieved"))
    offered, in_t = int(kept["answered"].sum() + kept["abandoned"].sum()), int(kept["in_t"].sum())
    assert (level.value, level.n) == (pytest.approx(100 * in_t / offered), offered)


def planned_days(roster: pl.DataFrame) -> set[date]:
    """Days from the first planned shift to the last."""
    shifts = roster.drop_nulls("planned_from_utc").select("planned_from_utc", "planned_to_utc")
    first, last = (shift.astimezone(ZONE).date() for shift in (min(shifts.to_series(0)), max(shifts.to_series(1))))
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def last_announced(rows: pl.DataFrame) -> dict[datetime, float]:
    """Half hour → calls that were last announced for the honest vendor's route before it."""
    found: dict[datetime, tuple[datetime, float]] = {}
    for row in rows.to_dicts():
        start, issued = row["period_start_utc"], row["issued_utc"]
        is_own = row["queue"] in ("honest", "R-QD") and start.astimezone(ZONE).strftime("%Y-%m") == MONTH.text
        if is_own and issued <= start and issued >= found.get(start, (issued, 0.0))[0]:
            found[start] = (issued, row["calls"])
    return {start: calls for start, (_, calls) in found.items()}
