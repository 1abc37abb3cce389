"""The small picture of a call: what is drawn, that it repeats byte for byte, which calls get one in the evidence."""

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import polars as pl
import pytest

from pipelines.link import link_words
from pipelines.link.steps import HELD_BACK, NOT_DELIVERED
from pipelines.tables import FINDINGS, LINKS
from reports import pictures
from reports.candidates import Surroundings
from reports.case import Case
from reports.picture import picture, reason_words, wrapped
from reports.publish import publish
from reports.words import words
from tests.reports.cases import CLOCK, PAIRED, VOUCHED, case, known, leg, record
from tests.reports.road import OCTOBER, Audited

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawn: str) -> list[str]:
    return [item.text or "" for item in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def dots(drawn: str) -> dict[str, float]:
    """The marked calls by their id, and how far right each stands."""
    circles = ElementTree.fromstring(drawn).iter(f"{SVG}circle")
    named = {(item.findtext(f"{SVG}title") or "").split(" ")[0]: float(item.get("cx") or 0) for item in circles}
    return {name: x for name, x in named.items() if name}


PAIR = case(record(1, 0, pair=1), leg(1, -2, pair=1), leg(2, 12), leg(3, 60, key=8), **PAIRED)
GAP = known("gap", -600, 60, "silent")
ALONE = case(record(1, 0), leg(9, 50, key=8), log=(GAP, VOUCHED), is_covered=False)


def test_the_pair_stands_on_one_clock_with_its_difference() -> None:
    drawn = picture(PAIR, "en")
    at = dots(drawn)
    assert set(at) == {"v1", "h1", "h2"}, "other callers are strokes, not dots"
    assert at["h1"] < at["v1"] < at["h2"]
    assert "v1" in texts(drawn)
    assert "+2.0\u00a0s" in texts(drawn)
    assert "Call v1, 14 October 2026 20:00:00" in texts(drawn)


def test_the_caption_tells_the_reason_and_the_offset() -> None:
    caption = " ".join(texts(picture(PAIR, "en")))
    assert "Matched with leg h1 by number, difference +2.0\u00a0s: same number, least total time difference" in caption
    assert "The vendor’s clock stands 10.0\u00a0s ahead of ours; its records are drawn on our clock." in caption
    assert "Nine of ten pairs lie within ± 1.5\u00a0s of that." in caption


def test_a_gap_is_hatched_as_far_as_it_goes() -> None:
    drawn = picture(ALONE, "en")
    [hatched] = [r for r in ElementTree.fromstring(drawn).iter(f"{SVG}rect") if r.get("fill") == "url(#gap)"]
    shown = dots(drawn)["v1"]
    end = float(hatched.get("x") or 0) + float(hatched.get("width") or 0)
    assert float(hatched.get("x") or 0) < shown < end
    assert "Our log has a gap there (hatched)" in " ".join(texts(drawn))
    assert "url(#gap)" not in picture(PAIR, "en")


def test_the_chinese_picture_is_chinese() -> None:
    caption = "".join(texts(picture(ALONE, "zh")))
    assert "没有对应记录（仅外包商有）：容差内没有该来电者的转出记录。" in caption
    assert not re.search(r"[A-Za-z]{3,}", caption)


def test_a_clock_that_is_not_known_is_told_as_such() -> None:
    unknown = case(record(1, 0), clock={**CLOCK, "basis": "none"})
    assert "is not known that day" in " ".join(texts(picture(unknown, "en")))


def test_a_candidate_far_away_widens_the_view() -> None:
    near, far = (picture(case(record(1, 0), leg(1, at)), "en") for at in (100, 800))
    assert set(dots(near)) == set(dots(far)) == {"v1", "h1"}
    assert "12:13" not in "".join(texts(near))


def test_a_crowd_of_other_calls_costs_a_stroke_a_pixel_at_most() -> None:
    crowd = [leg(number, number / 100 - 150, key=8) for number in range(2, 30_000)]
    assert len(picture(case(record(1, 0), *crowd), "en")) < 20_000


@pytest.mark.parametrize("call_id", ["<b>&\"'", "line\nbreak\x00\x1b\ufffe", "电话🙂", "x" * 300])
def test_any_id_makes_a_picture_that_can_be_read(call_id: str) -> None:
    drawn = picture(case(record(1, 0, call_id=call_id)), "en")
    assert ElementTree.fromstring(drawn).findtext(f"{SVG}title", "").startswith("Call ")
    assert max(len(text) for text in texts(drawn)) < 120


@pytest.mark.parametrize("text", ["a " * 200, "界" * 200, "ab界" * 80, "", "x" * 500])
def test_lines_lose_nothing(text: str) -> None:
    lines = wrapped(text, 40)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= 40 for line in lines) or " " not in text.strip()


# in the evidence


def evidence_of(world: Audited, vendor: str) -> Path:
    return world.published[vendor].folder / "evidence"


def test_what_is_contradicted_by_records_has_its_picture_first(small: Audited) -> None:
    accused = pl.read_parquet(evidence_of(small, "padding") / "padding.parquet")
    drawn = accused.filter(pl.col("picture").is_not_null())
    left = accused.filter(pl.col("picture").is_null())
    assert 0 < drawn.height <= pictures.MOST < accused.height
    assert "probable" not in set(drawn["certainty"]) or set(left["certainty"]) <= {"probable"}
    folder = evidence_of(small, "padding")
    there = {str(path.relative_to(folder)) for path in (folder / "pictures").iterdir()}
    assert there == {*drawn["picture"], "pictures/README.txt"}
    note = (folder / "pictures" / "README.txt").read_text(encoding="utf-8")
    assert f"Calls in question: {accused.height:,}; drawn here: 100" in note
    assert f"left out: {left.height:,}." in note


def test_a_vendor_without_calls_in_question_has_no_pictures(small: Audited) -> None:
    assert not (evidence_of(small, "honest") / "pictures").exists()


def test_every_picture_can_be_read_and_names_its_record(small: Audited) -> None:
    folder = evidence_of(small, "padding")
    accused = pl.read_parquet(folder / "padding.parquet").drop_nulls("picture")
    for call_id, place in accused.select("vendor_call_id", "picture").iter_rows():
        assert call_id in texts((folder / place).read_text(encoding="utf-8")), place


def test_what_an_earlier_audit_or_a_broken_one_left_there_goes(small: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = evidence_of(small, "padding")
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / "pictures" / "0000-1.svg").write_text("old", encoding="utf-8")
    for left in (".pictures.new", ".pictures.old"):
        (folder / left).mkdir()
        (folder / left / "half.svg").write_text("half", encoding="utf-8")
    monkeypatch.setattr("reports.publish.looks", lambda: "another layout")
    assert publish(small.space, small.lake, "padding", OCTOBER).is_new
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["pictures"]
    monkeypatch.undo()
    publish(small.space, small.lake, "padding", OCTOBER)


def cases(world: Audited, vendor: str) -> list[Case]:
    """Every call of a vendor's month."""
    links = world.lake.read(LINKS, vendor=vendor, month="2026-10").filter("in_month")
    return list(Surroundings(world.space, world.lake, vendor, OCTOBER).cases(links))


@pytest.mark.parametrize("vendor", ["honest", "padding"])
def test_every_pair_lies_where_its_link_says(disturbed: Audited, vendor: str) -> None:
    found = cases(disturbed, vendor)
    assert {case.link["match_class"] for case in found} >= {"number", "time"}
    for one in (one for one in found if one.link["side"] == "pair"):
        assert one.partner is not None
        assert one.candidates[0] == one.partner
        assert one.delta_s(one.partner) == pytest.approx(float(one.link["delta_s"]), abs=0.002)
        assert one.is_within(one.partner)
    for one in (one for one in found if one.link["match_class"] in ("vendor_only", "inhouse_only")):
        assert not [call for call in one.candidates if one.is_within(call) and call.is_alone]


def test_the_hour_that_a_clock_is_ahead_is_taken_off(disturbed: Audited) -> None:
    late = [one for one in cases(disturbed, "honest") if one.link["offset_s"] == 3637]
    assert len(late) > 50
    assert {one.clock and one.clock["moved"] for one in late} == {"zone"}
    assert {one.own.own_at - one.own.at for one in late} == {3_637_000_000}


def sentences(module: ModuleType) -> set[str]:
    """The texts of a module's code that have four words or more, docstrings left out."""
    tree = ast.parse(inspect.getsource(module))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return {str(node.value) for node in found if str(node.value).count(" ") >= 3}


def test_every_reason_of_the_links_is_known_in_both_languages(small: Audited, disturbed: Audited) -> None:
    said = {NOT_DELIVERED, HELD_BACK, *sentences(link_words)}
    for world in (small, disturbed):
        for vendor in world.published:
            said |= set(world.lake.read(LINKS, vendor=vendor, month="2026-10")["reason"])
    english, chinese = words("en"), words("zh")
    known_texts = {text for key, text in english.texts.items() if key.startswith("linked.")}
    assert said <= known_texts
    assert not [text for text in known_texts if re.search("[a-z]{3}", reason_words(chinese, text))]


def test_pictures_of_a_month_are_quick_and_repeat(disturbed: Audited) -> None:
    where = {"vendor": "padding", "month": "2026-10"}
    wanted = pictures.chosen(disturbed.lake.read(FINDINGS, **where))
    first, again = (
        pictures.draw(
            Surroundings(disturbed.space, disturbed.lake, "padding", OCTOBER), disturbed.lake, where, wanted, "zh"
        )
        for _ in range(2)
    )
    assert first == again
    assert len(first) == wanted.height > 0
