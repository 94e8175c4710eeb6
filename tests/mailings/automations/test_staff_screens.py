"""Bruno writes a welcome series, Chidi switches it on; what is on cannot be changed; the screen says who did what."""

from __future__ import annotations

import pytest
from django.urls import reverse

from amparo.mailings.automations import editions
from amparo.mailings.composer import composing
from amparo.mailings.models import Automation, Mailing
from tests.factories.automations import an_automation
from tests.factories.composed import WORDS
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def at(name, *args) -> str:
    return reverse(name, args=args)


def test_bruno_writes_a_series_and_chidi_switches_it_on(doors, now):
    bruno = signed_in(a_member_of_staff(doors, role="editor", email="bruno@example.org"))
    chidi = signed_in(a_member_of_staff(doors, role="approver", email="chidi@example.org"))
    made = bruno.post(
        at("staff_automation_new"), {"name": "Newcomers", "kind": "welcome", "organization": doors.pk}
    )
    automation = Automation.objects.get()
    assert made.url == at("staff_automation", automation.pk)
    bruno.post(at("staff_automation_add", automation.pk), {"days": 3})
    second = automation.steps.get(number=2)
    bruno.post(at("staff_automation_days", second.pk), {"days": 5})
    second.refresh_from_db()
    assert second.days == 5

    page = bruno.get(at("staff_automation", automation.pk)).content.decode()
    assert "It has no subject." in page  # mail 2 is not written yet
    assert at("staff_automation_on", automation.pk) not in page
    assert bruno.get(at("staff_automation_on", automation.pk)).status_code in (302, 403)
    refused = chidi.post(at("staff_automation_on", automation.pk)).content.decode()
    assert "Mend this first" in refused
    for text in editions.text_of(second).texts.all():
        composing.write(text=text, subject="Hello", preview="", raw=[WORDS], seen=None, by=None, now=now)
    chidi.post(at("staff_automation_on", automation.pk))
    automation.refresh_from_db()
    assert automation.is_on

    page = chidi.get(at("staff_automation", automation.pk)).content.decode()
    assert "switch automation on" in page
    assert "chidi@example.org" in page or "Chidi" in page
    text = editions.text_of(second).texts.first()
    assert f'href="{at("staff_mailing_text", text.pk)}"' not in page
    assert "Newcomers" in bruno.get(at("staff_automations")).content.decode()
    bruno.post(at("staff_automation_off", automation.pk))
    automation.refresh_from_db()
    assert not automation.is_on


def test_texts_of_automations_are_no_mailings_in_the_list(doors):
    automation = an_automation(doors, is_on=False)
    bruno = signed_in(a_member_of_staff(doors, role="editor", email="bruno@example.org"))
    written = Mailing.objects.get(use="step")
    assert "Our welcome" not in bruno.get(at("staff_mailings")).content.decode()
    assert bruno.get(at("staff_mailing", written.pk)).url == at("staff_automation", automation.pk)


def test_the_day_and_hour_of_a_digest_are_chosen_on_its_screen(doors):
    bruno = signed_in(a_member_of_staff(doors, role="editor", email="bruno@example.org"))
    made = bruno.post(
        at("staff_automation_new"), {"name": "Fridays", "kind": "digest", "organization": doors.pk}
    )
    automation = Automation.objects.get()
    assert made.url == at("staff_automation_change", automation.pk)
    bruno.post(made.url, {"name": "Mondays", "weekday": "0", "hour": "18"})
    automation.refresh_from_db()
    assert (automation.name, automation.weekday, automation.hour) == ("Mondays", 0, 18)
    page = bruno.get(at("staff_automation", automation.pk)).content.decode()
    assert "Monday" in page
    bruno.post(at("staff_automation_delete", automation.pk))
    assert not Automation.objects.exists()
