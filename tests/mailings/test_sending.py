"""Notices: at least once each, none held up by another, nothing in a name can become a header."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kit.ids import new_id
from amparo.kit.mail_text import unflowed
from amparo.mailings import posting, sending
from amparo.mailings.models import Notice
from amparo.mailings.plain_mail import build_mail
from amparo.mailings.registry import NoticeKind, Text, notice_kinds
from amparo.organizations import pausing
from tests.factories.organizations import an_organization


class Greeting(NoticeKind):
    def write(self, notice):
        if notice.urgency == 9:
            raise ValueError("this one is poisoned")
        return Text("Good day", "We write to say good day.")


@pytest.fixture(autouse=True)
def _a_kind_of_our_own(monkeypatch):
    monkeypatch.setitem(notice_kinds._items, "greeting", Greeting)


def post(organization, now, recipient="suzie@example.org", **fields):
    posting.post_notice(
        organization=organization,
        kind="greeting",
        subject_id=new_id(),
        recipient=recipient,
        language="en",
        now=now,
        **fields,
    )


def run(now):
    return sending.perform(sending.claim(limit=50, now=now), now=now)


@pytest.mark.django_db
def test_a_notice_leaves_once(mail_server, now):
    post(an_organization(), now)

    run(now)
    run(now)

    (mail,) = mail_server.to("suzie@example.org")
    assert mail["Subject"] == "Good day"
    assert Notice.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_poisoned_notice_stops_no_other(mail_server, now):
    organization = an_organization()
    post(organization, now, urgency=9)
    for i in range(3):
        post(organization, now, recipient=f"suzie{i}@example.org")

    result = run(now)

    assert (result.done, result.failed) == (3, 1)
    assert len(mail_server.mails) == 3


@pytest.mark.django_db
def test_a_server_that_says_later_is_asked_again(mail_server, now):
    post(an_organization(), now)
    mail_server.answer = lambda _to: "451 4.7.1 try later"

    run(now)

    notice = Notice.objects.get()
    assert (notice.state, notice.attempts) == ("queued", 1)
    mail_server.answer = lambda _to: None
    run(now + timedelta(hours=3))
    assert Notice.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_server_that_refuses_is_not_asked_again(mail_server, now):
    post(an_organization(), now)
    mail_server.answer = lambda _to: "550 5.1.1 no such person"

    run(now)

    assert Notice.objects.get().state == "failed"


@pytest.mark.django_db
def test_what_a_dead_worker_held_is_sent_by_another(mail_server, now):
    post(an_organization(), now)
    assert sending.claim(limit=1, now=now)

    assert sending.reclaim(now=now + timedelta(minutes=11)) == 1
    run(now + timedelta(minutes=11))

    assert len(mail_server.mails) == 1


@pytest.mark.django_db
def test_mail_that_does_not_leave_is_noticed_after_a_quarter_of_an_hour(mail_server, now):
    post(an_organization(), now)
    mail_server.answer = lambda _to: "451 4.7.1 try later"
    run(now)

    assert sending.mail_leaves(now=now + timedelta(minutes=14))
    assert not sending.mail_leaves(now=now + timedelta(minutes=16))


@pytest.mark.django_db
def test_nothing_leaves_while_the_installation_is_paused(mail_server, now):
    post(an_organization(), now)
    pausing.pause_installation(because="restored from a backup", now=now)

    assert sending.claim(limit=1, now=now) == []

    pausing.resume_installation()
    assert sending.claim(limit=1, now=now)


@pytest.mark.django_db
def test_the_same_notice_is_queued_once(now):
    organization, about = an_organization(), new_id()
    for _time in range(2):
        posting.post_notice(
            organization=organization,
            kind="greeting",
            subject_id=about,
            recipient="suzie@example.org",
            language="en",
            now=now,
        )

    assert Notice.objects.count() == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(name=st.text(max_size=200), subject=st.text(max_size=400), text=st.text(max_size=2000))
def test_nothing_typed_can_add_a_header_or_a_recipient(name, subject, text):
    from email import message_from_bytes
    from email.policy import default

    from tests.factories.moments import NOW

    raw = build_mail(
        from_name=name,
        from_address="letters@open.example",
        to_name=name,
        to_address="office@parliament.example",
        reply_to=(name, "suzie@example.org"),
        subject=subject,
        text=text,
        message_id="one",
        now=NOW,
    )

    mail = message_from_bytes(raw, policy=default)
    assert sorted(mail.keys()) == sorted(
        [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ]
    )
    assert [address.addr_spec for address in mail["To"].addresses] == ["office@parliament.example"]
    assert [address.addr_spec for address in mail["From"].addresses] == ["letters@open.example"]
    assert mail["Content-Type"].params["format"] == "flowed"
    assert unflowed(mail.get_content()) is not None
