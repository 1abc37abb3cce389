"""The workspace on disk: the same bytes for a seed, contracts that hold for the files, refusals, gaps in the log."""

import csv
import hashlib
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from importlib.resources import files

import jsonschema
import pytest
import yaml

from data.simulate import SMALL, TINY, write_world
from data.simulate.world import ZONE
from pipelines.contract.model import MEANINGS
from pipelines.contract.workspace import load_workspace
from pipelines.errors import TieoutError

VENDORS = ("honest", "padding", "vague")
CONTRACTS = ("inhouse.odcs.yaml", *(f"vendors/{vendor}/data.odcs.yaml" for vendor in VENDORS))


def digests(directory):
    found = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def contract(world, name):
    return yaml.safe_load((world.directory / name).read_text(encoding="utf-8"))


def properties(item):
    """ODCS custom properties as a mapping."""
    return {each["property"]: each["value"] for each in item.get("customProperties", ())}


def test_the_same_seed_gives_the_same_bytes_in_another_process(world, tmp_path):
    again = tmp_path / "again"
    code = "import sys; from pathlib import Path; from data.simulate import *; write_world(Path(sys.argv[1]), 7, TINY)"
    steered = {"PYTHONHASHSEED": "12345", "TZ": "America/New_York", "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(again)], check=True, env=steered)
    assert digests(again) == digests(world.directory)


def test_another_seed_gives_another_world(world, tmp_path):
    other = digests(write_world(tmp_path / "other", seed=8, size=TINY).directory)
    mine = digests(world.directory)
    assert other.keys() == mine.keys()
    changed = {name for name in mine if mine[name] != other[name]}
    assert {name for name in mine if name.endswith(".csv") and not name.endswith("/trunks.csv")} == changed


def test_the_world_says_what_was_written(world):
    assert (world.vendors, world.months, world.seed) == (VENDORS, ("2026-10",), 7)
    assert (world.first_day, world.last_day) == (date(2026, 10, 12), date(2026, 10, 18))
    for source, count in world.sizes.items():
        name = "inhouse" if source == "inhouse" else "calls"
        lines = (world.directory / f"drop/{source}/2026-10/{name}.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) == count + 1


def test_the_default_world_is_a_month_with_closed_windows(tmp_path):
    world = write_world(tmp_path / "small")
    assert world.months == ("2026-10", "2026-11")
    assert (world.first_day, world.last_day) == (SMALL.first_day, SMALL.last_day)
    assert world.first_day == date(2026, 10, 1)
    assert world.last_day >= date(2026, 10, 31) + timedelta(days=7)

    def count(source, name):
        return len((tmp_path / f"small/drop/{source}/2026-10/{name}.csv").read_text(encoding="utf-8").splitlines()) - 1

    assert 6_000 <= count("inhouse", "inhouse") <= 10_000
    assert all(1_500 <= count(vendor, "calls") <= 2_500 for vendor in VENDORS)
    assert count("honest", "daily_report") == 31


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(TieoutError, match="not empty"):
        write_world(tmp_path, size=TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_gap_in_the_log_takes_the_clients_rows_and_nothing_else(world, tmp_path):
    gap = (datetime(2026, 10, 14, 10, tzinfo=ZONE), datetime(2026, 10, 14, 14, tzinfo=ZONE))
    gapped = write_world(tmp_path / "gap", seed=7, size=TINY, log_gap=gap)
    before, after = digests(world.directory), digests(gapped.directory)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"drop/inhouse/2026-10/inhouse.csv", "truth/pairs.csv"}
    with (gapped.directory / "drop/inhouse/2026-10/inhouse.csv").open(encoding="utf-8") as file:
        left = list(csv.DictReader(file))
    assert not [row for row in left if "2026-10-14 10" <= row["arrived"] < "2026-10-14 14"]
    with (gapped.directory / "truth/pairs.csv").open(encoding="utf-8") as file:
        pairs = [row for row in csv.DictReader(file) if row["inhouse_call_id"]]
    logged = {row["call_id"] for row in left}
    assert {row["in_log"] for row in pairs} == {"true", "false"}
    assert all((row["inhouse_call_id"] in logged) == (row["in_log"] == "true") for row in pairs)


@pytest.mark.parametrize("name", CONTRACTS)
def test_contracts_are_valid_odcs(world, name):
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8"))
    found = jsonschema.Draft201909Validator(schema).iter_errors(contract(world, name))
    assert [error.message for error in found if error.validator != "unevaluatedProperties"] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_contracts_name_the_columns_as_delivered(world, name):
    document = contract(world, name)
    server = document["servers"][0]
    for item in document["schema"]:
        file = world.directory / server["path"].replace("{month}", "2026-10") / item["physicalName"]
        header = file.read_text(encoding="utf-8").splitlines()[0].split(server["delimiter"])
        assert header == [column["name"] for column in item["properties"]]


@pytest.mark.parametrize(("vendor", "is_defined"), [("honest", True), ("padding", True), ("vague", False)])
def test_reported_figures_are_defined_in_full_or_not_at_all(world, vendor, is_defined):
    (report,) = [
        item for item in contract(world, f"vendors/{vendor}/data.odcs.yaml")["schema"] if item["name"] == "daily_report"
    ]
    figures = [properties(column) for column in report["properties"] if "tieout.figure" in properties(column)]
    assert len(figures) == 6
    assert "tieout.time_zone" in properties(report)
    for figure in figures:
        said = {meaning for meaning in MEANINGS if f"tieout.{meaning}" in figure}
        assert said == (set(MEANINGS) if is_defined else set())


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_vendor_has_one_blocking_and_one_warning_rule(world, vendor):
    calls = contract(world, f"vendors/{vendor}/data.odcs.yaml")["schema"][0]
    rules = [rule for column in calls["properties"] for rule in column.get("quality", ())]
    assert sorted(rule["severity"] for rule in rules) == ["error", "warning"]


def test_only_clear_terms_let_the_client_deduct(world):
    for vendor in VENDORS:
        (terms,) = contract(world, f"vendors/{vendor}/terms.yaml")["versions"]
        assert terms["definitions"]["service_level"] == {"id": "SL2", "threshold_s": 20, "bound": "<="}
        expected = {"binding_record": "none"}
        if vendor != "vague":
            expected = {"binding_record": "client_log", "clause": "7.3", "deduct": ["ghost", "duplicate"]}
        assert terms["evidence"] == expected


def test_the_workspace_loads_without_a_fault(world):
    workspace = load_workspace(world.directory)
    assert tuple(workspace.vendors) == VENDORS
    for vendor in workspace.vendors.values():
        calls = vendor.contract.feed("calls")[0]
        rules = [rule for column in calls.columns for rule in column.rules] + list(calls.rules)
        assert {"error", "warning"} <= {rule.severity for rule in rules}
