"""Summary reports of all shapes → figures, units, periods, and the questions that they leave open."""

import pytest

from pipelines.contract.model import MEANINGS
from tests.draft.drafted import Drafting


def daily(*heads: str, cells: tuple[str, ...], days: int = 3) -> str:
    lines = [f"2026-10-0{day},{','.join(cells)}" for day in range(1, days + 1)]
    return "\n".join([f"日期,{','.join(heads)}", *lines]) + "\n"


def test_chinese_figures_and_their_units(drafting: Drafting) -> None:
    heads = (
        "呼入量",
        "接通量",
        "接通率",
        "20秒接通率",
        "平均处理时长",
        "平均应答速度(秒)",
        "放弃率",
        "坐席利用率",
        "满意度",
    )
    cells = ('"1,200"', "1100", "91.67%", "88.5%", "0:05:12", "12.4", "3.1%", "0.82", "4.7")
    made = drafting(daily(*heads, cells=cells))
    assert made.item.feed == "claims"
    assert made.figures == {
        "呼入量": ("offered", "calls"),
        "接通量": ("answered", "calls"),
        "接通率": ("answered_pct", "pct"),
        "20秒接通率": ("service_level", "pct"),
        "平均处理时长": ("aht", "hms"),
        "平均应答速度(秒)": ("asa", "s"),
        "放弃率": ("abandon_rate", "pct"),
        "坐席利用率": ("occupancy", "ratio"),
        "满意度": ("csat", None),
    }
    assert made.item.period == "day"


def test_english_figures(drafting: Drafting) -> None:
    made = drafting(
        "date,calls offered,calls handled,% answered,Service Level (20s),AHT,ASA,Abandon %,FCR 7d\n"
        + "".join(f"10/{day}/2026,{900 + day},890,98.{day},80.5,312,9,2.1,81.0\n" for day in range(1, 15))
    )
    assert [figure for figure, _ in made.figures.values()] == [
        *("offered", "answered", "answered_pct", "service_level", "aht", "asa", "abandon_rate", "fcr_7d")
    ]
    start = made.item.role("period_start")
    assert start is not None
    assert start.format == "%m/%d/%Y", "a 14th month there is not"


def test_each_figure_asks_for_what_makes_it_vague(drafting: Drafting) -> None:
    text = drafting(daily("接通率", cells=("91.67%",))).text
    asked = [name for name in MEANINGS if f"# - {{property: tieout.{name}, value: }}" in text]
    assert asked == [name for name in MEANINGS if name != "unit"], "the file says the unit itself"


def test_a_figure_that_stands_twice_is_read_once(drafting: Drafting) -> None:
    made = drafting(daily("平均处理时长", "AHT", cells=("0:05:12", "312")))
    assert made.figures == {"平均处理时长": ("aht", "hms")}
    assert "not read: aht again, which another column reports already" in made.text


def test_half_hours_under_titles_and_two_header_lines(drafting: Drafting) -> None:
    made = drafting(
        "话务半小时报表,,,,\n生成时间: 2026-11-01,,,,\n,,呼入,,服务水平\n日期,时段,总量,接通量,20秒内接通率\n"
        "2026-10-01,08:00-08:30,100,90,0.81\n2026-10-01,08:30-09:00,101,91,0.82\n2026-10-01,09:00-09:30,99,90,0.8\n"
        "总计,,300,271,\n",
        encoding="gbk",
    )
    item = made.item
    assert (item.skip_rows, item.header_rows, item.trailer, item.period) == (2, 2, "总计", "interval:1800")
    assert made.figures == {
        "呼入 / 总量": ("offered", "calls"),
        "呼入 / 接通量": ("answered", "calls"),
        "服务水平 / 20秒内接通率": ("service_level", "ratio"),
    }
    start = item.role("period_start")
    assert start is not None
    assert start.expression is not None
    assert "时段" in start.expression


@pytest.mark.parametrize(
    ("starts", "period"),
    [
        (("2026-10-01", "2026-10-02"), "day"),
        (("2026-10-05", "2026-10-12"), "week"),
        (("2026-09", "2026-10"), "month"),
        (("2026-10-01 08:00", "2026-10-01 09:00"), "hour"),
        (("2026-10-01 08:00", "2026-10-01 08:15"), "interval:900"),
    ],
)
def test_the_period_is_the_distance_of_the_starts(drafting: Drafting, starts: tuple[str, ...], period: str) -> None:
    made = drafting("period,calls offered\n" + "".join(f"{start},10\n" for start in starts))
    assert made.item.period == period


def test_a_report_without_a_zone_loads_and_is_vague(drafting: Drafting) -> None:
    made = drafting(daily("呼入量", cells=("900",)), zone=None)
    assert made.item.time_zone is None
    assert "Every figure is vague without" in made.text


def test_each_row_of_a_queue(drafting: Drafting) -> None:
    made = drafting("日期,技能组,呼入量\n2026-10-01,账务,9\n2026-10-01,报修,8\n2026-10-02,账务,9\n")
    assert made.roles == {"period_start": "日期", "queue": "技能组"}


def test_a_long_table_names_its_figures_in_a_column(drafting: Drafting) -> None:
    made = drafting(
        "日期,指标名称,数值\n2026-10-01,接通量,900\n2026-10-01,接通率,91.2%\n2026-10-01,神秘指数,7\n2026-10-02,接通量,901\n"
    )
    figure = made.item.role("figure")
    assert figure is not None
    assert figure.map == {"接通量": "answered", "接通率": "answered_pct"}
    assert "which figures are these? 神秘指数" in made.comment_above("指标名称")
