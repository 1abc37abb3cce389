"""Service-level definitions as data: sums over the tallies of `tallies.sql`. Which one counts is in the terms."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Rules:
    """What the terms decide: the service level's id, its threshold and bound (<= or <), and the short abandon."""

    service_level: str
    threshold_s: int
    bound: str
    short_abandon_s: int

    @property
    def code(self) -> str:
        """The service level's definition, as `SL5 T=20 <= t=5`."""
        short = f" t={self.short_abandon_s}" if self.service_level in ("SL5", "SL6") else ""
        return f"{self.service_level} T={self.threshold_s} {self.bound}{short}"
