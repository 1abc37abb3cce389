"""The vague-field lint: which reported figures a contract leaves undefined, and what is asked about them."""

from pathlib import Path

import pytest
import yaml

from checks.vague.lint import vague_fields
from pipelines.contract.model import MEANINGS, Column, Contract, FeedObject, Server
from pipelines.tables import VAGUE_FIELDS

SAID = {name: f"a {name}" for name in MEANINGS if name != "unit"}
QUESTIONS = yaml.safe_load((Path("checks/vague") / "questions.yaml").read_text(encoding="utf-8"))


def contract(*columns: Column, zone: str | None = "Asia/Shanghai", feed: str = "claims") -> Contract:
    """A contract with one report of these columns."""
    item = FeedObject("daily", feed, "delimited", "*.csv", zone, None, None, "day", True, 0, columns, ())
    server = Server("drop", "local", "drop")
    return Contract("agents", "1.0.0", server, (item,), None, "sha", "data.odcs.yaml")


def column(figure: str | None, raw: str = "SL", unit: str | None = "pct", **said: str) -> Column:
    """A reported figure that says what is given."""
    return Column(raw, "number", figure=figure, unit=unit, meaning=said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_that_says_everything_is_not_vague(language: str) -> None:
    found = vague_fields(contract(column("service_level", **SAID)), language)
    assert found.is_empty()
    assert found.schema == VAGUE_FIELDS.schema


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_that_says_nothing_is_asked_about_everything_in_one_question(language: str) -> None:
    (row,) = vague_fields(contract(column("service_level", "接通率", unit=None), zone=None), language).to_dicts()
    assert (row["field"], row["column"]) == ("service_level", "接通率")
    assert row["missing"].split(", ") == [*MEANINGS, "time_zone"]
    assert "接通率" in row["question"]
    for name in (*MEANINGS, "time_zone"):
        assert QUESTIONS[language][name] in row["question"]


@pytest.mark.parametrize("missing", MEANINGS)
def test_one_meaning_that_is_missing_is_asked_for_alone(missing: str) -> None:
    said = {name: text for name, text in SAID.items() if name != missing}
    unit = None if missing == "unit" else "pct"
    (row,) = vague_fields(contract(column("offered", unit=unit, **said)), "en").to_dicts()
    assert row["missing"] == missing
    assert QUESTIONS["en"][missing] in row["question"]
    assert not any(QUESTIONS["en"][name] in row["question"] for name in MEANINGS if name != missing)


def test_an_empty_meaning_is_a_missing_one() -> None:
    (row,) = vague_fields(contract(column("offered", **{**SAID, "window": ""})), "en").to_dicts()
    assert row["missing"] == "window"


def test_one_row_a_figure_in_the_order_of_the_contract() -> None:
    columns = (column("offered", "a"), column("abandoned", "b"), column("offered", "c"), column(None, "day"))
    found = vague_fields(contract(*columns), "en")
    assert found.select("field", "column").rows() == [("offered", "a"), ("abandoned", "b")]


def test_only_reported_figures_are_looked_at() -> None:
    assert vague_fields(contract(column("offered"), feed="calls"), "en").is_empty()


def test_both_languages_ask_for_the_same_things() -> None:
    assert set(QUESTIONS["en"]) == set(QUESTIONS["zh"])
    assert {*MEANINGS, "time_zone"} <= set(QUESTIONS["en"])
