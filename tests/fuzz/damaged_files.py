"""`make fuzz`: thousands of damaged files through every reader and through standardising.

Whatever comes in: read = accepted + rejected + left out, nothing but a TieoutError is raised, and memory stays within a
multiple of the file. Prints what became of the files, by format; ends with 1 where any of the three does not hold.
"""

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.contract import Contract
from pipelines.errors import TieoutError
from pipelines.formats import READERS, Source
from pipelines.standardise.feeds import Origin, Standardising
from tests.bench.memory import peak_mb
from tests.fuzz.bases import bases, contracts
from tests.fuzz.damage import bombs, damaged, long_line

KEY = b"a key for damaged files only"
FREE_MB = 160
"""What any file may cost, however small: libraries warm up, batches have a size."""
MULTIPLE = 30
"""How many times its own size a file may cost beside that."""


@dataclass
class Result:
    """What became of the files of one kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    worst_mb: float = 0.0
    worst_s: float = 0.0
    failures: list[str] = field(default_factory=list)


def corpus(files: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """(kind, name, content) of sound, damaged and harmful files."""
    sound = bases()
    kinds = sorted(sound)
    for kind in kinds:
        for place, content in enumerate(sound[kind]):
            yield kind, f"sound {place}", content
    for number in range(files):
        dice = random.Random(f"{seed} {number}")
        kind = kinds[number % len(kinds)]
        yield kind, f"damaged {number}", damaged(dice.choice(sound[kind]), dice)
    for kind in kinds:
        dice = random.Random(f"{seed} {kind}")
        yield kind, "a long line", long_line(sound[kind][0], dice)
    for name, content in bombs(sound["delimited"][0], sound["xlsx"][0]).items():
        for kind in ("delimited", "xlsx", "json_lines"):
            yield kind, name, content


def run(kind: str, content: bytes, contract: Contract, folder: Path, result: Result) -> str:
    """One file through the road; the outcome, or what is wrong."""
    path = folder / "file"
    path.write_bytes(content)
    item = contract.objects[0]
    origin = Origin("vendor", "0" * 16, "2026-10", "DE", KEY, "Europe/Berlin")
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            raw = READERS[item.format](Source(path, "drop/file", item, contract.server, Path(scratch)))
            work = Standardising(raw, item, origin, "drop/file", Path(scratch))
            accepted = sum(frame.height for frame in work.frames())
    except TieoutError as error:
        text = str(error)
        return "refused" if "report this" not in text else f"FAILED: {text}"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"FAILED: {type(error).__name__}: {str(error)[:200]}"
    counts = work.counts
    for name in ("rows_read", "accepted", "rejected", "left_out"):
        result.rows[name] += counts[name]
    own = item.feed == "claims" or accepted == counts["accepted"]
    holds = counts["rows_read"] == counts["accepted"] + counts["rejected"] + counts["left_out"]
    if not (own and holds):
        return f"FAILED: {accepted} rows came out, {counts}"
    return "read whole" if not counts["rejected"] else "read in part"


def feed(files: int, seed: int) -> dict[str, Result]:
    """Runs the whole corpus; results by kind."""
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="tieout-fuzz-") as name:
        folder = Path(name)
        known = contracts(folder)
        for kind, what, content in corpus(files, seed):
            result = results.setdefault(kind, Result())
            gc.collect()
            before, started = peak_mb(reset=True), time.perf_counter()
            outcome = run(kind, content, known[kind], folder, result)
            cost_mb = peak_mb() - before
            result.worst_mb = max(result.worst_mb, cost_mb)
            result.worst_s = max(result.worst_s, time.perf_counter() - started)
            if cost_mb > FREE_MB + MULTIPLE * max(len(content) / 1e6, 0.1):
                outcome = f"FAILED: {cost_mb:.0f} MB for a file of {len(content)} bytes"
            result.outcomes[outcome if not outcome.startswith("FAILED") else "failed"] += 1
            if outcome.startswith("FAILED"):
                result.failures.append(f"{kind}, {what}: {outcome}")
    return results


def main() -> int:
    """Prints a line per kind, then every failure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    results = feed(given.files, given.seed)
    names = ("read whole", "read in part", "refused", "failed")
    write = sys.stdout.write
    write(
        f"{'kind':22}"
        + "".join(f"{name:>14}" for name in names)
        + f"{'rows read':>12}{'rejected':>10}{'MB':>7}{'s':>7}\n"
    )
    for kind, result in sorted(results.items()):
        counts = "".join(f"{result.outcomes[name]:14}" for name in names)
        rows = f"{result.rows['rows_read']:12}{result.rows['rejected']:10}"
        write(f"{kind:22}{counts}{rows}{result.worst_mb:7.0f}{result.worst_s:7.1f}\n")
    failures = [line for result in results.values() for line in result.failures]
    total = sum(result.outcomes.total() for result in results.values())
    write(f"{total} files, {len(failures)} failures\n" + "".join(f"{line}\n" for line in failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
