"""The report step on the lake: a vendor's month → out/<vendor>/<month>/ (scorecard, figures.json, evidence)."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.measure.resolution.repeats import repeats
from pipelines.tables import CONTACTS, FINDINGS, LINKS
from reports.candidates import Surroundings, scan
from reports.collect import collect
from reports.evidence import write_evidence
from reports.others import other_names, without_names
from reports.pictures import chosen, draw
from reports.render import looks, render
from reports.scorecard import Scorecard


@dataclass(frozen=True)
class Published:
    """What was published, and whether it had to be made anew."""

    folder: Path
    pdf: Path
    card: Scorecard
    is_new: bool


def publish(space: Workspace, lake: Lake, vendor: str, month: Month) -> Published:
    """Writes everything about one vendor's month, unless it stands there already from the same state."""
    where = {"vendor": vendor, "month": month.text}
    card = collect(space, lake, vendor, month)
    folder, note = space.out / vendor / month.text, f"_manifests/published/{vendor}/{month.text}"
    used = [path for table in (LINKS, FINDINGS) for path in lake.paths(table, **where)]
    used += lake.paths(CONTACTS, month=month.text)
    stamp = sha("published", VERSION, looks(), card.to_json(), lake.stamps(used))
    pdf = folder / "scorecard.pdf"
    is_new = (lake.read_json(note) or {}).get("inputs_sha") != stamp or not pdf.exists()
    if is_new:
        findings = lake.read(FINDINGS, **where)
        links = scan(lake.paths(LINKS, **where), LINKS)
        around = Surroundings(space, lake, vendor, month)
        drawn = draw(around, lake, where, chosen(findings), space.language)
        told = without_names(repeats(lake, vendor, month), other_names(space.vendors, vendor))
        write_evidence(folder / "evidence", links, findings, told, drawn, space.language)
        render(card, folder)
        lake.write_json(note, {"inputs_sha": stamp})
    return Published(folder, pdf, card, is_new)
