"""Whole workspaces: what comes out of a sound one, and that faults of all files come together."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.contract import load_workspace
from pipelines.errors import TieoutError

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank" / "workspace"


@pytest.mark.skipif(not BANK.is_dir(), reason="the bank's example is not beside this repository")
def test_the_bank_example_loads():
    workspace = load_workspace(BANK)
    assert list(workspace.vendors) == ["agents"]
    contract = workspace.vendors["agents"].contract
    assert [(item.feed, item.pattern) for item in contract.objects] == [
        ("calls", "vendor_calls.csv"),
        ("claims", "vendor_daily.csv"),
    ]
    assert contract.latency_days == 3
    assert workspace.vendors["agents"].terms.on(date(1999, 5, 1)).settlement.rate == Decimal("4.50")
    (rule,) = [rule for rule in contract.objects[0].every_rule() if rule.expectation_type.endswith("between")]
    assert rule.kwargs == {"column": "talk_s", "min_value": 0, "max_value": 14400}
    assert rule.sentence == "nobody talks for more than four hours"


def test_a_sound_workspace(workspace):
    loaded = load_workspace(workspace)
    assert (loaded.client, loaded.language, loaded.country) == ("Harbour Utilities", "en", "DE")
    assert loaded.windows == ("2h", "24h", "7d")
    assert loaded.lake == workspace / "lake"
    assert loaded.log_complete.until == date(2026, 12, 31)
    assert loaded.inhouse.source == "inhouse"
    assert loaded.vendors["south"].contract.latency_days == 7


def test_faults_of_all_files_come_together(edit, workspace, faults):
    edit("tieout.yaml", ("language: en", "language: fr"))
    edit("inhouse.odcs.yaml", ("value: arrived_utc", "value: arived_utc"))
    edit("vendors/south/data.odcs.yaml", ("Europe/Berlin", "Europe/Berlim"))
    edit("vendors/south/terms.yaml", ('rate: "4.50"', "rate: 4.50"))
    (workspace / "vendors" / "North").mkdir()
    found = faults(lambda: load_workspace(workspace))
    assert sorted(Path(item.where.split(": ")[0]).name for item in found) == [
        "North",
        "data.odcs.yaml",
        "inhouse.odcs.yaml",
        "terms.yaml",
        "tieout.yaml",
    ]


def test_missing_files_are_named(workspace, faults):
    (workspace / "inhouse.odcs.yaml").unlink()
    (workspace / "vendors/south/terms.yaml").unlink()
    found = faults(lambda: load_workspace(workspace))
    assert [item.found for item in found] == ["no such file", "no such file"]
    assert {Path(item.where).name for item in found} == {"inhouse.odcs.yaml", "terms.yaml"}


def test_no_folder(tmp_path, faults):
    (item,) = faults(lambda: load_workspace(tmp_path / "nowhere"))
    assert "tieout init" in item.allowed


def test_the_vendor_of_the_terms_is_the_folder(edit, workspace, faults):
    edit("vendors/south/terms.yaml", ("vendor: south", "vendor: north"))
    (item,) = faults(lambda: load_workspace(workspace))
    assert (item.found, item.allowed) == ("`north`", "`south`, the folder's name")


def test_command_line_over_environment_over_file(workspace, monkeypatch):
    monkeypatch.setenv("TIEOUT_LANGUAGE", "zh")
    monkeypatch.setenv("TIEOUT_OUT", "elsewhere")
    monkeypatch.setenv("TIEOUT_WINDOWS", "24h, 7d")
    loaded = load_workspace(workspace, {"out": "/results"})
    assert (loaded.language, loaded.out, loaded.windows) == ("zh", Path("/results"), ("24h", "7d"))


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [("LANGUAGE", "de", "`de`"), ("LAKE", " ", "set, but empty"), ("WINDOWS", "8d", "`8d`")],
)
def test_a_bad_variable_is_named(workspace, monkeypatch, faults, variable, value, found):
    monkeypatch.setenv(f"TIEOUT_{variable}", value)
    (item,) = faults(lambda: load_workspace(workspace))
    assert (item.where, item.found) == (f"environment variable TIEOUT_{variable}", found)


@pytest.mark.parametrize(
    ("old", "new", "path", "found", "hint"),
    [
        ("client: Harbour Utilities", "client: ''", "client", "``", "write the value"),
        ("language: en", "language: En", "language", "`En`", "did you mean `en`?"),
        ("country: DE", "country: de", "country", "`de`", "did you mean `DE`?"),
        ("Europe/Berlin", "Berlin", "time_zone", "`Berlin`", "tz database"),
        ("first_day: 2026-01-01", "first_day: 20260101", "first_day", "`20260101`", "2026-10-01"),
        ("lake: lake", "lakes: lake", "lakes", "the unknown key `lakes`", "did you mean `lake`?"),
        ("out: out", "key_variable: my secret", "key_variable", "`my secret`", "never stands in a file"),
        ("out: out", "", "out", "no `out`", "add a line `out: …`"),
        ("until: 2026-12-31", "until: 2025-12-31", "log_complete.until", "`2025-12-31`", "correct one"),
        (", by: the telecom desk", "", "log_complete.by", "no `by`", "add a line"),
    ],
)
def test_faults_of_the_settings(edit, workspace, faults, old, new, path, found, hint):
    edit("tieout.yaml", (old, new))
    named = [item for item in faults(lambda: load_workspace(workspace)) if f": {path} (" in f"{item.where} ("]
    assert [item.found for item in named] == [found]
    assert hint in named[0].hint


def test_norway_is_a_country_and_not_a_boolean(edit, workspace):
    edit("tieout.yaml", ("country: DE", "country: NO"))
    assert load_workspace(workspace).country == "NO"


def test_the_key_is_read_from_its_variable(workspace, monkeypatch):
    loaded = load_workspace(workspace)
    monkeypatch.setenv("TIEOUT_KEY", "0123456789abcdeé")
    assert loaded.key() == "0123456789abcdeé".encode()


@pytest.mark.parametrize(
    ("value", "found"), [(None, "not set"), ("", "empty"), ("short-secret", "a secret of 12 characters")]
)
def test_a_key_that_cannot_be_used(workspace, monkeypatch, value, found):
    loaded = load_workspace(workspace)
    if value is not None:
        monkeypatch.setenv("TIEOUT_KEY", value)
    with pytest.raises(TieoutError) as caught:
        loaded.key()
    (item,) = caught.value.faults
    assert item.found == found
    assert 'export TIEOUT_KEY="$(openssl rand -hex 32)"' in item.hint
    assert "short-secret" not in str(item)
