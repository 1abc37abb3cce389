"""A simulated month, from the vendor's files to what lies in out/: verdicts, shapes, counts, restated figures."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.lake import Lake
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS
from reports.collect import collect
from reports.publish import publish
from reports.scorecard import SCHEMA_VERSION
from tests.reports.road import OCTOBER, Audited, audit

VENDORS = ("honest", "padding", "vague")
SHAPE: dict[str, set[str]] = {
    "": {
        "schema_version", "vendor", "month", "currency", "as_of", "generated_from", "figures", "definitions",
        "vague_fields", "padding", "matching", "settlement", "open_points", "verdict",
    },
    "generated_from": {"file", "sha256"},
    "figures": {
        "id", "label", "unit", "side", "scope", "month", "reported", "measured", "low", "high", "ci_low", "ci_high",
        "n", "target", "definition", "status", "reason", "evidence", "history",
    },
    "vague_fields": {"field", "missing", "question"},
    "padding": {"detector", "certainty", "calls", "amount_low", "amount_high"},
    "matching": {
        "matched", "vendor_only", "inhouse_only", "ambiguous", "no_number", "clock_offset_s", "coverage_pct",
    },
    "settlement": {"line", "calls", "amount_low", "amount_high"},
    "open_points": {"id", "ask", "owner", "due", "state"},
    "verdict": {"level", "sentence"},
}  # fmt: skip
ADDED: dict[str, set[str]] = {
    "": {
        "vendor_name", "client", "language", "time_zone", "deliveries", "rules", "notes", "tolerance", "unreadable",
        "unknown_codes", "comparisons", "returns", "people", "capacity", "volume",
    },
    "generated_from": {"source", "feed", "rows_read", "accepted", "rejected", "left_out"},
    "vague_fields": {"column"},
    "matching": {"clock_spread_s", "clock_moved"},
}  # fmt: skip
EVIDENCE = {
    "matches": [
        "vendor_call_id", "file_id", "row", "inhouse_call_id", "match_class", "delta_s", "confidence",
    ],
    "unmatched": ["side", "call_id", "file_id", "row", "reason"],
    "padding": [
        "vendor_call_id", "file_id", "row", "detector", "certainty", "linked_call_id", "explanation",
        "innocent_reading",
    ],
    "repeats": ["call_id", "side", "next_call_id", "next_side", "gap_s"],
}  # fmt: skip


def figures_of(world: Audited, vendor: str) -> dict[str, Any]:
    text = (world.published[vendor].folder / "figures.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def evidence_of(world: Audited, vendor: str, table: str) -> pl.DataFrame:
    return pl.read_parquet(world.published[vendor].folder / "evidence" / f"{table}.parquet")


def test_each_vendor_gets_the_verdict_that_it_earned(small: Audited) -> None:
    levels = {vendor: figures_of(small, vendor)["verdict"]["level"] for vendor in VENDORS}
    assert levels == {"honest": "agreed", "padding": "disputed", "vague": "corrected"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_figures_json_has_the_promised_keys(small: Audited, vendor: str) -> None:
    card = figures_of(small, vendor)
    assert set(card) == SHAPE[""] | ADDED[""]
    for part in (name for name in SHAPE if name):
        rows = [card[part]] if isinstance(card[part], dict) else card[part]
        assert {frozenset(row) for row in rows} <= {frozenset(SHAPE[part] | ADDED.get(part, set()))}, part
    assert card["schema_version"] == SCHEMA_VERSION
    assert (card["vendor"], card["month"], card["currency"], card["as_of"]) == (vendor, "2026-10", "CNY", "2026-11-09")


@pytest.mark.parametrize("vendor", VENDORS)
def test_files_are_named_from_the_workspace_on(small: Audited, vendor: str) -> None:
    names = [row["file"] for row in figures_of(small, vendor)["generated_from"]]
    assert f"drop/{vendor}/2026-10/calls.csv" in names
    assert [name for name in names if Path(name).is_absolute() or not (small.space.dir / name).is_file()] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_count_equals_the_rows_of_the_evidence(small: Audited, vendor: str) -> None:
    card = figures_of(small, vendor)
    accused = evidence_of(small, vendor, "padding").group_by("detector", "certainty").len()
    stated = {(row["detector"], row["certainty"]): row["calls"] for row in card["padding"]}
    assert stated == {(detector, certainty): calls for detector, certainty, calls in accused.iter_rows()}
    matching, pairs = card["matching"], evidence_of(small, vendor, "matches")
    assert matching["matched"] == pairs.height > 0
    assert matching["ambiguous"] == pairs.filter(pl.col("match_class") == "ambiguous").height
    alone = evidence_of(small, vendor, "unmatched")
    for side, kind in (("vendor", "vendor_only"), ("inhouse", "inhouse_only"), ("vendor", "no_number")):
        rows = alone.filter(pl.col("side") == side, pl.col("match_class") == kind)
        assert matching[kind] == rows.height, kind


def test_the_padding_vendors_evidence_is_not_empty(small: Audited) -> None:
    accused = evidence_of(small, "padding", "padding")
    assert set(accused["detector"]) == {"ghost", "duplicate"}
    assert evidence_of(small, "honest", "padding").filter(pl.col("certainty") == "proven").is_empty()


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("table", EVIDENCE)
def test_evidence_has_the_promised_columns_first(small: Audited, vendor: str, table: str) -> None:
    promised = EVIDENCE[table]
    assert evidence_of(small, vendor, table).columns[: len(promised)] == promised


def test_what_was_wrong_with_the_delivery_is_counted(small: Audited) -> None:
    card, dirt = figures_of(small, "vague"), _dirt(small.space.dir)
    assert sum(row["rows"] for row in card["unreadable"]) == sum(row["rejected"] for row in card["generated_from"])
    assert {row["column"] for row in card["unreadable"]} == {"queued_at"}
    [code] = card["unknown_codes"]
    assert (code["feed"], code["column"], code["code"]) == ("calls", "result", "XFER-2")
    assert card["unreadable"][0]["rows"] + code["rows"] <= dirt
    assert card["deliveries"]["days_held_back"] == ["2026-10-21"]
    held = pl.read_parquet(small.space.lake / "vendor_calls/vendor=vague/day=2026-10-21/data.parquet").height
    assert card["deliveries"]["calls_held_back"] == held > 0
    html = (small.published["vague"].folder / "scorecard.html").read_text(encoding="utf-8")
    assert "4 rows of the vendor’s call records could not be used: “queued_at” is empty or unreadable in them." in html
    assert "4 rows of the vendor’s call records say “XFER-2” under “result”" in html
    assert f"21 Oct. {held} records of the vendor stand there" in html


def _dirt(directory: Path) -> int:
    with (directory / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as opened:
        return sum(row["vendor"] == "vague" for row in csv.DictReader(opened))


def test_a_vague_field_is_asked_about_by_the_vendors_own_name_and_ours(small: Audited) -> None:
    card = figures_of(small, "vague")
    assert {row["field"]: row["column"] for row in card["vague_fields"]}["abandoned"] == "放弃量"
    [ask] = [point["ask"] for point in card["open_points"] if point["id"] == "define_fields"]
    assert "“服务水平” (Service level)" in ask
    html = (small.published["vague"].folder / "scorecard.html").read_text(encoding="utf-8")
    assert html.count("Please put in writing for") == 1
    assert [row["column"] for row in card["vague_fields"] if f"“{row['column']}”" not in html] == []
    assert "service_level" not in html


def test_publishing_again_rewrites_nothing(small: Audited) -> None:
    folders = [small.published[vendor].folder for vendor in VENDORS]
    before = {path: path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*") if path.is_file()}
    again = [publish(small.space, small.lake, vendor, OCTOBER) for vendor in VENDORS]
    assert [item.is_new for item in again] == [False, False, False]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_restated_figure_keeps_its_history(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = audit(tiny, ["honest"]).published["honest"].card.figure("talk_time")
    _lengthen_a_call(tiny / "drop" / "honest" / "2026-10" / "calls.csv")
    second = audit(tiny, ["honest"])
    restated = second.published["honest"].card.figure("talk_time")
    assert (first.history, second.published["honest"].is_new) == ((), True)
    assert restated.measured != first.measured
    assert [(state["measured"], state["status"]) for state in restated.history] == [(first.measured, first.status)]
    assert figures_of(second, "honest")["figures"]
    third = publish(second.space, second.lake, "honest", OCTOBER)
    assert (third.is_new, third.card.figure("talk_time")) == (False, restated)
    monkeypatch.setattr("reports.publish.looks", lambda: "another layout")
    assert publish(second.space, second.lake, "honest", OCTOBER).is_new


def _lengthen_a_call(file: Path) -> None:
    """The vendor delivers its file again, with ten minutes more talk in the first answered call."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[1].split(",")
    cells[8] = str(int(cells[8] or 0) + 600)
    assert cells[-1].strip() == "ANSWERED"
    file.write_text("".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_other_vendor_is_named_in_what_is_sent(small: Audited, vendor: str) -> None:
    others = [name for name in VENDORS if name != vendor]
    named = [*others, *(small.space.vendors[name].terms.name for name in others)]
    folder = small.published[vendor].folder
    texts = [path for path in folder.rglob("*") if path.suffix in {".json", ".html", ".svg"}]
    assert {path.suffix for path in texts} >= {".json", ".html"}
    said = {path.name: path.read_text(encoding="utf-8") for path in texts}
    assert [(name, word) for name, text in said.items() for word in named if word in _without_words(text)] == []
    for path in folder.rglob("*.parquet"):
        cells = pl.read_parquet(path).select(pl.col(pl.String))
        assert [c for c in cells.columns if cells[c].str.contains_any(named).any()] == [], path.name
    against = {row["against"] for row in figures_of(small, vendor)["comparisons"]}
    assert {"other:A", "other:B"} <= against
    repeats = evidence_of(small, vendor, "repeats").filter(pl.col("next_side").str.starts_with("other:"))
    assert repeats.height > 0
    assert repeats["next_call_id"].null_count() == repeats.height


def _without_words(text: str) -> str:
    """A text without the words of figures.json and of the style sheet that are spelled like a vendor's id."""
    for word in (
        "vague_fields",
        '"padding":',
        "padding-",
        "padding:",
        'class="padding',
        ".padding",
        ".vague",
        "vague ",
    ):
        text = text.replace(word, "")
    return text.replace('class="vague', "")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_cost_of_a_call_taken_off_us_is_told(small: Audited, vendor: str) -> None:
    [cost] = [row for row in figures_of(small, vendor)["figures"] if row["id"] == "cost_per_net_call"]
    assert cost["unit"] == "CNY"
    assert cost["measured"] > 0
    html = (small.published[vendor].folder / "scorecard.html").read_text(encoding="utf-8")
    assert f"CN¥{cost['measured']:.2f}" in html


def test_a_public_holiday_without_calls_is_asked_of_nobody(small: Audited, tmp_path: Path) -> None:
    shutil.copytree(small.space.lake, tmp_path / "lake")
    lake, days = Lake(tmp_path / "lake"), ("2026-10-01", "2026-10-13")  # the National Day, and a Tuesday
    for day in days:
        shutil.rmtree(lake.path(VENDOR_CALLS, vendor="honest", day=day).parent)
    told = collect(small.space, lake, "honest", OCTOBER).deliveries
    assert told.vendor_days_missing == days, "our log passed calls on, on the holiday too"
    for day in days:
        shutil.rmtree(lake.path(INHOUSE_CALLS, day=day).parent)
    told = collect(small.space, lake, "honest", OCTOBER).deliveries
    assert (told.vendor_days_missing, told.inhouse_days_missing) == (("2026-10-13",), ("2026-10-13",))
