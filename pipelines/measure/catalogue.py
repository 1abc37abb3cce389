"""The figures that are measured, as data: id, unit and definition. Names and the words for readers stand in `reports/`.

Ids and formulas are those of the trade's KPI catalogue; a vendor's terms choose thresholds and windows.
"""

from dataclasses import dataclass

WINDOWS_S = {"2h": 7_200, "24h": 86_400, "7d": 604_800}


@dataclass(frozen=True)
class Kpi:
    """One figure. `code` names its definition (the scorecard has the words for it, in two languages); `words` say it
    here; `base` is the figure that a daily report of it is weighed by.
    """

    id: str
    unit: str
    code: str
    words: str
    base: str | None = None


_UNION = "over the legs passed on in covered hours and the delivered calls that no record contradicts, pairs once"
_DELIVERED = "over the delivered calls that no record contradicts"

CATALOGUE = (
    Kpi("offered", "calls", "UNION", f"answered + abandoned (short included) + overflowed, {_UNION}"),
    Kpi("answered", "calls", "DELIVERED", f"first connection to an agent, transfers not counted twice, {_DELIVERED}"),
    Kpi("answered_pct", "%", "UNION", f"answered ÷ offered, {_UNION}", "offered"),
    Kpi("abandoned", "calls", "DELIVERED", f"calls that left before an agent, short ones included, {_DELIVERED}"),
    Kpi("abandon_rate", "%", "AB1", f"(abandoned + legs without any record) ÷ offered, {_UNION}", "offered"),
    Kpi("service_level", "%", "SL", f"by the terms (SERVICE_LEVELS), {_UNION}", "offered"),
    Kpi("asa", "s", "ASA1", f"queue time of answered calls ÷ answered calls, {_DELIVERED}", "answered"),
    Kpi("talk_time", "s", "TALK", f"talk time ÷ answered calls, {_DELIVERED}", "answered"),
    Kpi("aht", "s", "AHT", f"(talk + hold + after-call work) ÷ answered calls, {_DELIVERED}", "answered"),
    *(
        Kpi(f"fcr_{window}", "%", "FCR", f"answered calls without a further contact within {window} ÷ closed windows")
        for window in WINDOWS_S
    ),
    *(
        Kpi(f"callback_inhouse_{window}", "%", "CALLBACK", f"answered calls followed in-house within {window} ÷ same")
        for window in WINDOWS_S
    ),
    Kpi("match_rate", "%", "MATCH", "legs passed on that have a record of the vendor ÷ legs passed on"),
    Kpi("coverage", "%", "COVERAGE", "hours of the month for which our own log is whole ÷ hours of the month"),
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
