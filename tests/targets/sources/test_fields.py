"""Single fields, as the formats hand them over."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from amparo.targets.fields import is_running, latest, read_date, read_gender, text_of, texts_by_key
from amparo.targets.problems import Place, ProblemLog

from .conftest import told

HERE = Place("people.yaml", 3)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-07-04", date(2024, 7, 4)),
        ("2024-07-04T00:00:00", date(2024, 7, 4)),
        (date(2024, 7, 4), date(2024, 7, 4)),
        (datetime(2024, 7, 4, 12, 30), date(2024, 7, 4)),  # noqa: DTZ001 - YAML writes times without a zone
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_read_as_text_or_as_yaml_makes_it(written: object, day: date | None) -> None:
    problems = ProblemLog()
    assert read_date(written, place=HERE, problems=problems) == day
    assert len(problems) == 0


@pytest.mark.parametrize("written", ["4 July 2024", "2024-13-01", 20240704.5, ["2024-07-04"]])
def test_what_is_no_day_is_named(written: object) -> None:
    problems = ProblemLog()
    assert read_date(written, place=HERE, problems=problems) is None
    assert told(problems)[0][:3] == ("people.yaml", 3, "the date is not one")


def test_a_spell_ends_the_day_its_successor_may_begin() -> None:
    start, end = date(2026, 1, 1), date(2026, 2, 1)
    assert [is_running(start, end, on=day) for day in (date(2025, 12, 31), start, date(2026, 1, 31), end)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert is_running(None, None, on=start)


def test_genders_are_named_once() -> None:
    assert [read_gender(said) for said in ("M", " female ", "non-binary", "")] == [
        "male",
        "female",
        "non-binary",
        None,
    ]


def test_only_texts_and_numbers_are_text() -> None:
    assert [text_of(value) for value in (" a ", 7, True, None, ["a"], {})] == ["a", "7", "", "", "", ""]
    assert texts_by_key({"en": "A", "fr": 7, "ar": None, "de": ["x"]}) == {"en": "A", "fr": "7"}
    assert texts_by_key("not a mapping") == {}


def test_the_latest_day_that_is_stated() -> None:
    assert latest([None, date(2026, 1, 1), date(2025, 1, 1)]) == date(2026, 1, 1)
    assert latest([None]) is None
