"""JSON lines: dotted paths, numbers as printed, and broken records that cost themselves alone."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import TieoutError
from pipelines.formats import collect
from pipelines.formats.json_lines import read_json_lines
from pipelines.formats.raw import Batch, Source
from tests.formats.switches import check_any, check_sums, rejected, whole


def sent(folder: Path, text: str | bytes, *columns: str | Column, encoding: str = "utf-8") -> Source:
    path = folder / "calls.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    made = tuple(item if isinstance(item, Column) else Column(item, "string") for item in columns)
    item = FeedObject("calls", "calls", "json_lines", "*", "UTC", None, None, None, 1, 0, made, ())
    return Source(path, "drop/calls.jsonl", item, Server("drop", "local", "drop", encoding=encoding), folder)


def read(folder: Path, text: str | bytes, *columns: str, encoding: str = "utf-8") -> list[Batch]:
    batches = list(read_json_lines(sent(folder, text, *columns, encoding=encoding)).batches)
    check_sums(batches)
    return batches


def rows(folder: Path, text: str | bytes, *columns: str) -> list[tuple[Any, ...]]:
    """Record, line and cells."""
    return whole(read(folder, text, *columns)).rows()


def test_columns_are_paths_and_values_are_as_printed(tmp_path: Path) -> None:
    record = '{"id":"a","wait":1.50,"big":1e3,"ok":true,"no":false,"none":null,"empty":""'
    record += ',"q":{"name":"x"},"parts":[{"n":7}]}'
    paths = ("id", "wait", "big", "ok", "no", "none", "empty", "q.name", "parts.0.n", "parts.1.n", "q", "parts", "gone")
    assert rows(tmp_path, record, *paths) == [
        (1, 1, "a", "1.50", "1e3", "true", "false", None, None, "x", "7", None, '{"name":"x"}', '[{"n":7}]', None)
    ]


def test_a_name_may_hold_dots_itself(tmp_path: Path) -> None:
    assert rows(tmp_path, '{"a.b":1,"c":{"d.e":2},"c.f":{"g":3}}', "a.b", "c.d.e", "c.f.g") == [(1, 1, "1", "2", "3")]


def test_the_header_names_the_paths_of_the_records(tmp_path: Path) -> None:
    raw = read_json_lines(sent(tmp_path, '{"id":1,"q":{"n":2,"m":{}}}\n{"id":1,"late":[1]}', "id"))
    assert raw.header == ("id", "q.n", "q.m", "late")


@pytest.mark.parametrize(
    "text",
    [
        '{"id":1}\n{"id":2}\n{"id":3}\n',
        '\n{"id":1}\r\n\r\n{"id":2}\r\n  {"id":3}',
        '[{"id":1},{"id":2},{"id":3}]',
        '[\n {\n  "id": 1\n },\n {\n  "id": 2\n },\n {\n  "id": 3\n }\n]\n',
        '{"id":1}{"id":2} {"id":3}',
        '\ufeff{"id":1}\n{"id":2}\n{"id":3}',
    ],
)
def test_lines_an_array_or_side_by_side(tmp_path: Path, text: str) -> None:
    assert [row[2] for row in rows(tmp_path, text, "id")] == ["1", "2", "3"]


def test_one_object_alone_and_none_at_all(tmp_path: Path) -> None:
    assert rows(tmp_path, json.dumps({"id": 1, "q": {"n": [1, {"m": 2}]}}, indent=2), "q.n.1.m") == [(1, 1, "2")]
    assert rows(tmp_path, "", "id") == rows(tmp_path, "[]", "id") == rows(tmp_path, "\n\n", "id") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("5", "no JSON object"),
        ("id,caller", "no JSON object"),
        ("null", "no JSON object"),
        ('{"id":1', "no JSON: it does not end on its line"),
        ('{"id":"x', "no JSON: it does not end on its line"),
        ('{"id":', "no JSON: the next object begins before it ends"),
        ('{"id":NaN}', "no JSON: NaN is no number"),
        ('{"id":-Infinity}', "no JSON: -Infinity is no number"),
        ('{"id":01}', "no JSON: expecting ',' delimiter at character 8"),
        ("{'id':1}", "no JSON: expecting property name enclosed in double quotes at character 2"),
        ('{"id":"\\ud800"}', "bytes or escapes that are no characters of the file's encoding"),
        ('{"id":' + "[" * 50_000 + "]" * 50_000 + "}", "nested too deeply"),
        ('{"id":"' + "x" * (1 << 20) + '"}', "longer than 1,048,576 characters"),
    ],
)
def test_a_record_that_cannot_be_read_costs_itself_alone(tmp_path: Path, line: str, reason: str) -> None:
    batches = read(tmp_path, f'{{"id":"before"}}\n{line}\n{{"id":"after"}}\n', "id")
    assert whole(batches).rows() == [(1, 1, "before"), (3, 3, "after")]
    assert rejected(batches) == [(2, 2, reason)]


def test_bytes_of_another_encoding_cost_their_record(tmp_path: Path) -> None:
    batches = read(tmp_path, b'{"id":"caf\xe9"}\n{"id":"b"}', "id")
    assert (whole(batches)["id"].to_list(), rejected(batches)[0][:2]) == (["b"], (1, 1))
    assert whole(read(tmp_path, b'{"id":"caf\xe9"}', "id", encoding="cp1252"))["id"].to_list() == ["café"]


def test_of_a_name_that_stands_twice_the_last_counts(tmp_path: Path) -> None:
    assert rows(tmp_path, '{"id":1,"id":2}', "id") == [(1, 1, "2")]


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    assert rows(tmp_path, gzip.compress(b'{"id":1}\n{"id":2}'), "id") == [(1, 1, "1"), (2, 2, "2")]


def test_a_path_that_no_record_has_is_a_fault_where_no_row_can_do_without(tmp_path: Path) -> None:
    call, caller = Column("Id", "string", role="call_id"), Column("Caller", "string", role="caller")
    with pytest.raises(TieoutError) as refused:
        read_json_lines(sent(tmp_path, '{"id":1,"q":{"n":2}}', call, caller))
    assert [fault.found for fault in refused.value.faults] == ["nothing under 'Id'; the records have id, q.n"]


def test_a_caller_that_a_thousand_records_lack_is_a_fault(tmp_path: Path) -> None:
    caller = Column("caller", "string", role="caller")
    with pytest.raises(TieoutError):
        read_json_lines(sent(tmp_path, '{"id":1}\n' * 1000, caller))
    assert read_json_lines(sent(tmp_path, '{"id":1}\n' * 999, caller)).header == ("id",)
    withheld = '{"id":1,"caller":null}\n' * 1000
    assert read_json_lines(sent(tmp_path, withheld, caller)).header == ("id", "caller")


def test_a_thousand_lines_of_something_else_are_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(TieoutError) as refused:
        read_json_lines(sent(tmp_path, "id,caller\n" * 1000, "id"))
    assert refused.value.faults[0].found == "no JSON object among the first 1000 records"
    assert len(rejected(read(tmp_path, "id,caller\n" * 999, "id"))) == 999


def test_utf_16_where_the_contract_says_so(tmp_path: Path) -> None:
    batches = read(tmp_path, '{"id":"通话"}\n{"id":2}'.encode("utf-16"), "id", encoding="utf-16")
    assert whole(batches)["id"].to_list() == ["通话", "2"]
    with pytest.raises(TieoutError) as refused:
        read(tmp_path, b'{"id":1}', "id", encoding="utf-16")
    assert refused.value.faults[0].allowed == "text in utf-16"


def test_batches_have_a_size_and_number_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "BATCH_RECORDS", 2)
    batches = read(tmp_path, '{"id":1}\nx\n{"id":2}\n{"id":3}\n{"id":4}', "id")
    assert [batch.rows_read for batch in batches] == [2, 2, 1]
    assert whole(batches).rows() == [(1, 1, "1"), (3, 3, "2"), (4, 4, "3"), (5, 5, "4")]


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(values=st.lists(VALUE, max_size=6), indent=st.sampled_from([None, 1]), as_array=st.booleans())
def test_what_was_written_is_what_is_read(
    tmp_path: Path, values: list[Any], indent: int | None, as_array: bool
) -> None:
    records = [{"v": value} for value in values]
    text = (
        json.dumps(records, indent=indent) if as_array else "\n".join(json.dumps(one, indent=indent) for one in records)
    )
    expected = [
        value if isinstance(value, str) else json.dumps(value) if value is not None else None for value in values
    ]
    found = whole(read(tmp_path, text, "v"))["v"].to_list()
    nested = [isinstance(value, (list, dict)) for value in values]
    plain = [cell for cell, is_nested in zip(found, nested, strict=True) if not is_nested]
    assert plain == [text or None for text, is_nested in zip(expected, nested, strict=True) if not is_nested]
    packed = [json.loads(cell or "") for cell, is_nested in zip(found, nested, strict=True) if is_nested]
    assert packed == [value for value, is_nested in zip(values, nested, strict=True) if is_nested]


ODD = st.lists(
    st.sampled_from([b'{"id":1}', b"{", b"}", b"[", b"]", b'"', b",", b":", b"\n", b"\\", b"x", b"\xff", b" "])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.binary(max_size=40) | ODD.map(b"".join))
def test_any_bytes_are_rows_rejects_or_a_fault(tmp_path: Path, content: bytes) -> None:
    check_any(read_json_lines, sent(tmp_path, content, "id"))
