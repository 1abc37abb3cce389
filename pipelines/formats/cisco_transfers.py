"""Which records of a Cisco CDR file belong to one transferred call, and which of them is the consultation.

A transfer has three records: the call, the consultation that the transferring party dials, and what joins the other
two. The first two end on behalf of the transfer, the third joins on its behalf; it goes on with a leg of the call and
with the dialled leg of the consultation (Cisco's guide, "Transferred calls").

The third ends later, and servers begin a new file each minute: it often stands in another one. Then the first two tell
by themselves: they end at the same moment, and who was called in the one calls in the other.
"""

from dataclasses import dataclass, field

AT_ONCE_S = 1
"""A transfer ends both calls at one moment; their seconds may differ by one."""


@dataclass(frozen=True)
class Ended:
    """One record that a transfer ended or made; `legs` are the identifiers of its originating and dialled side.

    `parties` are the numbers that called and that was called in the end; `began` and `ended` are in seconds.
    """

    call: str
    legs: tuple[str, str]
    parties: tuple[str, str]
    began: int
    ended: int
    is_join: bool
    is_split: bool


@dataclass
class Transfers:
    """The transfers of a file; complete only when all its records were added."""

    ended: list[Ended] = field(default_factory=list)
    consultations: set[tuple[str, tuple[str, str], int]] = field(default_factory=set)
    _calls: dict[str, str] = field(default_factory=dict)
    _began: dict[str, int] = field(default_factory=dict)

    def add(self, record: Ended) -> None:
        """Notes one record that ended or joined on behalf of a transfer."""
        self.ended.append(record)
        self._began[record.call] = min(record.began, self._began.get(record.call, record.began))

    def settle(self) -> None:
        """Finds what belongs together, when all records are known."""
        dialled: dict[str, list[Ended]] = {}
        either: dict[str, list[Ended]] = {}
        for record in self.ended:
            if record.is_split:
                dialled.setdefault(record.legs[1], []).append(record)
                for leg in set(record.legs):
                    either.setdefault(leg, []).append(record)
        for join in (record for record in self.ended if record.is_join):
            found = [record for record in dialled.get(join.legs[1], ()) if record is not join and not record.is_join]
            before = [record for record in either.get(join.legs[0], ()) if record is not join and record not in found]
            for record in found:
                self.consultations.add((record.call, record.legs, record.began))
            for record in (*found, *before):
                self._unite(join.call, record.call)
        self._settle_without_joins()

    def _settle_without_joins(self) -> None:
        by_caller: dict[str, list[Ended]] = {}
        for record in self.ended:
            if record.is_split and not record.is_join and record.parties[0]:
                by_caller.setdefault(record.parties[0], []).append(record)
        for call in (record for record in self.ended if record.is_split):
            for dialled in by_caller.get(call.parties[1], ()):
                is_meanwhile = call.began <= dialled.began <= call.ended
                if dialled is not call and is_meanwhile and abs(dialled.ended - call.ended) <= AT_ONCE_S:
                    self.consultations.add((dialled.call, dialled.legs, dialled.began))
                    self._unite(call.call, dialled.call)

    def call_of(self, call: str) -> str:
        """The call that a record's own call is a part of: of those that belong together the one that began first."""
        while (above := self._calls.get(call, call)) != call:
            call = above
        return call

    def _unite(self, one: str, other: str) -> None:
        first, second = sorted((self.call_of(one), self.call_of(other)), key=lambda call: (self._began[call], call))
        if first != second:
            self._calls[second] = first
