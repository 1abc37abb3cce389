"""`tieout.rewrite`: what a contract says about the beginnings of numbers, as it is read."""

from pipelines.contract import load_contract
from pipelines.contract.model import Rewrite

FILE = "vendors/south/data.odcs.yaml"
CALLER = "customProperties: [{property: tieout.role, value: caller}]"


def ruled(rules: str) -> tuple[str, str]:
    return CALLER, f"{CALLER[:-1]}, {{property: tieout.rewrite, value: [{rules}]}}]"


def test_rules_are_read_in_their_order(edit):
    text = '{starts: "9", digits: 12, replace: ""}, {starts: "00", replace: "+"}, {digits: 4, replace: "+49301"}'
    caller = load_contract(edit(FILE, ruled(text)), "south").objects[0].role("caller")
    assert caller.rewrite == (Rewrite("9", 12, ""), Rewrite("00", None, "+"), Rewrite("", 4, "+49301"))
    assert ", ".join(map(str, caller.rewrite)) == text


def test_a_column_without_rules_has_none(workspace):
    assert load_contract(workspace / FILE, "south").objects[0].role("caller").rewrite == ()


def test_all_faults_of_all_rules_are_told_at_once(edit, faults):
    file = edit(FILE, ruled('{starts: 9, replace: ""}, {digits: 0}, {starts: "1", replace: "a"}'))
    found = faults(lambda: load_contract(file, "south"))
    assert [item.where.split("tieout.rewrite")[1].split(" (")[0] for item in found] == [
        "[0].starts",
        "[1].digits",
        "[1].replace",
        "[2].replace",
    ]
    assert all("line 19" in item.where for item in found)


def test_the_exception_stands_before_the_rule(edit):
    """Numbers of eleven digits that begin with 1 are let alone, all other ones of eleven digits lose a digit."""
    text = '{starts: "1", digits: 11, replace: "1"}, {digits: 11, starts: "9", replace: ""}, {digits: 11, replace: "0"}'
    assert len(load_contract(edit(FILE, ruled(text)), "south").objects[0].role("caller").rewrite) == 3
