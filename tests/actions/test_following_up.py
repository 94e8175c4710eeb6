"""Two weeks later: did they answer Amina? Opening a link records nothing, one reminder leaves, and peace can be had."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from amparo.actions import following_up
from amparo.actions.models import Answer, Message, MessageEvent, NoQuestions
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from amparo.organizations import pausing
from amparo.supporters import suppression
from amparo.supporters.models import Suppression
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY = "alvenia/diet/N1"
WEEKS = timedelta(days=14)


@pytest.fixture
def page():
    alvenia()
    return an_email_page(an_organization())


@pytest.fixture
def sent(page):
    return a_letter(
        page,
        state="sent",
        target_key=DEPUTY,
        target_name="Dr Marit Osk",
        action=an_action(page),
        body="Please ask.\n\nNow.",
    )


def run(at):
    return run_line("questions", now_source=lambda: at)


def questions():
    return Notice.objects.filter(kind="did_they_answer")


def path_of(message, *rest):
    return "/".join(["", "answer", following_up.link_for(message.pk), *rest, ""])


def browser():
    return Client(HTTP_HOST="open-doors.test")


# --- Asking ---


def test_amina_is_asked_once_two_weeks_after_her_letter_left(sent, now):
    run(now + WEEKS - timedelta(seconds=1))
    assert not questions().exists()
    run(now + WEEKS)
    run(now + WEEKS + timedelta(days=1))

    notice = questions().get()
    assert notice.recipient == sent.action.supporter.email
    text = notice_kinds.get(notice.kind)().write(notice)
    assert path_of(sent, "yes") in text.body
    assert path_of(sent, "no") in text.body
    assert path_of(sent, "stop") in text.body
    assert "Dr Marit Osk" in text.body


def test_one_mail_asks_about_all_letters_of_one_action(page, now):
    action = an_action(page)
    for number in range(3):
        a_letter(page, action=action, state="sent", target_key=f"exa/assembly/A{number}")

    run(now + WEEKS)

    assert questions().count() == 1


@pytest.mark.parametrize("state", ["queued", "failed", "bounced", "expired", "uncertain", "withdrawn"])
def test_nobody_is_asked_about_a_letter_that_did_not_arrive(page, state, now):
    a_letter(page, state=state)

    run(now + WEEKS)

    assert not questions().exists()


def test_nobody_is_asked_about_letters_of_long_ago(sent, now):
    run(now + timedelta(days=28))

    assert not questions().exists()


def test_whoever_wants_no_question_is_not_asked(sent, page, now):
    browser().post(path_of(sent, "stop"))
    run(now + WEEKS)

    assert NoQuestions.objects.get().supporter == sent.action.supporter
    assert not questions().exists()


def test_a_suppressed_address_is_not_asked(sent, now):
    supporter = sent.action.supporter
    suppression.suppress(
        organization=supporter.organization,
        email=supporter.email,
        reason=Suppression.Reason.UNSUBSCRIBED,
        source="by link",
        now=now,
    )

    run(now + WEEKS)

    assert not questions().exists()


def test_a_restored_copy_asks_nobody(sent, now):
    pausing.pause_installation(because="restored", now=now)

    run(now + WEEKS)

    assert not questions().exists()


def test_nothing_is_asked_when_the_answer_came_meanwhile(sent, now):
    run(now + WEEKS)
    following_up.record(message=sent, told=following_up.Told("yes"), now=now + WEEKS)

    notice = questions().get()
    assert notice_kinds.get(notice.kind)().write(notice) is None


# --- Answering ---


def test_opening_the_link_records_nothing(sent):
    for rest in ((), ("yes",), ("no",), ("stop",)):
        response = browser().get(path_of(sent, *rest))
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
    assert 'value="yes"' in browser().get(path_of(sent, "yes")).content.decode()

    assert not Answer.objects.exists()
    assert not NoQuestions.objects.exists()


def test_the_answer_is_recorded_by_the_button_and_the_last_word_counts(sent):
    browser().post(path_of(sent), {"step": "answer", "kind": "no"})
    response = browser().post(
        path_of(sent), {"step": "answer", "kind": "yes", "summary": "She will ask in May."}
    )

    answer = Answer.objects.get()
    assert (answer.kind, answer.summary) == ("yes", "She will ask in May.")
    assert "Thank you for telling us" in response.content.decode()
    assert b"She will ask" not in bytes(Answer.objects.values_list("summary", flat=True).get())


def test_without_a_choice_it_asks_again_and_keeps_what_was_typed(sent):
    response = browser().post(path_of(sent), {"step": "answer", "summary": "They rang me."})

    assert response.status_code == 422
    assert "They rang me." in response.content.decode()
    assert not Answer.objects.exists()


@pytest.mark.parametrize("token", ["a" * 48, "x", ""])
def test_a_link_that_is_not_ours_leads_nowhere(token, page):
    response = browser().get(f"/answer/{token}/") if token else browser().get("/answer//")

    assert response.status_code in {404, 410}


def test_the_link_of_somebody_who_was_erased_leads_nowhere(sent, now):
    type(sent.action.supporter).objects.update(
        anonymized_at=now, email=None, email_fingerprint=None, given_name=None, family_name=None,
        postal_code=None, postal_address=None,
    )  # fmt: skip

    assert browser().get(path_of(sent)).status_code == 410


# --- Reminding ---


def test_one_button_reminds_them_with_the_day_and_subject_of_the_first_letter(sent, mail_server, now):
    response = browser().post(path_of(sent), {"step": "answer", "kind": "no"})
    assert "Would you like to remind them?" in response.content.decode()
    assert "22 November 2026" in response.content.decode()
    assert Message.objects.count() == 1

    response = browser().post(path_of(sent), {"step": "remind"})

    assert "on its way" in response.content.decode()
    letter = Message.objects.get(chases=sent)
    assert letter.subject == "Reminder: Ilan Sarr: when will he see a judge?"
    assert "On 22 November 2026 I wrote to you" in letter.body
    assert "> Please ask.\n>\n> Now." in letter.body
    assert MessageEvent.objects.filter(message_id=letter.pk, state="queued").exists()
    run_line("letters", now_source=lambda: letter.next_attempt_at)
    (mail,) = mail_server.to("marit.osk@diet.example.org")
    assert mail["Subject"] == letter.subject


def test_a_second_reminder_is_refused(sent, now):
    following_up.remind(message=sent, now=now)

    with pytest.raises(following_up.RemindedAlready):
        following_up.remind(message=sent, now=now)
    letter = Message.objects.get(chases=sent)
    Message.objects.filter(pk=letter.pk).update(state="sent", sent_at=now)
    letter.refresh_from_db()
    with pytest.raises(following_up.NoReminder):
        following_up.remind(message=letter, now=now)
    assert browser().post(path_of(sent), {"step": "remind"}).status_code == 409


def test_two_clicks_at_once_make_one_reminder(sent, now):
    first = following_up.reminder(message=sent, now=now)
    second = following_up.reminder(message=sent, now=now)

    assert following_up._store(first, now=now)
    assert not following_up._store(second, now=now)


@pytest.mark.parametrize("why", ["answered", "closed", "erased", "long ago", "vacant"])
def test_there_is_no_reminder_where_it_makes_no_sense(sent, page, why, now):
    if why == "answered":
        following_up.record(message=sent, told=following_up.Told("yes"), now=now)
    elif why == "closed":
        page.hard_stop = now
        page.save()
    elif why == "erased":
        Message.objects.update(body=None, erased_at=now)
    elif why == "vacant":
        Message.objects.update(target_key="alvenia/diet/S2")
    sent = Message.objects.get()
    at = now + timedelta(days=91) if why == "long ago" else now

    with pytest.raises(following_up.NoReminder):
        following_up.remind(message=sent, now=at)


def test_a_reminder_is_written_in_the_language_of_the_letter(page, now):
    letter = a_letter(page, state="sent", target_key=DEPUTY, language="fr", subject="Ilan Sarr")

    with translation.override("ar"):
        subject = following_up.reminder(message=letter, now=now).subject

    with translation.override("fr"):
        assert subject == translation.gettext("Reminder: %(subject)s") % {"subject": "Ilan Sarr"}


def test_suzies_reminder_does_not_ask_her_again(page, now):
    suzie = a_supporter(page.organization, given_name="Suzie")
    letter = a_letter(page, state="sent", target_key=DEPUTY, action=an_action(page, supporter=suzie))
    following_up.remind(message=letter, now=now)
    Message.objects.update(state="sent", sent_at=now)

    run(now + WEEKS)
    run(now + WEEKS)

    assert questions().count() == 1
    assert Message.objects.get(chases=letter).asked_at is None
