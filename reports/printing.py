"""How each value of a card is printed in its language: figures, money, reasons, definitions, sentences on the data.

Nothing is computed from calls here; every printed number is a field of the card. Which rows a table shows is in
`view.py`, the words are in `texts/`.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from pipelines.measure.catalogue import has, kpi, said_window
from reports.clock import clock_sentence, move_sentence
from reports.compare import target_range
from reports.scorecard import Figure, RuleResult, Scorecard
from reports.verdict import feed_name
from reports.words import Words, words

_ROUND = re.compile(r"\.0(?!\d)")
NUMBERS = "numbers"
"""The reason that names how numbers begin: digits, and no count."""
TOKEN = re.compile(r"\b(T|t)=([\d.]+)")


class Printing:
    """One card in one language, value by value."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.say: Words = words(card.language)

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
        """The range that is left open, or a sample's interval; a dash where neither is, or neither shows in print."""
        if figure.low is None or figure.high is None:
            return self._interval(figure)
        fields = ("low", "high", "measured")
        low, high, value = (self.fig(figure.id, field, figure.side, figure.scope) for field in fields)
        if low == high:
            return self.say.t("cell.none") if low == value else low
        return self.say.t("cell.range", low=low, high=high)

    def _interval(self, figure: Figure) -> str:
        if figure.ci_low is None or figure.ci_high is None:
            return self.say.t("cell.none")
        low, high = (self.fig(figure.id, field, figure.side, figure.scope) for field in ("ci_low", "ci_high"))
        return self.say.t("cell.sampled", range=self.say.t("cell.range", low=low, high=high))

    def window(self, window: str) -> str:
        """A window in words: 24 hours."""
        return said_window(window, self.say.language)

    def usual(self, figure: Figure) -> str:
        """What is usual in the trade, as a hint where the terms have no target; "" where there is nothing usual."""
        target = kpi(figure.id).target if has(figure.id) else {}
        if figure.target is not None or figure.measured is None or not target:
            return ""
        ends = self._ends(figure, target.get("low"), target.get("high"))
        return self.say.t("cell.usual", value=_ROUND.sub("", ends))

    def label(self, figure_id: str) -> str:
        """The name of a KPI in the card's language; one that the catalogue does not have keeps its figure's label."""
        return self.say.figure(figure_id, next((f.label for f in self.card.figures if f.id == figure_id), None))

    def explain(self, figure_id: str) -> str:
        """One sentence on what a KPI counts, "" where there are no words for it."""
        return self.say.figure_words(figure_id)

    def reason(self, text: str | None) -> str:
        """Why there is no value: `key` or `key:what` in words (a day, a count, feeds or columns), else the text."""
        key, _, what = (text or "").partition(":")
        if not self.say.has(f"reason.{key}"):
            return text or ""
        what = what.strip()
        if re.fullmatch(r"\d{4}-\d\d-\d\d", what):
            return self.say.t(f"reason.{key}", what=self.say.day(what))
        if what.isdigit() and key != NUMBERS:
            return self.say.t(f"reason.{key}", what=self.say.count(int(what)))
        return self.say.t(f"reason.{key}", what=self.say.join(self._either(item) for item in what.split(",")))

    def _either(self, item: str) -> str:
        """A feed or a column in words, or several of which one would do."""
        named = [feed_name(self.say, part.strip()) for part in item.split(" or ")]
        return self.say.t("reason.either", one=named[0], other=named[1]) if len(named) == 2 else named[0]

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

    def rule(self, rule: RuleResult) -> str:
        """A rule in the card's language; a rule of the contract's own stays as the contract words it."""
        key = f"rule.{rule.rule.replace('.', '__')}"
        return self.say.t(key) if self.say.has(key) else rule.sentence[:1].upper() + rule.sentence[1:]

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
        return clock_sentence(self.say, self.card.matching)

    def clock_moves(self) -> tuple[str, ...]:
        """How the vendor's clock moved, a sentence for each kind."""
        return tuple(move_sentence(self.say, move) for move in self.card.matching.clock_moved)

    def coverage(self) -> str:
        """The sentence about the completeness of the client's own log."""
        share = self.card.matching.coverage_pct
        if share is None:
            return self.say.t("matching.coverage_unknown")
        return self.say.t("matching.coverage", value=self.say.value(share, "%"))

    def next_step(self) -> str:
        """What the manager does now: what to pay, and by when to expect the answers."""
        due = [point.due for point in self.card.open_points if point.state != "met"]
        owed = next((line for line in self.card.settlement if line.line == "owed"), None)
        level = self.card.verdict.level
        if level == "cannot_be_judged" or owed is None:
            step = self.say.t(f"next.{level}_unpriced")
        else:
            step = self.say.t(f"next.{level}", owed=self.say.money(owed.amount_low, self.card.currency))
        return step + (self.say.n("next.asks", len(due), day=self.say.day(max(due))) if due else "")

    def fault_sentences(self) -> tuple[str, ...]:
        """Rows that could not be used, codes that nobody named, days held back: a sentence with its count for each."""
        card, say = self.card, self.say
        lost = [
            say.n("faults.unreadable", r.rows, feed=feed_name(say, r.feed), column=r.column)
            if r.column
            else say.n("faults.broken_line", r.rows, feed=feed_name(say, r.feed))
            for r in card.unreadable
        ]
        codes = [
            say.n("faults.code", c.rows, feed=feed_name(say, c.feed), column=c.column, code=c.code)
            for c in card.unknown_codes
        ]
        return (*lost, *codes, *([self.held_back()] if card.deliveries.days_held_back else []))

    def held_back(self) -> str:
        """The days that an error rule holds back, and how many records stand on them."""
        days, calls = self.card.deliveries.days_held_back, self.card.deliveries.calls_held_back
        sentence = self.say.n("matching.held_days", len(days), days=self.days(days))
        return sentence + (self.say.n("matching.held_calls", calls) if calls else "")

    def _target(self, figure: Figure) -> str:
        least, most = target_range(figure)
        if least is None and most is None and isinstance(figure.target, int | float):
            return self.say.value(figure.target, figure.unit, self.card.currency)
        return self._ends(figure, least, most)

    def _ends(self, figure: Figure, least: float | Decimal | None, most: float | Decimal | None) -> str:
        """At least, at most, both or one value."""
        printed = [self.say.value(e, figure.unit, self.card.currency) for e in (least, most) if e is not None]
        if len(printed) == 2:
            return self.say.t("cell.range", low=printed[0], high=printed[1]) if least != most else printed[0]
        if printed:
            return self.say.t("cell.at_least" if least is not None else "cell.at_most", value=printed[0])
        return self.say.t("cell.none")
