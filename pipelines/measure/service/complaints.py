"""Complaints for every 1,000 answered calls: answered calls whose reason is one, by the words of `complaints.yaml`."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from pipelines.measure.bounds import Open, share_bounds
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, Side, not_measurable

_FIGURE = "complaints_per_1000"


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What makes a reason a complaint, and what takes it back."""
    text = files("pipelines.measure.service").joinpath("complaints.yaml").read_text(encoding="utf-8")
    told: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(text)
    return _any_of(told["words"]), _any_of(told["not"])


def _any_of(words: Mapping[str, list[str]]) -> re.Pattern[str]:
    spaced = [rf"\b{re.escape(word)}\b" for word in words["en"]]
    return re.compile("|".join([*spaced, *map(re.escape, words["zh"])]))


def is_complaint(reason: str | None) -> bool:
    """Whether a call reason is a complaint, in whatever case or writing of spaces."""
    if reason is None:
        return False
    said = " ".join(re.sub(r"[\W_]+", " ", reason.casefold()).split())
    words, others = _words()
    return bool(words.search(others.sub(" ", said)))


def complaints(rows: Iterable[Mapping[str, Any]], doubtful: Iterable[Mapping[str, Any]], side: Side) -> Measured:
    """From rows of `contact_reasons.sql` of one side, and of `open_reasons.sql`: reason, calls.

    A call without a reason is no complaint, and is left open. Not measurable where no call has a reason, or where no
    reason is a complaint: codes that nobody has put into words must not read as a month without complaints.
    """
    counts = [(row["reason"], int(row["calls"])) for row in rows]
    answered = sum(calls for _, calls in counts)
    untold = sum(calls for reason, calls in counts if reason is None)
    if answered == untold:
        reason = "column_missing:reason" if side == "vendor" else "own_column_missing:reason"
        return not_measurable(_FIGURE, reason if answered else "nothing_to_count", "all", side)
    found = sum(calls for reason, calls in counts if is_complaint(reason))
    if not found:
        return not_measurable(_FIGURE, "no_complaint_reason", "all", side)
    doubts = [(row["reason"], int(row["calls"])) for row in doubtful]
    drop_in = min(sum(calls for reason, calls in doubts if is_complaint(reason)), found)
    drop_out = min(sum(calls for _, calls in doubts) - drop_in, answered - found)
    low, high = share_bounds(found, answered, Open(drop_in, drop_out, up=untold))
    low, high = (None if each is None else 10 * each for each in (low, high))
    return Measured(_FIGURE, "all", 1000 * found / answered, low, high, answered, kpi(_FIGURE).code, side=side)
