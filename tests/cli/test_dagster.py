"""The road as Dagster sees it: the graph, a range as one run, a gate that holds back one day, schedules, the sensor."""

import os
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from data.simulate import SMALL, write_world
from pipelines.calendar import Month, open_paths
from pipelines.contract.workspace import load_workspace
from pipelines.lake import Lake
from pipelines.run import instance, night_stages, run_stages
from pipelines.schedules import due_months
from pipelines.tables import VENDOR_CALLS

HELD_BACK = date(2026, 10, 21)
"""The one day of the vague vendor whose rows break an error rule."""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated world at its usual size."""
    folder = tmp_path_factory.mktemp("dagster") / "space"
    write_world(folder, size=SMALL)
    return folder


@pytest.fixture
def definitions(space: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Dagster's entry point, on that world."""
    monkeypatch.setenv("TIEOUT_DIR", str(space))
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    from pipelines import definitions as module

    return module


def test_everything_loads_and_the_partition_mappings_fit(definitions: ModuleType) -> None:
    dg.Definitions.validate_loadable(definitions.defs)


def test_the_graph_is_the_road(definitions: ModuleType) -> None:
    groups = {asset.key.to_user_string(): next(iter(asset.group_names_by_key.values())) for asset in definitions.ASSETS}
    for asset in definitions.ASSETS:
        for spec in asset.specs:
            for dep in spec.deps:
                before, after = groups[dep.asset_key.to_user_string()], groups[spec.key.to_user_string()]
                assert before[:2] <= after[:2], f"{dep.asset_key} ({before}) comes after {spec.key} ({after})"


def test_a_range_is_one_run_and_a_gate_holds_back_one_day(
    definitions: ModuleType, space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = load_workspace(space)
    lake = Lake(workspace.lake)
    with instance(space, list(workspace.vendors)) as record:
        for day in (date(2026, 10, 20), HELD_BACK, date(2026, 10, 22)):
            stages = night_stages(workspace, day, ["vague"])
            outcome = run_stages(stages, [*definitions.ASSETS, *definitions.CHECKS], record, lambda stage: None)
            assert outcome.faults == {}
        runs = record.get_runs_count()
        assert runs == 6, "the client's log and one vendor, three nights"
        rule = dg.AssetCheckKey(dg.AssetKey("rules"), "queue_s_values_to_be_between")
        answers = {
            info.partition_key: info.latest_execution_status.value
            for info in record.event_log_storage.get_asset_check_partition_info([rule])
            if info.partition_key
        }
    assert answers == {
        "2026-10-20|vague": "SUCCEEDED",
        "2026-10-21|vague": "FAILED",
        "2026-10-22|vague": "SUCCEEDED",
    }
    days = [date(2026, 10, 20), HELD_BACK, date(2026, 10, 22)]
    left = [path.parent.name for path in open_paths(lake, VENDOR_CALLS, "vague", days)]
    assert left == ["day=2026-10-20", "day=2026-10-22"]


def test_vendors_of_the_workspace_become_partitions(definitions: ModuleType, space: Path) -> None:
    with dg.instance_for_test() as record:
        result = definitions.new_vendors(dg.build_sensor_context(instance=record))
        assert result.dynamic_partitions_requests[0].partition_keys == ["honest", "padding", "vague"]
        record.add_dynamic_partitions("vendor", ["honest", "padding", "vague"])
        assert definitions.new_vendors(dg.build_sensor_context(instance=record)).dynamic_partitions_requests == []


def test_schedules_ask_for_yesterday_by_the_clients_clock(definitions: ModuleType) -> None:
    schedules = {schedule.name: schedule for schedule in definitions.defs.schedules}
    assert sorted(schedules) == ["monthly", "nightly", "nightly_inhouse"]
    three = datetime(2026, 10, 16, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    with dg.instance_for_test() as record:
        record.add_dynamic_partitions("vendor", ["honest", "padding", "vague"])
        context = dg.build_schedule_context(
            instance=record, scheduled_execution_time=three, repository_def=definitions.defs.get_repository_def()
        )
        asked = schedules["nightly"].evaluate_tick(context).run_requests
    assert [request.partition_key for request in asked or []] == [
        "2026-10-15|honest",
        "2026-10-15|padding",
        "2026-10-15|vague",
    ]


def test_last_month_is_due_on_its_day_only(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert due_months(lake, ["a", "b"], date(2026, 11, 3)) == [("a", Month("2026-10")), ("b", Month("2026-10"))]
    assert due_months(lake, ["a", "b"], date(2026, 11, 4)) == []


def test_dagsters_home_is_seeded_once(space: Path) -> None:
    settings = space / ".dagster" / "dagster.yaml"
    with instance(space, []):
        settings.write_text(settings.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with instance(space, []):
        pass
    assert settings.read_text(encoding="utf-8").endswith("# mine\n")
    assert os.environ["DAGSTER_HOME"] == str(space / ".dagster")
