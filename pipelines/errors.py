"""What a user is told when input or configuration cannot be used.

A `Fault` says where, what was found, what is allowed and what to do next. A `TieoutError` carries all the faults that
could be found in one go and becomes exit code 2. Findings about data that *can* be used are not errors: rules and
detectors report those.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: `where` names a file and the line or the path inside it."""

    where: str
    found: str
    allowed: str
    hint: str

    def __str__(self) -> str:
        return f"{self.where}\n    found:   {self.found}\n    allowed: {self.allowed}\n    do:      {self.hint}"


class TieoutError(Exception):
    """Input or configuration that cannot be used; carries every fault that was found, at least one."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"{count}\n" + "\n".join(str(fault) for fault in self.faults))


def fault(where: object, found: str, allowed: str, hint: str) -> TieoutError:
    """One fault as an error ready to raise."""
    return TieoutError([Fault(str(where), found, allowed, hint)])
