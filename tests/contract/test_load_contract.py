"""ODCS contracts: what a sound one gives, and every kind of fault with its place, what is allowed, and a hint."""

from pathlib import Path

import pytest
import yaml

from pipelines.contract import Rule, load_contract

FILE = "vendors/south/data.odcs.yaml"
FAULTS = yaml.safe_load((Path(__file__).parent / "faults_of_contracts.yaml").read_text(encoding="utf-8"))


def test_a_sound_contract(workspace):
    contract = load_contract(workspace / FILE, "south")
    calls, report, scores = contract.objects
    assert (contract.server.delimiter, contract.server.encoding) == (";", "cp1252")
    assert (contract.version, contract.latency_days, len(contract.sha)) == ("2.1.0", 7, 64)
    assert (calls.feed, calls.format, calls.pattern) == ("calls", "delimited", "calls.csv")
    assert calls.where == """"kind" = 'IN' AND LENGTH("number") > 2"""
    assert calls.role("call_id").raw == "Call No"
    assert calls.role("offered_utc").expression == """STRPTIME("date" || ' ' || "time", '%d.%m.%Y %H:%M:%S')"""
    assert calls.role("talk_s").unit == "hms"
    assert calls.role("direction") is None
    assert (report.period, report.time_zone) == ("interval:1800", None)
    assert [column.figure for column in report.columns] == [None, "answered"]
    assert (scores.feed, scores.format) == ("quality_scores", "xlsx")
    assert contract.feed("claims") == (report,)


def test_raw_values_of_a_map_are_text_as_written(workspace):
    outcome = load_contract(workspace / FILE, "south").objects[0].role("outcome")
    assert outcome.map == {"OK": "answered", "LOST": "abandoned", "NO": "abandoned", "010": "voicemail"}


def test_rules_have_canonical_names(workspace):
    rules = load_contract(workspace / FILE, "south").objects[0].every_rule()
    assert [(rule.name, rule.severity, rule.kwargs) for rule in rules] == [
        ("talk_s_values_to_not_be_null", "warning", {"column": "talk_s"}),
        (
            "outcome_values_to_be_in_set",
            "warning",
            {"column": "outcome", "value_set": ["answered", "abandoned"]},
        ),
        ("outcome_values_to_not_be_null", "error", {"column": "outcome", "mostly": 0.95}),
        (
            "outcome_values_to_be_in_set_2",
            "warning",
            {"column": "outcome", "value_set": ["answered", "abandoned"]},
        ),
        ("table_row_count_to_be_between", "error", {"min_value": 1}),
        ("call_id_offered_utc_columns_to_be_unique", "warning", {"column_list": ["call_id", "offered_utc"]}),
        (
            "table_unexpected_rows_expectation",
            "warning",
            {"unexpected_rows_query": 'SELECT * FROM {batch} WHERE "queue_s" > 7200 AND "outcome" = \'answered\''},
        ),
    ]
    assert len({rule.name for rule in rules}) == len(rules)
    assert rules[4].sentence == "the number of rows lies at 1 or above"


def rules_on_talk(edit, quality: str) -> tuple[Rule, ...]:
    unit = "{property: tieout.unit, value: hms}]"
    file = edit(FILE, (unit, f"{unit}, quality: [{quality}]"))
    return load_contract(file, "south").objects[0].role("talk_s").rules[1:]


@pytest.mark.parametrize(
    ("quality", "kwargs"),
    [
        ("{metric: nullValues, mustBe: 0}", {"column": "talk_s"}),
        ("{metric: nullValues, mustBeLessThan: 50, unit: percent}", {"column": "talk_s", "mostly": 0.5000000000000001}),
        ("{metric: duplicateValues, mustBe: 0}", {"column": "talk_s"}),
        (
            "{metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b]}}",
            {"column": "talk_s", "value_set": ["a", "b"]},
        ),
        (
            "{type: custom, engine: greatExpectations, implementation: {expectation_type: "
            "expect_column_pair_values_a_to_be_greater_than_b, kwargs: {column_B: waited, or_equal: true}}}",
            {"column_A": "talk_s", "column_B": "queue_s", "or_equal": True},
        ),
        (
            "{type: custom, engine: greatExpectations, implementation: {expectation_type: unexpected_rows_expectation, "
            "kwargs: {unexpected_rows_query: \"select * from {batch} where regexp_matches(number, '^0{{3}}');\"}}}",
            {"unexpected_rows_query": """SELECT * FROM {batch} WHERE REGEXP_MATCHES("caller_key", '^0{{3}}')"""},
        ),
    ],
)
def test_quality_becomes_rules(edit, quality, kwargs):
    (rule,) = rules_on_talk(edit, quality)
    assert rule.kwargs == kwargs


def test_three_faults_are_three(edit, faults):
    file = edit(
        FILE,
        ("value: caller}", "value: caler}"),
        ("'%d.%m.%Y %H:%M:%S'", "getenv('HOME')"),
        ("metric: rowCount, mustBeGreaterThan: 0", "metric: missingValues, mustBe: 0"),
    )
    found = faults(lambda: load_contract(file, "south"))
    assert [item.where.split(": ")[1] for item in found] == [
        "schema[0].properties[1].customProperties.tieout.role (calls.number, line 19)",
        "schema[0].properties[5].transformLogic (calls.offered, line 23)",
        "schema[0].quality[0].metric (calls, line 37)",
    ]
    assert str(file) in found[0].where
    assert found[0].hint == "did you mean `caller`?"


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["fault"])
def test_each_kind_of_fault_alone(edit, faults, row):
    file = edit(FILE, (row["replace"], row["by"]))
    raised = faults(lambda: load_contract(file, "south"))
    assert len(raised) == 1, raised
    place = raised[0].where.split(": ", 1)[1].split(" (")[0]
    assert place.endswith(row["where"])
    assert row["found"] in raised[0].found
    assert row["hint"] in raised[0].hint
    assert raised[0].allowed
    assert raised[0].hint


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("a: [1\nb: 2\n", "line 2, column 2", "cannot be parsed"),
        ("a: 1\n\tb: 2\n", "line 2, column 1", "cannot be parsed"),
        ("a: 1\na: 2\n", "a", "second time, on line 2"),
        ("a: &x 1\nb: *x\n", "line 2, column 4", "an alias"),
        ("a: !!python/name:os.system 1\n", "a", "with the tag"),
        ("- a\n", "", "no `key: value` lines"),
        ("", "", "an empty file"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "cannot be parsed"),
    ],
)
def test_what_is_no_yaml_mapping(tmp_path, faults, text, place, found):
    file = tmp_path / "data.odcs.yaml"
    file.write_text(text, encoding="utf-8")
    raised = faults(lambda: load_contract(file, "south"))
    assert any(found in item.found and place in item.where for item in raised), raised


def test_bytes_that_are_not_utf8(tmp_path, faults):
    file = tmp_path / "data.odcs.yaml"
    file.write_bytes("name: a\nid: Müller\n".encode("cp1252"))
    (item,) = faults(lambda: load_contract(file, "south"))
    assert "line 2" in item.where
    assert "0xfc" in item.found


def test_a_key_that_stands_twice_does_not_hide_other_faults(edit, faults):
    file = edit(FILE, ("id: south", "id: south\nid: north"), ("Europe/Berlin", "Europe/Berlim"))
    assert len(faults(lambda: load_contract(file, "south"))) == 2


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("value: inhouse_calls", "value: calls", "`calls` in the client's own contract"),
        ("value: inhouse_calls", "value: trunks", "no object with the feed inhouse_calls"),
    ],
)
def test_the_client_s_contract_holds_the_client_s_log(edit, faults, old, new, found):
    file = edit("inhouse.odcs.yaml", (old, new))
    assert found in [item.found for item in faults(lambda: load_contract(file, "inhouse"))]


def test_offsets_in_the_text_need_no_zone(edit):
    file = edit(
        "inhouse.odcs.yaml",
        ("      - {property: tieout.time_zone, value: Europe/Berlin}\n", ""),
        ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S%z"),
    )
    assert load_contract(file, "inhouse").objects[0].time_zone is None


def test_an_expression_may_clean_its_own_column(edit):
    file = edit("inhouse.odcs.yaml", ("{name: from_number,", "{name: from_number, transformLogic: trim(from_number),"))
    assert load_contract(file, "inhouse").objects[0].role("caller").expression == 'TRIM("from_number")'


def test_an_expression_does_not_read_what_another_one_makes(edit, faults):
    file = edit(
        FILE, ("{name: kind, ", "{name: kind, transformLogic: cast(offered as text), "), ("kind = 'IN' and ", "")
    )
    (item,) = faults(lambda: load_contract(file, "south"))
    assert "`offered`, which is not a raw column" in item.found
