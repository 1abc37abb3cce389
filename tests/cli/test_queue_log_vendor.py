"""A vendor that sends nothing but its queue log, through the command and Dagster, in a process of its own: which assets
there are is decided when Dagster loads the workspace.
"""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from pipelines.lake import Lake
from pipelines.run import instance
from tests.backtest.system_files import plain, plain_legs, queue_log
from tests.backtest.system_world import MONTH, Delivery, Outcome, write_space

ROOT = Path(__file__).parents[2]


def test_a_queue_log_alone_is_audited(tmp_path: Path) -> None:
    inbound = "{property: tieout.direction, value: inbound}"
    sent = {"queue_log": plain(queue_log)}
    space = tmp_path / "space"
    write_space(space, Delivery("asterisk_queue_log", sent, plain_legs(), [inbound], feed="queue_events"))
    settings = space / "tieout.yaml"  # the month's last week only: every partition costs time
    settings.write_text(settings.read_text().replace("first_day: 2026-10-01", "first_day: 2026-10-25"))
    words = ["audit", "--dir", str(space), "--month", MONTH]
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *words],
        cwd=ROOT,
        env={**os.environ, "TIEOUT_KEY": "a key for tests only"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert (space / "out" / "vendor" / MONTH / "scorecard.pdf").exists()
    with instance(space, ["vendor"]) as record:
        for name in ("queue_events", "vendor_calls", "agent_states"):
            made = record.get_materialized_partitions(dg.AssetKey(name))
            assert {f"2026-10-{day:02}|vendor" for day in range(25, 32)} <= made, name
    lake = Outcome(Lake(space / "lake"))
    assert lake.figure("answered") == 4
    assert lake.figure("asa") == 10
