"""The numbers that the rules of every feed compare with: each has an owner, a date, a reason, and says what it does.

A vendor's own limits stand in its contract. Another number here is another rule: the days are judged anew.
"""

from dataclasses import dataclass
from datetime import date

from pipelines.contract.model import Severity


@dataclass(frozen=True)
class Threshold:
    """One number: who answers for it, since when it holds, why it is what it is; an error holds a day back."""

    value: float
    unit: str
    owner: str
    since: date
    reason: str
    effect: Severity = "warning"


OWNER = "tieout"
_SINCE = date(2026, 11, 22)

TALK_BEYOND_CALL = Threshold(
    2,
    "seconds",
    OWNER,
    _SINCE,
    "the moments come from systems with clocks of their own (IVR, queue, switch), each rounded to whole seconds; "
    "in a real log over a third of the answered calls connect one or two seconds before they are queued",
)
CLOCK_AHEAD = Threshold(
    1,
    "days",
    OWNER,
    _SINCE,
    "a clock may be fast, or its zone be written wrongly by some hours; a day ahead is neither",
)
DAY_VOLUME_LEAST = Threshold(
    0.2,
    "times the median of the weekday",
    OWNER,
    _SINCE,
    "a public holiday brings fewer calls; what is less than a fifth is rather a file that broke off",
)
DAY_VOLUME_MOST = Threshold(
    3,
    "times the median of the weekday",
    OWNER,
    _SINCE,
    "a campaign or an outage doubles a day; three times as many are rather two days in one, or a file sent twice",
)
DAY_VOLUME_DAYS = Threshold(4, "days", OWNER, _SINCE, "a median of fewer days follows each of them; a month holds four")
DAY_VOLUME_REACH = Threshold(60, "days", OWNER, _SINCE, "volumes of another season say nothing about this one")

ALL = {
    "talk_beyond_call": TALK_BEYOND_CALL,
    "clock_ahead": CLOCK_AHEAD,
    "day_volume_least": DAY_VOLUME_LEAST,
    "day_volume_most": DAY_VOLUME_MOST,
    "day_volume_days": DAY_VOLUME_DAYS,
    "day_volume_reach": DAY_VOLUME_REACH,
}
"""Every threshold by name, for whoever lists them."""
