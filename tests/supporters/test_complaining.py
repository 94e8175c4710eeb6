"""A complaint is acknowledged at once, has a clock of 30 days, and ends with an answer (DPA 2018, s. 164A)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from amparo.accounts.models import AuditEntry, Role
from amparo.kit.work import run_line
from amparo.supporters.models import Complaint, Supporter
from amparo.supporters.rights import complaining
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def suzie():
    organization = an_organization()
    a_site(organization)
    found = a_supporter(organization, given_name="Suzie", email="suzie@example.org")
    Supporter.objects.filter(pk=found.pk).update(confirmed_at=NOW)
    return Supporter.objects.get(pk=found.pk)


@pytest.fixture
def chidi(suzie):
    return a_member_of_staff(suzie.organization, Role.ADMINISTRATOR)


@pytest.fixture
def complaint(suzie):
    complaining.complain(supporter=suzie, text="You wrote to me twice.", key=uuid4(), language="en", now=NOW)
    return Complaint.objects.get()


def test_it_is_acknowledged_at_once_with_its_own_words(mail_server, complaint):
    assert complaint.acknowledged_at is None

    run_line("notices", now_source=lambda: NOW)

    (mail,) = mail_server.to("suzie@example.org")
    assert "You wrote to me twice." in mail.get_content()
    assert "22 December 2026" in " ".join(mail.get_content().split())
    assert "/me/" in mail.get_content()
    complaint.refresh_from_db()
    assert complaint.acknowledged_at == NOW


def test_the_same_form_twice_is_one_complaint(suzie, complaint):
    complaining.complain(supporter=suzie, text="Again.", key=complaint.key, language="en", now=NOW)

    assert Complaint.objects.get().text == "You wrote to me twice."


def test_chidi_answers_and_suzie_hears(mail_server, complaint, chidi):
    answer = signed_in(chidi).post(
        reverse("staff_complaint", args=[complaint.pk]), {"answer": "Dear Suzie, it was a mistake of ours."}
    )

    assert answer.status_code == 302
    run_line("notices", now_source=lambda: complaint.received_at + timedelta(days=40))
    mails = [mail.get_content() for mail in mail_server.to("suzie@example.org")]
    assert sum("a mistake of ours" in mail for mail in mails) == 1
    complaint.refresh_from_db()
    assert complaint.answered_by == chidi
    assert complaint.acknowledged_at is not None
    assert AuditEntry.objects.filter(verb="answer_complaint", actor=chidi).count() == 1


def test_it_is_answered_once(complaint, chidi):
    complaining.answer(complaint=complaint, text="First.", by=chidi, now=NOW)

    with pytest.raises(complaining.AlreadyAnswered):
        complaining.answer(complaint=complaint, text="Second.", by=chidi, now=NOW)
    assert Complaint.objects.get().answer == "First."


def test_the_register_says_what_is_owed(complaint, chidi):
    Complaint.objects.update(received_at=NOW - timedelta(days=60))
    browser = signed_in(chidi)

    shown = browser.get(reverse("staff_complaints")).content.decode()

    assert "overdue" in shown
    assert "23 Oct 2026" in shown
    assert "You wrote to me twice." not in shown, "the words stand on a screen of their own"
    assert (
        "You wrote to me twice."
        in browser.get(reverse("staff_complaint", args=[complaint.pk])).content.decode()
    )


def test_the_clock_is_that_of_the_law_the_organization_chose(complaint):
    assert complaining.owed_by(complaint) == NOW + timedelta(days=30)

    complaint.organization.jurisdiction = "eu"

    assert complaining.owed_by(complaint) == NOW + timedelta(days=28)


def test_what_is_answered_stands_last(suzie, complaint, chidi):
    complaining.answer(complaint=complaint, text="It was a mistake of ours.", by=chidi, now=NOW)
    later = NOW + timedelta(days=2)
    complaining.complain(supporter=suzie, text="Again.", key=uuid4(), language="en", now=later)

    shown = signed_in(chidi).get(reverse("staff_complaints")).content.decode()

    assert shown.index("2026-11-24") < shown.index("2026-11-22")


def test_an_approver_does_not_see_complaints(suzie, complaint):
    approver = a_member_of_staff(suzie.organization, Role.APPROVER)

    answer = signed_in(approver).get(reverse("staff_complaint", args=[complaint.pk]))

    assert answer.status_code in {302, 403}


def test_what_was_answered_is_shown_and_cannot_be_changed(complaint, chidi):
    complaining.answer(complaint=complaint, text="It was a mistake of ours.", by=chidi, now=NOW)
    browser = signed_in(chidi)
    place = reverse("staff_complaint", args=[complaint.pk])

    assert "It was a mistake of ours." in browser.get(place).content.decode()
    browser.post(place, {"answer": "Something else."})
    assert Complaint.objects.get().answer == "It was a mistake of ours."
