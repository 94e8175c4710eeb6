"""Suzie presses "send": everything is stored at once, once, and nobody can tell who she is from the answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from amparo.actions import taking
from amparo.actions.models import Action, Confirmation, Message, MessageEvent
from amparo.kit import proof_of_work
from amparo.kit.throttle import Limit
from amparo.mailings.models import Notice
from amparo.organizations import limits
from amparo.organizations.models import AttemptCount, SpentProof
from amparo.supporters import wordings
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
    wording = wordings.word(
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


def at_the_door(page, deed, now, **fields):
    """Suzie's form as the public page hands it on."""
    fields = {"network": "192.0.2.0/24", "proof": "solved", "trapped": False} | fields
    taking.take_from_stranger(page=page, deed=deed, now=now, **fields)


@pytest.fixture
def proofs(monkeypatch):
    """What a browser solved is its own challenge; anything else solves none."""
    monkeypatch.setattr(proof_of_work, "check", lambda payload, now: payload or None)


def test_one_proof_of_work_speaks_for_one_letter(page, now, proofs):
    at_the_door(page, a_deed(email="suzie@example.org"), now)
    at_the_door(page, a_deed(email="mallory@example.org"), now)

    assert list(Notice.objects.order_by("created_at", "urgency").values_list("urgency", flat=True)) == [1, 3]


def test_beyond_the_networks_cap_nothing_is_stored_and_mallory_is_told(page, now, proofs, monkeypatch):
    monkeypatch.setattr(limits, "WITHOUT_PROOF", Limit("a-test", count=2, seconds=3600))
    for number in range(2):
        at_the_door(page, a_deed(email=f"m{number}@example.org"), now, proof="")

    with pytest.raises(taking.TooManyFromNetwork):
        at_the_door(page, a_deed(email="m2@example.org"), now, proof="")

    assert Action.objects.count() == 2


def test_a_trapped_robot_and_an_address_beyond_its_cap_are_told_nothing(page, now, proofs, monkeypatch):
    monkeypatch.setattr(limits, "FOR_ONE_ADDRESS", Limit("a-test", count=1, seconds=3600))

    at_the_door(page, a_deed(email="robot@example.org"), now, proof="a", trapped=True)
    for proof in ("b", "c"):
        at_the_door(page, a_deed(), now, proof=proof)

    assert Action.objects.count() == 1


def test_a_form_that_could_not_be_stored_has_used_up_nothing(page, now, proofs, monkeypatch):
    def disk_full(**_everything):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(taking, "_store_new", disk_full)
        with pytest.raises(OperationalError):
            at_the_door(page, a_deed(), now)
    assert not SpentProof.objects.exists()
    assert not AttemptCount.objects.exists()

    at_the_door(page, a_deed(), now)
    assert Notice.objects.get().urgency == 1


def test_a_closed_page_takes_nothing_at_the_door(now, proofs):
    page = an_email_page(an_organization(), hard_stop=now)

    with pytest.raises(taking.PageClosed):
        at_the_door(page, a_deed(), now)
    assert not AttemptCount.objects.exists()


def test_a_form_that_was_stored_is_never_told_that_it_was_not(page, now, monkeypatch):
    deed = a_deed()
    door = {"page": page, "deed": deed, "network": "192.0.2.1", "proof": "", "trapped": False, "now": now}
    taking.take_from_stranger(**door)
    monkeypatch.setattr(taking.limits, "allow", lambda *_args, **_kwargs: False)

    taking.take_from_stranger(**door)

    with pytest.raises(taking.TooManyFromNetwork):
        taking.take_from_stranger(**{**door, "deed": a_deed()})
    assert Action.objects.count() == 1
