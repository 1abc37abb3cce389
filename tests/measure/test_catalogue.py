"""The catalogue is complete in both languages, and names only what the contract and the report know."""

import re

import pytest

from pipelines.contract.vocabulary import FEEDS, FIGURE_IDS, ROLES
from pipelines.measure.catalogue import CATALOGUE, Kpi, catalogue, has, kpi, stem_of, window_of
from reports.words import UNITS, words

FAMILIES = ("service", "resolution", "settle", "people", "capacity", "volume", "matching")
LANGUAGES = {"en", "zh"}
EVERY = pytest.mark.parametrize("entry", catalogue(("24h",)), ids=lambda entry: entry.id)


def test_ids_are_unique_and_are_those_that_contracts_may_name() -> None:
    ids = [entry.id for entry in CATALOGUE]
    assert len(ids) == len(set(ids))
    assert tuple(ids) == tuple(kpi(figure).id for figure in FIGURE_IDS)


def test_an_id_has_only_letters_digits_and_underscores() -> None:
    assert [entry.id for entry in CATALOGUE if not re.fullmatch(r"[a-z][a-z0-9_]*", entry.id)] == []


@EVERY
def test_a_figure_has_its_name_and_words_in_both_languages(entry: Kpi) -> None:
    for texts in (entry.name, entry.words):
        assert set(texts) == LANGUAGES
        assert [text for text in texts.values() if not text.strip() or "{" in text] == []
    assert [text for text in entry.words.values() if text[-1] not in ".。"] == []
    assert len(entry.words["en"]) <= 130, "a line or two in print"
    assert len(entry.name["en"]) <= 45
    assert entry.formula
    assert entry.code
    assert entry.stage


@EVERY
def test_a_figure_that_can_miss_says_what_to_look_at(entry: Kpi) -> None:
    assert set(entry.look_at) == (LANGUAGES if entry.look_at else set())
    if entry.target or entry.better:
        assert entry.look_at


@EVERY
def test_a_usual_target_is_a_range_and_a_direction_is_a_word(entry: Kpi) -> None:
    assert set(entry.target) <= {"low", "high"}
    low, high = entry.target.get("low"), entry.target.get("high")
    assert low is None or high is None or low <= high
    assert entry.better in (None, "higher", "lower")


@EVERY
def test_a_figure_names_only_feeds_columns_families_and_units_that_there_are(entry: Kpi) -> None:
    assert set(entry.needs) <= set(FEEDS)
    for feed, columns in entry.needs.items():
        named = {part for column in columns for part in column.split(" or ")}
        assert named <= set(ROLES[feed])
    assert entry.family in FAMILIES
    assert entry.unit in UNITS
    assert entry.base is None or has(entry.base)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_feed_and_column_that_may_lack_has_words(language: str) -> None:
    say = words(language)
    named = {name for feed, columns in ROLES.items() for name in (feed, *columns)}
    assert sorted(name for name in named if not say.has(f"feed.{name}")) == []


def test_chinese_uses_chinese_punctuation() -> None:
    parts = [part for entry in CATALOGUE for part in (entry.name, entry.words, entry.look_at) if part]
    broken = re.compile(r"[\u4e00-\u9fff][,;:()?]|[\u4e00-\u9fff]\d")
    assert [part["zh"] for part in parts if broken.search(part["zh"])] == []


@pytest.mark.parametrize(
    ("figure", "english", "chinese"),
    [
        ("fcr_24h", "FCR in 24 hours", "24 小时一次解决率"),
        ("fcr_72h", "FCR in 72 hours", "72 小时一次解决率"),
        ("callback_inhouse_1d", "Rang us again within 1 day", "1 天内再次致电我方"),
        ("agent_callback_3d", "Called back within 3 days", "3 天座席回呼率"),
    ],
)
def test_a_window_is_filled_in_whatever_its_length(figure: str, english: str, chinese: str) -> None:
    entry = kpi(figure)
    assert (entry.name["en"], entry.name["zh"], entry.id) == (english, chinese, figure)
    assert f"{stem_of(figure)}_{window_of(figure)}" == figure
