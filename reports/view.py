"""What stands where on the scorecard: which rows each table shows, in which order and how many.

How a value is printed stands in `printing.py`; the words are in `texts/`, the layout in `templates/` and `styles/`.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.compare import differs, target_state
from reports.figure_tables import FigureTables, Listed, cut
from reports.scorecard import Figure, Padding, RuleResult, Scorecard, SettlementLine, SourceFile, VagueField

FIRST_PAGE = ("offered", "answered_pct", "service_level", "abandon_rate")
MOST_RULES, MOST_FILES, MOST_QUESTIONS = 10, 40, 6
MOST_TOGETHER, MOST_LINES = 12, 8
REMARKS = frozenset({"cannot_be_verified", "not_priced"})
CERTAINTIES = ("proven", "probable", "suspected")
STATES = ("error", "warning", "could_not_run", "pass")


@dataclass(frozen=True)
class Question:
    """One question to the vendor about several fields: (label, column) of each, and what is missing, in words."""

    fields: tuple[tuple[str, str], ...]
    text: str
    missing: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether the fields are too many for a line each."""
        return len(self.fields) > MOST_LINES


_SLOT = "\0"


def _quoted(column: str) -> str:
    return f"“{column}”" if column else _SLOT


def _width(text: str) -> int:
    """The width of a text in Latin letters; a Chinese character is two wide."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


class View(FigureTables):
    """One card in one language. The templates call nothing else."""

    def __init__(self, card: Scorecard) -> None:
        super().__init__(card)
        self._limits = Decimal(card.tolerance.count_pct), Decimal(card.tolerance.points)

    def first_page(self) -> tuple[Figure, ...]:
        """The four or five figures that matter most, as far as there are any."""
        own = {figure.id: figure for figure in self._of("vendor")}
        return tuple(own[i] for i in (*FIRST_PAGE, self._resolved(own)) if i in own)

    def together(self, rows: Sequence[Any]) -> str:
        """The class of a table that is short enough to stand on one page."""
        return " together" if len(rows) <= MOST_TOGETHER else ""

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
        """The questions about vague fields; fields with the same question share one, which then names them all."""
        groups: dict[tuple[tuple[str, ...], str], list[VagueField]] = defaultdict(list)
        for field in self.card.vague_fields:
            groups[field.missing, field.question.replace(_quoted(field.column), _SLOT)].append(field)
        rows = [self._question(fields, missing, text) for (missing, text), fields in groups.items()]
        return cut(rows, MOST_QUESTIONS)

    def _question(self, fields: Sequence[VagueField], missing: tuple[str, ...], text: str) -> Question:
        columns = self.say.join(_quoted(field.column) for field in fields)
        says_itself = _SLOT in text
        words_of = (self.say.t(f"vague.{m}") if self.say.has(f"vague.{m}") else m for m in missing)
        named = tuple((self.label(field.field), field.column) for field in fields)
        return Question(named, text.replace(_SLOT, columns), () if says_itself else tuple(words_of))

    def files(self) -> Listed:
        """The source files."""
        return cut(self.card.generated_from, MOST_FILES)

    def total(self, column: str) -> str:
        """The sum of a count over all source files, as printed."""
        rows: tuple[SourceFile, ...] = self.card.generated_from
        return self.say.count(sum(getattr(row, column) for row in rows))

    def faults(self) -> Listed:
        """What is wrong with the delivered rows, a sentence for each kind."""
        return cut(self.fault_sentences(), MOST_RULES)

    def is_dense(self) -> bool:
        """Whether page 1 needs its smaller type: long names, a long verdict, many lines."""
        card = self.card
        named = _width(card.vendor_name) + _width(card.client)
        said = _width(card.verdict.sentence) + sum(_width(point.ask) for point in card.open_points)
        lines = len(self.settlement()) + 2 * sum(1 + _width(note) // 110 for note in card.notes)
        return named > 90 or said > 800 or lines > 8
