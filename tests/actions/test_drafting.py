"""The draft a supporter starts from: drawn by the form's key, chosen for its targets, filled from a closed list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.actions import drafting, merge_fields
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

KEY = UUID("019395b0-0000-7000-8000-000000000001")


@dataclass
class Deputy:
    """As much of a target as a draft looks at."""

    holder: str = "Tove Ek"
    label: str = "Deputy for Northmarsh"
    party: str = "river"
    flags: tuple[str, ...] = field(default=())
    area_code: str = "N01"
    area_name: str = "Northmarsh"


def paragraph(text, **only_for):
    return ("paragraph", {"wordings": [text] if isinstance(text, str) else text, "only_for": only_for})


def draft(page, now, *, targets=None, key=KEY):
    return drafting.draft(page=page, targets=targets or [Deputy()], my_name="Suzie Okafor", key=key, now=now)


@pytest.mark.django_db
def test_fields_are_filled_in(now):
    page = an_email_page(
        an_organization(),
        deadline=now + timedelta(days=9),
        paragraphs=[paragraph("I live in {area}. {days left} days remain. {my name} to {target name}")],
    )

    assert draft(page, now).body == "I live in Northmarsh. 9 days remain. Suzie Okafor to Tove Ek"


@pytest.mark.django_db
def test_one_form_always_gets_the_same_wording_and_others_get_others(now):
    page = an_email_page(an_organization(), paragraphs=[paragraph([f"Wording {n}" for n in range(10)])])

    assert draft(page, now) == draft(page, now)
    assert len({draft(page, now, key=UUID(int=n)).body for n in range(50)}) > 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("only_for", "target", "included"),
    [
        ({"parties": ["river"]}, Deputy(), True),
        ({"parties": ["hill"]}, Deputy(), False),
        ({"nations": ["N"]}, Deputy(), True),
        ({"nations": ["S"]}, Deputy(), False),
        ({"flags": ["abstains"]}, Deputy(flags=("abstains",)), True),
        ({"flags": ["abstains"]}, Deputy(), False),
        ({"unless_flags": ["speaker"]}, Deputy(flags=("speaker",)), False),
    ],
)
def test_a_paragraph_may_be_for_some_targets_only(now, only_for, target, included):
    page = an_email_page(
        an_organization(), paragraphs=[paragraph("For all."), paragraph("For some.", **only_for)]
    )

    assert ("For some." in draft(page, now, targets=[target]).body) is included


@pytest.mark.django_db
def test_days_are_counted_on_the_organizations_calendar(now):
    page = an_email_page(an_organization(time_zone="Pacific/Auckland"))

    midnight_there = now.replace(hour=11, minute=30) + timedelta(days=1)

    assert drafting.days_left(midnight_there, page=page, now=now.replace(hour=10)) == 2


def test_picked_reasons_stand_in_the_letter_once():
    letter = drafting.add_reasons("Please act.", ["It is cruel."])

    assert letter == "Please act.\n\nIt is cruel."
    assert drafting.add_reasons(letter, ["It is cruel."]) == letter


@given(st.text())
def test_what_is_not_a_merge_field_stays_as_it_is_written(text):
    values = dict.fromkeys(merge_fields.MERGE_FIELDS, "X")

    if not any("{" + name + "}" in text for name in values):
        assert merge_fields.fill(text, values) == text


@pytest.mark.parametrize(
    "attack", ["{{ settings.SECRET_KEY }}", "{% debug %}", "{target.__class__}", "{0}", "{}"]
)
def test_a_template_language_is_only_letters(attack):
    assert merge_fields.fill(attack, {"target name": "X"}) == attack
