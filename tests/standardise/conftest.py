"""What the tests of standardising share: a folder to work in, and the client's secret."""

from pathlib import Path

import pytest

from tests.intake.contracts import KEY


@pytest.fixture(name="folder")
def a_folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", KEY)
