"""A vendor's daily report: what it prints about its own records, by its own definitions.

The figures follow the records that the vendor holds, padded ones included. How a report is judged is the work of
`pipelines` and `checks`; nothing is shared with them, so that an error there cannot hide here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from data.simulate.vendors import Habits, Record
from data.simulate.world import DAY_S

THRESHOLD_S = 20


def daily_report(rows: Iterable[Record], habits: Habits, first_day: date) -> list[tuple[date, list[str]]]:
    """One line per day of the vendor's clock, by the moment of entry to the queue: the day, and the line as printed."""
    by_day: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        by_day[row.queued_at // DAY_S].append(row)
    lines = []
    for n in sorted(by_day):
        day = first_day + timedelta(days=n)
        lines.append((day, [day.strftime(habits.day_format), *figures(by_day[n], habits.leaves_out_abandoned)]))
    return lines


def figures(rows: Sequence[Record], leaves_out_abandoned: bool) -> list[str]:
    """Offered, answered, abandoned, service level in percent, average talk and average wait of the answered."""
    answered = [row for row in rows if row.result == "ANSWERED"]
    abandoned = sum(row.result == "ABANDONED" for row in rows)
    in_time = sum(row.queue_s <= THRESHOLD_S for row in answered)
    base = len(answered) if leaves_out_abandoned else len(answered) + abandoned
    return [
        str(len(rows)),
        str(len(answered)),
        str(abandoned),
        one_decimal(100 * in_time, base),
        one_decimal(sum(row.talk_s for row in answered), len(answered)),
        one_decimal(sum(row.queue_s for row in answered), len(answered)),
    ]


def one_decimal(part: int, whole: int) -> str:
    """A quotient as an office program prints it, halves rounded up; empty where there is nothing to divide by."""
    return str((Decimal(part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)) if whole else ""
