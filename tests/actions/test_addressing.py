"""To whom a letter goes: a committee's members one by one, and nobody who asked not to be written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from wagtail.models import Site

from amparo.actions import addressing, drafting, showing
from amparo.actions.addressing import Addressee
from amparo.actions.desk import moderating
from amparo.actions.models import Message
from amparo.content.own_address import address_of
from amparo.kit.ids import new_id
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.targets import contacting, finding
from amparo.targets.activating import activate
from amparo.targets.staging import stage
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff
from tests.factories.targets import alvenia
from tests.targets.orlund import memberships, orlund

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "open-doors.test"}


def a_country(now, *, chair=""):
    """Orlund, whose assembly has a committee of three."""
    sitting = tuple(
        replace(held, flags=("chair",)) if held.post == "committee/rights" and held.person == chair else held
        for held in memberships()
    )
    activate(dataset=stage(bundle=orlund(memberships=sitting), now=now), now=now)


def addressees(page, now, **fields):
    asked = {"postal_code": "", "area": "", "fallback": "", "language": "en", **fields}
    return addressing.address(page=page, now=now, **asked)


# --- Committees ---


def test_a_letter_to_a_committee_goes_to_each_member_at_their_own_seat(now):
    a_country(now)
    page = an_email_page(an_organization(), posts=[("post", "orlund/committee/rights")])

    found = addressees(page, now)

    keys = [addressee.target.key for addressee in found.addressees]
    assert len(keys) == len(set(keys)) == 3
    assert all(key.startswith("orlund/assembly/") for key in keys)


def test_a_committee_is_written_to_up_to_a_limit(now, monkeypatch):
    a_country(now)
    monkeypatch.setattr(addressing, "MOST_NAMED", 2)
    page = an_email_page(an_organization(), posts=[("post", "orlund/committee/rights")])

    assert len(addressees(page, now).addressees) == 2


def test_the_chair_alone_can_be_named(now):
    a_country(now, chair="pO02")
    page = an_email_page(an_organization(), posts=[("post", "orlund/committee/rights#chair")])

    (one,) = addressees(page, now).addressees

    assert one.target.key == "orlund/assembly/O02"


def test_every_member_is_shown_before_anything_is_sent(now):
    a_country(now)
    page = an_email_page(an_organization(), posts=[("post", "orlund/committee/rights")])
    said = {"step": "details", "given-name": "Amina", "family-name": "Rahal", "email": "amina@example.net"}

    shown = Client(**HOST).post(f"/{page.slug}/", said).content.decode()

    for addressee in addressees(page, now).addressees:
        assert addressee.target.holder in shown


# --- Words ---


def test_the_area_is_named_in_the_readers_language(now):
    alvenia()
    target = finding.target_by_key("alvenia/diet/N2", organization=None, now=now)
    page = an_email_page(an_organization(), subjects=[("subject", "{area}")])

    for language, name in (
        ("en", "Saltmarsh"),
        ("fr", "Le Marais"),
        ("ar", "المستنقع"),
        ("fr-ca", "Le Marais"),
    ):
        with translation.override(language):
            because = showing.evidence_sentence("exact", target=target, postal_code="1002")
            card = showing.target_card(Addressee(target, "exact"), postal_code="1002", language=language)
            drafted = drafting.draft(page=page, targets=[target], my_name="Amina", key=new_id(), now=now)
        assert name in because
        assert name in card.evidence
        assert drafted.subject == name
    assert finding.area_name("alvenia/N2", language="ar") == "المستنقع"
    assert finding.area_name("nowhere/N2", language="ar") == ""


def test_a_page_to_a_named_post_promises_no_search_for_a_representative(now):
    alvenia()
    page = an_email_page(an_organization(), posts=[("post", "alvenia/minister/interior")])

    shown = Client(**HOST).get(f"/{page.slug}/").content.decode()

    holder = finding.target_by_key("alvenia/minister/interior", organization=None, now=now).holder
    assert f"Write to <bdi>{holder}</bdi>" in shown
    assert "representative" not in shown
    assert "We find who speaks for you" not in shown


def test_who_asked_not_to_be_written_to_is_not_called_an_address_that_does_not_work(now):
    alvenia()
    organization = an_organization()
    page = an_email_page(
        organization, dataset_slug="alvenia", legislatures=[("legislature", "diet")], posts=[]
    )
    contacting.record_override(
        organization=organization,
        target_key="alvenia/diet/N1",
        type="none",
        value="",
        reason="asked us",
        by=a_member_of_staff(organization, "administrator"),
        now=now,
    )
    said = {
        "step": "details",
        "given-name": "Amina",
        "family-name": "Rahal",
        "email": "amina@example.net",
        "postal-code": "1001",
    }

    shown = Client(**HOST).post(f"/{page.slug}/", said).content.decode()

    assert "has asked not to be written to" in shown
    assert "This office does not want letters from here" in shown
    assert "no working address" not in shown


# --- Links in mails ---


def test_links_in_a_second_organizations_mails_lead_to_its_own_site(now, settings):
    settings.BASE_URL = "https://open-doors.test"
    first, second, third = an_organization(), an_organization("lanterns"), an_organization("no-site")
    an_email_page(first)
    an_email_page(second)
    Site.objects.filter(hostname="lanterns.test").update(port=443)

    assert address_of(first) == "https://open-doors.test"
    assert address_of(second) == "https://lanterns.test"
    assert address_of(third) == "https://open-doors.test"


def test_the_default_site_answers_at_the_base_url_and_a_host_not_let_in_is_not_named(now, settings):
    first, second = an_organization(), an_organization("lanterns")
    an_email_page(first)
    an_email_page(second)
    Site.objects.filter(hostname="lanterns.test").update(hostname="lanterns.example.org")

    assert address_of(first) == settings.BASE_URL
    assert address_of(second) == settings.BASE_URL


def test_a_port_of_its_own_is_part_of_the_address(settings):
    an_email_page(an_organization())
    second = an_organization("lanterns")
    an_email_page(second)
    Site.objects.filter(hostname="lanterns.test").update(port=9000)

    assert address_of(second) == "http://lanterns.test:9000"


# --- A retry counts from the first attempt ---


def test_a_letter_released_late_is_tried_for_five_days_and_not_once(mail_server, now):
    alvenia()
    page = an_email_page(an_organization())
    message = a_letter(page, target_key="alvenia/diet/N1", target_name="Dr Marit Osk", created_at=now)
    mail_server.answer = lambda _recipient: "451 4.3.0 later"
    later = now + timedelta(days=20)

    run_line("letters", now_source=lambda: later)
    message.refresh_from_db()
    assert message.state == "queued"
    assert message.first_tried_at - later < timedelta(seconds=5)

    for days in (3, 6):
        Message.objects.update(next_attempt_at=later)
        run_line("letters", now_source=lambda days=days: later + timedelta(days=days))
    message.refresh_from_db()
    assert message.state == "failed"

    chidi = a_member_of_staff(page.organization, "approver")
    again = later + timedelta(days=7)
    moderating.retry(messages=Message.objects.all(), by=chidi, now=again)
    run_line("letters", now_source=lambda: again)
    message.refresh_from_db()
    assert message.state == "queued"
    assert message.first_tried_at >= again
    assert Notice.objects.filter(kind="letter_failed").count() == 1
