"""Both languages say the same things, and numbers are written as each of them writes numbers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.rules.feed_rules import feed_rules
from pipelines import measure, settle
from pipelines.errors import TieoutError
from reports.words import LANGUAGES, Words, words

DETECTORS: list[str] = [
    "ghost", "omitted", "leg_billing", "stretched", "early_stop", "duplicate", "split", "staff_number",
    "agent_overlap", "outside_login", "capacity", "answer_hold", "queue_drop", "busy_out", "phantom_agent",
    "short_call", "bunching", "burst", "replay", "fabricated", "volume",
]  # fmt: skip
LINES: list[str] = [
    "billed", "duplicate", "ghost", "withheld", "cannot_be_verified", "below_minimum", "owed", "not_priced",
]  # fmt: skip


def without_plural(key: str) -> str:
    return re.sub(r"\.(one|other)$", "", key)


def test_both_languages_hold_the_same_texts() -> None:
    english, chinese = ({without_plural(key) for key in words(language).texts} for language in LANGUAGES)
    assert english == chinese


def test_both_languages_fill_in_the_same_names() -> None:
    english, chinese = words("en"), words("zh")
    for key, text in chinese.texts.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english.texts[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_detector_and_settlement_line_has_words(language: str) -> None:
    say = words(language)
    wanted = [f"detector.{detector}.{part}" for detector in DETECTORS for part in ("name", "innocent")]
    wanted += [f"settlement.{line}" for line in LINES]
    assert [key for key in wanted if not say.has(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_accuses_anybody_or_prints_an_id(language: str) -> None:
    everything = "\n".join(words(language).texts.values()).lower()
    for word in ("fraud", "fabricat", "cheat", "欺诈", "造假", "伪造", "作弊", *(d for d in DETECTORS if "_" in d)):
        assert word not in everything


def test_the_chinese_texts_use_chinese_punctuation() -> None:
    broken = [text for text in words("zh").texts.values() if re.search(r"[\u4e00-\u9fff][,;:()?]", text)]
    assert broken == []


@pytest.mark.parametrize(
    ("language", "value", "unit", "printed"),
    [
        ("en", 81.25, "%", "81.3%"),
        ("zh", 81.25, "pct", "81.3%"),
        ("en", -0.04, "%", "0.0%"),
        ("en", 1234567, "calls", "1,234,567"),
        ("en", 12.0, "calls", "12"),
        ("en", 4.25, "calls", "4.3"),
        ("en", 1234.5, "calls", "1,235"),
        ("zh", -2.5, "agents", "−2.5"),
        ("en", 12.34, "calls/h", "12.3/h"),
        ("zh", 12.34, "calls/h", "每小时 12.3"),
        ("en", 3, "rings", "3.0 rings"),
        ("zh", 3, "rings", "3.0 声"),
        ("en", 4.21, "per_1000", "4.2"),
        ("zh", 4.21, "per_1000", "4.2"),
        ("zh", 1234567, "calls", "1,234,567"),
        ("en", 23.44, "s", "23.4\u00a0s"),
        ("zh", 23.44, "s", "23.4\u00a0秒"),
        ("en", -1.25, "points", "−1.3"),
        ("en", 2.5, "CNY", "CN¥2.50"),
        ("zh", 2.5, "money", "¥2.50"),
    ],
)
def test_values_are_written_with_their_unit(language: str, value: float, unit: str, printed: str) -> None:
    assert words(language).value(value, unit, "CNY") == printed


def test_figures_are_named_by_the_catalogue_and_windows_together() -> None:
    english, chinese = words("en"), words("zh")
    ids = ["aht", "fcr_2h", "fcr_72h", "offered"]
    assert english.figures(ids) == "Handling time, FCR in 2 hours and 72 hours and Calls offered"
    assert chinese.figures(ids) == "平均处理时长、2 小时和 72 小时一次解决率和进线量"
    assert (english.figure("KPI_7"), english.figure("KPI_7", "Seventh"), english.figure_words("KPI_7")) == (
        "KPI_7", "Seventh", "",
    )  # fmt: skip


def test_amounts_dates_and_months() -> None:
    english, chinese = words("en"), words("zh")
    assert (english.money("-1234.5", "CNY"), chinese.money("-1234.5", "CNY")) == ("−CN¥1,234.50", "−¥1,234.50")
    assert (english.day("2026-10-09"), chinese.day("2026-10-09")) == ("9 October 2026", "2026年10月9日")
    assert (english.month("2026-10"), chinese.month("2026-10")) == ("October 2026", "2026年10月")


@pytest.mark.parametrize(
    ("language", "currency", "printed"),
    [
        ("en", "CNY", "CN¥9,160.20"), ("zh", "CNY", "¥9,160.20"),
        ("en", "ILS", "₪9,160.20"), ("zh", "ILS", "₪9,160.20"),
        ("en", "EUR", "€9,160.20"), ("zh", "USD", "US$9,160.20"),
        ("en", "JPY", "JP¥9,160"),  # a currency without cents
    ],
)  # fmt: skip
def test_money_is_written_in_its_currency(language: str, currency: str, printed: str) -> None:
    assert words(language).money("9160.20", currency) == printed


def test_rules_of_every_feed_have_words_in_both_languages() -> None:
    tables = (
        *("vendor_calls", "inhouse_calls", "queue_events", "agent_states", "roster", "claims"),
        *("trunks", "forecast", "surveys", "quality_scores"),
    )
    names = [rule.name for table in tables for rule in feed_rules(table)]
    names += ["deliveries.in_time", "deliveries.complete"]
    wanted = {f"rule.{name.replace('.', '__')}" for name in names}
    for language in LANGUAGES:
        assert wanted == {key for key in words(language).texts if key.startswith("rule.")}


def test_every_reason_that_a_figure_gives_has_words_in_both_languages() -> None:
    folders = [Path(package.__file__ or "").parent for package in (measure, settle)]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    codes = {code for file in files for code in _reasons(ast.parse(file.read_text(encoding="utf-8")))}
    assert {"nothing_to_count", "column_missing", "several_scorers"} <= codes
    for language in LANGUAGES:
        assert sorted(code for code in codes if not words(language).has(f"reason.{code}")) == []


def test_settled_figures_and_staffing_have_words_for_their_reasons() -> None:
    known = {key for language in LANGUAGES for key in words(language).texts}
    assert {f"reason.{code}" for code in ("not_priced", "target_out_of_reach", "numbers")} <= known


def _reasons(tree: ast.AST) -> Iterator[str]:
    """Codes that stand as the second argument of `not_measurable`, or are given to `reason` or `why`."""
    for node in ast.walk(tree):
        place: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "not_measurable":
            place = node.args[1] if len(node.args) > 1 else None
        elif isinstance(node, ast.keyword | ast.Assign) and _named(node) in {"reason", "why"}:
            place = node.value
        if isinstance(place, ast.Constant | ast.JoinedStr | ast.IfExp):
            texts = [str(item.value) for item in ast.walk(place) if isinstance(item, ast.Constant)]
            yield from (code[1] for text in texts if (code := re.fullmatch(r"([a-z]+(?:_[a-z]+)+)(?::.*)?", text)))


def _named(node: ast.keyword | ast.Assign) -> str | None:
    return node.arg if isinstance(node, ast.keyword) else getattr(node.targets[0], "id", None)


def test_chinese_sets_a_number_apart_in_a_list() -> None:
    assert words("zh").join(["2 小时", "7 天"]) == "2 小时和 7 天"


def test_an_unknown_language_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(TieoutError, match="en, zh"):
        Words("fr")
