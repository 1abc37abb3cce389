"""The family on a simulated lake: everything that was delivered is measured, and what was not says why."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from data.simulate import TINY, write_world
from pipelines.measure.measured import Found, Measured
from pipelines.measure.people.family import people
from pipelines.measure.people.needs import file_paths, state_paths
from pipelines.measure.scene import scene
from pipelines.standardise.days import lay_days
from pipelines.tables import AGENT_STATES, VENDOR_CALLS
from pipelines.tables.people import AGENT_DAYS, AGENTS, QUALITY
from tests.backtest.road import accuse

FOLLOWED = """
SELECT 'honest' AS side, caller_key, agent_id, queue, reason, ended_us AS ends_us, FALSE AS is_handed_back,
  CAST(NULL AS BIGINT) AS next_us, 'f' AS file_id, ref AS row
FROM calls
WHERE class = 'answered' AND NOT ended_us IS NULL
"""
"""Nobody calls again: whom the resolution family finds to call again is its own matter."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Found]]:
    """What is measured of the honest vendor: with all of its feeds, and with its calls alone."""
    folder = tmp_path_factory.mktemp("people")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_KEY", "a secret of some length")
        world = write_world(folder / "world", seed=7, size=TINY)
        space, lake, month = accuse(world.directory, "2026-10", has_rules=False)
        lay_days(lake, "honest", AGENT_STATES, month.scope)

        def measure() -> Found:
            with scene(space, lake, "honest", month, folder) as on:
                on.engine.query("followed", FOLLOWED)
                on.engine.frame("single_records", pl.DataFrame(schema={"file_id": pl.String(), "row": pl.Int64()}))
                return people(on)

        whole = measure()
        with scene(space, lake, "honest", month, folder) as on:
            paths: list[Path] = [*file_paths(on), *state_paths(on)]
        for path in paths:
            path.unlink()
        yield {"all": whole, "calls only": measure(), "again": measure()}
        assert lake.paths(VENDOR_CALLS, vendor="honest")


def of(found: Found, figure: str, scope: str = "all") -> Measured:
    (one,) = [each for each in found.figures if (each.id, each.scope) == (figure, scope)]
    return one


def test_hours_and_shifts_of_the_simulated_centre(found: dict[str, Found]) -> None:
    """Its agents come when they should, take short breaks, and are idle most of the time."""
    whole = found["all"]
    assert of(whole, "attendance").value == 100.0
    adherence = of(whole, "adherence")
    assert adherence.value is not None
    assert 80 < adherence.value < 100
    assert adherence.high is not None
    assert adherence.value <= adherence.high
    occupancy, per_hour = of(whole, "occupancy").value, of(whole, "calls_per_hour").value
    assert occupancy is not None
    assert per_hour is not None
    assert 0 < occupancy < 60
    assert 0.5 < per_hour < 15


def test_every_agent_has_a_row_and_nobody_is_accused_on_a_dozen_calls(found: dict[str, Found]) -> None:
    agents = found["all"].tables[AGENTS]
    assert agents.height >= 5
    assert agents["agent_id"].is_sorted()
    assert agents["answered"].sum() == of(found["all"], "calls_per_hour").n
    assert agents["fcr_pct"].to_list() == [100.0] * agents.height
    assert agents["fcr_flag"].drop_nulls().is_empty()
    assert agents["is_new"].null_count() == 0
    assert (agents["aht_low_s"] <= agents["aht_shrunk_s"]).all()
    assert found["all"].tables[AGENT_DAYS].is_empty()  # two days are too few for a usual one


def test_new_agents_by_the_roster(found: dict[str, Found]) -> None:
    agents = found["all"].tables[AGENTS]
    share = of(found["all"], "new_agent_share").value
    young = agents.filter("is_new")["answered"].sum()
    assert share == pytest.approx(100 * young / agents["answered"].sum(), abs=15)  # some turn old within the month
    turnover = of(found["all"], "turnover").value
    assert turnover is not None
    assert turnover >= 0


def test_two_sides_listen_and_each_has_its_own_score(found: dict[str, Found]) -> None:
    table = found["all"].tables[QUALITY]
    assert set(table["scored_by"]) == {"client", "vendor"}
    assert of(found["all"], "quality_score").reason == "several_scorers:2"
    for scorer in ("client", "vendor"):
        row = table.filter((pl.col("scored_by") == scorer) & pl.col("queue").is_null()).to_dicts()[0]
        assert of(found["all"], "quality_score", f"group:{scorer}").value == row["score"]


def test_the_clients_survey_counts_for_the_vendor_whose_calls_it_is_about(found: dict[str, Found]) -> None:
    response, csat = of(found["all"], "survey_response"), of(found["all"], "csat")
    assert response.value is not None
    assert csat.n is not None
    assert response.n is not None
    assert csat.n < response.n
    assert response.value == pytest.approx(100 * csat.n / response.n)


def test_without_the_feeds_it_says_which_are_missing(found: dict[str, Found]) -> None:
    bare = found["calls only"]
    missing = {
        **dict.fromkeys(("occupancy", "calls_per_hour", "attendance", "adherence"), "feed_missing:agent_states"),
        **dict.fromkeys(("turnover", "new_agent_share"), "feed_missing:roster"),
        **dict.fromkeys(("quality_score", "quality_pass_rate", "monitored_per_agent"), "feed_missing:quality_scores"),
        **dict.fromkeys(("csat", "csat_top_two", "survey_response"), "feed_missing:surveys"),
    }
    assert {name: of(bare, name).reason for name in missing} == missing
    assert {of(bare, name).status for name in missing} == {"not_measurable"}
    assert of(bare, "agent_spread_aht").value is not None


def test_the_same_input_gives_the_same_figures(found: dict[str, Found]) -> None:
    assert found["calls only"].figures == found["again"].figures
    for table, rows in found["again"].tables.items():
        assert rows.equals(found["calls only"].tables[table])
