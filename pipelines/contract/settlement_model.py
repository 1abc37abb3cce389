"""The forms in which a vendor is paid, as `terms.yaml` states them. `pipelines/settle/` prices them."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipelines.contract.models import Count, Money, NotEmpty, Percent, Refused, Seconds, Strict
from pipelines.contract.vocabulary import LONGEST_WINDOW_S, WINDOW_UNITS_S

BillableTime = Literal["talk", "talk_hold", "talk_hold_acw", "leg"]
BillLegs = Literal["first", "each"]


def is_window(value: str) -> bool:
    """Whether a text is a window: whole hours or days, up to seven days."""
    found = re.fullmatch("([1-9][0-9]{0,2})([hd])", value)
    return found is not None and int(found[1]) * WINDOW_UNITS_S[found[2]] <= LONGEST_WINDOW_S


def _window(value: str) -> str:
    if not is_window(value):
        hint = "write a number and h or d; an audit reads nine days behind the month, so 7d is the longest"
        raise Refused("whole hours or days up to seven days, such as 2h, 24h, 72h, 3d or 7d", hint)
    return value


Window = Annotated[str, AfterValidator(_window)]
"""Time after a call's end within which a further contact counts: `<n>h` or `<n>d`."""


class VolumeBand(Strict):
    """From this many billed units in a month on, this rate holds."""

    from_units: Count = Field(description="first unit of the band, a whole number")
    rate: Money = Field(description="rate within the band, as text")


class FcrBonus(Strict):
    """Paid on top where first-contact resolution reaches a mark."""

    window: Window
    at_least: Percent = Field(description="percent from which the bonus is due")
    amount_pct: Percent = Field(description="percent of the amount owed")


class FcrMalus(Strict):
    """Taken off where first-contact resolution stays below a mark."""

    window: Window
    below: Percent = Field(description="percent below which the malus is due")
    amount_pct: Percent = Field(description="percent of the amount owed")


class _Settlement(Strict):
    """What every form may have."""

    volume_bands: tuple[VolumeBand, ...] = ()
    minimum_volume: Count | None = None
    cap: Money | None = None
    tax_pct: Percent | None = None
    fcr_bonus: FcrBonus | None = None
    malus: FcrMalus | None = None


class _Timed(_Settlement):
    """Forms that look at single calls."""

    billable_time: BillableTime = Field(
        description="which part of a call is billed: talk, talk_hold, talk_hold_acw, leg"
    )
    bill_legs: BillLegs = Field(description="whether one contact's first leg is billed, or each")


class PerCall(_Timed):
    """One rate for each call that is long enough."""

    form: Literal["per_call"]
    rate: Money = Field(description="amount for one call, as text")
    minimum_talk_s: Seconds = Field(description="shortest billable time in seconds; 0 where every answered call counts")


class PerMinute(_Timed):
    """One rate for each minute, rounded up to a step for each call."""

    form: Literal["per_minute"]
    rate: Money = Field(description="amount for one minute, as text")
    rounding_s: int = Field(ge=1, description="step to which each call is rounded up, in seconds")


class Tier(Strict):
    """From this service level on, this share of the base fee is paid."""

    at_least: Percent = Field(description="service level in percent")
    pay_pct: float = Field(ge=0, description="percent of the base fee")


class ServiceLevelTiers(_Settlement):
    """A base fee, paid in part by the service level."""

    form: Literal["service_level_tiers"]
    base_fee: Money = Field(description="fee at 100 percent, as text")
    tiers: Annotated[tuple[Tier, ...], NotEmpty] = Field(description="list of {at_least, pay_pct}")
    measured_per: Literal["day", "month"] = Field(description="whether the service level counts by day or by month")


class Hours(_Settlement):
    """One rate for each staffed hour."""

    form: Literal["hours"]
    rate: Money = Field(description="amount for one hour, as text")
    staffed_hours: Money | None = Field(default=None, description="agreed hours in a month, as text")


class Seats(_Settlement):
    """One rate for each seat and month."""

    form: Literal["seats"]
    rate: Money = Field(description="amount for one seat and month, as text")


Settlement = Annotated[PerCall | PerMinute | ServiceLevelTiers | Hours | Seats, Field(discriminator="form")]
