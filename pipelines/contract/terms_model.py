"""What `terms.yaml` may hold: the commercial side of a contract, key by key, each version from its date on.

Reading the file and its checks across keys are in `terms.py`; the forms of payment in `settlement_model.py`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from pipelines.contract.documents import listed, meant
from pipelines.contract.models import Count, Day, Money, NotEmpty, Refused, Seconds, Strict
from pipelines.contract.settlement_model import Settlement, Window, is_window
from pipelines.contract.vocabulary import (
    ABANDON_RATES_READ,
    ASAS_READ,
    DETECTORS,
    FEEDS,
    FIGURE_IDS,
    SERVICE_LEVELS_READ,
)


def _one_of(words: tuple[str, ...], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in words:
            raise Refused(listed(words), meant(value, words, f"take {what} of the list"))
        return value

    return AfterValidator(check)


def _service_level(value: str) -> str:
    """SL11 says how intervals without calls count in an average, so it names no definition of its own."""
    if value == "SL11":
        hint = (
            "SL11 changes averages of intervals only; name the definition that it goes with: a month counts its calls"
        )
        raise Refused(listed(SERVICE_LEVELS_READ), hint)
    if value not in SERVICE_LEVELS_READ:
        raise Refused(listed(SERVICE_LEVELS_READ), meant(value, SERVICE_LEVELS_READ, "take one of the list"))
    return value


def _figure(value: str) -> str:
    """A figure id of the catalogue, also with another window than those that every catalogue has."""
    name, _, window = value.rpartition("_")
    if value in FIGURE_IDS or (f"{name}_24h" in FIGURE_IDS and is_window(window)):
        return value
    raise Refused(listed(FIGURE_IDS), meant(value, FIGURE_IDS, "take a figure id of the list"))


def _currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value) or value not in list_currencies():
        raise Refused("an ISO 4217 code, such as CNY, EUR, USD", meant(value, ("CNY", "EUR", "USD"), "three capitals"))
    return value


def _number_entry(value: object) -> object:
    if not isinstance(value, str | Mapping | OwnNumber):
        raise Refused("a phone number in quotes, or a mapping with number or key", 'for example "+972 3 555 0100"')
    return {"number": value} if isinstance(value, str) else value


def _digits(value: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ()/-]{1,24}", value):
        raise Refused("a phone number in quotes: digits, with + before a country code", 'for example "+972 3 555 0100"')
    return value


def _key(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{16}", value):
        raise Refused("16 hexadecimal digits in lower case", "take the first 16 digits of the keyed hash")
    return value


class Evidence(Strict):
    """Which record binds both sides, and which findings it lets the client deduct."""

    binding_record: Literal["client_log", "carrier_bill", "none"] = "none"
    clause: str | None = None
    deduct: tuple[Annotated[str, _one_of(DETECTORS, "a finding")], ...] = ()


class Tolerance(Strict):
    """Below these a difference is not worth a dispute."""

    count_pct: float = Field(ge=0, description="difference of counts in percent")
    points: float = Field(ge=0, description="difference of percentages in points")
    amount: Money = Field(description="difference of money, as text")


class Deliverable(Strict):
    """A feed that is owed, by when, and what follows if it does not come."""

    feed: Annotated[str, _one_of(FEEDS, "a feed")] = Field(description="the feed that is owed")
    columns: tuple[str, ...] = ()
    due_days: Count = Field(description="days after the period's end, a whole number")
    remedy: str = Field(description="what the contract says follows")


class Outage(Strict):
    """A time in which service-level money does not count against the vendor; times carry an offset."""

    since: datetime = Field(alias="from", description="start with offset, as 2026-10-01T08:00:00+08:00")
    until: datetime = Field(description="end with offset, as 2026-10-01T09:30:00+08:00")
    reason: str | None = None


class Relief(Strict):
    """When the vendor is not held to the service level."""

    over_forecast_pct: float | None = Field(default=None, ge=0)
    outages: tuple[Outage, ...] = ()


class ServiceLevel(Strict):
    """The definition that counts: its id, the threshold, and whether the threshold itself is within."""

    id: Annotated[str, AfterValidator(_service_level)] = Field(description="the definition: SL1 to SL10")
    threshold_s: Seconds = Field(description="threshold in whole seconds")
    bound: Literal["<=", "<"] = Field(description='"<=" where the threshold itself is within, else "<", in quotes')


class Fcr(Strict):
    """First-contact resolution: window, what is counted, which reasons, and the grace for hand-backs."""

    window: Window = "24h"
    unit: Annotated[str, _one_of(("calls", "customers"), "one")] = "calls"
    reason: Annotated[str, _one_of(("any", "same"), "one")] = "any"
    transfer_grace_s: Seconds = 900


class Definitions(Strict):
    """Which definition of each KPI counts."""

    service_level: ServiceLevel = Field(description="{id, threshold_s, bound}, as agreed with the vendor")
    short_abandon_s: Seconds = 5
    fcr: Fcr = Fcr()
    abandon_rate: Annotated[str, _one_of(ABANDON_RATES_READ, "a definition")] = "AB1"
    asa: Annotated[str, _one_of(ASAS_READ, "a definition")] = "ASA1"


class Range(Strict):
    """A target with a floor, a ceiling, or both."""

    low: float | None = None
    high: float | None = None


def _is_range(value: Any) -> str:
    return "range" if isinstance(value, Mapping | Range) else "number"


Target = Annotated[Annotated[float, Tag("number")] | Annotated[Range, Tag("range")], Discriminator(_is_range)]


class OwnNumber(Strict):
    """A number of the vendor, its staff or its test lines: as number or as keyed hash, dated."""

    number: Annotated[str, AfterValidator(_digits)] | None = None
    key: Annotated[str, AfterValidator(_key)] | None = None
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    note: str | None = None


class Match(Strict):
    """How calls are matched."""

    tolerance_s: Seconds = 30
    direct_numbers: tuple[Annotated[str, AfterValidator(_digits)], ...] = ()


class Dispute(Strict):
    """How a statement is objected to."""

    days: Count = Field(description="days to object after the statement")
    sample: str | None = None


Number = Annotated[OwnNumber, BeforeValidator(_number_entry)]


class TermsVersion(Strict):
    """The terms from one date until the next version."""

    since: Day = Field(alias="from", description="first day on which this version holds, as YYYY-MM-DD")
    settlement: Settlement = Field(description="how the vendor is paid: {form: per_call, rate: …}")
    evidence: Evidence = Evidence()
    tolerance: Tolerance = Field(description="{count_pct, points, amount}")
    deliverables: tuple[Deliverable, ...] = ()
    relief: Relief = Relief()
    what_if: tuple[Settlement, ...] = ()
    definitions: Definitions = Field(description="which definitions count: {service_level: {id, threshold_s, bound}}")
    targets: Mapping[Annotated[str, AfterValidator(_figure)], Target] = {}
    agent_concurrency: int = Field(default=1, ge=1)
    trunks: Count | None = None
    seats: Count | None = None
    own_numbers: tuple[Number, ...] = ()
    own_number_prefixes: tuple[Annotated[str, AfterValidator(_digits)], ...] = ()
    own_number_calls_billable: bool = True
    declared_tests: tuple[Number, ...] = ()
    match: Match = Match()
    acd_clock_binding: bool = False
    dispute: Dispute | None = None


class TermsFile(Strict):
    """The whole file."""

    vendor: str = Field(description="the vendor's id, which is the name of its folder")
    name: str = Field(description="the vendor's name as printed")
    currency: Annotated[str, AfterValidator(_currency)] = Field(description="ISO 4217 code, such as CNY")
    versions: Annotated[tuple[TermsVersion, ...], NotEmpty] = Field(description="list of versions, each with `from`")
