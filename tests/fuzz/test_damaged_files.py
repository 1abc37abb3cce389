"""A small run of `make fuzz`: every reader, every kind of damage, every file that was made to harm."""

from tests.fuzz.damaged_files import feed


def test_whatever_comes_in_adds_up_and_ends_in_a_message() -> None:
    results = feed(files=130, seed=1)
    assert [line for result in results.values() for line in result.failures] == []
    assert len(results) == 13
    read = {kind: result.outcomes["read whole"] + result.outcomes["read in part"] for kind, result in results.items()}
    assert min(read.values()) > 0, read
    assert sum(result.outcomes["refused"] for result in results.values()) > 0
