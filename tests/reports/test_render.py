"""The three files, read back: the numbers of the card, nothing of the vendor's as markup, the same bytes again."""

import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from reports import render as rendering
from reports.render import RenderingError, page, pdf_of, render
from reports.scorecard import Padding, RuleResult, Scorecard, VagueField
from reports.view import View
from reports.words import words
from tests.reports import example

MAKERS: dict[str, Callable[[str], Scorecard]] = {
    "padded": example.padded,
    "honest": example.honest,
    "empty": example.empty,
}


def text_of(pdf: bytes) -> str:
    """All text of a PDF without white space, so that line breaks do not matter."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", "", "".join(item.extract_text() for item in pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, str], bytes]:
    """Each example in each language as PDF."""
    return {(name, language): pdf_of(page(make(language)), make(language))
            for name, make in MAKERS.items() for language in ("en", "zh")}  # fmt: skip


EVERY = [(name, language) for name in MAKERS for language in ("en", "zh")]


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_number_of_the_figures_stands_in_the_pdf(name: str, language: str, printed: dict[Any, bytes]) -> None:
    card, text = MAKERS[name](language), text_of(printed[name, language])
    view = View(card)
    for item in card.figures:
        if item.side == "vendor" and item.scope == "all" and item.id != "coverage":
            for field in ("reported", "measured", "low", "high"):
                if getattr(item, field) is not None:
                    assert squeezed(view.fig(item.id, field)) in text, (item.id, field)
    for line in card.settlement:
        if line.calls:
            assert squeezed(view.money(line.amount_low, line.amount_high)) in text
    for count in (card.matching.matched, card.matching.vendor_only, card.matching.inhouse_only):
        assert view.say.count(count) in text


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_words_are_readable_and_the_pages_few(name: str, language: str, printed: dict[Any, bytes]) -> None:
    card, text = MAKERS[name](language), text_of(printed[name, language])
    assert squeezed(card.verdict.sentence) in text
    assert all(squeezed(point.ask) in text for point in card.open_points)
    assert "\ufffd" not in text
    assert "\u25a1" not in text
    starts = [squeezed(item.extract_text()) for item in pypdf.PdfReader(io.BytesIO(printed[name, language])).pages]
    annex = [
        number
        for number, start in enumerate(starts)
        if start.startswith(squeezed(words(language).t("glossary.heading")))
    ]
    assert 2 <= len(starts) <= 9
    assert all(number <= 7 for number in annex), "pages before the annex, with everything that there can be"


def test_certainty_is_said_in_the_agreed_words(printed: dict[Any, bytes]) -> None:
    english, chinese = text_of(printed["padded", "en"]), text_of(printed["padded", "zh"])
    assert all(squeezed(word) in english for word in ("contradicted by records", "to be explained", "to be sampled"))
    assert all(word in chinese for word in ("记录不符", "待说明", "待抽查"))
    assert "agent_overlap" not in english + chinese


def test_the_pdf_says_its_title_language_and_date_and_is_tagged(printed: dict[Any, bytes]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed["padded", "zh"]))
    assert reader.metadata is not None
    assert reader.metadata.title == "恒声客户服务有限公司 2026年10月话务核对报告"
    assert str(reader.metadata["/CreationDate"]).startswith("D:20261103")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"].value is True
    alternatives = re.findall(r"'/Alt': '(.*?)'", str([item.get_object() for item in _objects(reader)]))
    assert [text for text in alternatives if "逐日进线量柱状图" in text]


def _objects(reader: pypdf.PdfReader) -> list[Any]:
    size = int(str(reader.trailer["/Size"]))
    return [found for number in range(1, size) if (found := reader.get_object(number)) is not None]


def test_every_page_names_client_vendor_month_and_its_number(printed: dict[Any, bytes]) -> None:
    pages = pypdf.PdfReader(io.BytesIO(printed["padded", "en"])).pages
    for number, item in enumerate(pages, start=1):
        text = squeezed(item.extract_text())
        assert "FirstHarbourBank" in text
        assert f"{number}/{len(pages)}" in text


def test_the_same_card_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = example.honest()
    first = render(card, tmp_path / "a")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    second = render(card, tmp_path / "b")
    assert os.environ["SOURCE_DATE_EPOCH"] == "1"
    for one, other in zip(
        (first.html, first.pdf, first.figures), (second.html, second.pdf, second.figures), strict=True
    ):
        assert one.read_bytes() == other.read_bytes()
    assert sorted(item.name for item in (tmp_path / "a").iterdir()) == [
        "figures.json",
        "scorecard.html",
        "scorecard.pdf",
    ]
    assert first.figures.read_text(encoding="utf-8") == card.to_json()


def test_what_vendors_write_stays_text() -> None:
    html = page(example.padded())
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#39;sales&#39;)&lt;/script&gt;" in html
    hostile = replace(example.empty(), vendor_name="{{ 7*7 }} {x} <img src='http://example.com/a.png'>\x00\x0b")
    assert "{{ 7*7 }} {x} &lt;img src=" in page(hostile)
    assert pdf_of(page(hostile), hostile).startswith(b"%PDF")


@pytest.mark.parametrize("address", ["http://example.com/a.png", "file:///etc/hostname", "data:image/png;base64,AAAA"])
def test_nothing_is_fetched(address: str) -> None:
    card = example.empty()
    html = page(card).replace("</body>", f'<img alt="a" src="{address}"></body>')
    with pytest.raises(RenderingError, match="loads nothing from outside"):
        pdf_of(html, card)


def test_a_style_that_the_engine_does_not_know_fails() -> None:
    card = example.empty()
    with pytest.raises(RenderingError, match="colour"):
        pdf_of(page(card).replace("</style>", "p { colour: red }</style>"), card)


def test_our_own_text_without_a_glyph_fails_and_a_vendors_emblem_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    emblem = "\U00013000"  # a hieroglyph
    odd = replace(example.empty(), vendor_name=f"Acme {emblem}")
    assert pdf_of(page(odd), odd).startswith(b"%PDF")
    monkeypatch.setitem(View(odd).say.texts, "page.kicker", f"Audit {emblem}")
    with pytest.raises(RenderingError, match="notdef"):
        pdf_of(page(odd), odd)


def test_a_failure_leaves_the_old_files_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(example.empty(), tmp_path)
    old = before.html.read_bytes(), before.pdf.read_bytes(), before.figures.read_bytes()
    monkeypatch.setattr(rendering, "styles", lambda: "p { colour: red }")
    with pytest.raises(RenderingError):
        render(example.honest(), tmp_path)
    assert (before.html.read_bytes(), before.pdf.read_bytes(), before.figures.read_bytes()) == old
    assert len(list(tmp_path.iterdir())) == 3


def test_a_crowded_month_still_fits() -> None:
    card = example.padded()
    detectors = [key.split(".")[1] for key in View(card).say.texts if re.fullmatch(r"detector\.\w+\.name", key)]
    crowded = replace(
        card,
        generated_from=tuple(example.source(f"calls_{number}.csv", "calls", 100) for number in range(200)),
        vague_fields=tuple(VagueField(f"F{number}", ("unit", "window"), "What is it? " * 5) for number in range(30)),
        rules=tuple(RuleResult(str(n), f"Rule {n} holds.", "warning", "warning", 100, n) for n in range(40)),
        padding=tuple(Padding(detector, "proven", 3, "1.00", "2.00") for detector in detectors[:12]),
        figures=card.figures + tuple(
            example.figure("offered", "calls", 2, 1, scope=f"queue:{'very_long_name_' * 6}{n}") for n in range(40)
        ),
    )  # fmt: skip
    pdf = pdf_of(page(crowded), crowded)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) <= 11
    assert squeezed(View(card).say.n("sources.more", 160)) in text_of(pdf)


LONG = {
    "en": "The Greater Northern and Western Contact Services Holding Company (Shared Services Centre Two), Limited",
    "zh": "恒声客户服务（上海自由贸易试验区）股份有限公司第二共享服务中心暨华东区域客户联络运营分公司",
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("is_long", [False, True])
def test_everything_urgent_stands_on_page_one(language: str, is_long: bool, printed: dict[Any, bytes]) -> None:
    card = example.padded(language)
    if is_long:
        name = LONG[language]
        judged = example.decided(card.figures, card.matching, card.settlement, card.padding, name, language)
        points = tuple(replace(point, owner=name) for point in card.open_points)
        card = replace(card, vendor_name=name, client=name, verdict=judged, open_points=points, notes=card.notes * 2)
    pdf = pdf_of(page(card), card) if is_long else printed["padded", language]
    first, second, *_ = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text, view = squeezed(first.extract_text()), View(card)
    urgent = [card.verdict.sentence, view.next_step(), card.notes[-1], *(point.ask for point in card.open_points)]
    assert [part for part in urgent if squeezed(part) not in text] == []
    assert squeezed(second.extract_text()).startswith(squeezed(view.say.t("kpis.heading")))


def test_no_table_leaves_a_row_alone_on_a_page(printed: dict[Any, bytes]) -> None:
    """Every page opens with a heading; only the list of files runs on, by at least two of them, and the glossary."""
    view = View(example.padded())
    keys = [key for key in view.say.texts if key.endswith(".heading")]
    headings = {squeezed(view.say.texts[key]) for key in (*keys, "kpis.queues")}
    headings |= {squeezed(names) for names, _ in View(example.honest()).glossary() + view.glossary()}
    for name in ("padded", "honest", "empty"):
        for item in list(pypdf.PdfReader(io.BytesIO(printed[name, "en"])).pages)[1:]:
            text = squeezed(item.extract_text())
            runs_on = text.startswith(squeezed(view.say.t("sources.file")))
            opens = [heading for heading in headings if text.startswith(heading)]
            assert text.count(".csv") >= 2 if runs_on else opens, text[:80]
