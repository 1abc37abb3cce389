"""Volume by plain loops over dicts: slow, obvious, and with no word of the SQL or of Polars in it."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.measure.worlds import Row


def offered(calls: list[Row], links: list[Row], wrong: set[tuple[str, int]], records: list[Row]) -> Counter[datetime]:
    """Quarter hours → calls that the vendor says were offered, proven or not, on the client's clock.

    `calls` have kind, class and start; `records` the delivered rows.
    """
    found: Counter[datetime] = Counter()
    for call in calls:
        if call["kind"] == "record" and call["class"] != "blocked":
            found[quarter(call["start"])] += 1
    by_place = {(row["file_id"], row["row"]): row for row in records}
    for link in links:
        place = (link["file_id"], link["row"])
        if link["in_month"] and link["side"] != "inhouse" and place in wrong:
            record = by_place[place]
            if record["outcome"] != "blocked":
                found[quarter(record["offered_utc"] - timedelta(seconds=int(link["offset_s"])))] += 1
    return found


def quarter(moment: datetime) -> datetime:
    """The quarter of an hour that a moment lies in."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def hours(moments: list[datetime], zone: str) -> Counter[tuple[date, int]]:
    """Local day and hour → how many."""
    local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    return Counter((moment.date(), moment.hour) for moment in local)


def regulars(log: list[Row], months: list[str]) -> dict[str, tuple[int, int]]:
    """Reason → callers who asked it in each of the months (the audited one first), and their calls in that one."""
    when: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in log:
        if row["caller_key"] is not None and row["reason"]:
            when[row["caller_key"], row["reason"]].add(row["day"].isoformat()[:7])
    loyal = {who for who, told in when.items() if told >= set(months)}
    found = {}
    for reason in {reason for _, reason in loyal}:
        callers = {caller for caller, asked in loyal if asked == reason}
        calls = {
            row["call_id"]
            for row in log
            if row["caller_key"] in callers and row["reason"] == reason and row["day"].isoformat()[:7] == months[0]
        }
        found[reason] = (len(callers), len(calls))
    return found


def rise(days: list[tuple[date, int | None]]) -> Fraction | None:
    """By how many percent the last three working days lie above the others; days without a count are left out."""
    ordered = sorted(days)
    end = [calls for _, calls in ordered[-3:] if calls is not None]
    rest = [calls for _, calls in ordered[:-3] if calls is not None]
    if len(end) < 2 or len(rest) < 2 or not sum(rest):
        return None
    return 100 * (Fraction(sum(end), len(end)) / Fraction(sum(rest), len(rest)) - 1)
