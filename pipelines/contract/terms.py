"""Reads `terms.yaml`, and answers which version of the terms holds on a day.

The shapes are in `terms_model.py`. Here: the file, the checks across keys, and `Terms`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.contract.documents import Document, KeyPath, read_document, shown
from pipelines.contract.models import read_model
from pipelines.contract.settlement_model import Seats
from pipelines.contract.terms_model import OwnNumber, TermsFile, TermsVersion
from pipelines.errors import fault


@dataclass(frozen=True)
class Terms:
    """The commercial terms with one vendor; `versions` in order of their dates, `sha` of the file's bytes."""

    vendor: str
    name: str
    currency: str
    versions: tuple[TermsVersion, ...]
    sha: str
    file: str

    def of_month(self, first: date, last: date) -> TermsVersion:
        """The version of a month's first day; where the terms begin within the month, the first one."""
        begin = self.versions[0].since
        return self.on(begin if first < begin <= last else first)

    def changes_within(self, first: date, last: date) -> bool:
        """Whether another version takes over after a month's first day."""
        return any(first < version.since <= last for version in self.versions[1:])

    def on(self, day: date) -> TermsVersion:
        """The version that holds on a day. Raises TieoutError for a day before the first version."""
        for version in reversed(self.versions):
            if version.since <= day:
                return version
        first = self.versions[0].since.isoformat()
        hint = f"add a version with `from: {day.isoformat()}` or earlier, or audit a later month"
        raise fault(f"{self.file}: versions", f"no terms for {day.isoformat()}", f"days from {first} on", hint)


def load_terms(path: Path) -> Terms:
    """Read a vendor's `terms.yaml`. Raises TieoutError with every fault of the file."""
    document = read_document(path, "the terms agreed with the vendor")
    model = read_model(document, TermsFile)
    if model is not None:
        _check_versions(document, model)
    document.check()
    assert model is not None  # or its faults were raised
    return Terms(model.vendor, model.name, model.currency, model.versions, document.sha, document.file)


def _check_versions(document: Document, model: TermsFile) -> None:
    for place, version in enumerate(model.versions):
        path: KeyPath = ("versions", place)
        if place and version.since <= model.versions[place - 1].since:
            allowed = f"a date after {model.versions[place - 1].since}"
            document.add((*path, "from"), shown(version.since), allowed, "order the versions by date, each date once")
        _check_evidence(document, path, version)
        _check_settlement(document, path, version)
        _check_numbers(document, (*path, "own_numbers"), version.own_numbers)
        _check_numbers(document, (*path, "declared_tests"), version.declared_tests)
        for index, outage in enumerate(version.relief.outages):
            at = (*path, "relief", "outages", index)
            if outage.since.tzinfo is None or outage.until.tzinfo is None:
                document.add(at, "a time with no offset", "times with an offset", "write 2026-10-01T08:00:00+08:00")
            elif outage.until <= outage.since:
                document.add(
                    (*at, "until"), shown(outage.until), f"a time after {outage.since}", "correct the interval"
                )
        for name, target in version.targets.items():
            if not isinstance(target, float) and target.low is None and target.high is None:
                document.add((*path, "targets", name), "neither low nor high", "a number, or {low, high}", "give one")


def _check_evidence(document: Document, path: KeyPath, version: TermsVersion) -> None:
    evidence = version.evidence
    if evidence.binding_record != "none" and not evidence.clause:
        hint = "name the clause of the contract that makes this record binding, or set binding_record: none"
        document.add(
            (*path, "evidence", "clause"),
            "no `clause`",
            f'a clause, such as "7.3", for {evidence.binding_record}',
            hint,
        )
    if evidence.binding_record == "none" and evidence.deduct:
        hint = "empty the list, or name the binding record and its clause"
        found = "findings to deduct, but no binding record"
        document.add((*path, "evidence", "deduct"), found, "[] while binding_record is none", hint)


def _check_settlement(document: Document, path: KeyPath, version: TermsVersion) -> None:
    settlements = [(("settlement",), version.settlement), *((("what_if", n), s) for n, s in enumerate(version.what_if))]
    for part, settlement in settlements:
        if isinstance(settlement, Seats) and version.seats is None:
            hint = "add `seats:` to this version: the number of seats that the rate is paid for"
            document.add((*path, *part, "form"), "seats with no number of seats", "`seats` beside the settlement", hint)


def _check_numbers(document: Document, path: KeyPath, numbers: tuple[OwnNumber, ...]) -> None:
    for place, item in enumerate(numbers):
        if (item.number is None) == (item.key is None):
            hint = '{number: "+972 3 555 0100", from: 2026-01-01} or {key: 16 hexadecimal digits}'
            document.add((*path, place), "both or neither of number and key", "exactly one of number, key", hint)
        if item.since and item.until and item.until < item.since:
            allowed = f"a date from {item.since} on"
            document.add((*path, place, "until"), shown(item.until), allowed, "correct one of the two dates")
