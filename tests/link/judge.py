"""Holds the rows of table `links` against the rules, with the slow linker of oracle.py.

Of each pair it asks "could we do without?" by solving again without one side. Where several choices are equally good
any of them will do; everything else must agree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.link.oracle import (
    SECOND,
    Case,
    Optimum,
    Pair,
    Side,
    barred_ways,
    near_pairs,
    solve,
    usual_durations,
    weak_pairs,
)

NEAR = 5 * SECOND
GAP_MARGIN = 300 * SECOND
FEW_DIGITS = 2
FAR = 14 * 3600 * SECOND
"""No two clocks are thought to stand further apart."""
Row = Mapping[str, Any]


@dataclass
class Judge:
    """`complaints` are empty where all rules are kept."""

    case: Case
    links: Sequence[Row]
    complaints: list[tuple[Side, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.record = {side.row: side for side in self.case.records}
        self.leg = {side.row: side for side in self.case.legs}
        self.row_of_record = {row["row"]: row for row in self.links if row["side"] != "inhouse"}
        self.row_of_leg = {row["inhouse_row"]: row for row in self.links if row["side"] != "vendor"}

    def listen(self) -> list[tuple[Side, str]]:
        """What is wrong, and with whom."""
        self._each_once()
        if not self.complaints:
            strong = self._pairs({"number", "ambiguous"})
            self._numbers(strong)
            self._rest(strong)
            self._times()
        return self.complaints

    def _say(self, side: Side, text: str) -> None:
        self.complaints.append((side, text))

    def _pairs(self, classes: set[str]) -> set[Pair]:
        paired = (row for row in self.links if row["side"] == "pair" and row["match_class"] in classes)
        return {(row["row"], row["inhouse_row"]) for row in paired}

    def _each_once(self) -> None:
        """Every record and every leg stands in exactly one row."""
        records = Counter(row["row"] for row in self.links if row["side"] != "inhouse")
        legs = Counter(row["inhouse_row"] for row in self.links if row["side"] != "vendor")
        for sides, found in ((self.record, records), (self.leg, legs)):
            for number, side in sides.items():
                if found[number] != 1:
                    self._say(side, f"stands in {found[number]} rows")
            if set(found) - set(sides):
                raise AssertionError(f"rows that nobody drew: {sorted(set(found) - set(sides), key=str)}")
        wrong = {"pair": {"number", "ambiguous", "mask", "time"}, "vendor": {"vendor_only", "no_number"}}
        for row in self.links:
            allowed = wrong.get(row["side"], {"inhouse_only", "no_number"})
            if row["match_class"] not in allowed or not row["reason"]:
                self._say(self._about(row), f"is called {row['match_class']!r} for {row['reason']!r}")

    def _about(self, row: Row) -> Side:
        return self.leg[row["inhouse_row"]] if row["side"] == "inhouse" else self.record[row["row"]]

    # by number

    def _numbers(self, strong: set[Pair]) -> None:
        callers: dict[int, tuple[list[Side], list[Side]]] = defaultdict(lambda: ([], []))
        for place, sides in enumerate((self.case.records, self.case.legs)):
            for side in sides:
                if side.caller is not None:
                    callers[side.caller][place].append(side)
        for ours, theirs in callers.values():
            rows = {side.row for side in ours}
            self._caller(ours, theirs, sorted(pair for pair in strong if pair[0] in rows))

    def _caller(self, ours: list[Side], theirs: list[Side], found: list[Pair]) -> None:
        tolerance = self.case.tolerance
        best = solve([side.at for side in ours], [side.at for side in theirs], tolerance)
        pairs = sorted(((self.record[record], self.leg[leg]) for record, leg in found), key=lambda pair: pair[0].order)
        for record, leg in pairs:
            if record.caller != leg.caller or abs(record.at - leg.at) > tolerance:
                self._say(record, f"must not be paired with {leg.name} by number")
        chosen = Optimum(len(pairs), sum(abs(record.at - leg.at) for record, leg in pairs))
        if chosen != best:
            self._say((ours or theirs)[0], f"caller has {chosen}, but {best} can be had")
        for (_, leg), (record, later) in pairwise(pairs):
            if leg.order > later.order:
                self._say(record, f"the order of {leg.name} and {later.name} is not kept")
        for record, leg in pairs:
            self._confidence(record, leg, self._is_open(record, leg, ours, theirs, best), ours, theirs)

    def _is_open(self, record: Side, leg: Side, ours: list[Side], theirs: list[Side], best: Optimum) -> bool:
        """Whether a choice as good does without the record, or without the leg."""
        others, rest = [side.at for side in ours if side is not record], [side.at for side in theirs if side is not leg]
        every = [side.at for side in ours], [side.at for side in theirs]
        without = solve(others, every[1], self.case.tolerance), solve(every[0], rest, self.case.tolerance)
        return any(choice.is_as_good_as(best) for choice in without)

    def _confidence(self, record: Side, leg: Side, is_open: bool, ours: list[Side], theirs: list[Side]) -> None:
        row, tolerance = self.row_of_record[record.row], self.case.tolerance
        options = sum(abs(record.at - side.at) <= tolerance for side in theirs)
        rivals = sum(abs(leg.at - side.at) <= tolerance for side in ours)
        is_open = is_open or record.span is None or not record.span.is_known
        self._expect(record, row, "match_class", "ambiguous" if is_open else "number")
        self._expect(record, row, "options", max(options, rivals))
        sure = 0.99 if max(options, rivals) == 1 else 0.95
        self._expect(record, row, "confidence", 1 / max(options, rivals, 2) if is_open else sure)

    def _expect(self, side: Side, row: Row, column: str, value: Any) -> None:
        if row[column] != value:
            self._say(side, f"{column} is {row[column]!r}, must be {value!r} ({row['side']}, {row['match_class']})")

    # without a number

    def _rest(self, strong: set[Pair]) -> None:
        gone, taken = {record for record, _ in strong}, {leg for _, leg in strong}
        records = sorted((side for side in self.case.records if side.row not in gone), key=lambda side: side.order)
        legs = sorted((side for side in self.case.legs if side.row not in taken), key=lambda side: side.order)
        near = list(near_pairs(records, legs, self.case.tolerance))
        edges = self._edges(near, strong)
        weak = weak_pairs(edges)
        for record, leg in sorted({*weak, *self._pairs({"mask", "time"})}):
            self._weak(record, leg, weak.get((record, leg)))
        self._alone(records, legs, near, edges, weak)

    def _edges(self, near: Iterable[tuple[Side, Side]], strong: set[Pair]) -> dict[Pair, bool]:
        """Pairs that come into question, and whether they show digits enough that agree."""
        pairs = [(self.record[record], self.leg[leg]) for record, leg in strong]
        barred, (low, high) = barred_ways(pairs), usual_durations(pairs)
        edges = {}
        for record, leg in near:
            shown = [(one, other) for one, other in zip(record.digits, leg.digits, strict=True) if one and other]
            longer = None if record.lasted is None or leg.lasted is None else record.lasted - leg.lasted
            if (
                (record.caller is None or leg.caller is None)
                and record.span is not None
                and record.span.is_known
                and abs(record.at - leg.at) <= 2 * record.span.spread + NEAR
                and all(one == other for one, other in shown)
                and (record.way, leg.way) not in barred
                and (longer is None or low <= longer <= high)
            ):
                edges[record.row, leg.row] = len(shown) >= FEW_DIGITS
        return edges

    def _weak(self, record: int, leg: int, rule: str | None) -> None:
        row = self.row_of_record[record]
        is_pair = row["side"] == "pair" and row["inhouse_row"] == leg
        if rule is None or not is_pair:
            said = f"is {row['match_class']}" + (f" with {row['inhouse_call_id']}" if row["side"] == "pair" else "")
            must = f"must be {rule or 'no pair'} with {self.leg[leg].name}"
            self._say(self.record[record], f"{said}, {must}")
            return
        self._expect(self.record[record], row, "match_class", rule)
        self._expect(self.record[record], row, "confidence", 0.9 if rule == "mask" else 0.7)

    def _alone(
        self,
        records: Sequence[Side],
        legs: Sequence[Side],
        near: Iterable[tuple[Side, Side]],
        edges: Mapping[Pair, bool],
        weak: Mapping[Pair, str],
    ) -> None:
        paired, taken = {record for record, _ in weak}, {leg for _, leg in weak}
        doubted, questioned = {record for record, _ in edges}, {leg for _, leg in edges}
        clockless = [side for side in records if side.span is not None and not side.span.is_known]
        for record, leg in near:
            if None in (record.caller, leg.caller):
                doubted |= {record.row} if leg.row not in taken else set()
                questioned |= {leg.row} if record.row not in paired else set()
        for record in (side for side in records if side.row not in paired):
            is_doubted = record.caller is None or record.row in doubted or record in clockless
            row = self.row_of_record[record.row]
            self._expect(record, row, "match_class", "no_number" if is_doubted else "vendor_only")
        for leg in (side for side in legs if side.row not in taken):
            is_doubted = leg.row in questioned or any(abs(record.at - leg.at) <= FAR for record in clockless)
            row = self.row_of_leg[leg.row]
            self._expect(leg, row, "match_class", "no_number" if is_doubted else "inhouse_only")

    # what is said of every row

    def _times(self) -> None:
        for row in self.links:
            side = self._about(row)
            absent = row["side"] == "inhouse" and any(start <= side.at < end for start, end in self.case.absences)
            covered = not any(start - GAP_MARGIN <= side.at < end + GAP_MARGIN for start, end in self.case.gaps)
            self._expect(side, row, "is_absent", absent)
            self._expect(side, row, "is_covered", covered)
            self._expect(side, row, "in_month", side.in_month)
            if row["side"] == "pair":
                self._near_enough(side, row, "delta_s", side.at - self.leg[row["inhouse_row"]].at)
            else:
                self._expect(side, row, "confidence", None)
            if row["side"] != "inhouse":
                self._near_enough(side, row, "offset_s", side.offset)

    def _near_enough(self, side: Side, row: Row, column: str, micros: int) -> None:
        """The table prints milliseconds."""
        if abs(int(row[column] * SECOND) - micros) > SECOND // 2000:
            self._say(side, f"{column} is {row[column]}, must be {micros / SECOND}")
