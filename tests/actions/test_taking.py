"""Suzie presses "send": everything is stored at once, once, and nobody can tell who she is from the answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from amparo.actions import taking
from amparo.actions.models import Action, Confirmation, Message, MessageEvent
from amparo.mailings.models import Notice
from amparo.supporters import consent
from amparo.supporters.models import Channel, ConsentRecord, Purpose, Supporter
from tests.factories.deeds import a_deed, a_written_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def test_suzies_letter_is_stored_with_its_confirmation_mail(page, now):
    taking.take(page=page, deed=a_deed(), now=now)

    message = Message.objects.get()
    assert (message.state, message.body.startswith("Please ask")) == ("pending", True)
    assert [event.state for event in MessageEvent.objects.filter(message_id=message.pk)] == ["pending"]
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient, notice.urgency) == ("confirm_action", "suzie@example.org", 1)


def test_the_same_form_twice_makes_one_action(page, now):
    deed = a_deed()

    for _click in range(3):
        taking.take(page=page, deed=deed, now=now)

    assert (Action.objects.count(), Message.objects.count(), Notice.objects.count()) == (1, 1, 1)


def test_a_letter_without_proof_of_work_waits_behind_the_others(page, now):
    taking.take(page=page, deed=a_deed(proved=False), now=now)

    notice = Notice.objects.get()
    assert notice.urgency == 3
    assert notice.next_attempt_at == now + timedelta(seconds=60)


def test_a_stranger_gets_one_confirmation_mail_a_day_over_all_organizations(page, now):
    other = an_email_page(an_organization(slug="other"))

    for each in (page, page, other):
        taking.take(page=each, deed=a_deed(), now=now)

    assert Notice.objects.count() == 1
    assert Confirmation.objects.count() == 1
    assert Action.objects.filter(confirmation=Confirmation.objects.get()).count() == 3


def test_the_next_day_the_same_link_may_be_mailed_again(page, now):
    taking.take(page=page, deed=a_deed(), now=now)
    taking.take(page=page, deed=a_deed(), now=now + timedelta(days=1))

    assert Notice.objects.count() == 2
    assert len(set(Notice.objects.values_list("subject_id", flat=True))) == 1


def test_somebody_who_confirmed_lately_gets_up_to_five_a_day(page, now):
    taking.take(page=page, deed=a_deed(), now=now - timedelta(days=89))
    Confirmation.objects.update(used_at=now - timedelta(days=89), closed_at=now - timedelta(days=89))

    for _letter in range(7):
        taking.take(page=page, deed=a_deed(), now=now)

    assert Notice.objects.filter(created_at=now).count() == 5


def test_two_spellings_of_one_address_are_one_supporter(page, now):
    taking.take(page=page, deed=a_deed(email="suzie@example.org"), now=now)
    taking.take(page=page, deed=a_deed(email="Suzie@EXAMPLE.org"), now=now)

    assert Supporter.objects.count() == 1


def test_mallory_cannot_change_what_is_known_of_amina(page, now):
    taking.take(page=page, deed=a_deed(given_name="Amina", email="amina@example.org"), now=now)
    taking.take(page=page, deed=a_deed(given_name="Mallory", email="amina@example.org"), now=now)

    assert Supporter.objects.get().given_name == "Amina"


def test_answers_about_consent_are_kept_but_reach_the_ledger_only_when_confirmed(page, now):
    wording = consent.word(
        organization=page.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we?",
    )

    taking.take(page=page, deed=a_deed(consents={wording.pk: True}), now=now)

    assert Action.objects.get().consent_answers == {str(wording.pk): True}
    assert not ConsentRecord.objects.exists()


def test_nothing_is_taken_after_the_hard_stop(now):
    page = an_email_page(an_organization(), hard_stop=now)

    with pytest.raises(taking.PageClosed):
        taking.take(page=page, deed=a_deed(), now=now)

    assert not Supporter.objects.exists()


def test_a_letter_for_an_offices_own_form_stores_no_words(page, now):
    letter = a_written_letter(by_form=True, form_url="https://office.example.org/contact")

    taking.take(page=page, deed=a_deed(letters=[letter]), now=now)

    message = Message.objects.get()
    assert (message.subject, message.body, message.form_url) == (
        None,
        None,
        "https://office.example.org/contact",
    )


def test_when_the_mail_cannot_be_queued_nothing_is_stored(page, now, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(taking.posting, "post_notice", full)

    with pytest.raises(OSError, match="no space"):
        taking.take(page=page, deed=a_deed(key=uuid4()), now=now)

    assert not Action.objects.exists()
    assert not Supporter.objects.exists()
