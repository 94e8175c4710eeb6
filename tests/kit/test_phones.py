"""Telephone numbers as people write them. The numbers are those that Ofcom and others set aside for drama."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit import phones


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("+44 1632 960001", ""),
        ("01632 960001", "GB"),
        ("01632 960001", "gb"),
        ("(01632) 960-001", "GB"),
        ("0044 1632 960001", "GB"),
        ("00 44 1632 960001", "FR"),
        ("+44 (0)1632 960001", "CA"),
        ("tel:+44-1632-960001", ""),
        ("01632 960001 ext. 7", "GB"),
        ("٠١٦٣٢ ٩٦٠٠٠١", "GB"),
        (" 01632 960001\t", "GB"),
    ],
)
def test_every_way_of_writing_a_number_is_one_number(written, country):
    assert phones.parse(written, country=country) == "+441632960001"


@pytest.mark.parametrize(
    "written", ["", "soon", "12", "+445", "+999 1632 960001", "0" * 40, "+44 1632 9600011111"]
)
def test_what_is_no_number_is_refused_and_not_repeated(written):
    with pytest.raises(phones.MalformedPhone) as refusal:
        phones.parse(written, country="GB")
    assert not written or written not in str(refusal.value)


@pytest.mark.parametrize("country", ["", "XX"])
def test_a_number_of_an_unknown_country_is_asked_for_in_full(country):
    with pytest.raises(phones.CountryUnknown):
        phones.parse("01632 960001", country=country)


def test_a_number_is_shown_with_spaces():
    assert phones.display("+441632960001") == "+44 1632 960001"


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_refusal(text):
    try:
        found = phones.parse(text, country="GB")
    except (phones.MalformedPhone, phones.CountryUnknown):
        return
    assert phones.parse(found) == found
    assert found.startswith("+")
    assert found[1:].isascii()
    assert found[1:].isdigit()
