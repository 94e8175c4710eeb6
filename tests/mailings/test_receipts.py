"""What comes back is found by its token, and followed: the dead and the annoyed are not written to again."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from amparo.actions.bouncing import take_back
from amparo.mailings import outcomes, recipient_tokens, troubles
from amparo.mailings.answers import soft_bounces
from amparo.mailings.bounce_mailbox import Outcome
from amparo.mailings.models import DeliveryFailure, Notice, SoftBounces
from amparo.mailings.progress import progress
from amparo.supporters.models import Suppression
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff
from tests.factories.returned_mail import a_report, an_absence_note

pytestmark = pytest.mark.django_db

COMPLAINT = """\
From: feedback@provider.example.net
To: letters@open-doors.example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="frontier"

--frontier
Content-Type: text/plain

A reader called it junk.

--frontier
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1
Version: 1

--frontier
Content-Type: message/rfc822

From: letters@open-doors.example.org
Message-ID: <m{token}@open-doors.example.org>
Subject: Write

(removed)
--frontier--
"""


@pytest.fixture
def sent():
    """A mailing that Suzie got, with the token of hers."""
    doors = an_organization()
    suzie = a_reader(doors)
    mailing = frozen(a_mailing(doors))
    chunk = mailing.chunks.get()
    mailing.chunks.update(outcomes=bytes([outcomes.SENT]), is_open=False)
    return mailing, suzie, recipient_tokens.maker()(chunk.pk, [0])[0].decode()


def returned(token: str, **fields) -> bytes:
    raw = a_report(None, **fields)
    return raw.replace(b"To: letters@", f"To: letters+M{token.upper()}@".encode(), 1)


@pytest.mark.parametrize(
    ("status", "unreachable", "permanent"),
    [("5.1.1", "bounced", True), ("5.2.2", "", False), ("5.7.1", "", False)],
)
def test_a_bounce_is_followed_by_what_it_means(sent, now, status, unreachable, permanent):
    mailing, suzie, token = sent
    raw = returned(token, status=status)
    assert take_back(raw=raw, now=now) is Outcome.BOUNCED
    assert take_back(raw=raw, now=now) is Outcome.IGNORED
    suzie.refresh_from_db()
    assert (suzie.unreachable, progress(mailing).by_outcome) == (unreachable, {"came_back": 1})
    assert progress(mailing).sent == 1
    assert DeliveryFailure.objects.get().is_permanent is permanent
    assert SoftBounces.objects.count() == (status == "5.2.2")


def test_a_complaint_is_the_last_thing_heard_from_us(sent, now):
    mailing, suzie, token = sent
    assert take_back(raw=COMPLAINT.format(kind="not-spam", token=token).encode(), now=now) is Outcome.IGNORED
    assert take_back(raw=COMPLAINT.format(kind="abuse", token=token).encode(), now=now) is Outcome.BOUNCED
    suzie.refresh_from_db()
    assert suzie.unreachable == "complained"
    assert Suppression.objects.get().reason == "complained"
    assert progress(mailing).by_outcome == {"complained": 1}


def test_delays_and_absence_notes_change_nothing(sent, now):
    mailing, _suzie, token = sent
    note = an_absence_note(mailing.pk).replace(b"To: letters@", f"To: letters+m{token}@".encode())
    assert take_back(raw=note, now=now) is Outcome.IGNORED
    assert take_back(raw=returned(token, action="delayed", status="4.4.1"), now=now) is Outcome.IGNORED
    assert progress(mailing).by_outcome == {"sent": 1}


def test_a_token_that_mallory_made_up_is_put_aside(sent, now):
    mailing, _suzie, token = sent
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert take_back(raw=returned(forged), now=now) is Outcome.UNMATCHED
    unknown = recipient_tokens.maker()(10**9, [3])[0].decode()
    assert take_back(raw=returned(unknown), now=now) is Outcome.UNMATCHED
    assert progress(mailing).by_outcome == {"sent": 1}


def test_a_mailbox_that_refuses_for_days_is_given_up(now):
    doors = an_organization()
    suzie = a_reader(doors)
    words = {"supporter_id": suzie.pk, "email": suzie.email, "organization": doors}
    for day in range(soft_bounces.DAYS):
        for hour in (0, 1):
            soft_bounces.note(**words, now=now + timedelta(days=day, hours=hour))
    suzie.refresh_from_db()
    assert suzie.unreachable == "bounced"
    amina = a_reader(doors, "Amina")
    for month in range(soft_bounces.DAYS + 1):
        soft_bounces.note(
            supporter_id=amina.pk,
            email=amina.email,
            organization=doors,
            now=now + timedelta(days=100 * month),
        )
    amina.refresh_from_db()
    assert amina.unreachable == ""


def test_too_much_that_comes_back_pauses_the_mailing(now):
    doors = an_organization()
    a_member_of_staff(doors, "administrator")
    a_reader(doors)
    mailing = frozen(a_mailing(doors))
    people = mailing.chunks.get().ids
    mailing.chunks.update(ids=bytes(people) * 100, outcomes=b"s" * 81 + b"b" * 19)
    assert not troubles.pause_if_it_does_harm(mailing=mailing, now=now)
    mailing.chunks.update(outcomes=b"s" * 80 + b"b" * 20)
    assert troubles.pause_if_it_does_harm(mailing=mailing, now=now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble) == ("paused", "20 of 100 mails came back")
    assert Notice.objects.filter(kind=troubles.PAUSED).count() == 1


# --- At the command line --------------------------------------------------------------------------


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("mailing", *words, stdout=out)
    return out.getvalue()


def test_an_administrator_holds_a_mailing_at_the_command_line(tmp_path, settings):
    settings.AMPARO_VAR = str(tmp_path)
    assert run("status") == "No mailing leaves.\n"
    doors = an_organization()
    a_reader(doors)
    mailing = frozen(a_mailing(doors))
    assert "sending" in run("status")
    assert '"queued": 1' in run("status", "--json")
    run("pause", str(mailing.pk))
    assert "paused at the command line" in run("status")
    with pytest.raises(CommandError, match="moved on"):
        run("pause", str(mailing.pk))
    run("resume", str(mailing.pk))
    run("stop", str(mailing.pk))
    assert "stopped" in run("status", "--all")
    assert "0 chunks" in run("replay")
    with pytest.raises(CommandError, match="no mailing"):
        run("stop", "01a202b7-5ad4-73d8-a6a4-118a7a194b8c")
