"""Letters that come back: believed once, told once, and never lost on the way."""

from __future__ import annotations

import mailbox
from contextlib import closing
from uuid import uuid4

import pytest
from django.db import OperationalError

from amparo.actions import bouncing, telling
from amparo.actions.bouncing import Bounces, take_back
from amparo.actions.models import Message, MessageEvent
from amparo.kit.ids import new_id
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.models import Notice
from amparo.targets.models import ContactFailure
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.returned_mail import a_report, an_absence_note, an_answer

pytestmark = pytest.mark.django_db
State = Message.State
OFFICE = "minister@justice.example.org"


@pytest.fixture
def page():
    return an_email_page(an_organization())


@pytest.fixture
def letter(page):
    return a_letter(page, state=State.SENT, sent_to=OFFICE)


def notices():
    return list(Notice.objects.filter(kind=telling.LETTER_BOUNCED).values_list("subject_id", flat=True))


def test_a_letter_to_a_dead_address_is_told_to_its_writer_and_counted_against_the_address(letter, now):
    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.BOUNCED

    letter.refresh_from_db()
    assert letter.state == State.BOUNCED
    assert letter.reason == "5.1.1 <(address)>: no such user"
    assert notices() == [letter.pk]
    assert ContactFailure.objects.filter(address=OFFICE, letter_id=letter.pk).count() == 1
    assert MessageEvent.objects.filter(message_id=letter.pk, state=State.BOUNCED).count() == 1


def test_the_same_report_again_changes_nothing(letter, now):
    take_back(raw=a_report(letter.pk), now=now)

    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.IGNORED
    assert notices() == [letter.pk]
    assert ContactFailure.objects.count() == 1
    assert MessageEvent.objects.filter(message_id=letter.pk, state=State.BOUNCED).count() == 1


def test_an_uncertain_letter_that_comes_back_is_certain_at_last(page, now):
    letter = a_letter(page, state=State.UNCERTAIN, sent_to=OFFICE)

    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.BOUNCED


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD, State.FAILED, State.WITHDRAWN, State.EXPIRED])
def test_a_letter_that_we_do_not_believe_sent_stays_as_it_is(page, now, state):
    letter = a_letter(page, state=state)

    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.IGNORED
    letter.refresh_from_db()
    assert letter.state == state


@pytest.mark.parametrize("state", [State.CLAIMED, State.IN_FLIGHT])
def test_a_report_that_overtakes_our_own_note_waits_for_it(page, now, state):
    letter = a_letter(page, state=state)

    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.LATER


@pytest.mark.parametrize(
    "report",
    [
        {"status": "5.7.1", "diagnostic": "smtp; 550 5.7.1 sender not authorized"},
        {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"},
        {"status": "4.4.7", "diagnostic": "smtp; 421 delivery time expired"},
    ],
)
def test_what_is_not_the_addresss_fault_is_not_counted_against_it(letter, now, report):
    assert take_back(raw=a_report(letter.pk, **report), now=now) is Outcome.BOUNCED

    assert not ContactFailure.objects.exists()
    assert notices() == [letter.pk]


@pytest.mark.parametrize(
    "report",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0", "diagnostic": ""},
        {"action": "relayed", "status": "2.0.0", "diagnostic": ""},
        {"action": "", "status": "4.2.0"},
    ],
)
def test_what_is_no_failure_is_left_alone(letter, now, report):
    assert take_back(raw=a_report(letter.pk, **report), now=now) is Outcome.IGNORED
    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_an_absence_note_is_no_bounce(letter, now):
    assert take_back(raw=an_absence_note(letter.pk), now=now) is Outcome.IGNORED
    letter.refresh_from_db()
    assert letter.state == State.SENT


@pytest.mark.parametrize(
    "raw", [an_answer(), a_report(None, message_id=False), a_report(uuid4()), b"", b"\x00\xff"]
)
def test_what_is_about_none_of_our_letters_is_not_ours(letter, now, raw):
    assert take_back(raw=raw, now=now) is Outcome.UNMATCHED


def test_a_returned_confirmation_mail_is_passed_over(page, now):
    notice = Notice.objects.create(
        id=new_id(),
        organization=page.organization,
        kind="confirm_action",
        subject_id=uuid4(),
        next_attempt_at=now,
        created_at=now,
    )

    assert take_back(raw=a_report(notice.pk), now=now) is Outcome.IGNORED
    notice.refresh_from_db()
    assert notice.state == Notice.State.QUEUED


def test_a_supporter_who_left_is_not_written_to(letter, now):
    letter.action.supporter.email = None
    letter.action.supporter.save()

    assert take_back(raw=a_report(letter.pk), now=now) is Outcome.BOUNCED
    assert notices() == []


def test_nothing_is_half_recorded(letter, now, monkeypatch):
    def away(**_fields):
        raise OperationalError

    monkeypatch.setattr(bouncing.contacting, "record_failure", away)
    with pytest.raises(OperationalError):
        take_back(raw=a_report(letter.pk), now=now)

    letter.refresh_from_db()
    assert letter.state == State.SENT
    assert notices() == []


# --- The mailbox ------------------------------------------------------------------------------------------------


@pytest.fixture(params=["maildir", "mbox"])
def box(request, tmp_path, settings):
    """A mailbox of either kind, as the mail server writes into it."""
    path = tmp_path / "returned"
    settings.AMPARO_BOUNCE_MAILBOX = str(path)
    made = mailbox.Maildir(path) if request.param == "maildir" else mailbox.mbox(path)
    yield made
    made.close()


def put(box, *mails):
    for raw in mails:
        box.add(raw)
    box.flush()


def lies_in(box):
    """What a fresh reader finds in the mailbox now."""
    with closing(type(box)(box._path)) as fresh:
        return len(fresh)


def aside(box):
    is_maildir = isinstance(box, mailbox.Maildir)
    folder = box.get_folder("unmatched") if is_maildir else mailbox.mbox(f"{box._path}.unmatched")
    with closing(folder):
        return [folder.get_bytes(key) for key in folder.iterkeys()]


def test_the_mailbox_is_emptied_and_what_nobody_knows_is_put_aside(box, letter, now):
    put(box, a_report(letter.pk), an_absence_note(letter.pk), an_answer())
    line = Bounces()
    assert line.due(now=now) == 3
    assert line.oldest_waiting(now=now) is not None

    result = line.perform(line.claim(limit=50, now=now), now=now)

    assert result.done == 3
    assert (line.due(now=now), line.claim(limit=50, now=now), line.oldest_waiting(now=now)) == (0, [], None)
    letter.refresh_from_db()
    assert letter.state == State.BOUNCED
    assert [b"Who are you?" in raw for raw in aside(box)] == [True]


def test_what_has_to_wait_stays_and_does_not_keep_the_line_running(box, page, now):
    letter = a_letter(page, state=State.IN_FLIGHT)
    put(box, a_report(letter.pk))

    assert Bounces().perform(["mailbox"], now=now).handled == 0
    assert lies_in(box) == 1


def test_a_mail_is_removed_only_after_its_commit(box, letter, now, monkeypatch):
    put(box, a_report(letter.pk))

    def away(**_fields):
        raise OperationalError

    monkeypatch.setattr(bouncing.contacting, "record_failure", away)
    with pytest.raises(OperationalError):
        Bounces().perform(["mailbox"], now=now)
    assert lies_in(box) == 1

    monkeypatch.undo()
    Bounces().perform(["mailbox"], now=now)
    letter.refresh_from_db()
    assert (lies_in(box), letter.state) == (0, State.BOUNCED)


def test_a_mailbox_in_use_is_left_for_the_next_look(tmp_path, settings, letter, now):
    settings.AMPARO_BOUNCE_MAILBOX = str(tmp_path / "returned")
    with closing(mailbox.mbox(tmp_path / "returned")) as box:
        put(box, a_report(letter.pk))
    (tmp_path / "returned.lock").touch()

    assert Bounces().perform(["mailbox"], now=now).handled == 0

    (tmp_path / "returned.lock").unlink()
    assert Bounces().perform(["mailbox"], now=now).done == 1


def test_no_mailbox_means_no_work(tmp_path, settings, now):
    line = Bounces()
    for path in ("", str(tmp_path / "not-there-yet")):
        settings.AMPARO_BOUNCE_MAILBOX = path
        assert (line.due(now=now), line.claim(limit=9, now=now), line.oldest_waiting(now=now)) == (
            0,
            [],
            None,
        )
        assert line.perform(["mailbox"], now=now).handled == 0
    assert line.reclaim(now=now) == 0


# --- The webhook ------------------------------------------------------------------------------------------------

TOKEN = "a-token-of-the-mail-server"
PLACE = "/mail/bounces/"


@pytest.fixture
def hand_over(client, settings):
    """Post one returned mail as the mail server does."""
    settings.AMPARO_BOUNCE_TOKEN = TOKEN

    def post(raw, token=TOKEN):
        return client.post(
            PLACE, data=raw, content_type="message/rfc822", headers={"Authorization": f"Bearer {token}"}
        )

    return post


def test_the_mail_server_hands_over_a_report(hand_over, letter):
    answer = hand_over(a_report(letter.pk))

    assert (answer.status_code, answer.json()) == (200, {"outcome": "bounced"})
    letter.refresh_from_db()
    assert letter.state == State.BOUNCED
    assert hand_over(a_report(letter.pk)).json() == {"outcome": "ignored"}


def test_what_is_not_ours_is_refused_so_that_its_sender_keeps_it(hand_over, page):
    assert hand_over(an_answer()).status_code == 422

    answer = hand_over(a_report(a_letter(page, state=State.IN_FLIGHT).pk))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_without_the_token_there_is_nothing_here(hand_over, client, letter, settings):
    assert hand_over(a_report(letter.pk), token="").status_code == 404
    assert hand_over(a_report(letter.pk), token="another-token").status_code == 404
    assert client.post(PLACE, data=a_report(letter.pk), content_type="message/rfc822").status_code == 404

    settings.AMPARO_BOUNCE_TOKEN = ""
    assert hand_over(a_report(letter.pk), token="").status_code == 404
    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_only_a_post_of_reasonable_size_is_read(hand_over, client, letter):
    assert client.get(PLACE).status_code == 405
    assert hand_over(b"x" * 1_000_001).status_code == 413
