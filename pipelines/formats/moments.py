"""Times as JSON exports print them (ISO 8601), read only to put things in order and to measure what lies between.

What a time means in a table is read in `pipelines/standardise/`, from the text as it was sent.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)[T ](\d\d?):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))?", re.ASCII)


@lru_cache(maxsize=4096)
def moment(text: str | None) -> datetime | None:
    """A time in UTC (it is UTC where it has no offset), or None where the text is none of the years 1900 to 2199."""
    match = _ISO.fullmatch(text.strip()) if text is not None else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    if not 1900 <= int(year) < 2200:
        return None
    micro = int((fraction or ".")[1:7].ljust(6, "0"))
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset) if sign else UTC
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), micro, zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
