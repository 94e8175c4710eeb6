"""Suzie agrees to texts, Bruno writes one, Chidi approves it, her telephone gets it; her STOP holds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import Role
from amparo.kit.work import run_line
from amparo.mailings import steering
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing
from amparo.mailings.progress import progress
from amparo.organizations.models import Organization
from amparo.supporters import consent, linking, wordings
from amparo.supporters.models import Channel, Purpose
from tests.factories.mailings import a_segment
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.signed_pages import a_petition
from tests.factories.texts import a_number, a_text_reader
from tests.fakes.text_provider import SENDER, TOKEN, a_text_provider
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def provider(settings, monkeypatch):
    with a_text_provider(settings, monkeypatch) as running:
        yield running


@pytest.fixture
def organization():
    """Its quiet hours are some hours from now."""
    soon = timezone.now() + timedelta(hours=6)
    doors = an_organization(postal_address="1 Long Lane", second_person_above=1, time_zone="UTC")
    Organization.objects.filter(pk=doors.pk).update(
        quiet_from=soon.time().replace(second=0, microsecond=0),
        quiet_until=(soon + timedelta(hours=2)).time().replace(second=0, microsecond=0),
    )
    doors.refresh_from_db()
    a_petition(doors)
    words = "Text me when an action is urgent."
    wordings.word(organization=doors, purpose=Purpose.NEWS, channel=Channel.SMS, language="en", text=words)
    return doors


def at_their_desk(visit_staff, user, *, size=DESK):
    visitor = visit_staff(size=size)
    cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.server.url}])
    return visitor


def press(visitor, words):
    link = visitor.page.get_by_role("link", name=words, exact=True)
    with visitor.page.expect_navigation():
        link.or_(visitor.page.get_by_role("button", name=words, exact=True)).first.click()


def shot(visitor, name):
    """A picture of the screen, for whoever asks for them."""
    folder = os.environ.get("AMPARO_SHOTS")
    if folder:
        visitor.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def answer_stop(settings, number):
    """What the provider posts when somebody answers STOP."""
    path, told = reverse("text_answer"), {"Body": "Stop", "From": number, "To": SENDER}
    said = settings.BASE_URL + path + "".join(name + told[name] for name in sorted(told))
    signed = base64.b64encode(hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()).decode()
    return Client().post(path, told, headers={"X-Twilio-Signature": signed})


def test_a_text_goes_from_bruno_by_chidi_to_suzie_until_she_answers_stop(
    visit, visit_staff, organization, provider, work, settings
):
    suzie = a_text_reader(organization, "Suzie", email="suzie@example.org", phone=a_number(1), agreed_to=0)
    a_text_reader(organization, "Amina", email="amina@example.org", phone=a_number(2))
    a_segment(organization)

    reader = visit(size=PHONE)
    reader.go(linking.url_of(suzie))
    reader.check_page()
    with reader.page.expect_navigation():
        reader.page.get_by_role("button", name="Yes, I agree").first.click()
    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.SMS)

    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        looked_at = at_their_desk(
            visit_staff, a_member_of_staff(organization, Role.EDITOR, email="bruno@example.org"), size=size
        )
        looked_at.go("/staff/mailings/new/")
        looked_at.check_page()
        shot(looked_at, f"new-{name}")
    bruno = looked_at
    bruno.page.get_by_label("Name").fill("Hearing tomorrow")
    bruno.page.get_by_label("Leaves as").select_option("sms")
    press(bruno, "Begin to write")
    words = f"{organization.name}: Dear {{first name|friend}}, Ilan has a hearing. Please write.\nAnswer STOP to end."
    bruno.page.get_by_label("Words").fill(words)
    press(bruno, "Save")
    assert "It has one part." in bruno.text
    mailing = Mailing.objects.get()
    text = mailing.texts.get()
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        bruno.page.set_viewport_size(size)
        for screen in ("staff_text_message", "staff_text_message_preview", "staff_text_message_test"):
            bruno.go(reverse(screen, args=[text.pk]))
            bruno.check_page()
            shot(bruno, f"{screen}-{name}")
    bruno.go(f"/staff/mailings/{mailing.pk}/")
    press(bruno, "Choose the audience…")
    press(bruno, "Save and count")
    assert "2 people" in bruno.text
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        bruno.page.set_viewport_size(size)
        bruno.go(f"/staff/mailings/{mailing.pk}/")
        bruno.check_page()
        shot(bruno, f"mailing-{name}")
    press(bruno, "Hand it on for approval…")
    press(bruno, "It is ready")

    chidi = at_their_desk(
        visit_staff, a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org"), size=PHONE
    )
    chidi.go(f"/staff/mailings/{mailing.pk}/")
    press(chidi, "Approve…")
    chidi.check_page()
    shot(chidi, "approve-phone")
    press(chidi, "Approve it")

    begins = timezone.now() + timedelta(minutes=11)
    work(at=begins)
    assert provider.said_to(a_number(1)) == [
        f"{organization.name}: Dear Suzie, Ilan has a hearing. Please write.\nAnswer STOP to end."
    ]
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        chidi.page.set_viewport_size(size)
        chidi.go(f"/staff/mailings/{mailing.pk}/")
        chidi.check_page()
        shot(chidi, f"sent-{name}")
    assert work.mails.to("suzie@example.org") == []

    assert answer_stop(settings, a_number(1)).status_code == 200
    reader.go(linking.url_of(suzie))
    assert reader.page.get_by_role("button", name="Yes, I agree").count() == 1

    again = composing.copy(mailing=Mailing.objects.get(), name="Once more", by=None, now=begins)
    steering.make_ready(mailing=again, by=None, now=begins)
    steering.approve(mailing=again, at=begins, by=None, now=begins)
    run_line("audiences", now_source=lambda: begins)
    work(at=begins + timedelta(minutes=1))
    assert progress(again).by_outcome == {"sent": 1}
    assert len(provider.said_to(a_number(1))) == 1
    assert len(provider.said_to(a_number(2))) == 2
