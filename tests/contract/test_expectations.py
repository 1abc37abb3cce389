"""The table of expectations against the installed Great Expectations, and the plain parts: sentences and formats."""

import pytest

from pipelines.contract.expectations import EXPECTATIONS, plain_sentence
from pipelines.contract.times import format_problem, from_java


def test_every_expectation_exists_with_these_arguments():
    import great_expectations.expectations as gxe  # here, because it takes seconds

    for name, expectation in EXPECTATIONS.items():
        model = getattr(gxe, "".join(part.capitalize() for part in name.split("_")))
        missing = {*expectation.columns, *expectation.options} - set(model.__fields__)
        assert not missing, (name, missing)


@pytest.mark.parametrize(
    ("name", "kwargs", "sentence"),
    [
        (
            "expect_column_values_to_be_between",
            {"column": "talk", "min_value": 0, "max_value": 9},
            "talk lies between 0 and 9",
        ),
        ("expect_column_values_to_be_between", {"column": "talk", "max_value": 9}, "talk lies at 9 or below"),
        ("expect_column_values_to_be_in_set", {"column": "end", "value_set": ["A", "B"]}, "end is one of A, B"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["id", "leg"]}, "id, leg together do not repeat"),
    ],
)
def test_sentences_are_plain(name, kwargs, sentence):
    assert plain_sentence(name, kwargs) == sentence


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S", "%d/%m/%y %I:%M %p", "%Y%j%H%M", "%d %b %Y %H:%M:%S.%f%z"])
def test_formats_that_are_sound(pattern):
    assert format_problem(pattern, "timestamp") is None


def test_a_java_pattern_is_translated():
    assert from_java("dd.MM.yyyy'T'hh:mm:ss.SSS a") == "%d.%m.%YT%I:%M:%S.%f %p"
