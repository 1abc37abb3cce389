"""Two months of a real call centre, where every call of both sides is real: plain counts, and nobody accused.

The data is not part of the project: it is read where it lies, and nothing of it is written here. Every expected number
is counted from the files at test time, by plain loops.
"""

import csv
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.calendar import days_without_rows
from pipelines.lake import Lake
from pipelines.measure.catalogue import catalogue
from pipelines.tables import FIGURES, FINDINGS, SETTLED_FIGURES, SETTLEMENT, VENDOR_CALLS
from tests.backtest.road import audit

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank"
MONTHS = {"1999-01": "january", "1999-02": "february"}
WINDOWS = {"2h": timedelta(hours=2), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
Figures = dict[str, dict[str, object]]
LACKS = {
    "column_missing:ring_s": "rings",
    "column_missing:hold_s, acw_s": "aht agent_spread_aht staffing_gap staffing_short staffing_gap_present",
    "column_missing:hold_s": "hold_time hold_per_call",
    "column_missing:acw_s": "acw",
    "column_missing:transfer_to": "transfer_rate",
    "column_missing:direction": "fcr_strict_2h fcr_strict_24h fcr_strict_7d "
    "agent_callback_2h agent_callback_24h agent_callback_7d",
    "own_column_missing:leg_answered_utc": "asa_client_clock",
    "own_column_missing:leg_answered_utc, leg_ended_utc": "talk_time_client_clock",
    "own_column_missing:outcome, agent_id": "callback_inhouse_2h callback_inhouse_24h callback_inhouse_7d "
    "net_diverted cost_per_net_call",
    "own_column_missing:outcome": "busy_rate",
    "own_column_missing:returned_utc, leg_answered_utc": "overflow_back_rate",
    "feed_missing:agent_states": "calls_per_hour occupancy adherence attendance",
    "feed_missing:roster": "turnover new_agent_share",
    "feed_missing:quality_scores": "quality_score quality_pass_rate monitored_per_agent",
    "feed_missing:surveys": "csat csat_top_two survey_response",
    "feed_missing:trunks": "over_trunks",
    "feed_missing:forecast": "forecast_error forecast_bias",
    "term_missing:seats": "over_seats",
    "no_complaint_reason": "complaints_per_1000",
    "nothing_due": "delivery_on_time",
}
"""Why a figure of the catalogue cannot be measured in either month → the figures."""
ONLY_IN_JANUARY = {"regular_callers": "too_few_months"}
OTHER_WINDOWS = {"fcr_other_numbers_2h", "fcr_other_numbers_7d"}
"""Told of the window alone that the terms name."""
KNOWN = {
    "1999-01": {
        "offered": 30_161, "answered": 27_060, "abandoned": 3_101, "service_level": 54.381, "asa": 35.028,
        "queue_time": 68.177, "queued_pct": 55.253, "talk_time": 183.452, "fcr_2h": 92.231, "fcr_24h": 83.526,
        "fcr_7d": 73.059, "peak_calls": 26, "single_number_share": 57.572, "sl_days_met": 3.448,
    },
    "1999-02": {
        "offered": 31_125, "answered": 27_162, "abandoned": 3_963, "service_level": 52.080, "asa": 40.773,
        "queue_time": 75.841, "queued_pct": 57.918, "talk_time": 176.353, "fcr_2h": 92.013, "fcr_24h": 82.866,
        "fcr_7d": 73.889, "peak_calls": 24, "single_number_share": 56.833, "sl_days_met": 10.714,
    },
}  # fmt: skip
"""Figures of the months as they are known, to the printed precision."""

pytestmark = pytest.mark.skipif(not BANK.exists(), reason="the real months are not beside this checkout")


@dataclass(frozen=True)
class Contact:
    """One call that reached a queue or an agent: caller, arrival, end and whether an agent answered."""

    caller: str
    arrived: datetime
    ended: datetime | None
    is_answered: bool
    month: str


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bank's workspace in a folder of its own, with no delivery yet."""
    folder = tmp_path_factory.mktemp("bank") / "workspace"
    shutil.copytree(BANK / "workspace", folder, copy_function=shutil.copyfile)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def deliver(workspace: Path, month: str) -> None:
    """Puts one month's files into the drop folder."""
    out = workspace / "drop" / month
    subprocess.run([sys.executable, BANK / "split.py", BANK / f"{MONTHS[month]}.txt.gz", out], check=True)


def rows(workspace: Path, month: str, name: str) -> list[dict[str, str]]:
    with (workspace / "drop" / month / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contacts(workspace: Path, months: list[str]) -> dict[str, list[Contact]]:
    """Caller → contacts, from the files; a record and the client's row stand at the same place of those passed on."""
    found = defaultdict(list)
    for month in months:
        passed = [row for row in rows(workspace, month, "inhouse.csv") if row["transferred"]]
        for leg, call in zip(passed, rows(workspace, month, "vendor_calls.csv"), strict=True):
            assert leg["call_id"].endswith(f"-{call['record']}")
            ended = datetime.fromisoformat(call["ended_at"]) if call["ended_at"] else None
            arrived = datetime.fromisoformat(leg["arrived"])
            contact = Contact(leg["caller"], arrived, ended, call["result"] == "AGENT", month)
            found[contact.caller].append(contact)
    return found


def resolution(
    workspace: Path, months: list[str], end: datetime, audited: str = "1999-01"
) -> dict[str, tuple[int, int, int]]:
    """Window → closed, resolved and still open windows of the audited month's answered calls."""
    every, found = contacts(workspace, months), {}
    for name, length in WINDOWS.items():
        closed = resolved = still_open = 0
        for own in every.values():
            for base in own:
                if base.month != audited or not base.is_answered or base.ended is None:
                    continue
                until = base.ended + length
                if until > end:
                    still_open += 1
                    continue
                closed += 1
                resolved += not any(base.ended < other.arrived <= until for other in own if other is not base)
        found[name] = closed, resolved, still_open
    return found


def figures(lake: Lake, scope: str = "all", month: str = "1999-01") -> Figures:
    frame = lake.read(FIGURES, vendor="agents", month=month).filter(pl.col("scope") == scope)
    return {row["id"]: row for row in frame.to_dicts()}


def check_service(workspace: Path, lake: Lake) -> None:
    """Counts, shares and means of the month, and the counts of each day, equal plain sums over the vendor's file."""
    calls = rows(workspace, "1999-01", "vendor_calls.csv")
    answered = [row for row in calls if row["result"] == "AGENT"]
    in_time = sum(int(row["queue_s"]) <= 20 for row in answered)
    found = figures(lake)
    expected = {
        "offered": len(calls),
        "answered": len(answered),
        "abandoned": len(calls) - len(answered),
        "service_level": 100 * in_time / len(calls),
        "answered_pct": 100 * len(answered) / len(calls),
        "abandon_rate": 100 * (len(calls) - len(answered)) / len(calls),
        "asa": sum(int(row["queue_s"]) for row in answered) / len(answered),
        "talk_time": sum(int(row["talk_s"]) for row in answered) / len(answered),
        "match_rate": 100.0,
    }
    for name, value in expected.items():
        assert found[name]["measured"] == pytest.approx(value), name
        assert found[name]["status"] == "final", name
    for name in ("offered", "answered", "abandoned"):
        assert found[name]["reported"] == expected[name]
    for name in ("aht", "callback_inhouse_24h"):  # no hold and no after-call work; our log names no agent
        assert (found[name]["measured"], found[name]["status"]) == (None, "not_measurable")
    for row in rows(workspace, "1999-01", "vendor_daily.csv"):
        of_day = figures(lake, f"day:{row['day']}")
        for name in ("offered", "answered", "abandoned"):
            assert of_day[name]["measured"] == of_day[name]["reported"] == int(row[name]), (row["day"], name)
        assert of_day["service_level"]["measured"] == pytest.approx(float(row["service_level_20s_pct"]), abs=0.0501)


def check_nobody_is_accused(lake: Lake) -> None:
    assert lake.read(FINDINGS, vendor="agents", month="1999-01").rows() == []
    settled = lake.read(SETTLEMENT, vendor="agents", month="1999-01")
    assert settled["line"].to_list() == ["billed", "owed"]
    assert settled["amount_low"].n_unique() == 1


def check_resolution(
    workspace: Path, lake: Lake, months: list[str], end: datetime, audited: str = "1999-01"
) -> dict[str, str]:
    """FCR of the three windows equals a plain count; returns their states."""
    found, states = figures(lake, month=audited), {}
    for name, (closed, resolved, still_open) in resolution(workspace, months, end, audited).items():
        figure = found[f"fcr_{name}"]
        assert (figure["n"], figure["measured"]) == (closed, pytest.approx(100 * resolved / closed)), name
        assert figure["low"] is None or figure["low"] <= figure["measured"] <= figure["high"]  # type: ignore[operator]
        assert (figure["status"] == "provisional") == (still_open > 0), (name, still_open)
        states[name] = str(figure["status"])
    return states


def whole_catalogue(lake: Lake, month: str) -> Figures:
    """Every figure of the catalogue for the month: the vendor's, or the one that only our own log can tell."""
    where = {"vendor": "agents", "month": month}
    frame = pl.concat([lake.read(table, **where) for table in (FIGURES, SETTLED_FIGURES)])
    rows = frame.filter(pl.col("scope") == "all").sort("side").to_dicts()  # the vendor's row comes last and stays
    return {row["id"]: row for row in rows}


def check_catalogue(lake: Lake, month: str) -> None:
    """Each figure is measured, or not measurable with the reason that names what lacks; nothing else is there."""
    found = whole_catalogue(lake, month)
    reasons = {figure: reason for reason, figures in LACKS.items() for figure in figures.split()}
    reasons |= ONLY_IN_JANUARY if month == "1999-01" else {}
    assert set(found) == {entry.id for entry in catalogue()} - OTHER_WINDOWS
    lacking = {figure: row["reason"] for figure, row in found.items() if row["status"] == "not_measurable"}
    assert lacking == reasons
    for figure, row in found.items():
        assert (row["measured"] is None) == (figure in reasons), figure
    for figure, value in KNOWN[month].items():
        assert found[figure]["measured"] == pytest.approx(value, abs=0.0005), figure


def check_windows_of_february(lake: Lake) -> None:
    """No month follows, so every window is open at its end, and its closed calls alone are counted."""
    found = whole_catalogue(lake, "1999-02")
    counted = {name: (found[f"fcr_{name}"]["n"], found[f"fcr_{name}"]["status"]) for name in WINDOWS}
    assert counted == {"2h": (27_057, "provisional"), "24h": (25_867, "provisional"), "7d": (20_857, "provisional")}


def check_unended(workspace: Path, lake: Lake) -> None:
    """Of each queue it is told how many of its own answered calls have no end, not how many of all."""
    left: dict[str, int] = defaultdict(int)
    for row in rows(workspace, "1999-01", "vendor_calls.csv"):
        left[row["skill"]] += row["result"] == "AGENT" and not row["ended_at"]
    assert sum(left.values()) == 42
    told = {queue: figures(lake, f"queue:{queue}")["fcr_24h"]["reason"] for queue in ("PS", "NE", "IN")}
    assert told == {queue: f"unended:{left[queue]}" for queue in told}


def test_january_alone_and_with_the_month_after(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    deliver(workspace, "1999-01")
    _, lake, month = audit(workspace, "1999-01")
    check_service(workspace, lake)
    check_nobody_is_accused(lake)
    assert days_without_rows(lake, VENDOR_CALLS, "agents", month, month.last) == ["1999-01-11", "1999-01-12"]
    alone = check_resolution(workspace, lake, ["1999-01"], datetime.fromisoformat("1999-02-01"))
    assert alone == dict.fromkeys(WINDOWS, "provisional")

    deliver(workspace, "1999-02")
    audit(workspace, "1999-01")
    check_service(workspace, lake)
    check_nobody_is_accused(lake)
    later = check_resolution(workspace, lake, list(MONTHS), datetime.fromisoformat("1999-02-10"))
    assert later == dict.fromkeys(WINDOWS, "final")
    check_unended(workspace, lake)
    assert whole_catalogue(lake, "1999-01")["fcr_24h"]["n"] == 27_018
    check_catalogue(lake, "1999-01")

    audit(workspace, "1999-02")
    february = check_resolution(workspace, lake, list(MONTHS), datetime.fromisoformat("1999-03-01"), "1999-02")
    assert february == dict.fromkeys(WINDOWS, "provisional")
    check_catalogue(lake, "1999-02")
    check_windows_of_february(lake)
