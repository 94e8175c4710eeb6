"""Dates, countries, languages and names as they stand in lists; addresses read fast and read well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.supporters.importing import values


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("2024-03-05", True, (2024, 3, 5)),
        ("2024-03-05 14:30:00", True, (2024, 3, 5, 14, 30)),
        ("2024-03-05T14:30:00Z", True, (2024, 3, 5, 14, 30)),
        ("2024-03-05 14:30:00 UTC", True, (2024, 3, 5, 14, 30)),
        ("3/4/2026", True, (2026, 4, 3)),
        ("3/4/2026", False, (2026, 3, 4)),
        ("25/4/2026", False, (2026, 4, 25)),
        ("4/25/2026 2:05 PM", True, (2026, 4, 25, 14, 5)),
        ("12/1/2024 12:05 AM", False, (2024, 12, 1, 0, 5)),
        ("05.03.24", True, (2024, 3, 5)),
        ("5 March 2024", True, (2024, 3, 5)),
        ("Mar 5, 2024", True, (2024, 3, 5)),
        ("٢٠٢٤/٣/٥", True, (2024, 3, 5)),
    ],
)
def test_dates(text, day_first, expected):
    assert values.moment(text, day_first=day_first) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "31/31/2024", "2024-13-01", "99/99/99", "0000-00-00"])
def test_what_is_no_date(text):
    assert values.moment(text, day_first=True) is None


def test_countries_and_languages_by_name_and_code():
    named = ["GB", "gb", "United Kingdom", "UK", "Royaume-Uni", "Vereinigtes Königreich", "المملكة المتحدة"]
    assert {values.country(name) for name in named} == {"GB"}
    assert values.country("Atlantis") is None
    assert [values.language(name) for name in ("en_GB", "Français", "arabe", "العربية", "he-IL")] == [
        "en",
        "fr",
        "ar",
        "ar",
        "he",
    ]
    assert values.language("Klingon-ish") is None


def test_whole_names():
    assert values.split_name("Amina Rahal") == ("Amina", "Rahal")
    assert values.split_name("Rahal, Amina") == ("Amina", "Rahal")
    assert values.split_name("Amina bint Omar Rahal") == ("Amina", "bint Omar Rahal")
    assert values.split_name("Amina") == ("Amina", "")


@pytest.mark.parametrize(
    "text", ["from 203.0.113.7", "2001:db8::7 at noon", "203.0.113.7, 203.0.113.8", "by ::1"]
)
def test_network_addresses_are_dropped(text):
    kept = values.without_network_addresses(text)
    assert not any(sign.isdigit() for sign in kept)
    assert values.without_network_addresses("at 14:30 on 2024-03-05") == "at 14:30 on 2024-03-05"


LOCAL = st.text("abcxyzABC019._%+-' é\t", min_size=1, max_size=12)
DOMAIN = st.sampled_from(
    ["example.org", "gmail.com", "googlemail.com", "proton.me", "Example.ORG", "a-b.example.net", "x..y", "1.2",
     "-a.org", "münchen.example", "xn--mnchen-3ya.example", "example.c", "sub.example.museum"]
)  # fmt: skip


@given(local=LOCAL, domain=DOMAIN)
@settings(max_examples=400, deadline=None)
def test_reading_an_address_fast_is_reading_it_well(local, domain):
    text = f"{local}@{domain}"
    try:
        expected = (addresses.parse(text), addresses.canonical(text))
    except Refusal:
        with pytest.raises(Refusal):
            addresses.read(text)
    else:
        assert addresses.read(text) == expected
