"""What the chart says over itself, and that it is drawn from the same days every time."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from reports import charts
from reports.charts import Day
from reports.words import words
from tests.reports import example

EN = words("en")
AGREE = "On all 2 days compared, the vendor’s count of calls agrees with our records"


def day(
    number: int, reported: float | None, measured: float | None, differs: bool = False, missing: bool = False
) -> Day:
    return Day(f"2026-10-{number:02d}", reported, measured, differs, missing)


@pytest.mark.parametrize(
    ("days", "title", "widest", "missing"),
    [
        ([day(1, 100, 100), day(2, 90, 90)], AGREE, "", ""),
        ([day(1, 130, 100, True), day(2, 115, 100, True)],
         "On 2 days the vendor reported more calls than our records show",
         "The widest gap is on 1 Oct: 130 reported, 100 in our records.", ""),
        ([day(1, 80, 100, True), day(2, 100, 100)], "On 1 day the vendor reported fewer calls than our records show",
         "The widest gap is on 1 Oct: 80 reported, 100 in our records.", ""),
        ([day(1, 80, 100, True), day(2, 130, 100, True)],
         "On 1 day the vendor reported more calls than our records show; on 1 day it reported fewer",
         "The widest gap is on 2 Oct: 130 reported, 100 in our records.", ""),
        ([day(1, None, 100), day(2, None, None, missing=True)], 
         "The vendor reported no count by day; only our own is shown", "",
         "For 1 day there are no records of one side or of both."),
    ],
)  # fmt: skip
def test_the_title_states_the_finding(days: list[Day], title: str, widest: str, missing: str) -> None:
    assert charts.finding(days, EN) == charts.Finding(title, widest, missing)


def test_every_day_of_the_month_stands_in_order_and_missing_days_are_marked() -> None:
    days = charts.days_of(example.padded())
    assert [item.day[-2:] for item in days] == [f"{number:02d}" for number in range(1, 32)]
    assert [int(item.day[-2:]) for item in days if item.missing] == [18, 19, 24, 29]
    assert sum(item.differs for item in days) == 15


def test_without_counts_by_day_there_is_nothing_to_draw() -> None:
    assert charts.days_of(example.empty()) == ()


def test_tolerance_decides_which_days_differ() -> None:
    card = example.padded()
    generous = replace(card, tolerance=replace(card.tolerance, count_pct="20"))
    assert sum(item.differs for item in charts.days_of(generous)) == 0


def test_the_drawing_is_well_formed_titled_and_repeatable() -> None:
    days = charts.days_of(example.padded("zh"))
    first, second = (charts.svg(days, words("zh"), "<逐日> & 进线量") for _ in range(2))
    assert first == second
    root = ET.fromstring(first)
    assert root[0].text == "<逐日> & 进线量"
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"1", "31", "进线量", "日期"} <= texts
