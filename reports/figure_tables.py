"""The tables of figures: which rows stand there, in which groups, by window and queue, and what is told below them.

How a value is printed stands in `printing.py`; the other tables of the scorecard are in `view.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.measure.catalogue import has, kpi, rank, stem_of, window_of, window_s
from reports.scorecard import Figure
from reports.sections import Sections

GROUPS = ("service", "resolution", "people", "capacity", "volume", "matching")
"""The groups of the table of figures, by the catalogue's families."""
BY_QUEUE = ("offered", "answered_pct", "service_level", "aht")
MATCHING = frozenset({"match_rate", "coverage", "no_number_share", "single_number_share"})
"""Figures that are told in sentences."""
OTHER_NUMBERS = "fcr_other_numbers"
"""Told in a sentence too, with the share of calls whose number never comes again."""
DEFINED = frozenset({"service_level", "abandon_rate", "asa"})
"""Figures of which there are several definitions to agree on."""
LACKING = ("feed_missing", "column_missing", "own_column_missing", "term_missing")
"""Reasons that name what was not delivered."""
MOST_QUEUE_ROWS = 8


@dataclass(frozen=True)
class Listed:
    """The rows of a table that is cut to a length, and how many more there are."""

    rows: tuple[Any, ...]
    more: int


def is_windowed(figure: Figure) -> bool:
    """Whether a figure has a window, and so stands in the table of windows."""
    return stem_of(figure.id) != figure.id


def capital(text: str) -> str:
    """A text with its first letter in capitals."""
    return text[:1].upper() + text[1:]


def _size(figure: Figure | None) -> float:
    """By what a queue is ranked: its calls, as measured or else as reported."""
    return (figure.measured or figure.reported or 0.0) if figure else 0.0


def _group(figure_id: str) -> str:
    family = kpi(figure_id).family if has(figure_id) else GROUPS[0]
    return family if family in GROUPS else "resolution"


def _missing(reason: str) -> list[tuple[str, str]]:
    """(kind, item) for each thing that a reason names; other reasons stay whole."""
    key, _, what = reason.partition(":")
    if key not in LACKING:
        return [(key, what.strip())]
    return [(key, item.strip()) for item in what.split(",")]


def _is_blank(figure: Figure) -> bool:
    """Not measurable, not reported and without a target: a row of its own would say nothing."""
    return figure.status == "not_measurable" and figure.reported is None and figure.target is None


def cut(rows: Sequence[Any], most: int) -> Listed:
    """The first `most` rows."""
    return Listed(tuple(rows[:most]), max(0, len(rows) - most))


class FigureTables(Sections):
    """The rows of every table of figures, in the card's language."""

    def kpis(self) -> tuple[Figure, ...]:
        """Every figure of the vendor that stands neither in the table of windows nor in a sentence."""
        return tuple(f for f in self._told() if not is_windowed(f) and f.id not in MATCHING)

    def groups(self) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
        """The rows of the table of figures by group, groups without a row left out."""
        found: dict[str, list[Figure]] = {group: [] for group in GROUPS}
        for figure in self.rows(self.kpis()):
            found[_group(figure.id)].append(figure)
        return tuple((group, tuple(rows)) for group, rows in found.items() if rows)

    def resolution(self) -> tuple[Figure, ...]:
        """The figures about resolution and callers who ring again, by window."""
        return tuple(f for f in self._of("vendor") if is_windowed(f) and stem_of(f.id) != OTHER_NUMBERS)

    def windows(self) -> tuple[str, ...]:
        """The windows of these figures, shortest first."""
        found = {window_of(figure.id) or "" for figure in self.rows(self.resolution())}
        return tuple(sorted(found, key=window_s))

    def by_window(self) -> tuple[tuple[str, tuple[Figure | None, ...]], ...]:
        """(id without its window, its figure for each window), rows without any figure left out."""
        own = {figure.id: figure for figure in self.rows(self.resolution())}
        stems = dict.fromkeys(stem_of(figure) for figure in own)
        return tuple((stem, tuple(own.get(f"{stem}_{window}") for window in self.windows())) for stem in stems)

    def window_notes(self) -> tuple[str, ...]:
        """Why figures of a window are not final or leave calls out, one line for each reason."""
        lines: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for figure in self.rows(self.resolution()):
            if figure.reason and figure.status != "not_measurable":
                lines[figure.status, self.reason(figure.reason)][window_of(figure.id) or ""] = None
        return tuple(
            self.say.t(f"resolution.note_{status}", windows=self.say.join(map(self.window, windows)), reason=reason)
            for (status, reason), windows in lines.items()
        )

    def no_number(self) -> str:
        """What the missing customer numbers leave open of first-contact resolution, in one sentence; "" where nothing.

        The figure named is that of the first page; its bounds say what these callers could have done.
        """
        own = {figure.id: figure for figure in self._of("vendor")}
        share, resolved = own.get("no_number_share"), own.get(self._resolved(own))
        if not share or not share.measured or not resolved or resolved.low is None or resolved.high is None:
            return ""
        low, high = (self.fig(resolved.id, end) for end in ("low", "high"))
        value, label = self.fig(share.id, "measured"), self.label(resolved.id)
        return self.say.t("resolution.no_number", share=value, label=label, low=low, high=high)

    def single_numbers(self) -> str:
        """What calls whose number never comes twice do to first-contact resolution, in one sentence; "" if nothing."""
        own = {figure.id: figure for figure in self._of("vendor")}
        share, window = own.get("single_number_share"), window_of(self._resolved(own))
        others = own.get(f"{OTHER_NUMBERS}_{window}")
        if not share or not share.measured or not others or others.measured is None:
            return ""
        value, without = (self.fig(figure.id, "measured") for figure in (share, others))
        return self.say.t("resolution.single_numbers", share=value, label=self.label(f"fcr_{window}"), value=without)

    def _resolved(self, own: Mapping[str, Figure]) -> str:
        """The figure of resolution that the terms aim at, else that of a day."""
        agreed = [i for i in own if stem_of(i) == "fcr" != i and own[i].target is not None]
        return agreed[0] if agreed else "fcr_24h"

    def rows(self, figures: Sequence[Figure]) -> tuple[Figure, ...]:
        """The figures that have a row: all but those that nobody reports, measures or has set a target for."""
        return tuple(figure for figure in figures if not _is_blank(figure))

    def footnotes(self, figures: Sequence[Figure]) -> tuple[str, ...]:
        """Under a table: what its final figures leave out, one line per reason."""
        lines: dict[str, list[str]] = defaultdict(list)
        for figure in figures:
            if figure.status == "final" and figure.reason and not _is_blank(figure):
                lines[self.reason(figure.reason)].append(figure.id)
        return tuple(
            self.say.t("footnote.left_out", figures=self.say.figures(ids), reason=reason)
            for reason, ids in lines.items()
        )

    def lacking(self) -> tuple[tuple[str, str], ...]:
        """(what is missing, the figures that cannot be measured without it), what was not delivered first."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for figure in self._told():
            if figure.status == "not_measurable":
                for missing in _missing(figure.reason or ""):
                    found[missing].append(figure.id)
        ordered = sorted(found.items(), key=lambda item: item[0][0] not in LACKING)
        return tuple((self._lack(*missing), self.say.figures(ids)) for missing, ids in ordered)

    def _lack(self, key: str, item: str) -> str:
        if key not in LACKING:
            text = self.reason(f"{key}:{item}" if item else key)
            return capital(text) or self.say.t("missing.unknown")
        return capital(self.say.t(f"missing.{key}", what=self._either(item)))

    def matching(self) -> tuple[Figure, ...]:
        """The measured figures about the matching, but for the coverage, which has a sentence of its own."""
        return tuple(f for f in self._of("vendor") if f.id == "match_rate" and f.measured is not None)

    def inhouse(self, figure_id: str) -> Figure | None:
        """The same figure for the client's own staff.

        What the client's log says of lines and staffing is about the vendor's calls, so it is no figure of that staff.
        """
        own = (figure for figure in self._of("inhouse") if _group(figure.id) != "capacity")
        return next((figure for figure in own if figure.id == figure_id), None)

    def any_inhouse(self, figures: Sequence[Figure]) -> bool:
        """Whether the client's own staff can be set beside any of these figures."""
        own = (self.inhouse(figure.id) for figure in figures if figure.side == "vendor")
        return any(figure is not None and figure.measured is not None for figure in own)

    def any_open(self, figures: Sequence[Figure]) -> bool:
        """Whether any of these figures is provisional."""
        return any(figure.status == "provisional" for figure in figures)

    def any_sampled(self, figures: Sequence[Figure]) -> bool:
        """Whether any of these figures has the interval of a sample."""
        return any(figure.ci_low is not None for figure in figures)

    def queues(self) -> Listed:
        """(queue, its figures of `queue_figures`, None where there is none), the largest queues first."""
        found: dict[str, dict[str, Figure]] = defaultdict(dict)
        for figure in self.card.figures:
            if figure.side == "vendor" and figure.scope.startswith("queue:") and figure.status != "not_measurable":
                found[figure.scope][figure.id] = figure
        shown = {scope: [own.get(i) for i in self.queue_figures()] for scope, own in found.items()}
        rows = [(scope, figures) for scope, figures in shown.items() if any(figures)]
        rows.sort(key=lambda row: (-_size(found[row[0]].get("offered")), row[0]))
        return cut([(scope.removeprefix("queue:"), figures) for scope, figures in rows], MOST_QUEUE_ROWS)

    def queue_figures(self) -> tuple[str, ...]:
        """The ids of the figures that stand by queue, as far as any queue has them."""
        own = {figure.id: figure for figure in self._of("vendor")}
        have = {f.id for f in self.card.figures if f.scope.startswith("queue:") and f.status != "not_measurable"}
        return tuple(i for i in dict.fromkeys((*BY_QUEUE, self._resolved(own))) if i in have)

    def glossary(self) -> tuple[tuple[str, str], ...]:
        """(name, what it is) of every figure that is printed; one that differs in its window alone stands once."""
        stems: dict[str, list[Figure]] = defaultdict(list)
        for figure in self._told():
            if not _is_blank(figure):
                stems[stem_of(figure.id)].append(figure)
        return tuple((self.say.figures([f.id for f in found]), self._meaning(found)) for found in stems.values())

    def _meaning(self, figures: Sequence[Figure]) -> str:
        """The words of figures that differ in their window alone, with the definition where there are several."""
        said = self.say.figure_words_of([figure.id for figure in figures])
        chosen = [figure.definition for figure in figures if figure.id in DEFINED and figure.definition]
        defined = list(dict.fromkeys(self.definition(text) for text in chosen))
        return self.say.t("glossary.defined", words=said, definition=self.say.join(defined)) if defined else said

    def _of(self, side: str) -> list[Figure]:
        own = [figure for figure in self.card.figures if (figure.side, figure.scope) == (side, "all")]
        return sorted(own, key=lambda figure: rank(figure.id))

    def _told(self) -> list[Figure]:
        """The vendor's figures, and those that only our own log can tell, as busy lines."""
        own = self._of("vendor")
        ids = {figure.id for figure in own}
        alone = [figure for figure in self._of("inhouse") if figure.id not in ids]
        return sorted([*own, *alone], key=lambda figure: rank(figure.id))
