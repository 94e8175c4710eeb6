"""Texts of action pages are held against the register, and against who holds which office today."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from amparo.cases import cautioning
from amparo.targets.models import Membership, Person
from tests.factories.cases import a_case, a_person, a_spell
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


def found(organization, now):
    cautions = cautioning.of_organization(organization, today=now.date())
    return [(caution.kind, caution.sentence) for caution in cautions]


def test_a_text_that_names_who_left_the_office_is_told(organization, now):
    alvenia()
    membership = Membership.objects.select_related("person", "post").order_by("pk").first()
    name = membership.person.name
    page = an_email_page(organization, standfirst=f"Write to {name} today.")
    assert found(organization, now) == []

    membership.end = now.date() - timedelta(days=1)
    membership.save()

    ((kind, sentence),) = found(organization, now)
    assert kind == "former-holder"
    assert name in sentence
    assert membership.post.label in sentence
    page.standfirst = f"Write to the {name.split()[-1]} commission today."
    page.save_revision().publish()
    assert found(organization, now) == []


def test_whoever_was_elected_again_holds_the_office(organization, now):
    alvenia()
    membership = Membership.objects.select_related("person", "post").order_by("pk").first()
    an_email_page(organization, standfirst=f"Write to {membership.person.name} today.")
    person = Person.objects.create(
        dataset_id=membership.dataset_id, code="the-same-again", name=membership.person.name
    )
    Membership.objects.create(dataset_id=membership.dataset_id, post=membership.post, person=person)
    Membership.objects.filter(pk=membership.pk).update(end=now.date() - timedelta(days=1))

    assert found(organization, now) == []


def test_an_action_that_speaks_of_one_who_is_free_is_told_with_the_case(organization, now):
    campaign = a_campaign(organization)
    an_email_page(organization, campaign=campaign, standfirst="He is still in prison. Write now!")
    case = a_case(organization, campaign=campaign)
    a_spell(case, "2026-01-01", "2026-06-01")

    (caution,) = cautioning.of_case(case, today=now.date())

    assert (caution.kind, caution.case) == ("contradiction", case)


def test_an_action_for_several_is_held_against_those_it_names(organization, now):
    campaign = a_campaign(organization)
    an_email_page(organization, campaign=campaign, standfirst="Mira Talvik is still in prison.")
    freed = a_case(organization, person=a_person(organization, "Nils Orm"), campaign=campaign)
    a_spell(freed, "2026-01-01", "2026-06-01")
    held = a_case(
        organization,
        person=a_person(organization, "Mira Talvik"),
        campaign=campaign,
        reference="MT-1",
        slug="mira",
    )
    a_spell(held, "2026-01-01")
    assert found(organization, now) == []

    spell = held.spells.get()
    spell.ended, spell.end = date(2026, 6, 1).isoformat(), "released"
    spell.save()
    assert [kind for kind, _sentence in found(organization, now)] == ["contradiction"]
