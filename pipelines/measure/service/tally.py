"""One scope's calls as the steps of service count them: how many of each profile, and the seconds that they took."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.measure.bounds import Pair, ratio_bounds
from pipelines.measure.service.levels import Ratio
from pipelines.measure.service.states import Profile, point, worth, worths

Row = Mapping[str, Any]
Keep = Callable[[Profile], bool]


def records(profile: Profile) -> bool:
    """Whether these are records that were delivered, not legs without one."""
    return profile.kind == "record"


def everything(_profile: Profile) -> bool:
    """All calls: those passed on, united with the delivered ones."""
    return True


@dataclass(frozen=True)
class Tally:
    """One scope's rows of `service_scopes.sql`, by profile."""

    scope: str
    rows: tuple[tuple[Profile, Row], ...]

    @classmethod
    def of(cls, scope: str, rows: Iterable[Row]) -> "Tally":
        """From the step's rows of that scope."""
        return cls(scope, tuple((Profile.of(row), row) for row in rows))

    def calls(self, keep: Keep) -> int:
        """How many calls."""
        return sum(int(row["calls"]) for profile, row in self.rows if keep(profile))

    def sum(self, column: str, groups: Collection[str], *, sure: bool = False) -> float | int:
        """A count or a sum of seconds over records of these classes; `sure`: only those that a leg confirms."""
        kept = (row[column] for profile, row in self.rows if profile.group in groups and not (sure and profile.is_open))
        total = sum(value for value in kept if value is not None)
        return float(total) if column.endswith("_s") else int(total)

    def share(self, ratio: Ratio, keep: Keep = everything) -> "Share":
        """A definition's part and base, with the least and the most that the quotient can be."""
        return share(ratio, [(profile, int(row["calls"])) for profile, row in self.rows if keep(profile)])

    def count(self, formula: str, keep: Keep = everything, may: Keep = everything) -> tuple[int, int, int]:
        """Calls that a sum counts: by what is told, of those to `keep`; at least and at most, of those that `may`."""
        ratio = Ratio(formula, formula, "")
        kept = [(profile, int(row["calls"])) for profile, row in self.rows]
        value = sum(count * worth(ratio, point(profile))[0] for profile, count in kept if keep(profile))
        open_to = [(count, [part for part, _ in worths(ratio, profile)]) for profile, count in kept if may(profile)]
        return value, sum(count * min(parts) for count, parts in open_to), sum(n * max(parts) for n, parts in open_to)

    def is_untold(self, flag: str, groups: Collection[str]) -> bool:
        """Whether there are records of these classes, and none tells what the flag hangs on."""
        flags = [getattr(profile, flag) for profile, _ in self.rows if records(profile) and profile.group in groups]
        return bool(flags) and all(value is None for value in flags)


@dataclass(frozen=True)
class Share:
    """Part ÷ base by what is told, and the bounds of the quotient; `can_be_none`: there may be no base at all."""

    part: int
    base: int
    low: Fraction | None
    high: Fraction | None
    can_be_none: bool

    @property
    def value(self) -> Fraction | None:
        """The quotient; None without a base."""
        return Fraction(self.part, self.base) if self.base > 0 else None


def share(ratio: Ratio, calls: Iterable[tuple[Profile, int]]) -> Share:
    """A definition over calls that are counted by profile."""
    kept = list(calls)
    told = [(count, worth(ratio, point(profile))) for profile, count in kept]
    groups: list[tuple[int, Collection[Pair]]] = [(count, worths(ratio, profile)) for profile, count in kept]
    low, high = ratio_bounds(groups)
    part, base = (sum(count * pair[n] for count, pair in told) for n in (0, 1))
    least = sum(count * min(pair[1] for pair in pairs) for count, pairs in groups)
    return Share(part, base, low, high, least <= 0)
