"""What stands where on the scorecard: which rows each table shows, and how each value of the card is printed.

Nothing is computed from calls here; every printed number is a field of the card. The words are in `texts/`, the layout
in `templates/` and `styles/`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.compare import differs, target_range, target_state
from reports.scorecard import Figure, Padding, RuleResult, Scorecard, SettlementLine, SourceFile, VagueField
from reports.verdict import feed_name
from reports.words import Words, words

FIRST_PAGE = ("offered", "answered_pct", "service_level", "abandon_rate")
RESOLUTION = re.compile(r"(fcr|callback_inhouse|repeat_any|agent_callback)_")
MATCHING = frozenset({"match_rate", "coverage"})
MOST_QUEUE_ROWS, MOST_RULES, MOST_FILES, MOST_QUESTIONS = 8, 10, 50, 6
REMARKS = frozenset({"cannot_be_verified", "not_priced"})
CERTAINTIES = ("proven", "probable", "suspected")
STATES = ("error", "warning", "could_not_run", "pass")
TOKEN = re.compile(r"\b(T|t)=([\d.]+)")


@dataclass(frozen=True)
class Listed:
    """The rows of a table that is cut to a length, and how many more there are."""

    rows: tuple[Any, ...]
    more: int


def cut(rows: Sequence[Any], most: int) -> Listed:
    """The first `most` rows."""
    return Listed(tuple(rows[:most]), max(0, len(rows) - most))


class View:
    """One card in one language. The templates call nothing else."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.say: Words = words(card.language)
        self._limits = Decimal(card.tolerance.count_pct), Decimal(card.tolerance.points)

    # Printing: one value of the card as text.

    def fig(self, figure_id: str, field: str, side: str = "vendor", scope: str = "all") -> str:
        """A field of a figure as printed, or the words for what is not there; KeyError for an unknown figure."""
        figure = self.card.figure(figure_id, side, scope)
        value = getattr(figure, field)
        if field == "target":
            return self._target(figure)
        if value is None:
            absent = {"reported": "cell.not_reported", "measured": "cell.not_measurable"}
            return self.say.t(absent.get(field, "cell.none"))
        if field == "n":
            return self.say.count(value)
        if isinstance(value, int | float):
            return self.say.value(value, figure.unit, self.card.currency)
        return str(value)

    def bounds(self, figure: Figure) -> str:
        """The range that is left open, or a dash where nothing is."""
        if figure.low is None or figure.high is None:
            return self.say.t("cell.none")
        low, high = (self.fig(figure.id, field, figure.side, figure.scope) for field in ("low", "high"))
        return self.say.t("cell.range", low=low, high=high)

    def label(self, figure_id: str) -> str:
        """The name of a KPI in the card's language; a KPI without words keeps the label of its figure."""
        if self.say.has(f"kpi.{figure_id}.label"):
            return self.say.t(f"kpi.{figure_id}.label")
        return next((figure.label for figure in self.card.figures if figure.id == figure_id), figure_id)

    def explain(self, figure_id: str) -> str:
        """One line on what a KPI counts, "" where there are no words for it."""
        return self.say.t(f"kpi.{figure_id}.explain") if self.say.has(f"kpi.{figure_id}.explain") else ""

    def reason(self, text: str | None) -> str:
        """Why there is no value: `key` or `key:what` in words, any other text as it is."""
        key, _, what = (text or "").partition(":")
        if not self.say.has(f"reason.{key}"):
            return text or ""
        what = what.strip()
        iso = re.fullmatch(r"\d{4}-\d\d-\d\d", what)
        return self.say.t(f"reason.{key}", what=self.say.day(what) if iso else feed_name(self.say, what))

    def money(self, low: str, high: str | None = None) -> str:
        """An amount, or a range of two, the smaller one first; a range from nothing is `up to`."""
        ends = sorted({Decimal(low), Decimal(low if high is None else high)}, key=abs)
        printed = [self.say.money(str(end), self.card.currency) for end in ends]
        if len(printed) == 1:
            return printed[0] if ends[0] else self.say.t("cell.none")
        if not ends[0]:
            return self.say.t("cell.up_to", value=printed[1])
        return self.say.t("cell.range", low=printed[0], high=printed[1])

    def settlement_line(self, line: str) -> str:
        """A settlement line in words; what a detector found is `deducted`; other ids lose their underscores."""
        if self.say.has(f"settlement.{line}"):
            return self.say.t(f"settlement.{line}")
        if self.say.has(f"detector.{line}.name"):
            return self.say.t("settlement.deducted", what=self.say.t(f"detector.{line}.name"))
        return line.replace("_", " ")

    def detector(self, detector: str, text: str) -> str:
        """The `name` or the `innocent` reading of a detector; its id is never printed."""
        known = self.say.has(f"detector.{detector}.{text}")
        return self.say.t(f"detector.{detector if known else 'other'}.{text}")

    def definition(self, text: str) -> str:
        """`SL2 T=20 <=` in words; a definition without a known code stays as it is written."""
        code, _, rest = text.partition(" ")
        if not self.say.has(f"definition.{code}"):
            return text
        seconds = dict(TOKEN.findall(rest))
        printed = self.say.t(f"definition.{code}")
        if "T" in seconds:
            printed = self.say.t("definition.threshold", formula=printed, seconds=seconds["T"])
        return self.say.t("definition.short", formula=printed, seconds=seconds["t"]) if "t" in seconds else printed

    def definitions(self, texts: Sequence[str]) -> str:
        """Several definitions in words, as a list."""
        return self.say.join(self.definition(text) for text in texts)

    def change(self, change: Mapping[str, str]) -> str:
        """Since when another definition fits; `from` is a month or a day."""
        start = change["from"]
        when = self.say.month(start) if len(start) == len("YYYY-MM") else self.say.day(start)
        return self.say.t("forensics.changed", day=when, definition=self.definition(change["definition"]))

    def missing(self, field: VagueField) -> tuple[str, ...]:
        """What a vague field leaves open, in words, one text for each."""
        return tuple(self.say.t(f"vague.{m}") if self.say.has(f"vague.{m}") else m for m in field.missing)

    def queue(self, figure: Figure) -> str:
        """The name of a figure's queue, as the vendor writes it."""
        return figure.scope.removeprefix("queue:")

    def feed(self, feed: str) -> str:
        """What a file holds."""
        return feed_name(self.say, feed)

    def tolerance(self, kind: str) -> str:
        """A limit of the tolerance: `count_pct` as a percentage, `points` bare."""
        value = Decimal(getattr(self.card.tolerance, kind))
        return self.say.value(value, "%" if kind == "count_pct" else "")

    def agreement(self, share: float) -> str:
        """How often a definition reproduces the print (0 to 1), as a percentage."""
        return self.say.value(Decimal(str(share)) * 100, "%")

    def days(self, days: Sequence[str], most: int = 8) -> str:
        """A list of days; more than `most` are given as first and last."""
        if len(days) > most:
            return self.say.t("cell.range", low=self.say.short_day(days[0]), high=self.say.short_day(days[-1]))
        return self.say.join(self.say.short_day(day) for day in days)

    def clock(self) -> str:
        """The sentence about the two clocks; a positive offset means that the vendor's runs ahead."""
        offset = self.card.matching.clock_offset_s
        if offset is None:
            return self.say.t("matching.clock_unknown")
        if round(offset, 1) == 0:
            return self.say.t("matching.clock_same")
        way = "clock_ahead" if offset > 0 else "clock_behind"
        return self.say.t(f"matching.{way}", value=self.say.value(abs(offset), "s"))

    def coverage(self) -> str:
        """The sentence about the completeness of the client's own log."""
        share = self.card.matching.coverage_pct
        if share is None:
            return self.say.t("matching.coverage_unknown")
        return self.say.t("matching.coverage", value=self.say.value(share, "%"))

    # Choosing: the rows of each table.

    def first_page(self) -> tuple[Figure, ...]:
        """The four or five figures that matter most, as far as there are any."""
        own = {figure.id: figure for figure in self._of("vendor")}
        agreed = [i for i in own if i.startswith("fcr_") and "strict" not in i and own[i].target is not None]
        resolved = agreed[0] if agreed else "fcr_24h"
        return tuple(own[i] for i in (*FIRST_PAGE, resolved) if i in own)

    def kpis(self) -> tuple[Figure, ...]:
        """Every figure of the vendor that is neither about resolution nor about the matching."""
        return tuple(f for f in self._of("vendor") if not RESOLUTION.match(f.id) and f.id not in MATCHING)

    def resolution(self) -> tuple[Figure, ...]:
        """The figures about resolution and callers who ring again."""
        return tuple(figure for figure in self._of("vendor") if RESOLUTION.match(figure.id))

    def matching(self) -> tuple[Figure, ...]:
        """The measured figures about the matching, but for the coverage, which has a sentence of its own."""
        return tuple(f for f in self._of("vendor") if f.id == "match_rate" and f.measured is not None)

    def inhouse(self, figure_id: str) -> Figure | None:
        """The same figure for the client's own staff."""
        return next((figure for figure in self._of("inhouse") if figure.id == figure_id), None)

    def any_inhouse(self, figures: Sequence[Figure]) -> bool:
        """Whether the client's own staff can be set beside any of these figures."""
        return any(self.inhouse(figure.id) for figure in figures)

    def queues(self) -> Listed:
        """Figures by queue; agents and days are not listed one by one."""
        return cut(
            [f for f in self.card.figures if f.side == "vendor" and f.scope.startswith("queue:")], MOST_QUEUE_ROWS
        )

    def differs(self, figure: Figure) -> bool:
        """Whether a figure is beyond the tolerance, as the verdict counted it."""
        return differs(figure, *self._limits)

    def target(self, figure: Figure) -> str:
        """The key of the word for a target: met, not_met, open, stated or none."""
        return target_state(figure)

    def padding(self) -> tuple[Padding, ...]:
        """What the detectors found, the surest and dearest first; empty rows are left out, patterns stay."""
        rows = [row for row in self.card.padding if row.calls or row.certainty == "suspected"]
        return tuple(sorted(rows, key=lambda r: (CERTAINTIES.index(r.certainty), -Decimal(r.amount_high), r.detector)))

    def settlement(self) -> tuple[SettlementLine, ...]:
        """The settlement in its own order without empty lines; then what is owed, then what only remarks on it."""
        kept = [s for s in self.card.settlement if s.calls or Decimal(s.amount_high) or s.line in {"billed", "owed"}]
        return tuple(sorted(kept, key=lambda s: 2 if s.line in REMARKS else int(s.line == "owed")))

    def rule_counts(self) -> dict[str, str]:
        """How many rules ended in each state, as printed."""
        return {state: self.say.count(sum(rule.state == state for rule in self.card.rules)) for state in STATES}

    def broken_rules(self) -> Listed:
        """The rules that did not pass, the gravest first."""
        rules: list[RuleResult] = [rule for rule in self.card.rules if rule.state != "pass"]
        return cut(sorted(rules, key=lambda rule: (STATES.index(rule.state), -rule.rows_failed)), MOST_RULES)

    def questions(self) -> Listed:
        """The vague fields."""
        return cut(self.card.vague_fields, MOST_QUESTIONS)

    def glossary(self) -> tuple[tuple[str, str], ...]:
        """(figure id, definition) of every figure that states one."""
        return tuple((figure.id, figure.definition) for figure in self._of("vendor") if figure.definition)

    def files(self) -> Listed:
        """The source files."""
        return cut(self.card.generated_from, MOST_FILES)

    def total(self, column: str) -> str:
        """The sum of a count over all source files, as printed."""
        rows: tuple[SourceFile, ...] = self.card.generated_from
        return self.say.count(sum(getattr(row, column) for row in rows))

    def _of(self, side: str) -> list[Figure]:
        order = list(dict.fromkeys(key.split(".")[1] for key in self.say.texts if key.startswith("kpi.")))
        own = [figure for figure in self.card.figures if (figure.side, figure.scope) == (side, "all")]
        return sorted(own, key=lambda f: order.index(f.id) if f.id in order else len(order))

    def _target(self, figure: Figure) -> str:
        least, most = target_range(figure)
        printed = [self.say.value(e, figure.unit, self.card.currency) for e in (least, most) if e is not None]
        if len(printed) == 2:
            return self.say.t("cell.range", low=printed[0], high=printed[1])
        if printed:
            return self.say.t("cell.at_least" if least is not None else "cell.at_most", value=printed[0])
        if isinstance(figure.target, int | float):
            return self.say.value(figure.target, figure.unit, self.card.currency)
        return self.say.t("cell.none")
