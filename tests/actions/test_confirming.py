"""The link in the mail: scanners open it, people press the button, and both may do so as often as they like."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.actions import confirming, expiring, taking
from amparo.actions.models import Action, Confirmation, Message, MessageEvent
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, ConsentRecord, Purpose, Supporter
from tests.factories.deeds import a_deed, a_written_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def take(page, now, **fields):
    taking.take(page=page, deed=a_deed(**fields), now=now)
    return confirming.link_for(Confirmation.objects.filter(closed_at=None).get().pk)


def test_looking_changes_nothing(page, now):
    token = take(page, now)

    confirming.look_up(token=token, now=now)

    assert Action.objects.get().state == "pending"
    assert Confirmation.objects.get().used_at is None


def test_the_button_queues_the_letter_and_confirms_the_address(page, now):
    token = take(page, now)

    confirming.confirm(token=token, now=now)

    assert Action.objects.get().state == "confirmed"
    assert Message.objects.get().state == "queued"
    assert Supporter.objects.get().confirmed_at == now
    assert list(MessageEvent.objects.values_list("state", flat=True)) == ["pending", "queued"]


def test_pressing_twice_changes_nothing_more(page, now):
    token = take(page, now)

    confirming.confirm(token=token, now=now)
    confirming.confirm(token=token, now=now + timedelta(hours=1))

    assert MessageEvent.objects.count() == 2
    assert Action.objects.get().confirmed_at == now


def test_two_letters_to_one_page_become_one_and_it_is_the_newer(page, now):
    take(page, now, letters=[a_written_letter(body="An older letter. " * 10)])
    token = take(page, now + timedelta(minutes=1), letters=[a_written_letter(body="A newer letter. " * 10)])

    confirming.confirm(token=token, now=now)

    queued = Message.objects.get(state="queued")
    assert queued.body.startswith("A newer letter")
    assert sorted(Action.objects.values_list("state", flat=True)) == ["confirmed", "superseded"]
    assert Message.objects.filter(state="withdrawn").count() == 1


def test_somebody_who_wrote_already_does_not_write_twice(page, now):
    confirming.confirm(token=take(page, now), now=now)
    second = take(page, now)

    confirming.confirm(token=second, now=now)

    assert Action.objects.confirmed().count() == 1
    assert Message.objects.filter(state="queued").count() == 1


def test_one_link_confirms_what_was_done_with_two_organizations(page, now):
    other = an_email_page(an_organization(slug="other"))
    take(page, now)
    token = take(other, now)

    confirming.confirm(token=token, now=now)

    assert Action.objects.confirmed().count() == 2
    assert Supporter.objects.filter(confirmed_at=now).count() == 2


def test_consent_reaches_the_ledger_with_its_wording(page, now):
    wording = wordings.word(
        organization=page.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we?",
    )
    confirming.confirm(token=take(page, now, consents={wording.pk: True}), now=now)

    line = ConsentRecord.objects.get()
    assert (line.granted, line.wording, line.source) == (True, wording, "/write/")
    assert consent.may_contact(supporter=line.supporter, purpose=Purpose.NEWS, channel=Channel.EMAIL)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"), lambda t: "x", lambda t: t + "a"]
)
def test_an_altered_link_and_an_unknown_one_get_the_same_answer(page, now, change):
    token = take(page, now)

    with pytest.raises(confirming.LinkExpired) as refused:
        confirming.look_up(token=change(token), now=now)

    assert str(refused.value) == str(confirming.LinkExpired())


def test_capitals_do_not_break_a_link(page, now):
    assert confirming.look_up(token=take(page, now).upper(), now=now)


def test_a_links_week_begins_when_its_mail_left(page, now):
    token = take(page, now)
    confirmation = Confirmation.objects.get()

    assert confirming.look_up(token=token, now=now + timedelta(days=30)), (
        "no mail left yet: its time has not begun"
    )
    confirming.mail_left(confirmation_id=confirmation.pk, now=now)
    assert confirming.look_up(token=token, now=now + timedelta(days=6))
    with pytest.raises(confirming.LinkExpired):
        confirming.look_up(token=token, now=now + timedelta(days=7))


def test_an_expired_link_ends_its_letters_and_a_new_one_can_be_had(page, now):
    take(page, now)
    confirming.mail_left(confirmation_id=Confirmation.objects.get().pk, now=now)
    later = now + timedelta(days=8)

    assert expiring.expire_links(now=later) == 1

    assert (Action.objects.get().state, Message.objects.get().state) == ("expired", "expired")
    token = take(page, later)
    confirming.confirm(token=token, now=later)
    assert Action.objects.confirmed().count() == 1


def test_a_letter_confirmed_after_the_hard_stop_never_leaves(now):
    page = an_email_page(an_organization(), hard_stop=now + timedelta(hours=1))
    token = take(page, now)

    confirming.confirm(token=token, now=now + timedelta(hours=2))

    assert Message.objects.get().state == "expired"


def test_a_letter_for_an_offices_form_counts_as_done_by_the_supporter(page, now):
    token = take(
        page, now, letters=[a_written_letter(by_form=True, form_url="https://office.example.org/contact")]
    )

    confirming.confirm(token=token, now=now)

    assert Message.objects.get().state == "by_form_done"


def test_a_link_that_could_never_be_mailed_ends_after_two_weeks(page, now):
    take(page, now)

    assert expiring.expire_links(now=now + timedelta(days=13)) == 0
    assert expiring.expire_links(now=now + timedelta(days=14)) == 1
    assert Action.objects.get().state == "expired"
