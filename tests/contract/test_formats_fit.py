"""What a contract says of a file must be something that files of its format have: else it is refused."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import TieoutError
from tests.intake.contracts import calls, column, contract

FORMATS = ("delimited", "xlsx", "json_lines", "parquet")
QUEUE = {"role": "queue"}
SAID: dict[str, tuple[tuple[str, ...], list[dict[str, Any]], dict[str, Any]]] = {
    "{sheet}": (("xlsx",), [column("q", raw="{sheet}", **QUEUE)], {}),
    "{sheet} in an expression": (("xlsx",), [column("{sheet}"), column("q", logic='upper("{sheet}")', **QUEUE)], {}),
    "{file}": (FORMATS, [column("q", raw="{file}", **QUEUE)], {}),
    "no header": (("delimited", "xlsx"), [], {"header": False}),
    "three header lines": (("delimited", "xlsx"), [], {"header": 3}),
    "titles": (("delimited", "xlsx"), [], {"skip_rows": 2}),
    "a closing line": (("delimited", "xlsx"), [], {"trailer": "合计"}),
    "all sheets": (("xlsx",), [], {"sheet": "*"}),
    "a decimal comma": (FORMATS, [], {"decimal": ","}),
    "a condition": (FORMATS, [column("kind")], {"where": "kind = 'IN'"}),
    "a condition on what the file lacks": ((), [], {"where": "kind = 'IN'"}),
    "an expression over what the file lacks": ((), [column("q", logic="upper(name)", **QUEUE)], {}),
    "a path into an object": (FORMATS, [column("Queue.Name"), column("q", logic='upper("Queue.Name")', **QUEUE)], {}),
    "a code of blanks": ((), [column("r", role="outcome", map={" ": "blocked", "OK": "answered"})], {}),
    "a code twice": ((), [column("r", role="outcome", map={"OK": "answered", "ＯＫ ": "abandoned"})], {}),
    "a code in two spellings": (FORMATS, [column("r", role="outcome", map={"OK": "answered", "ＯＫ": "answered"})], {}),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("said", SAID)
def test_what_a_format_cannot_have_is_refused(tmp_path: Path, form: str, said: str) -> None:
    formats, columns, custom = SAID[said]
    item = calls(*columns, format=form, **custom)
    if form in formats:
        assert contract(tmp_path, item).objects[0].format == form
        return
    with pytest.raises(TieoutError) as caught:
        contract(tmp_path, item)
    (fault,) = caught.value.faults
    assert "data.odcs.yaml" in fault.where
    assert all((fault.found, fault.allowed, fault.hint))


@pytest.mark.parametrize(
    ("columns", "custom"),
    [([column("q", raw="{file}", **QUEUE)], {}), ([], {"decimal": ","})],
    ids=["the file's name", "a decimal comma"],
)
def test_a_named_system_gives_its_own_columns_in_its_own_way(
    tmp_path: Path, columns: list[dict[str, Any]], custom: dict[str, Any]
) -> None:
    item = calls(*columns, format="asterisk_cdr", **custom)
    with pytest.raises(TieoutError, match="delimited"):
        contract(tmp_path, item)
