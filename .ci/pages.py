"""Write the pages of docs/ that are made from the code: tables, figures, commands. `make pages` runs this.

`tests/project/test_pages.py` says when a page is stale.
"""

import os
import sys
from pathlib import Path

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


def figures_page() -> str:
    """The figures that are measured, and the service-level definitions."""
    from pipelines.measure.catalogue import CATALOGUE
    from pipelines.measure.service.levels import SERVICE_LEVELS

    rows = [
        f"| `{kpi.id}` | {kpi.unit} | `{kpi.code}` | {kpi.words.get('en', '')} | {kpi.base or ''} |"
        for kpi in CATALOGUE
    ]
    levels = [f"| {name} | {words} |" for name, (_, _, words) in SERVICE_LEVELS.items()]
    return "\n".join(
        [
            "# Figures\n",
            NOTE.format(source="pipelines/measure/catalogue.py"),
            "The code is what `definition` in figures.json says; a service level's is written like `SL2 T=20 <=`.\n",
            "| id | unit | code | definition | a daily report is weighed by |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "\n## Service level\n",
            "T is the threshold of the terms, with ≤ or < as they say; short abandons are those within their limit.\n",
            "| id | definition |",
            "| --- | --- |",
            *levels,
            "",
        ]
    )


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
