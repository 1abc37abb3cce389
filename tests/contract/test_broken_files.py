"""Whatever stands at whatever place of a file: it loads, or it is refused with faults, and nothing else happens."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contract import load_contract, load_terms
from pipelines.contract.documents import read_document
from pipelines.errors import Fault, TieoutError

SOUTH = Path(__file__).parent / "workspace" / "vendors" / "south"
JUNK = st.sampled_from([None, True, 0, -1, 2.5, "", "x", "{", "%", [], [None], [[]], ["x"], {}, {"x": None}, {"": {}}])


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


def broken(data: Any, path: tuple[Any, ...], junk: Any) -> Any:
    data = copy.deepcopy(data)
    node = data
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = junk
    return data


@pytest.mark.parametrize(
    ("name", "load"), [("data.odcs.yaml", lambda path: load_contract(path, "south")), ("terms.yaml", load_terms)]
)
def test_no_file_makes_it_stumble(name, load, tmp_path_factory):
    data = read_document(SOUTH / name, "a sound file").data
    file = tmp_path_factory.mktemp("broken") / name

    @settings(max_examples=100)
    @given(
        st.lists(st.tuples(st.sampled_from([place for place in places(data) if place]), JUNK), min_size=1, max_size=2)
    )
    def check(changes):
        changed = data
        for path, junk in changes:
            try:
                changed = broken(changed, path, junk)
            except (KeyError, IndexError, TypeError):
                continue  # the first change took the place of the second away
        file.write_text(yaml.safe_dump(changed), encoding="utf-8")
        found: list[Fault] = []
        try:
            load(file)
        except TieoutError as error:
            found = error.faults
        assert all(part for item in found for part in (item.where, item.found, item.allowed, item.hint))

    check()
