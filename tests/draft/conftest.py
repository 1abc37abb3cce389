"""Drafts a contract from a file of the test's own and loads it, as a user would."""

from pathlib import Path

import pytest

from pipelines.contract import load_contract
from pipelines.draft import draft
from tests.draft.drafted import Drafted, Drafting


@pytest.fixture
def drafting(tmp_path: Path) -> Drafting:
    """Writes a file, drafts with it, loads what came of it."""

    def make(
        content: str | bytes,
        *,
        name: str = "calls.csv",
        encoding: str = "utf-8",
        vendor: str = "beihai",
        zone: str | None = "Asia/Shanghai",
        country: str | None = None,
    ) -> Drafted:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        text = draft([path], vendor, zone=zone, country=country)
        assert text == draft([path], vendor, zone=zone, country=country), "the same file gives the same text"
        made = tmp_path / "data.odcs.yaml"
        made.write_text(text, encoding="utf-8")
        return Drafted(text, load_contract(made, vendor))

    return make
