"""The command `tieout`. Each command checks its input, runs the same assets as Dagster's UI, and says what came of it.

Exit codes: 0 clean, 1 findings, 2 unusable input or configuration. Heavy libraries are imported by the command that
needs them, so that `--help` is quick.
"""

import json
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import SHOWN, as_it_is, err, out, print_lines, print_troubles, progress, summary, tell
from pipelines.errors import Fault, TieoutError, fault

if TYPE_CHECKING:
    from pipelines.contract.workspace import Workspace
    from pipelines.run import Stage

CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
DEMO_KEY = "demo-key-that-is-no-secret"
DEMO_MONTH = "2026-10"

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

# A file that cannot be read is told with all other faults and stops no other file, hence readable=False below.
Dir = Annotated[Path, typer.Option("--dir", envvar="TIEOUT_DIR", help="The workspace.")]
MonthText = Annotated[str, typer.Option("--month", help="The month, as 2026-10.")]
VendorId = Annotated[str | None, typer.Option("--vendor", help="One vendor only, by its folder's name.")]


def main() -> None:
    """Runs the command; a TieoutError is told with all its faults and ends with exit code 2."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    warnings.filterwarnings("ignore", module="dagster.*")
    try:
        app()
    except TieoutError as error:
        tell(error.faults, err)
        sys.exit(UNUSABLE)


@app.callback()
def tieout() -> None:
    """Ties an outsourced call centre's report out against the client's own log.

    Exit codes: 0 clean, 1 findings, 2 unusable input or configuration.
    """


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Where to put the demo's workspace.")] = Path("demo"),
) -> None:
    """Simulates a client and three vendors (honest, padding, vague), audits a month, prints where the PDFs lie."""
    from data.simulate import write_world

    os.environ["TIEOUT_KEY"] = DEMO_KEY
    if not (directory / "truth").exists():
        with err.status("simulating a month of calls"):
            write_world(directory)
    space = _space(directory)
    outcome = _audit_month(space, DEMO_MONTH, list(space.vendors))
    summary(space, DEMO_MONTH, list(space.vendors))
    tell([item for faults in outcome.values() for item in faults], err)
    out.print(f"\nTo go on: export TIEOUT_KEY={DEMO_KEY}; tieout ui --dir {directory}")
    raise typer.Exit(UNUSABLE if outcome else CLEAN)


@app.command()
def init(directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Writes an empty workspace with commented contract files."""
    from pipelines.workshop import init as write

    for path in write(directory):
        out.print(path)
    out.print("Fill in these files, put deliveries under drop/, set TIEOUT_KEY, then run tieout audit.")


@app.command()
def audit(
    directory: Dir,
    month: Annotated[str | None, typer.Option("--month", help="The month, as 2026-10.")] = None,
    day: Annotated[str | None, typer.Option("--day", help="One night only, as 2026-10-31; provisional.")] = None,
    vendor: VendorId = None,
) -> None:
    """The whole road for a month, or for one night: pull, check, match, judge, measure, settle, report."""
    if (month is None) == (day is None):
        raise fault("command line", "not exactly one of --month and --day", "one of them", "add --month 2026-10")
    space = _space(directory)
    vendors = _vendors(space, vendor)
    space.key()
    if day is not None:
        _night(space, day, vendors)
        return
    outcome = _audit_month(space, _month(month or ""), vendors)
    done = [name for name in vendors if name not in outcome]
    has_findings = summary(space, month or "", done) + print_troubles(space, month or "", done)
    concerned = [item for name, faults in outcome.items() if name in vendors for item in faults]
    tell(concerned, err)
    raise typer.Exit(UNUSABLE if concerned else FINDINGS if has_findings else CLEAN)


@app.command()
def draft(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", readable=False, help="Sample files, one of each kind at least.")
    ],
    vendor: Annotated[
        str, typer.Option("--vendor", help="The vendor's id (its folder), or inhouse for your own log.")
    ] = "vendor",
    zone: Annotated[str | None, typer.Option("--zone", help="The clock of the files, as Asia/Shanghai.")] = None,
    to: Annotated[
        Path | None, typer.Option("--out", readable=False, help="Write it there; see --force for a file that exists.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over the file that --out names.")] = False,
) -> None:
    """Drafts a contract from sample files; what only a human can know is marked EDIT."""
    from checks.preflight.naming import NOWHERE, country_of
    from pipelines.draft import draft as write
    from pipelines.draft import keep

    country = country_of(zone)
    text = write(files, vendor, zone=zone, country=None if country == NOWHERE else country)
    if to is None:
        as_it_is(text)
        return
    keep(to, text, over=force)
    marked = sum("EDIT" in line and not line.startswith("#") for line in text.splitlines())
    print_lines([f"{to}: lines marked EDIT: {marked}. Edit them, then run tieout preflight."], err)


@app.command()
def preflight(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", readable=False, help="The files, named as they will be sent.")
    ],
    contract: Annotated[Path, typer.Option("--contract", readable=False, help="The contract, data.odcs.yaml.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Country of callers' numbers, as CN; else the time zone's.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for a program to read, and nothing else.")
    ] = False,
) -> None:
    """Checks a delivery before it is sent: needs the contract alone, no key, no workspace, no in-house log.

    Exit codes: 0 clean; 1 findings: rows, codes or rules to correct, or reported figures that leave a question open; 2
    a file or the contract cannot be used (the other files are checked all the same).
    """
    from checks.preflight import Flight, as_data, as_lines, as_rules, as_table, contract_of
    from checks.preflight import preflight as check

    try:
        flight = check(files, contract_of(contract), country)
    except TieoutError as error:
        flight = Flight(unusable=list(error.faults))
    if as_json:
        as_it_is(json.dumps(as_data(flight), indent=2) + "\n")
        raise typer.Exit(flight.exit_code)
    if flight.files or flight.refused:
        out.print(as_table(flight), soft_wrap=False)
    if flight.rules.height:
        out.print(as_rules(flight), soft_wrap=False)
    tell(flight.found, out)
    tell(flight.unusable, err)
    print_lines(as_lines(flight), out)
    raise typer.Exit(flight.exit_code)


@app.command()
def explain(
    directory: Dir,
    name: Annotated[str, typer.Argument(metavar="CALL_ID | FIGURE_ID")],
    month: MonthText,
    vendor: VendorId = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", readable=False, help="Draw the call there too, as SVG.")
    ] = None,
) -> None:
    """Says why a call was matched, flagged or deducted, or how a figure came to be, with its SQL."""
    from pipelines.calendar import Month
    from pipelines.lake import Lake
    from reports.explain import explain as tell

    space = _space(directory)
    for line in tell(space, Lake(space.lake), Month(_month(month)), name, _vendors(space, vendor), picture):
        out.print(line, markup=False)


@app.command()
def rekey(directory: Dir) -> None:
    """Forgets everything made with an earlier key, so that the next audit rebuilds it from what was received."""
    from pipelines.lake import Lake
    from pipelines.workshop import rekey as forget

    space = _space(directory)
    space.key()
    forget(Lake(space.lake))
    out.print("Done. Now run tieout audit for each month.")


@app.command()
def ui(directory: Dir, port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000) -> None:
    """Opens Dagster's UI on the workspace, on this machine only."""
    space = _space(directory)
    space.key()
    from pipelines.run import instance

    with instance(directory, list(space.vendors)):
        pass
    out.print(f"Dagster's UI: http://127.0.0.1:{port} (stop it with Ctrl-C)")
    dagster = Path(sys.executable).with_name("dagster")
    command = [str(dagster), "dev", "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(port)]
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.execv(dagster, command)


def _space(directory: Path) -> "Workspace":
    from pipelines.contract.workspace import load_workspace

    return load_workspace(directory)


def _vendors(space: "Workspace", vendor: str | None) -> list[str]:
    if vendor is None:
        return list(space.vendors)
    if vendor not in space.vendors:
        allowed = ", ".join(space.vendors) or "none: there is no folder under vendors/"
        raise fault(f"--vendor {vendor}", "no such vendor in the workspace", allowed, "correct --vendor")
    return [vendor]


def _month(text: str) -> str:
    try:
        date.fromisoformat(f"{text}-01")
    except ValueError:
        raise fault("--month", repr(text), "a month as 2026-10", "correct --month") from None
    return text


def _audit_month(space: "Workspace", month: str, vendors: Sequence[str]) -> dict[str, list[Fault]]:
    """Faults by vendor; everything else stands in the lake and in out/."""
    from pipelines import unchanged
    from pipelines.calendar import Month
    from pipelines.lake import Lake
    from pipelines.run import month_stages

    stages, lake = month_stages(space, Month(month), vendors), Lake(space.lake)
    now = unchanged.state(space, month, vendors, sorted({stage.last for stage in stages}))
    if unchanged.is_done(space, lake, month, vendors, now):
        err.print(f"{month}: nothing has changed since the last audit")
        return {}
    outcome = _run(space, stages)
    if not outcome:
        unchanged.done(lake, month, vendors, now)
    return outcome


def _run(space: "Workspace", stages: Sequence["Stage"]) -> dict[str, list[Fault]]:
    from pipelines.run import instance, run_stages

    with progress(len(stages)) as told, instance(space.dir, list(space.vendors)) as record:
        from pipelines.definitions import ASSETS, CHECKS

        return run_stages(stages, [*ASSETS, *CHECKS], record, told).faults


def _night(space: "Workspace", text: str, vendors: Sequence[str]) -> None:
    """One night: what came, what the rules said, how many calls have a pair so far."""
    from pipelines.lake import Lake
    from pipelines.run import night_stages
    from pipelines.tables import NIGHT_LINKS, VENDOR_CALLS
    from pipelines.troubles import troubles

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise fault("--day", repr(text), "a day as 2026-10-31", "correct --day") from None
    outcome, lake = _run(space, night_stages(space, day, vendors)), Lake(space.lake)
    found = []
    for name in (name for name in vendors if name not in outcome):
        calls = lake.read(VENDOR_CALLS, vendor=name, day=text).height
        pairs = lake.read(NIGHT_LINKS, vendor=name, day=text)
        matched = pairs["side"].eq("pair").sum() if pairs.height else 0
        out.print(f"{name}, {text} (provisional): {calls} records, {matched} of them found in our own log")
        found += troubles(lake, space.vendors[name].contract, [day])
    tell(found, out, SHOWN)
    faults = [item for items in outcome.values() for item in items]
    tell(faults, err)
    raise typer.Exit(UNUSABLE if faults else FINDINGS if found else CLEAN)
