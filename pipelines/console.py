"""How the command `tieout` speaks: two consoles, faults, progress, and what came of an audit.

What is said stands elsewhere (`told.py`, `troubles.py`, the scorecard); which command says what, in `cli.py`.
"""

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines.errors import Fault

if TYPE_CHECKING:
    from pipelines.contract.workspace import Workspace
    from pipelines.run import Stage

SHOWN = 12
"""How many faults of a long list are printed."""

out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def tell(faults: Sequence[Fault], where: Console, most: int | None = None) -> None:
    """Prints faults: all of them, or the first `most`. Signs in them that steer a terminal are written out."""
    from pipelines.plain import plain

    _forgiving()
    for item in faults[:most]:
        where.print(str(Fault(*map(plain, astuple(item)))), markup=False)
    if most is not None and len(faults) > most:
        where.print(f"… and {len(faults) - most} more")


def as_it_is(text: str) -> None:
    """Prints without wrapping or colours; signs that the output's encoding lacks as escapes."""
    _forgiving()
    typer.echo(text, nl=False)


def print_lines(texts: Iterable[str], where: Console) -> None:
    """Prints sentences; signs in them that steer a terminal are written out."""
    from pipelines.plain import plain

    _forgiving()
    for text in texts:
        where.print(plain(text), markup=False)


def _forgiving() -> None:
    """A terminal or a file in another encoding than UTF-8 gets escapes in place of what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """A bar that names the stage at work."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=total + 1)

        def told(stage: "Stage") -> None:
            bar.update(task, advance=1, description=stage.title)
            if not err.is_terminal:
                err.print(stage.title)

        yield told
        bar.update(task, completed=total + 1, description="done")


def summary(space: "Workspace", month: str, vendors: Sequence[str]) -> int:
    """Prints each vendor's verdict and where its PDF lies; how many have something to ask about."""
    asked = 0
    for name in vendors:
        folder = space.out / name / month
        card = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
        out.print(
            f"\n{name}: {card['verdict']['level'].replace('_', ' ')}. {card['verdict']['sentence']}", markup=False
        )
        out.print(f"  {folder / 'scorecard.pdf'}", markup=False)
        asked += card["verdict"]["level"] != "agreed" or bool(card["open_points"])
    return asked


def print_troubles(space: "Workspace", month: str, vendors: Sequence[str]) -> int:
    """Prints what the engineer should look at in the deliveries; how much that is."""
    from pipelines.calendar import Month
    from pipelines.lake import Lake
    from pipelines.troubles import troubles

    contracts = [space.inhouse, *(space.vendors[name].contract for name in vendors)]
    days = Month(month).own_days
    found = [item for contract in contracts for item in troubles(Lake(space.lake), contract, days)]
    if found:
        out.print("\nIn the deliveries:")
        tell(found, out, SHOWN)
    return len(found)
