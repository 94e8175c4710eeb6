"""Words go 28 days after they left, people six months after the action is over; what was counted stays counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.actions import erasing, taking
from amparo.actions.models import Action, Confirmation, Message
from amparo.mailings import posting
from amparo.mailings.answers import forgetting
from amparo.mailings.models import MailAllowance, Notice
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose, Supporter
from tests.factories.deeds import a_deed
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db
HALF_A_YEAR = timedelta(days=183)


def test_the_words_of_a_letter_go_after_28_days(now):
    letter = a_letter(an_email_page(an_organization()), state=Message.State.SENT, now=now)

    assert erasing.erase_texts(now=now + timedelta(days=27)) == 0
    assert erasing.erase_texts(now=now + timedelta(days=28)) == 1

    letter.refresh_from_db()
    assert (letter.body, letter.subject, letter.state) == (None, None, "sent")


def test_a_letter_that_still_waits_keeps_its_words(now):
    a_letter(an_email_page(an_organization()), state=Message.State.QUEUED, now=now)

    assert erasing.erase_texts(now=now + timedelta(days=60)) == 0


def test_people_go_half_a_year_after_the_action_is_over(now):
    page = an_email_page(an_organization(), hard_stop=now)
    an_action(page, now=now)

    assert erasing.anonymize_people(now=now + timedelta(days=100)) == 0
    assert erasing.anonymize_people(now=now + HALF_A_YEAR) == 1

    supporter, action = Supporter.objects.get(), Action.objects.get()
    assert (supporter.given_name, supporter.email, supporter.email_fingerprint) == (None, None, None)
    assert (action.given_name, action.state) == (None, "confirmed")


def test_who_agreed_to_stay_stays(now):
    page = an_email_page(an_organization(), hard_stop=now)
    supporter = a_supporter(page.organization)
    an_action(page, supporter=supporter, now=now)
    wording = wordings.word(
        organization=page.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we?",
    )
    consent.record(supporter=supporter, answers={wording.pk: True}, source="/write/", now=now)

    assert erasing.anonymize_people(now=now + HALF_A_YEAR) == 0


def test_who_still_acts_elsewhere_stays(now):
    organization = an_organization()
    supporter = a_supporter(organization)
    an_action(an_email_page(organization, hard_stop=now), supporter=supporter, now=now)
    an_action(an_email_page(organization, title="Another"), supporter=supporter, now=now)

    assert erasing.anonymize_people(now=now + HALF_A_YEAR) == 0


def test_on_a_page_that_never_closes_people_go_a_year_after_they_acted(now):
    page = an_email_page(an_organization())
    an_action(page, now=now)

    assert erasing.anonymize_people(now=now + timedelta(days=364)) == 0
    assert erasing.anonymize_people(now=now + timedelta(days=365)) == 1


def test_somebody_who_came_by_a_list_is_not_forgotten_because_a_stranger_typed_their_address(now):
    page = an_email_page(an_organization(), hard_stop=now)
    amina = a_supporter(page.organization, now=now - timedelta(days=30))
    an_action(page, supporter=amina, state=Action.State.EXPIRED, now=now)

    assert erasing.anonymize_people(now=now + timedelta(days=30)) == 0
    assert erasing.anonymize_people(now=now + timedelta(days=336)) == 1


def test_who_agreed_to_anything_that_lasts_stays(now):
    page = an_email_page(an_organization(), hard_stop=now)
    supporter = a_supporter(page.organization)
    an_action(page, supporter=supporter, now=now)
    wording = wordings.word(
        organization=page.organization,
        purpose=Purpose.EVENTS,
        channel=Channel.EMAIL,
        language="en",
        text="May we invite you?",
    )
    consent.record(supporter=supporter, answers={wording.pk: True}, source="/write/", now=now)

    assert erasing.anonymize_people(now=now + timedelta(days=4000)) == 0


def test_a_merged_person_goes_whole_and_only_when_all_of_their_deeds_are_over(now):
    organization = an_organization()
    amina, again = (a_supporter(organization, email=f"{name}@example.org") for name in ("amina", "amina.r"))
    Supporter.objects.filter(pk=again.pk).update(merged_into=amina)
    an_action(an_email_page(organization, hard_stop=now), supporter=amina, now=now)
    page = an_email_page(organization, title="Later", hard_stop=now + timedelta(days=30))
    an_action(page, supporter=again, now=now)

    assert erasing.anonymize_people(now=now + HALF_A_YEAR) == 0
    assert erasing.anonymize_people(now=now + HALF_A_YEAR + timedelta(days=30)) == 1
    assert not Supporter.objects.filter(anonymized_at__isnull=True).exists()


def test_who_never_confirmed_goes_two_weeks_later(now):
    page = an_email_page(an_organization())
    an_action(page, state=Action.State.EXPIRED, now=now)

    assert erasing.anonymize_people(now=now + timedelta(days=13)) == 0
    assert erasing.anonymize_people(now=now + timedelta(days=15)) == 1


def test_the_address_on_a_settled_notice_goes_after_a_week(now):
    Notice.objects.create(
        organization=an_organization(),
        kind="confirm_action",
        subject_id="019395b0-0000-7000-8000-000000000001",
        recipient="suzie@example.org",
        state=Notice.State.SENT,
        next_attempt_at=now,
        created_at=now,
        sent_at=now,
    )

    assert forgetting.forget_recipients(now=now + timedelta(days=6)) == 0
    assert forgetting.forget_recipients(now=now + timedelta(days=8)) == 1
    assert Notice.objects.get().recipient is None


def test_those_who_stay_do_not_stand_in_the_way_of_the_others(now, monkeypatch):
    monkeypatch.setattr(erasing, "BATCH", 2)
    page = an_email_page(an_organization(), hard_stop=now)
    wording = wordings.word(
        organization=page.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we?",
    )
    for n in range(4):
        supporter = a_supporter(page.organization, email=f"{n}@example.org")
        an_action(page, supporter=supporter, now=now)
        consent.record(supporter=supporter, answers={wording.pk: n < 3}, source="/write/", now=now)

    assert erasing.anonymize_people(now=now + HALF_A_YEAR) == 1
    assert Supporter.objects.filter(anonymized_at__isnull=True).count() == 3


def test_marks_go_when_they_decide_nothing_any_more(now):
    taking.take(page=an_email_page(an_organization()), deed=a_deed(), now=now)
    Confirmation.objects.update(closed_at=now, used_at=now)

    assert erasing.forget_links(now=now) + posting.forget_allowances(now=now) == 0
    erasing.forget_links(now=now + timedelta(days=92))
    posting.forget_allowances(now=now + timedelta(days=92))

    assert not Confirmation.objects.exists()
    assert not MailAllowance.objects.exists()
    assert Action.objects.count() == 1
