"""The figures of `make match-bench` as text and as Markdown: counts, shares with 95 % intervals after Wilson.

Wilson, E. B.: Probable inference, the law of succession, and statistical inference. JASA 22 (1927), 209-212.
What can be known is defined in `knowable.py`, what was done to the files in `disturb.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from statistics import median

from scipy.stats import binomtest

from tests.bench.disturb import Disturbance
from tests.bench.knowable import AS_GOOD_S, KINDS
from tests.bench.match_score import SURE, Counts

Line = tuple[str, str]

VOUCHED = ("vouched", "not vouched")
CERTAINTIES = ("proven", "probable", "suspected")
LEAST_PRECISION, LEAST_RECALL = 0.9995, 0.995


def share(hits: int, of: int) -> str:
    """`99.950 % (99.910 to 99.970), 30000 of 30015`, or a dash where there is nothing to share."""
    if not of:
        return "-"
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{100 * hits / of:.3f} % ({100 * low:.3f} to {100 * high:.3f}), {hits} of {of}"


def precision(counts: Counts) -> tuple[int, int]:
    """Right pairs and all pairs, of the classes that assert one."""
    return _of(counts.right, SURE), _of(counts.made, SURE)


def recall(counts: Counts) -> tuple[int, int]:
    """Knowable pairs that were found and asserted, and all knowable pairs."""
    return _of(counts.known_found, KINDS), _of(counts.known, KINDS)


def accused(counts: Counts, vouched: str, whose: str) -> int:
    """Records of `whose` that some finding names."""
    return sum(counts.findings[vouched, whose, name] for name in CERTAINTIES)


def accused_near(counts: Counts) -> int:
    """Honest calls near the missing hours that some finding names, with the client's word for its log or without."""
    return max(accused(counts, vouched, "honest near missing") for vouched in VOUCHED)


def by_world(every: Mapping[str, Counts]) -> dict[str, Counts]:
    """The same with each month's seeds together, and all together, added."""
    months: dict[str, Counts] = {}
    for name, counts in every.items():
        month = f"{name.split(',')[0]}, all seeds"
        months[month] = months[month] + counts if month in months else counts
    added = months if len(months) < len(every) else {}
    return {**every, **added, "all together": reduce(add, every.values())}


def lines(counts: Counts) -> list[Line]:
    """Every figure of one month, or of several together, by name."""
    return [*_pairs(counts), *_records(counts), *_findings(counts), *_clock(counts)]


def _pairs(counts: Counts) -> list[Line]:
    found, known = recall(counts)
    return [
        ("precision of all asserted pairs", share(*precision(counts))),
        *((f"precision, {name}", share(counts.right[name], counts.made[name])) for name in (*SURE, "ambiguous")),
        ("recall of the knowable pairs", share(found, known)),
        *((f"recall, knowable by {name}", share(counts.known_found[name], counts.known[name])) for name in KINDS),
        ("recall with ambiguous pairs counted", share(found + _of(counts.known_ambiguous, KINDS), known)),
        ("recall of all delivered pairs", share(_of(counts.delivered_found, KINDS), _of(counts.delivered, KINDS))),
        *(
            (f"delivered pairs to be told by {name}", share(counts.delivered_found[name], counts.delivered[name]))
            for name in KINDS
        ),
    ]


def _records(counts: Counts) -> list[Line]:
    return [
        ("delivered", f"{counts.records['calls']} records, {counts.records['legs']} legs"),
        ("rows of links by class", _listed(counts.classes.most_common())),
        *((f"missed, {name}", f"{times} x {said}") for (name, said), times in counts.misses.most_common()),
        *((f"wrong, {made}", f"{times} x {what}") for (made, what), times in counts.wrong.most_common()),
    ]


def _findings(counts: Counts) -> list[Line]:
    made = []
    for vouched in VOUCHED:
        for whose in ("honest", "honest near missing", "ghost", "ghost near missing"):
            said = [(name, counts.findings[vouched, whose, name]) for name in (*CERTAINTIES, "none")]
            made.append((f"{whose}, log {vouched}", _listed(said)))
    return made


def _clock(counts: Counts) -> list[Line]:
    clock = counts.clock or [float("nan")]
    return [
        ("clock offset, error", f"median {median(clock):.2f} s, at most {max(clock):.2f} s"),
        ("seconds", _listed((name, round(taken, 1)) for name, taken in counts.seconds.items())),
    ]


def _of(counter: Counter[str], keys: Iterable[str]) -> int:
    return sum(counter[key] for key in keys)


def _listed(items: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in items)


def text(every: Mapping[str, Counts]) -> str:
    """All figures of every world, and of all together."""
    blocks = []
    for name, counts in by_world(every).items():
        figures = "".join(f"  {label:40} {value}\n" for label, value in lines(counts))
        blocks.append(f"{name}\n{figures}")
    return "\n".join([*blocks, _verdict(by_world(every)["all together"])])


def _verdict(counts: Counts) -> str:
    """Whether the targets hold."""
    near = accused_near(counts)
    return (
        f"precision at least {LEAST_PRECISION:.2%}: {_holds(*precision(counts), LEAST_PRECISION)}\n"
        f"recall at least {LEAST_RECALL:.1%} of the knowable: {_holds(*recall(counts), LEAST_RECALL)}\n"
        f"no honest call of the missing hours accused: {'holds' if near == 0 else f'FAILS, {near} are'}\n"
    )


def _holds(hits: int, of: int, least: float) -> str:
    return "holds" if of and hits >= least * of else "FAILS"


_TITLE = """# How well calls are matched

`make match-bench ARGS="--seeds 3 --markdown docs/matching.md"` writes this page: months whose truth is known,
disturbed, sent the whole road as files, and compared with the truth. Where the bank's months are not at hand it
takes the simulated client. Each pair has a confidence: 0.99 by number with nobody else in question, 0.95 by number
among several, 0.9 by the digits that show, 0.7 by time alone, 0.5 or less where another choice is as good; these
are set lower than what is measured here, because other logs are worse.

"""


def markdown(every: Mapping[str, Counts], by: Disturbance, is_bank: bool) -> str:
    """What was done, what is counted, and the figures: a row per world, then all figures of all worlds together."""
    worlds = by_world(every)
    rows = "".join(_row(name, counts) for name, counts in worlds.items())
    figures = "".join(f"| {label} | {value} |\n" for label, value in lines(worlds["all together"]))
    return f"""{_TITLE}{_definitions(by, is_bank)}
| month | precision | recall of the knowable | honest calls accused near the missing hours | clock error, at most |
| --- | --- | --- | --- | --- |
{rows}
All together:

| figure | value |
| --- | --- |
{figures}"""


def _row(name: str, counts: Counts) -> str:
    cells = (
        name,
        share(*precision(counts)),
        share(*recall(counts)),
        accused_near(counts),
        f"{max(counts.clock):.2f} s",
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _definitions(by: Disturbance, is_bank: bool) -> str:
    world = "January and February 1999 of a real bank's call centre" if is_bank else "a simulated month"
    masked, withheld, ghosts, lost = (f"{100 * part:g} %" for part in (by.masked, by.withheld, by.ghosts, by.lost))
    return f"""Measured on {world}, both sides' files disturbed by a seed:
the vendor's clock is {by.offset_s} s ahead, and {by.drift_s_per_day:g} s more each day; of its records {lost} are lost,
{ghosts} invented, {masked} masked (the first three digits and the last three or four show) and {withheld} withheld;
of the client's rows {lost} are lost, and all of {by.missing_hours} hours of busy days, which begin at any minute.

A pair is right where record and leg are of one call. Asserted are the classes number, mask and time. What can be known
is counted from the truth, without the linker: a true pair of which both sides were delivered, where

- number: no other assignment of the calls of that number leaves the pair out and has as many pairs and at most
  {AS_GOOD_S:g} s more total time difference;
- mask: leg and record are each other's only possible partner among masked records and legs that are still open;
- time: the same among all records and legs that are open then, one side showing no digit.

Possible is what lies within the tolerance, the clock being right, and contradicts no digit that shows on both sides.
Intervals are 95 % after Wilson. `vouched` is with the client's word that its log is whole, which is not true here.
"""
