"""The examples of further feeds that a new workspace holds as comments: without their # they are a contract."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from pipelines.contract import load_contract
from pipelines.contract.vocabulary import FEEDS_READ, INDISPENSABLE, REJECTS_THE_ROW, ROLES

TEMPLATES = files("pipelines.contract") / "templates"


@pytest.mark.parametrize(
    ("template", "source", "feeds"),
    [
        (
            *("vendors/vendor/data.odcs.yaml", "vendor"),
            ["calls", "claims", "agent_states", "roster", "trunks", "quality_scores"],
        ),
        ("inhouse.odcs.yaml", "inhouse", ["inhouse_calls", "forecast", "surveys"]),
    ],
)
def test_the_commented_examples_are_a_contract(tmp_path: Path, template: str, source: str, feeds: list[str]) -> None:
    text = TEMPLATES.joinpath(template).read_text(encoding="utf-8")
    file = tmp_path / "data.odcs.yaml"
    file.write_text(text, encoding="utf-8")
    plain = load_contract(file, source)
    file.write_text(re.sub(r"^#(?=  )", "", text, flags=re.MULTILINE), encoding="utf-8")
    whole = load_contract(file, source)
    assert [item.feed for item in whole.objects] == feeds
    assert [item.feed for item in plain.objects] == feeds[: len(plain.objects)]
    assert len(plain.objects) < len(whole.objects)
    assert all(column.role or column.figure for item in whole.objects for column in item.columns)


def test_each_feed_that_is_read_says_what_it_cannot_do_without() -> None:
    assert set(INDISPENSABLE) == set(REJECTS_THE_ROW) == set(FEEDS_READ)
    for feed in FEEDS_READ:
        assert set(INDISPENSABLE[feed]) | set(REJECTS_THE_ROW[feed]) <= set(ROLES[feed])
