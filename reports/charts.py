"""The one chart: calls offered by day, reported against measured, as SVG drawn by Altair and vl-convert (no browser).

The finding that stands over the chart is made here too, from the same days. Its place on the page is the template's.
"""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

import altair as alt
import vl_convert

from reports.compare import differs
from reports.scorecard import Scorecard
from reports.words import Words

FIGURE = "offered"
FONT = "Noto Sans CJK SC, Noto Sans, sans-serif"
# Blue, vermilion and black stay apart for every kind of colour vision; shape tells the three apart as well.
MEASURED, EXCESS, REPORTED, MUTED = "#8fb3cf", "#d55e00", "#1c2430", "#5f6b7a"
SIZE = {"width": 600, "height": 170}


@dataclass(frozen=True)
class Day:
    """One day of the month: both counts of calls offered, whether they differ, whether records lack."""

    day: str
    reported: float | None
    measured: float | None
    differs: bool
    missing: bool


@dataclass(frozen=True)
class Finding:
    """What the chart says, in words: a title, where the gap is widest, and what is missing ("" where nothing is)."""

    title: str
    widest: str
    missing: str


def days_of(card: Scorecard) -> tuple[Day, ...]:
    """Every day of the month in order; empty where the card holds no count by day."""
    by_day = {f.scope.removeprefix("day:"): f for f in card.figures
              if f.id == FIGURE and f.side == "vendor" and f.scope.startswith("day:")}  # fmt: skip
    if not by_day:
        return ()
    lacking = {
        *card.deliveries.vendor_days_missing,
        *card.deliveries.inhouse_days_missing,
        *card.deliveries.days_held_back,
    }
    limits = Decimal(card.tolerance.count_pct), Decimal(card.tolerance.points)
    year, month = (int(part) for part in card.month.split("-"))
    every = [f"{card.month}-{number:02d}" for number in range(1, calendar.monthrange(year, month)[1] + 1)]
    result = []
    for day in every:
        figure = by_day.get(day)
        reported, measured = (figure.reported, figure.measured) if figure else (None, None)
        lacks = day in lacking or figure is None or measured is None
        result.append(
            Day(day, reported, measured, figure is not None and not lacks and differs(figure, *limits), lacks)
        )
    return tuple(result)


def finding(days: Sequence[Day], say: Words) -> Finding:
    """The finding of a month of days, in the language of `say`; `days` must not be empty."""
    compared = [(day, day.reported - day.measured) for day in days
                if not day.missing and day.reported is not None and day.measured is not None]  # fmt: skip
    higher = sum(day.differs and excess > 0 for day, excess in compared)
    lower = sum(day.differs and excess < 0 for day, excess in compared)
    lacking = sum(day.missing for day in days)
    missing = say.n("chart.missing", lacking) if lacking else ""
    if not compared:
        return Finding(say.t("chart.unreported"), "", missing)
    if not higher and not lower:
        return Finding(say.n("chart.agree", len(compared)), "", missing)
    title = say.n("chart.higher", higher) if higher else say.n("chart.lower", lower)
    if higher and lower:
        title = say.t("chart.both", higher=title, lower=say.n("chart.lower_days", lower))
    widest, _ = max(((day, abs(excess)) for day, excess in compared if day.differs), key=lambda pair: pair[1])
    counts = {name: say.count(getattr(widest, name)) for name in ("reported", "measured")}
    return Finding(title, say.t("chart.widest", day=say.short_day(widest.day), **counts), missing)


def svg(days: Sequence[Day], say: Words, alt_text: str) -> str:
    """The chart as one SVG element with `alt_text` as its title; the same days give the same bytes."""
    spec = chart([_row(day) for day in days], say).to_dict()
    drawn: str = vl_convert.vegalite_to_svg(spec)
    return re.sub(r"(<svg[^>]*>)", lambda tag: f"{tag[1]}<title>{escape(alt_text)}</title>", drawn, count=1)


def chart(rows: Sequence[Mapping[str, Any]], say: Words) -> alt.LayerChart:
    """Bars for our records, a line for the vendor's count, the difference in vermilion, a cross for no records."""
    calls = say.t("chart.axis_calls")
    x = alt.X("day:O", title=say.t("chart.axis_day"), sort=[row["day"] for row in rows],
              axis=alt.Axis(labelAngle=0, domainColor=MUTED, ticks=False, labelPadding=6))  # fmt: skip
    axis = alt.Axis(title=calls, titleAngle=0, titleAlign="left", titleAnchor="end", titleX=0, titleY=-10, tickCount=4,
                    domain=False, ticks=False, format=",d", gridColor="#e3e7ec")  # fmt: skip
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(x=x)
    y = alt.Y("measured:Q", axis=axis, scale=alt.Scale(zero=True))
    between = base.transform_filter("datum.differs")
    layers = (
        base.transform_filter("isValid(datum.measured)").mark_bar(color=MEASURED).encode(y=y),
        between.mark_bar(color=EXCESS).encode(y=alt.Y("measured:Q", axis=axis), y2="reported:Q"),
        base.transform_filter("isValid(datum.reported)")
        .mark_tick(color=REPORTED, thickness=2, size=15)
        .encode(y=alt.Y("reported:Q", axis=axis)),
        base.transform_filter("datum.missing")
        .mark_point(shape="cross", angle=45, filled=True, color=MUTED, size=60, yOffset=-8)
        .encode(y=alt.datum(0, type="quantitative", axis=axis)),
    )
    axis_config = alt.AxisConfig(labelColor=MUTED, titleColor=MUTED, labelFontSize=10, titleFontSize=10,
                                 titleFontWeight="normal")  # fmt: skip
    drawn: alt.LayerChart = alt.layer(*layers).properties(**SIZE, padding=4).configure(
        background="transparent", font=FONT, axis=axis_config, view=alt.ViewConfig(stroke=None))  # fmt: skip
    return drawn


def _row(day: Day) -> dict[str, Any]:
    return {"day": int(day.day[-2:]), "reported": day.reported, "measured": None if day.missing else day.measured,
            "differs": day.differs and day.reported is not None, "missing": day.missing}  # fmt: skip
