"""docs/onboarding.md, walked: the sample in GBK, the draft, the edits of the page, then the reader and the rows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.contract import load_contract
from pipelines.draft import draft
from pipelines.errors import TieoutError
from pipelines.formats import READERS
from pipelines.formats.raw import Source
from pipelines.standardise.feeds import Origin
from tests.standardise.whole import standardise

PAGE = (Path(__file__).parents[2] / "docs" / "onboarding.md").read_text(encoding="utf-8")
MOST_EDITS = 10


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind, in the page's order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def edits(diff: str) -> Iterator[tuple[str, str]]:
    """Old and new line of each edit."""
    lines = diff.splitlines()
    return zip(
        (line[1:] for line in lines if line[:1] == "-"), (line[1:] for line in lines if line[:1] == "+"), strict=True
    )


def edited(text: str, diff: str) -> str:
    lines = text.splitlines()
    for old, new in edits(diff):
        assert lines.count(old) == 1, f"the draft has the line that is to be edited: {old}"
        lines[lines.index(old)] = new
    return "\n".join(lines) + "\n"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "通话明细_20261001.csv"
    path.write_bytes(blocks("text")[0].replace("\n", "\r\n").encode("gbk"))
    return path


def test_the_page_shows_the_draft_as_it_is(sample: Path) -> None:
    assert blocks("yaml")[0] in draft([sample], "beihai")


def test_at_most_ten_lines_are_edited() -> None:
    assert sum(len(list(edits(diff))) for diff in blocks("diff")) + len(["vendor: beihai"]) <= MOST_EDITS


def test_the_zone_is_asked_for_and_never_guessed(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "data.odcs.yaml"
    path.write_text(draft([sample], "beihai"), encoding="utf-8")
    with pytest.raises(TieoutError) as refused:
        load_contract(path, "beihai")
    (only,) = refused.value.faults
    assert "tieout.time_zone" in only.where
    assert only.found == "`EDIT`"


def test_the_vendors_file_comes_out_as_calls(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "data.odcs.yaml"
    path.write_text(edited(draft([sample], "beihai"), blocks("diff")[0]), encoding="utf-8")
    contract = load_contract(path, "beihai")
    (item,) = contract.objects
    assert (item.feed, item.pattern, item.skip_rows, item.trailer) == ("calls", "通话明细_*.csv", 1, "合计")
    assert (contract.server.encoding, contract.server.delimiter) == ("gb18030", ";")
    raw = READERS[item.format](Source(sample, sample.name, item, contract.server, tmp_path))
    origin = Origin("beihai", "f1", "2026-10", "CN", b"a key for tests only", "Asia/Shanghai")
    done = standardise(raw, item, origin, sample.name, tmp_path)
    assert (done.counts["rows_read"], done.counts["accepted"], done.rejects.height) == (7, 7, 0)
    rows = {row["call_id"]: row for row in done.frame.iter_rows(named=True)}
    assert {name: row["outcome"] for name, row in rows.items()} == {
        "T100001": "answered",
        "T100002": "answered",
        "T100003": "abandoned",
        "T100004": "answered",
        "T100005": "voicemail",
        "T100006": "answered",
        "T100007": "abandoned",
    }
    long = rows["T100006"]
    assert long["offered_utc"].astimezone(UTC) == datetime(2026, 10, 1, 0, 9, 48, tzinfo=UTC)
    assert (long["queue_s"], long["talk_s"]) == (Decimal(11), Decimal(3724))
    assert (long["queue"], long["agent_id"], long["caller_kind"]) == ("报修", "8014", "withheld")
    assert rows["T100002"]["caller_key"] == rows["T100007"]["caller_key"] is not None
    assert {row["direction"] for row in rows.values()} == {"inbound"}


def test_the_clients_own_log_needs_one_edit(tmp_path: Path) -> None:
    own = tmp_path / "own_20261001.csv"
    own.write_text(blocks("text")[1], encoding="utf-8")
    path = tmp_path / "inhouse.odcs.yaml"
    path.write_text(edited(draft([own], "inhouse", zone="Asia/Shanghai"), blocks("diff")[1]), encoding="utf-8")
    (item,) = load_contract(path, "inhouse").objects
    roles = {column.role: column.raw for column in item.columns}
    assert roles == {
        "call_id": "呼叫编号",
        "caller": "来电号码",
        "reason": "来电原因",
        "arrived_utc": "进线时间",
        "transferred_utc": "转出时间",
        "vendor_id": "转出去向",
    }


def test_a_route_without_a_vendor_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own_20261001.csv"
    own.write_text(blocks("text")[1], encoding="utf-8")
    path = tmp_path / "inhouse.odcs.yaml"
    path.write_text(draft([own], "inhouse", zone="Asia/Shanghai"), encoding="utf-8")
    with pytest.raises(TieoutError, match=r"tieout\.map\.北海"):
        load_contract(path, "inhouse")
