"""One `Scorecard` → scorecard.html, scorecard.pdf and figures.json in a folder; the same card gives the same bytes.

The three files are put in place only after all of them have been made, so a reader finds the old ones or the new ones.
What is printed where: `view.py`, `templates/`, `styles/`. The evidence is written elsewhere.
"""

import contextlib
import hashlib
import logging
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import weasyprint
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from weasyprint.urls import URLFetcher, URLFetcherResponse

from pipelines.program import digest
from reports import charts
from reports.scorecard import Scorecard
from reports.view import View

STYLES = ("scorecard.css", "print.css", "screen.css")
WATCHED = logging.getLogger("weasyprint")
MISSING_GLYPH = ".notdef glyph"
CHINESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")


class RenderingError(RuntimeError):
    """The PDF engine complained: an unknown style, a resource it may not have, a font without our characters."""


@dataclass(frozen=True)
class Outputs:
    """Where the three files lie."""

    html: Path
    pdf: Path
    figures: Path


def render(card: Scorecard, out_dir: Path) -> Outputs:
    """Write the scorecard as HTML and PDF and its figures as JSON into `out_dir`, which is made if need be.

    RenderingError (and nothing written) where the PDF engine warns; TieoutError where the card's language is unknown.
    """
    html = page(card)
    pdf = pdf_of(html, card)
    outputs = Outputs(out_dir / "scorecard.html", out_dir / "scorecard.pdf", out_dir / "figures.json")
    out_dir.mkdir(parents=True, exist_ok=True)
    put({outputs.html: html.encode(), outputs.pdf: pdf, outputs.figures: card.to_json().encode()})
    return outputs


def page(card: Scorecard) -> str:
    """The whole document as HTML that needs nothing beside it: styles and chart stand inside."""
    view = View(card)
    days = charts.days_of(card)
    found = charts.finding(days, view.say) if days else None
    drawing = ""
    if found:
        texts = {"title": found.title, "widest": found.widest, "missing": found.missing}
        alt = view.say.t("chart.alt", month=view.say.month(card.month), finding=texts["title"], widest=found.widest,
                         missing=found.missing).strip()  # fmt: skip
        drawing = charts.svg(days, view.say, alt)
    template = environment().get_template("scorecard.html.j2")
    return template.render(
        card=card, view=view, fig=view.fig, t=view.say.t, n=view.say.n, say=view.say, finding=found,
        days_differ=sum(day.differs for day in days), chart=Markup(drawing), styles=Markup(styles()),
    )  # fmt: skip


def environment() -> Environment:
    """Jinja as strict as it goes: everything escaped, no name undefined, no control character printed."""
    return Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, finalize=printable,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def printable(value: Any) -> Any:
    """Vendor text without the control characters that no page can show."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(char if unicodedata.category(char) != "Cc" else " " for char in value)
    return value


def styles() -> str:
    """All style sheets of the package in one text."""
    folder = files("reports").joinpath("styles")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in STYLES)


def looks() -> str:
    """SHA-256 over this package: what is printed changes with its texts and code as much as with the figures."""
    return digest("reports")


def pdf_of(html: str, card: Scorecard) -> bytes:
    """The HTML as PDF/UA; dated by the end of the data, identified by the figures, so that repeats are identical."""
    own_text = set("".join(View(card).say.texts.values()))
    with _dated(card.as_of), _strict(own_text):
        document = weasyprint.HTML(string=html, url_fetcher=Refusal(), base_url="tieout:///")
        identifier = hashlib.sha256(card.to_json().encode()).digest()[:16]
        written: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
        return written


def put(contents: dict[Path, bytes]) -> None:
    """Write every file beside its place first, then move all of them in; on a failure none has been touched."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in contents}
    try:
        for path, content in contents.items():
            beside[path].write_bytes(content)
        for path, new in beside.items():
            new.replace(path)
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)


class Refusal(URLFetcher):  # type: ignore[misc]
    """Fetches nothing: the document holds all that it needs, so any address in it came from outside."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Refuse; the engine logs it as an error, which fails the rendering."""
        raise ValueError(f"the scorecard loads nothing from outside, and was asked for {url[:80]}")


@contextlib.contextmanager
def _dated(as_of: str) -> Iterator[None]:
    """`SOURCE_DATE_EPOCH` at the end of the data, for as long as the rendering takes."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(datetime.fromisoformat(as_of).replace(tzinfo=UTC).timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


class _Collector(logging.Handler):
    """Keeps what the engine complains about, but for characters of the vendor's own that no font has."""

    def __init__(self, own_text: set[str]) -> None:
        super().__init__(logging.WARNING)
        self.own_text, self.complaints = own_text, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(MISSING_GLYPH) and isinstance(record.args, tuple):
            char = str(record.args[0])
            if char not in self.own_text and not CHINESE.match(char):
                return
        self.complaints.append(message)


@contextlib.contextmanager
def _strict(own_text: set[str]) -> Iterator[None]:
    """Turn the engine's warnings into one RenderingError; keep the font library's chatter out of the log."""
    collector, fonts = _Collector(own_text), logging.getLogger("fontTools")
    level = fonts.level
    WATCHED.addHandler(collector)
    fonts.setLevel(logging.ERROR)
    try:
        yield
    finally:
        WATCHED.removeHandler(collector)
        fonts.setLevel(level)
    if collector.complaints:
        raise RenderingError("the scorecard could not be rendered: " + "; ".join(collector.complaints))
