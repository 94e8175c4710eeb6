"""Days that are known in part stand for spans, and nothing is made up for what is not known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit import part_dates
from amparo.kit.part_dates import NotADate, PartDate


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2015", date(2015, 1, 1), date(2015, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2015-10-12", date(2015, 10, 12), date(2015, 10, 12)),
    ],
)
def test_a_part_date_stands_for_a_span(text, first, last):
    found = part_dates.parse(text)

    assert (found.first, found.last) == (first, last)
    assert str(found) == text


@pytest.mark.parametrize(
    "text", ["", "15", "2015-13", "2015-02-30", "2015-1", "12.10.2015", "2015-10-12T00:00", "0000"]
)
def test_what_is_no_date_is_named(text):
    with pytest.raises(NotADate):
        part_dates.parse(text)


def test_it_is_said_as_far_as_it_is_known():
    said = [part_dates.parse(text).in_words(language="en") for text in ("2015", "2015-10", "2015-10-12")]

    assert said == ["2015", "October 2015", "12 October 2015"]
    assert part_dates.parse("2015-10").in_words(language="fr") == "octobre 2015"


@given(st.dates(min_value=date(1900, 1, 1)), st.dates(min_value=date(1900, 1, 1)))
def test_text_sorts_as_days_do(one, other):
    first, second = (str(part_dates.of_day(day)) for day in (one, other))

    assert (first < second) == (one < other)


def test_what_may_be_the_same_day_is_not_surely_before():
    assert PartDate(2015).surely_before(PartDate(2016))
    assert not PartDate(2015, 10).surely_before(PartDate(2015, 10, 31))
