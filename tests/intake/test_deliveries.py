"""What was due and what came, from real files pulled at given moments; and what is told of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.calendar import Month
from pipelines.contract import Workspace, load_workspace
from pipelines.deliveries_told import deliveries_told
from pipelines.intake.deliveries import write_deliveries
from pipelines.intake.manifest import Received, delivered, in_force, received
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.standardise.overlaps import Noted, keep_note
from pipelines.tables import DELIVERIES, VENDOR_CALLS
from tests.intake.contracts import calls, put, workspace

OCTOBER = Month("2026-10")
MONTHLY = [{"property": "frequency", "value": 1, "unit": "month"}]
THREE_DAYS = {"property": "latency", "value": 3, "unit": "day"}


def space_of(folder: Path, *promises: dict[str, Any], file: str = "calls.csv", path: str = "drop/{month}") -> Workspace:
    """A workspace whose vendor `south` promises this of its calls. The client sits in Berlin."""
    space = workspace(folder / "w", calls(file=file), path=path)
    contract = space.dir / "vendors/south/data.odcs.yaml"
    node = yaml.safe_load(contract.read_text()) | {"slaProperties": list(promises)}
    contract.write_text(yaml.safe_dump(node, sort_keys=False))
    return load_workspace(space.dir)


def pulled(space: Workspace, moment: str) -> None:
    """Pulls October of the vendor at a moment, in UTC."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    pull(space.dir, Lake(space.lake), space.vendors["south"].contract, OCTOBER.own_days, at)


def rows(space: Workspace, *columns: str, month: Month = OCTOBER) -> list[tuple[Any, ...]]:
    found = write_deliveries(space, Lake(space.lake), "south", month)
    return found.select(columns or ("file", "state")).rows()


def told(space: Workspace) -> list[str]:
    rows(space)
    contract = space.vendors["south"].contract
    return [f"{fault.where}: {fault.found}" for fault in deliveries_told(Lake(space.lake), contract, OCTOBER.own_days)]


@pytest.mark.parametrize(
    ("looks", "moment", "state"),
    [
        (["2026-10-15T08:00:00"], "2026-10-31T20:00:00", "on_time"),
        (["2026-10-15T08:00:00"], "2026-11-03T22:59:59", "on_time"),
        ([], "2026-11-03T22:59:59", "on_time"),
        (["2026-10-15T08:00:00", "2026-11-03T23:00:00"], "2026-11-03T23:00:01", "late"),
        (["2026-10-15T08:00:00", "2026-11-04T08:00:00"], "2026-11-20T08:00:00", "late"),
        (["2026-10-15T08:00:00", "2026-11-03T22:59:59"], "2026-11-03T23:00:01", "not_measurable"),
        (["2026-10-15T08:00:00"], "2026-11-20T08:00:00", "not_measurable"),
    ],
)
def test_a_file_is_due_until_the_end_of_the_third_day_in_berlin(
    tmp_path: Path, looks: list[str], moment: str, state: str
) -> None:
    """Late is only what a look after the end of that day did not find: who pulls once a month blames nobody."""
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    for look in looks:
        pulled(space, look)
    put(space.dir, "drop/2026-10/calls.csv", "rows")
    pulled(space, moment)
    assert rows(space, "period_start", "period_end", "due_utc", "state") == [
        (date(2026, 10, 1), date(2026, 10, 31), datetime(2026, 11, 3, 23, tzinfo=UTC), state)
    ]
    assert len([line for line in told(space) if "late" in line]) == (state == "late")


def test_of_a_file_found_at_the_first_look_nobody_can_say_whether_it_was_on_time(tmp_path: Path) -> None:
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    put(space.dir, "drop/2026-10/calls.csv", "rows")
    for moment in ("2026-12-01T08:00:00", "2026-12-02T08:00:00"):
        pulled(space, moment)
        assert rows(space) == [("drop/2026-10/calls.csv", "not_measurable")]
    assert told(space) == []


@pytest.mark.parametrize(
    ("seen", "state"), [("2026-11-03T08:00:00", "not_due_yet"), ("2026-11-05T08:00:00", "missing")]
)
def test_what_has_not_come_is_missing_once_something_was_received_after_it_was_due(
    tmp_path: Path, seen: str, state: str
) -> None:
    """The client's own log tells how far the data has come; the clock on the wall does not."""
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    pulled(space, "2026-12-30T08:00:00")
    assert rows(space) == [(None, "not_due_yet")]
    source = yaml.safe_load((space.dir / "inhouse.odcs.yaml").read_text())
    log = f"{source['servers'][0]['path']}/{source['schema'][0]['physicalName']}".replace("{month}", "2026-10")
    put(space.dir, log.replace("*", "1").replace("{day}", "2026-10-01"), "rows")
    at = datetime.fromisoformat(seen).replace(tzinfo=UTC)
    assert pull(space.dir, Lake(space.lake), space.inhouse, OCTOBER.own_days, at)
    assert rows(space) == [(None, state)]
    assert told(space) == [
        "south, calls: no file for 2026-10-01 to 2026-10-31, the first due until 2026-11-03 23:00 UTC"
    ] * (state == "missing")


def test_daily_files_one_of_which_lacks_without_any_promise(tmp_path: Path) -> None:
    """The pattern says that there is one a day; the fourth has come, so the third is missing. A fifth may yet come."""
    space = space_of(tmp_path, file="calls_{day}.csv", path="drop")
    pulled(space, "2026-10-01T08:00:00")
    for day in (1, 2, 4):
        put(space.dir, f"drop/calls_2026-10-0{day}.csv", str(day))
    pulled(space, "2026-10-05T08:00:00")
    assert [state for _, state in rows(space)][:5] == ["not_measurable"] * 2 + ["missing"] + ["not_measurable"] * 2
    assert told(space) == ["south, calls: no file for 2026-10-03; later ones have come"]


def test_a_correction_is_as_timely_as_what_it_corrects(tmp_path: Path) -> None:
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    pulled(space, "2026-10-15T08:00:00")
    for content, moment in (("first", "2026-11-02T08:00:00"), ("corrected", "2026-11-20T08:00:00")):
        put(space.dir, "drop/2026-10/calls.csv", content)
        pulled(space, moment)
    first, second = sorted(received(Lake(space.lake), "south"), key=lambda item: item.received_utc)
    found = rows(space, "file_id", "state", "replaces", "superseded_by")
    assert sorted(found, key=lambda row: str(row[1])) == [
        (second.file_id, "on_time", first.file_id, None),
        (first.file_id, "superseded", None, second.file_id),
    ]
    assert told(space) == []


def test_a_further_part_after_the_day_is_no_late_delivery(tmp_path: Path) -> None:
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS, file="calls*.csv")
    pulled(space, "2026-10-15T08:00:00")
    for name, moment in (("calls_1", "2026-11-02T08:00:00"), ("calls_2", "2026-11-20T08:00:00")):
        put(space.dir, f"drop/2026-10/{name}.csv", name)
        pulled(space, moment)
        pulled(space, "2026-11-04T08:00:00")
    assert rows(space) == [("drop/2026-10/calls_1.csv", "on_time"), ("drop/2026-10/calls_2.csv", "further")]


def test_the_same_content_again_fills_no_period(tmp_path: Path) -> None:
    """October's file was put into November's folder: November's own is missing, or will be."""
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    for month in ("2026-10", "2026-11"):
        put(space.dir, f"drop/{month}/calls.csv", "the same rows")
    lake, south = Lake(space.lake), space.vendors["south"].contract
    pull(space.dir, lake, south, [date(2026, 10, 1), date(2026, 11, 1)], datetime(2026, 12, 1, tzinfo=UTC))
    assert rows(space) == [("drop/2026-10/calls.csv", "not_measurable")]
    assert rows(space, month=Month("2026-11")) == [(None, "not_due_yet"), ("drop/2026-11/calls.csv", "repeated")]
    (fault,) = deliveries_told(lake, south, Month("2026-11").own_days)
    assert (fault.where, fault.found) == ("drop/2026-11/calls.csv", "the same content as drop/2026-10/calls.csv")


def counted(space: Workspace, name: str, days: dict[str, int], **more: Any) -> None:
    """What standardising would note of a file."""
    lake = Lake(space.lake)
    (file,) = (item for item in in_force(lake, "south") if item.file.endswith(name))
    counts = {"rows_read": sum(days.values()), "accepted": sum(days.values()), "rejected": 0, "left_out": {"x": 2}}
    lake.write_json(f"_manifests/counts/south/calls/{file.file_id}", {**counts, "days": days, **more})


def test_exports_that_roll_on_fill_each_day_by_the_first_that_tells_of_it(tmp_path: Path) -> None:
    """Every day an export of the last two days; the one of the 4th never came, and the 5th's made up for it, late."""
    daily = {"property": "frequency", "value": 1, "unit": "d"}
    space = space_of(tmp_path, daily, {"property": "latency", "value": 1, "unit": "d"}, file="calls_*.csv", path="drop")
    pulled(space, "2026-10-01T08:00:00")
    for day, moment in ((2, "2026-10-02T20:00:00"), (3, "2026-10-03T20:00:00"), (5, "2026-10-06T04:00:00")):
        pulled(space, f"2026-10-0{day}T00:00:00" if day < 5 else "2026-10-05T22:00:00")
        put(space.dir, f"drop/calls_{day}.csv", str(day))
        pulled(space, moment)
        counted(space, f"calls_{day}.csv", {f"2026-10-0{day - 1}": 50, f"2026-10-0{day}": 60, "2026-10-09": 1})
    assert rows(space, "period_start", "file", "state", "rows_read", "left_out")[:6] == [
        (date(2026, 10, 1), "drop/calls_2.csv", "on_time", 111, 2),
        (date(2026, 10, 2), "drop/calls_2.csv", "on_time", 111, 2),
        (date(2026, 10, 3), "drop/calls_3.csv", "on_time", 111, 2),
        (date(2026, 10, 4), "drop/calls_5.csv", "late", 111, 2),
        (date(2026, 10, 5), "drop/calls_5.csv", "on_time", 111, 2),
        (date(2026, 10, 6), None, "not_due_yet", None, None),
    ]


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    space = space_of(tmp_path, *MONTHLY, THREE_DAYS)
    put(space.dir, "drop/2026-10/calls.csv", "rows")
    pulled(space, "2026-12-01T08:00:00")
    rows(space)
    path = Lake(space.lake).path(DELIVERIES, source="south", month="2026-10")
    before = path.stat().st_mtime_ns
    pulled(space, "2026-12-02T08:00:00")
    rows(space)
    assert path.stat().st_mtime_ns == before


def test_an_unfinished_file_is_told(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    put(space.dir, "drop/2026-10/calls.csv.part", "half")
    pulled(space, "2026-10-15T08:00:00")
    assert told(space) == ["drop/2026-10/calls.csv.part: half-uploaded: passed over"]


def test_another_header_than_in_the_delivery_before_is_told_once(tmp_path: Path) -> None:
    space = space_of(tmp_path, file="calls_*.csv")
    for number, header in ((1, ["id", "caller"]), (2, ["caller", "id"]), (3, ["id", "number", "queue"])):
        put(space.dir, f"drop/2026-10/calls_{number}.csv", str(number))
        pulled(space, f"2026-10-0{number}T08:00:00")
        counted(space, f"calls_{number}.csv", {"2026-10-01": 5}, header=header)
    assert told(space) == [
        "drop/2026-10/calls_3.csv: header: another header than in the delivery before; new: number, queue; gone: caller"
    ]


def test_corrections_and_overlaps_are_told_in_numbers(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    for content, moment in (("first", "2026-10-02T08:00:00"), ("corrected", "2026-10-20T08:00:00")):
        put(space.dir, "drop/2026-10/calls.csv", content)
        pulled(space, moment)
    lake = Lake(space.lake)
    (file,) = in_force(lake, "south")
    (before,) = (item for item in received(lake, "south") if item.superseded_by)
    counts = {before.file_id: {"vendor_calls": {"added": 3, "removed": 1, "changed": 12}}}
    lake.write_json(f"_manifests/changes/south/calls/{file.file_id}", counts)
    for day, noted in (("2026-10-01", Noted(4, 1)), ("2026-10-02", Noted(1)), ("2026-11-02", Noted(9))):
        keep_note(lake, VENDOR_CALLS, "south", day, noted)
    assert told(space) == [
        "drop/2026-10/calls.csv: vendor_calls: a corrected file: 3 rows added, 1 removed, 12 changed against the "
        "earlier one, received 2026-10-02",
        "south, vendor_calls: 5 rows that a later file holds too, 1 of them with other content "
        "(2026-10-01, 2026-10-02)",
    ]
    keep_note(lake, VENDOR_CALLS, "south", "2026-10-01", Noted())
    assert "south, vendor_calls: 1 row that a later file holds too (2026-10-02)" in told(space)


DAILY = [{"property": "frequency", "value": 1, "unit": "d"}, {"property": "latency", "value": 1, "unit": "d"}]


def test_a_file_that_lies_where_nobody_looked_is_not_missing(tmp_path: Path) -> None:
    """Each night looks at its own day only; the file of the 2nd came when its night was over."""
    space = space_of(tmp_path, *DAILY, file="calls_{day}.csv", path="drop")
    lake, south = Lake(space.lake), space.vendors["south"].contract
    for day in (1, 2, 3, 4, 5):
        if day != 2:
            put(space.dir, f"drop/calls_2026-10-0{day}.csv", str(day))
        night = datetime(2026, 10, day + 1, 1, tzinfo=UTC)
        pull(space.dir, lake, south, [date(2026, 10, day)], night)
    put(space.dir, "drop/calls_2026-10-02.csv", "2")
    assert rows(space, "period_start", "state")[1] == (date(2026, 10, 2), "not_measurable")
    (space.dir / "drop/calls_2026-10-02.csv").unlink()
    pulled(space, "2026-10-07T08:00:00")
    assert rows(space, "period_start", "state")[1] == (date(2026, 10, 2), "missing")


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (23, datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (24, datetime(2026, 10, 25, 23, tzinfo=UTC)),
        (25, datetime(2026, 10, 26, 23, tzinfo=UTC)),
    ],
)
def test_a_day_is_over_at_midnight_in_berlin_when_the_clock_changes_too(
    tmp_path: Path, day: int, due: datetime
) -> None:
    space = space_of(tmp_path, *DAILY, file="calls_{day}.csv", path="drop")
    path = f"drop/calls_2026-10-{day}.csv"
    pull(space.dir, Lake(space.lake), space.vendors["south"].contract, [date(2026, 10, day)], due)
    put(space.dir, path, "rows")
    pull(space.dir, Lake(space.lake), space.vendors["south"].contract, [date(2026, 10, day)], due)
    assert [row for row in rows(space, "file", "due_utc", "state") if row[0]] == [(path, due, "on_time")]


def test_names_say_the_order_of_files_that_came_in_one_pull() -> None:
    names = ["calls_v10.csv", "calls(1).csv", "calls.csv", "calls-corrected.csv", "Calls_v2.csv.gz", "calls 2.csv"]
    files = [Received("f", "south", "calls", "calls", f"drop/{name}", "f", 1, "one pull") for name in names]
    assert [file.file.removeprefix("drop/") for file in sorted(files, key=delivered)] == [
        "calls.csv",
        "calls 2.csv",
        "calls(1).csv",
        "calls-corrected.csv",
        "Calls_v2.csv.gz",
        "calls_v10.csv",
    ]


def test_a_content_that_is_put_back_is_delivered_anew(tmp_path: Path) -> None:
    space = space_of(tmp_path, file="calls*.csv")
    for hour, (name, content) in enumerate([("calls", "a"), ("calls", "b"), ("calls_2", "c"), ("calls", "a")]):
        put(space.dir, f"drop/2026-10/{name}.csv", content)
        pulled(space, f"2026-11-02T0{hour}:00:00")
    order = [file.file for file in sorted(in_force(Lake(space.lake), "south"), key=delivered)]
    assert order == ["drop/2026-10/calls_2.csv", "drop/2026-10/calls.csv"]
