"""Several header lines become one name per column."""

from pipelines.formats.header import joined


def test_one_line_is_taken_as_it_is() -> None:
    assert joined([[" id ", "", "caller"]]) == ["id", "", "caller"]
    assert joined([]) == []


def test_merged_cells_reach_to_the_right() -> None:
    assert joined([["Day", "Sales", "", "Service"], ["", "offered", "answered", "offered"]]) == [
        "Day",
        "Sales / offered",
        "Sales / answered",
        "Service / offered",
    ]


def test_a_heading_reaches_no_further_than_the_one_above_it() -> None:
    lines = [["", "Voice", "", "Chat", ""], ["", "In", "", "", ""], ["Day", "n", "s", "n", "s"]]
    assert joined(lines) == ["Day", "Voice / In / n", "Voice / In / s", "Chat / n", "Chat / s"]


def test_lines_of_different_length() -> None:
    assert joined([["Voice"], ["n", "s"]]) == ["Voice / n", "Voice / s"]
    assert joined([["a", "b", "c"], ["n"]]) == ["a / n", "b", "c"]
