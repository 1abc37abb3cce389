"""A workspace's Dagster starts with the settings of dagster_home/: everything in its folder, nothing sent."""

import shutil
from pathlib import Path

import pytest
from dagster import DagsterInstance

SETTINGS = Path(__file__).parents[2] / "dagster_home" / "dagster.yaml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(SETTINGS, tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_dagster_accepts_the_settings_and_sends_nothing(home: Path) -> None:
    with DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled


def test_one_run_at_a_time(home: Path) -> None:
    with DagsterInstance.get() as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 1


def test_what_dagster_remembers_lies_in_its_home(home: Path) -> None:
    with DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("vendor", ["hengtong"])
    assert sorted(path.name for path in home.rglob("*.db")) == ["index.db", "runs.db", "schedules.db"]
