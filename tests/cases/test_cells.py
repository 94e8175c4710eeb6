"""Cells are read as people fill them in, and what could mean two things is refused."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from amparo.cases import cells
from amparo.cases.models import Case, CustodySpell, Hearing, Person, Quotation, Sentence, Verdict


def read(model, column, text):
    return cells.read(model._meta.get_field(column), text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2015", "2015"),
        ("2015-10", "2015-10"),
        ("2015-10-12", "2015-10-12"),
        ("2015-10-12 00:00:00", "2015-10-12"),
        ("25/10/2015", "2015-10-25"),
        ("10/25/2015", "2015-10-25"),
        ("10.10.2015", "2015-10-10"),
        ("10/2015", "2015-10"),
        ("12 October 2015", "2015-10-12"),
        ("October 12, 2015", "2015-10-12"),
        ("octobre 2015", "2015-10"),
        ("12 أكتوبر 2015", "2015-10-12"),
        ("٢٠١٥-١٠-١٢", "2015-10-12"),
    ],
)
def test_days_as_far_as_they_are_known(text, meant):
    assert read(CustodySpell, "began", text) == meant
    assert read(Person, "birth_date", text) == meant


@pytest.mark.parametrize("text", ["12/10/2015", "3.4.2021"])
def test_a_day_that_could_be_two_is_refused(text):
    with pytest.raises(cells.AmbiguousDay):
        read(CustodySpell, "began", text)


@pytest.mark.parametrize(
    "text", ["soon", "2015-13", "31/02/2015", "12/10/15", "12 Brumaire 2015", "99/99/2015"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(cells.NoDay):
        read(CustodySpell, "began", text)


def test_a_hearing_needs_its_whole_day():
    assert read(Hearing, "day", "12 October 2026") == date(2026, 10, 12)
    with pytest.raises(cells.NotExact):
        read(Hearing, "day", "2026-10")


@pytest.mark.parametrize(
    ("model", "column", "text", "meant"),
    [
        (CustodySpell, "kind", "pre-trial", "pre-trial"),
        (CustodySpell, "kind", "Before trial", "pre-trial"),
        (CustodySpell, "kind", "", ""),
        (Hearing, "hour", "9:30", time(9, 30)),
        (Hearing, "status", "", "scheduled"),
        (Quotation, "is_verbatim", "Yes", True),
        (Quotation, "is_verbatim", "لا", False),
        (Quotation, "is_verbatim", "", False),
        (Sentence, "amount", "1250.50", Decimal("1250.50")),
        (Sentence, "years", "٣", 3),
        (Sentence, "years", "", None),
        (Verdict, "counts_total", "6.0", 6),
        (Case, "responsible_state", "fr", "FR"),
        (Case, "responsible_state", "Allemagne", "DE"),
        (Case, "title", " The printer ", "The printer"),
        (Case, "title", "", None),
    ],
)
def test_other_cells(model, column, text, meant):
    assert read(model, column, text) == meant


@pytest.mark.parametrize(
    ("model", "column", "text", "refusal"),
    [
        (CustodySpell, "kind", "gaol", cells.NotAmongChoices),
        (Hearing, "hour", "noon", cells.NoHour),
        (Quotation, "is_verbatim", "perhaps", cells.NotYesOrNo),
        (Sentence, "amount", "1,250", cells.NoNumber),
        (Sentence, "years", "2.5", cells.NoNumber),
        (Sentence, "years", "1e99999999", cells.NoNumber),
        (Sentence, "years", "nan", cells.NoNumber),
        (Case, "responsible_state", "Narnia", cells.NoState),
    ],
)
def test_what_a_column_cannot_hold_is_refused_with_what_it_can(model, column, text, refusal):
    with pytest.raises(refusal) as refused:
        read(model, column, text)
    assert text not in str(refused.value)


def test_choices_are_known_by_what_they_are_called_in_any_of_our_languages(settings):
    french = cells.names_of_choices(CustodySpell._meta.get_field("end"))["released"]
    for name in french:
        assert read(CustodySpell, "end", name.upper()) == "released"
