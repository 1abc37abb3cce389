"""Within which times a caller who comes again counts: the windows of the workspace, and those that terms name."""

from pipelines.calendar import Month
from pipelines.contract.terms_model import TermsVersion
from pipelines.contract.workspace import Workspace
from pipelines.measure.catalogue import window_s

DIVERTED = "24h"
"""The window of `net_diverted`."""


def windows_of(space: Workspace, terms: TermsVersion) -> dict[str, int]:
    """Name → seconds, the shortest first: the workspace's, the one of the terms' FCR, and those that money hangs on."""
    settlements = (terms.settlement, *terms.what_if)
    paid = [extra.window for form in settlements for extra in (form.fcr_bonus, form.malus) if extra is not None]
    names = dict.fromkeys([*space.windows, terms.definitions.fcr.window, *paid])
    return {name: window_s(name) for name in sorted(names, key=lambda name: (window_s(name), name))}


def under_terms(space: Workspace, month: Month) -> list[str]:
    """The vendors whose terms have begun by the month's end: another one's do not stop the audit of these."""
    return [name for name, vendor in space.vendors.items() if vendor.terms.versions[0].since <= month.last]


def longest_s(space: Workspace, month: Month) -> int:
    """The longest window that any vendor's terms of the month name, in seconds."""
    terms = [space.vendors[name].terms.of_month(month.first, month.last) for name in under_terms(space, month)]
    named = [length for version in terms for length in windows_of(space, version).values()]
    return max([*named, window_s(DIVERTED)])
