"""The sections beyond the figures, a few lines each: comparisons, returns, people, lines and staffing, volume.

Which lines stand there and in which words; the rows come from the card (`parts.py`), the layout is in `templates/`.
Every section ends with what to do where something stands out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from reports.parts import Agent, AgentDay, Comparison, HalfHour, Monitored, Return, VolumeDay
from reports.printing import Printing

MOST_ROWS = 5
"""Lines of a section."""
MOST_COMPARED = 8
"""Comparisons in the table."""
MOST_ADVISED = 3
"""Reasons with which to begin."""
MOST_NAMES = 6
"""Names in a sentence."""
NO_REASON = frozenset({"", "(none)"})
OTHER_REASONS = "(other)"
INSIDE = 0.95
"""How many days the range of a day's calls holds."""


@dataclass(frozen=True)
class Line:
    """One line of a table, as printed."""

    name: str
    cells: tuple[str, ...]
    verdict: str = ""


def most_by_chance(days: int) -> int:
    """The most days outside their 95 % range that chance alone brings in nineteen of twenty such months.

    The days are taken as independent, each outside with a chance of 1 in 20 (binomial).
    """
    reached, most = 0.0, -1
    while reached < INSIDE:
        most += 1
        reached += comb(days, most) * (1 - INSIDE) ** most * INSIDE ** (days - most)
    return most


class Sections(Printing):
    """Lines and sentences of the sections, in the card's language."""

    def compared(self) -> tuple[Line, ...]:
        """Comparisons over all reasons: our own staff first, then last month, then other vendors."""
        return tuple(self._compared(row) for row in self._whole()[:MOST_COMPARED])

    def more_compared(self) -> int:
        """How many further comparisons there are."""
        return max(0, len(self._whole()) - MOST_COMPARED)

    def _whole(self) -> list[Comparison]:
        return [row for row in self.card.comparisons if not row.reason and row.difference is not None]

    def _compared(self, row: Comparison) -> Line:
        value, other = (self._pct(number) for number in (row.value, row.other_value))
        cells = (self.against(row.against), value, other, self._signed(row.difference), self._between(row))
        return Line(self.label(row.figure), cells, row.verdict)

    def against(self, against: str) -> str:
        """Beside whom: our own staff, a month, or another vendor, by its letter where there are several."""
        if against == "inhouse":
            return self.say.t("compared.inhouse")
        if re.fullmatch(r"\d{4}-\d\d", against):
            return self.say.month(against)
        letter = against.partition(":")[2]
        return self.say.t("compared.lettered", letter=letter) if letter else self.say.t("compared.another")

    def listener(self, scored_by: str) -> str:
        """Who listened: the client, the vendor, or somebody else as the scores name him."""
        if scored_by == self.card.vendor:
            return self.card.vendor_name
        return self.say.t(f"people.by_{scored_by}") if self.say.has(f"people.by_{scored_by}") else scored_by

    def reasons_compared(self) -> tuple[str, ...]:
        """Which reasons the vendor settles worse than, better than or like our own staff, a sentence for each."""
        rows = [row for row in self.card.comparisons if row.reason and row.against == "inhouse"]
        figure = next((row.figure for row in rows if row.figure.startswith("fcr")), "")
        own = [row for row in rows if row.figure == figure and row.difference is not None]
        found = []
        for verdict in ("worse", "better", "no_difference_shown"):
            named = sorted((row for row in own if row.verdict == verdict), key=lambda row: -abs(row.difference or 0))
            if named:
                reasons = self._some([self._gap(row) for row in named])
                found.append(self.say.t(f"compared.{verdict}_reasons", figure=self.label(figure), reasons=reasons))
        return tuple(found)

    def compared_advice(self) -> str:
        """What to do about reasons that our own staff settle better; "" where there are none."""
        worse = [row for row in self.card.comparisons if row.verdict == "worse" and row.against == "inhouse"]
        worse.sort(key=lambda row: -abs(row.difference or 0))
        named = list(dict.fromkeys(self._quoted(row.reason) for row in worse if row.reason))
        if named:
            return self.say.t("compared.advice_reasons", reasons=self.say.join(named[:MOST_ADVISED]))
        return self.say.t("compared.advice") if worse else ""

    def any_standardised(self) -> bool:
        """Whether the mix of reasons is allowed for in any comparison that is printed."""
        return any(row.is_standardised for row in self.card.comparisons if not row.reason)

    def returned(self) -> tuple[Line, ...]:
        """What callers came back for most, within the window that the terms name or a day."""
        rows = self._returned()
        return tuple(
            Line(
                self.reason_name(row.reason),
                (self.reason_name(row.next_reason), self.say.t(f"returned.{row.place}"), self.say.count(row.calls),
                 self._gap_time(row.median_gap_s)),
            )
            for row in rows[:MOST_ROWS]
        )  # fmt: skip

    def returned_window(self) -> str:
        """The window of these lines in words."""
        rows = self._returned()
        return self.window(rows[0].window) if rows else ""

    def _returned(self) -> Sequence[Return]:
        windows = {row.window for row in self.card.returns}
        window = next((name for name in ("24h", *sorted(windows)) if name in windows), "")
        return [row for row in self.card.returns if row.window == window]

    def agents_below(self) -> tuple[Line, ...]:
        """Agents below the group in first-contact resolution, the lowest first."""
        return tuple(self._agent(agent) for agent in self._below()[:MOST_ROWS])

    def _below(self) -> list[Agent]:
        return [agent for agent in self.card.people.outstanding if agent.fcr_flag == "below"]

    def _agent(self, agent: Agent) -> Line:
        low, high = self._pct(agent.fcr_low_pct), self._pct(agent.fcr_high_pct)
        between = self.say.t("cell.range", low=low, high=high)
        cells = (self.say.count(agent.answered), self._pct(agent.fcr_shrunk_pct), between)
        return Line(agent.agent_id, (*cells, self._pct(agent.fcr_expected_pct)))

    def people(self) -> tuple[str, ...]:
        """Sentences about agents: how many, how many are new, who is slower, whose days swing, what listeners found."""
        told, say = self.card.people, self.say
        if not told.agents and not told.monitored:
            return ()
        lines = [self._agents_told()] if told.agents else []
        for flag, key in (("above", "slower"), ("below", "quicker")):
            named = [agent.agent_id for agent in told.outstanding if agent.aht_flag == flag]
            lines += [say.t(f"people.{key}", agents=self._some(named))] if named else []
        lines += [say.t("people.days", days=self._some([self._day(day) for day in told.days], 3))] if told.days else []
        return (*lines, *(self._monitored(row) for row in told.monitored))

    def _agents_told(self) -> str:
        """How many agents answered calls, and how many of them are new where anybody knows."""
        told, say = self.card.people, self.say
        new = "" if told.new_agents is None else say.t("people.new", new=say.count(told.new_agents))
        return say.n("people.agents", told.agents) + new + say.t("people.stop")

    def people_advice(self) -> str:
        """What to do about agents below the group; "" where there are none."""
        below = [agent.agent_id for agent in self._below()]
        return self.say.t("people.advice", agents=self._some(below)) if below else ""

    def _day(self, day: AgentDay) -> str:
        unit = {"answered": "calls", "short_calls": "%"}.get(day.what, "s")
        value, usual = (self.say.value(number, unit) for number in (day.value, day.usual))
        what = self.say.t(f"people.what_{day.what}")
        when = self.say.short_day(day.day)
        return self.say.t("people.day", agent=day.agent_id, day=when, what=what, value=value, usual=usual)

    def _monitored(self, row: Monitored) -> str:
        say = self.say
        text = say.n("people.monitored", row.n, who=self.listener(row.scored_by), score=self._number(row.score))
        if row.fault_a is not None:
            faults = {name: say.count(getattr(row, f"fault_{name}") or 0) for name in "abc"}
            text += say.t("people.faults", **faults)
        if row.change is not None:
            low, high = self._signed(row.change_low), self._signed(row.change_high)
            text += say.t("people.change", change=self._signed(row.change), low=low, high=high)
        if row.next_score is not None:
            low, high = self._number(row.next_low), self._number(row.next_high)
            text += say.t("people.next", score=self._number(row.next_score), low=low, high=high)
        return text + say.t("people.stop")

    def capacity(self) -> tuple[str, ...]:
        """Sentences about half hours short of agents, relieved half hours, and the most calls at once."""
        told, say = self.card.capacity, self.say
        short = "capacity.short" if told.short else "capacity.none_short"
        lines = [say.n(short, told.judged, short=say.count(told.short))] if told.judged else []
        lines += [say.n("capacity.relieved", told.relieved)] if told.relieved else []
        if told.peak_calls is not None and told.peak_day:
            when = {"day": say.short_day(told.peak_day), "at": told.peak_at or ""}
            peak = say.n("capacity.peak", told.peak_calls, **when)
            lines.append(peak + (say.n("capacity.trunks", told.trunks) if told.trunks else "") + say.t("people.stop"))
        return (*lines, *([say.n("capacity.full", told.full)] if told.full else []))

    def short_half_hours(self) -> tuple[Line, ...]:
        """The half hours that lack most agents."""
        return tuple(self._half_hour(row) for row in self.card.capacity.worst[:MOST_ROWS])

    def _half_hour(self, row: HalfHour) -> Line:
        when = self.say.t("capacity.when", day=self.say.short_day(row.day), at=row.at)
        agents = (row.needed, row.planned, row.present, None if row.gap is None else -row.gap)
        return Line(when, (self.say.count(row.offered), *(self._agents(number) for number in agents)))

    def capacity_advice(self) -> str:
        """What to do about half hours that lack agents; "" where none does."""
        return self.say.t("capacity.advice") if self.card.capacity.short else ""

    def volume(self) -> tuple[str, ...]:
        """Sentences about days outside what was to be expected, reasons that swelled, and regular callers."""
        told, say = self.card.volume, self.say
        if not told.days_judged:
            return self._asked()
        odd = [say.t(f"volume.{row.state}", day=self._odd_day(row)) for row in told.odd_days]
        return (self._judged(told.days_judged, len(odd)), *odd[: MOST_ROWS - 1], *self._asked())

    def _judged(self, judged: int, odd: int) -> str:
        """How many days lie outside their range, and whether chance alone brings as many."""
        if not odd:
            return self.say.n("volume.none_odd", judged)
        by_chance = "volume.by_chance" if odd <= most_by_chance(judged) else "volume.beyond_chance"
        return self.say.n("volume.judged", judged, odd=self.say.count(odd)) + self.say.t(by_chance)

    def _odd_day(self, row: VolumeDay) -> str:
        say = self.say
        holiday = row.holiday_zh if say.language == "zh" else row.holiday_en
        day = say.t("volume.holiday", day=say.short_day(row.day), holiday=holiday) if holiday else None
        low, high = (say.count(number or 0) for number in (row.low, row.high))
        return say.t(
            "volume.day", day=day or say.short_day(row.day), offered=say.count(row.offered or 0), low=low, high=high
        )

    def _asked(self) -> tuple[str, ...]:
        told, say = self.card.volume, self.say
        rose = [
            say.t("volume.rose", reason=self._quoted(row.reason), points=self._signed(row.change_points))
            for row in told.swelled
        ]
        asked = [
            say.n("volume.asked", row.callers, reason=self._quoted(row.reason), share=self._pct(row.share_pct))
            for row in told.regulars[:3]
        ]
        lines = [say.t("volume.swelled", reasons=self._some(rose))] if rose else []
        months = say.count(told.regulars[0].months) if told.regulars else ""
        return (*lines, *([say.t("volume.regulars", months=months, reasons=say.join(asked))] if asked else []))

    def reason_name(self, reason: str) -> str:
        """A call reason as the client writes it, or words for none and for the rare ones together."""
        if reason in NO_REASON:
            return self.say.t("compared.no_reason")
        return self.say.t("compared.other_reasons") if reason == OTHER_REASONS else reason

    def _quoted(self, reason: str) -> str:
        """A reason inside a sentence: quoted where it is the client's own word."""
        is_own = reason not in NO_REASON and reason != OTHER_REASONS
        return self.say.t("compared.quoted", reason=reason) if is_own else self.reason_name(reason)

    def _gap(self, row: Comparison) -> str:
        difference = self._points(row.difference)
        return self.say.t("compared.reason", reason=self._quoted(row.reason), difference=difference)

    def _between(self, row: Comparison) -> str:
        if row.ci_low is None or row.ci_high is None:
            return self.say.t("cell.none")
        return self.say.t("cell.range", low=self._signed(row.ci_low), high=self._signed(row.ci_high))

    def _some(self, names: Sequence[str], most: int = MOST_NAMES) -> str:
        """The first names, and how many more there are."""
        more = len(names) - most
        return self.say.join([*names[:most], self.say.n("compared.more", more)] if more > 0 else names)

    def _gap_time(self, seconds: float | None) -> str:
        """A time between two calls: minutes below two hours, hours from there on."""
        if seconds is None:
            return self.say.t("cell.none")
        minutes = round(seconds / 60)
        if minutes < 120:
            return self.say.t("returned.minutes", value=self.say.count(max(1, minutes)))
        return self.say.t("returned.hours", value=self.say.count(round(minutes / 60)))

    def _pct(self, value: float | None) -> str:
        return self.say.t("cell.none") if value is None else self.say.value(value, "%")

    def _agents(self, value: float | None) -> str:
        return self.say.t("cell.none") if value is None else self.say.value(value, "agents")

    def _number(self, value: float | None) -> str:
        return self.say.t("cell.none") if value is None else self.say.value(value, "points")

    def _signed(self, value: float | None) -> str:
        text = self._number(value)
        return f"+{text}" if value is not None and value > 0 and text.strip("0.") else text

    def _points(self, value: float | None) -> str:
        return self.say.t("cell.none") if value is None else self.say.t("compared.points", value=self._signed(value))
