"""Write the pages of docs/ that are made from the code: tables, figures, commands. `make pages` runs this.

`tests/project/test_pages.py` says when a page is stale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.measure.catalogue import Kpi

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

NOTE = "This page is generated from `{source}`: `make pages`.\n"


def tables_page() -> str:
    """The canonical tables, one section each."""
    from pipelines.tables import ALL

    parts = ["# Canonical tables\n", NOTE.format(source="pipelines/tables/")]
    parts.append(
        "`_s` is seconds, `_utc` a moment in UTC with microseconds, `_pct` 0 to 100, `is_` yes or no. A partition is\n"
        "one file, `lake/<table>/<partition>=<value>/data.parquet`; rows are ordered by the key.\n"
    )
    for table in ALL:
        parts.append(f"## {table.name}\n\nOne row: {table.grain}. Partitions: {', '.join(table.partitions)}. ")
        parts[-1] += f"Key: {', '.join(table.key)}.\n"
        rows = [f"| `{column.name}` | {column.kind} | {column.description} |" for column in table.columns]
        parts.append("\n".join(["| column | kind | what it holds |", "| --- | --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


FAMILIES = {
    "service": "Service",
    "resolution": "Resolution",
    "settle": "Settlement",
    "people": "People",
    "capacity": "Capacity",
    "volume": "Volume",
    "matching": "Matching and deliveries",
}
"""The families of figures as the page names them."""


def figures_page() -> str:
    """The catalogue by family, and the service-level definitions."""
    from pipelines.measure.catalogue import entries
    from pipelines.measure.service.levels import SERVICE_LEVELS

    parts = [
        "# Figures\n",
        NOTE.format(source="pipelines/measure/catalogue.yaml"),
        "What each figure is, how it is counted over the [canonical tables](tables.md), what has to be delivered for\n"
        "it, what is usual in the trade, and what to look at when it misses. A vendor's terms override what is usual.\n"
        "A figure whose feeds or columns were not delivered is `not_measurable`, and names them. `{window}` stands\n"
        "for each window: 2h, 24h, 7d and those that the terms name. The code is what `definition` in figures.json\n"
        "says; a service level's is written like `SL2 T=20 <=`.\n",
    ]
    for family, title in FAMILIES.items():
        parts.append(f"## {title}\n")
        parts += [_figure(entry) for entry in entries() if entry.family == family]
    levels = [f"| {name} | {words} |" for name, (_, _, words) in SERVICE_LEVELS.items()]
    parts += [
        "## Service-level definitions\n",
        "T is the threshold of the terms, with ≤ or < as they say; short abandons are those within their limit.\n",
        "\n".join(["| id | definition |", "| --- | --- |", *levels]) + "\n",
    ]
    return "\n".join(parts)


def _figure(entry: Kpi) -> str:
    """One figure of the catalogue."""
    weighed = f"; a daily report of it is weighed by `{entry.base}`" if entry.base else ""
    lines = [
        f"### `{entry.id}`: {entry.name['en']} ({entry.name['zh']})\n",
        f"{entry.words['en']}\n",
        f"- Formula: {entry.formula}",
        f"- Unit: {entry.unit}; code `{entry.code}`; booked at: {entry.stage}{weighed}",
        f"- Needs: {_needs(entry)}",
    ]
    if entry.target:
        lines.append(f"- Usual: {_range(entry.target)} {entry.unit}")
    if entry.look_at:
        lines.append(f"- When it misses: {entry.look_at['en']}")
    return "\n".join(lines) + "\n"


def _needs(entry: Kpi) -> str:
    feeds = [
        f"`{feed}`" + (f" with {', '.join(f'`{column}`' for column in columns)}" if columns else "")
        for feed, columns in entry.needs.items()
    ]
    return "; ".join(feeds) or "the deliverables of the terms"


def _range(target: Mapping[str, float]) -> str:
    low, high = target.get("low"), target.get("high")
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return f"{low} to {high}" if low != high else f"{low}"


def commands_page() -> str:
    """The help texts of all commands."""
    from typer.testing import CliRunner

    from pipelines.cli import app

    def told(*words: str) -> str:
        text = CliRunner().invoke(app, [*words, "--help"], prog_name="tieout", terminal_width=100).output
        return "```\n" + "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n```\n"

    names = ["demo", "init", "draft", "preflight", "audit", "explain", "rekey", "ui"]
    sections = [f"## tieout {name}\n\n{told(name)}" for name in names]
    return "\n".join(["# Commands\n", NOTE.format(source="pipelines/cli.py"), told(), *sections])


def formats_page() -> str:
    """Which canonical columns each format can fill."""
    from pipelines.contract.systems import feeds_of, known_properties, systems
    from pipelines.contract.vocabulary import CANONICAL_COLUMN, FORMATS_READ, ROLES
    from pipelines.formats import READERS
    from pipelines.standardise.queue_calls import CALLS

    def roles(system: str) -> set[str]:
        if "calls" not in feeds_of(system):
            return {*CALLS, "caller"}
        items = [item for node in known_properties(system, "calls") for item in node["customProperties"]]
        return {item["value"] for item in items if item["property"] == "tieout.role"}

    named = {system: roles(system) for system in systems()}
    free = [name for name in FORMATS_READ if name not in named]
    rows = [
        f"| `{CANONICAL_COLUMN.get(role, role)}` | "
        + " | ".join("yes" if role in own else "" for own in named.values())
        for role in ROLES["calls"]
    ]
    docs = {name: (READERS[name].__module__, sys.modules[READERS[name].__module__].__doc__ or "") for name in READERS}
    parts = [
        "# Formats\n",
        NOTE.format(source="pipelines/formats/ and pipelines/contract/systems/"),
        f"{', '.join(f'`{name}`' for name in free)}: every column is filled that the contract gives a role.\n",
        "The named systems know their own columns, so a contract may leave its `properties` out. Of `vendor_calls`\n"
        "they can fill these; a contract's own properties add to them or replace them. `asterisk_queue_log` fills\n"
        "`queue_events` and `agent_states` as well.\n",
        f"| column | {' | '.join(f'`{name}`' for name in named)} |",
        "| --- |" + " --- |" * len(named),
        *(f"{row} |" for row in rows),
        "",
        *(f"## {name}\n\n{text.strip()}\n" for name, (_, text) in docs.items()),
    ]
    return "\n".join(parts)


PAGES = {
    "tables.md": tables_page,
    "figures.md": figures_page,
    "formats.md": formats_page,
    "commands.md": commands_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    main()
