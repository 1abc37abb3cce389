"""The figures that are measured, as data: id, unit and the definition in words. Names stand in `reports/`.

Ids and formulas are those of the trade's KPI catalogue; a vendor's terms choose thresholds and windows.
"""

from dataclasses import dataclass

WINDOWS_S = {"2h": 7_200, "24h": 86_400, "7d": 604_800}


@dataclass(frozen=True)
class Kpi:
    """One figure: `words` is its definition, with `{…}` for what the terms decide; `base` weighs daily reports."""

    id: str
    unit: str
    words: str
    base: str | None = None


_FCR = (
    "answered calls of the vendor with no further contact of the same caller, vendor or in-house, within {window} of "
    "their end, out of those whose {window} are over; callers without a usable number stand outside, inside the bounds"
)
_CALLBACK = (
    "answered calls of the vendor whose caller then reached an in-house agent within {window}, out of those whose "
    "{window} are over"
)
_UNION = "the legs we passed on in covered hours and the delivered calls that no record contradicts, pairs once"
_DELIVERED = "over the delivered calls that no record contradicts"

CATALOGUE = (
    Kpi("offered", "calls", f"answered + abandoned (short included) + overflowed; {_UNION}"),
    Kpi("answered", "calls", f"first connection to an agent, transfers not counted twice; {_DELIVERED}"),
    Kpi("answered_pct", "%", f"answered ÷ offered; {_UNION}", "offered"),
    Kpi("abandoned", "calls", f"calls that left before an agent, short ones included; {_DELIVERED}"),
    Kpi("abandon_rate", "%", f"(abandoned + legs without any record) ÷ offered; {_UNION}", "offered"),
    Kpi("service_level", "%", "{service_level}; " + _UNION, "offered"),
    Kpi("asa", "s", f"queue time of answered calls ÷ answered calls; {_DELIVERED}", "answered"),
    Kpi("talk_time", "s", f"talk time ÷ answered calls; {_DELIVERED}", "answered"),
    Kpi("aht", "s", f"(talk + hold + after-call work) ÷ answered calls; {_DELIVERED}", "answered"),
    *(Kpi(f"fcr_{name}", "%", _FCR.replace("{window}", name)) for name in WINDOWS_S),
    *(Kpi(f"callback_inhouse_{name}", "%", _CALLBACK.replace("{window}", name)) for name in WINDOWS_S),
    Kpi("match_rate", "%", "legs passed on that have a record of the vendor ÷ legs passed on"),
    Kpi("coverage", "%", "hours of the month for which our own log is whole ÷ hours of the month"),
)
BY_ID = {kpi.id: kpi for kpi in CATALOGUE}

SERVICE_LEVELS = {
    "SL1": ("in_t", "answered", "answered within T ÷ answered"),
    "SL2": ("in_t", "answered + abandoned", "answered within T ÷ (answered + abandoned)"),
    "SL3": ("in_t", "answered + abandoned - abandoned_in_t", "answered within T ÷ (answered + abandoned after T)"),
    "SL4": (
        "in_t + abandoned_in_t",
        "answered + abandoned",
        "(answered + abandoned within T) ÷ (answered + abandoned)",
    ),
    "SL5": ("in_t + abandoned_short", "answered + abandoned", "(answered within T + short) ÷ (answered + abandoned)"),
    "SL6": ("in_t", "answered + abandoned - abandoned_short", "answered within T ÷ (answered + abandoned - short)"),
    "SL8": ("in_t", "answered + abandoned + overflowed", "answered within T ÷ (answered + abandoned + overflowed)"),
}
"""Service-level definitions as sums over the tallies: numerator, denominator, in words."""
