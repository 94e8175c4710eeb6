"""R15: one letter that breaks whatever touches it, or one server that never answers, stops nobody else."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection

from amparo.actions import delivering, writing
from amparo.actions.models import Message
from amparo.kit.work import LineFailed, run_line
from amparo.mailings.models import Notice
from amparo.targets import finding
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.faults import country
from tests.faults.harness import wait_until
from tests.faults.sizes import times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

SEATS = 100


@pytest.fixture
def page(settings, now):
    from amparo.targets.activating import activate
    from amparo.targets.staging import stage

    settings.AMPARO_LETTERS_PER_TARGET_PER_HOUR = 3600
    activate(dataset=stage(bundle=country.a_country(seats=SEATS), now=now), now=now)
    return an_email_page(an_organization())


def _letters(page, number):
    return [a_letter(page, target_key=country.target_key_of(at % SEATS)) for at in range(number)]


def _deliver_for(seconds, *, start):
    """What the engine does meanwhile: a turn each second; whoever died is reclaimed."""
    for second in range(seconds):
        at = start + timedelta(seconds=second)
        for line in ("letters", "notices"):
            try:
                run_line(line, now_source=lambda at=at: at)
            except LineFailed as failure:
                print(failure)
        if second % 30 == 0:
            delivering.reclaim(now=at)


def _swap_bodies(one, other):
    """Two texts in each other's rows, as a careless restore leaves them: neither can be unsealed there."""
    bodies = dict(Message.objects.filter(pk__in=[one.pk, other.pk]).values_list("pk", "body"))
    with connection.cursor() as cursor:
        for message, donor in ((one, other), (other, one)):
            cursor.execute(
                "UPDATE actions_message SET body = %s WHERE id = %s",
                [bytes(bodies[donor.pk]), Message._meta.pk.get_db_prep_value(message.pk, connection)],
            )


def _share_delivered(letters, poisoned):
    rest = [letter.pk for letter in letters if letter not in poisoned]
    sent = Message.objects.filter(pk__in=rest, state="sent").count()
    return sent / len(rest)


@pytest.mark.django_db
def test_a_letter_that_cannot_be_unsealed_stops_no_other(page, mail_server, now):
    letters = _letters(page, times(small=200, full=1000))
    poisoned = letters[3], letters[7]
    _swap_bodies(*poisoned)

    _deliver_for(60, start=now)

    share = _share_delivered(letters, poisoned)
    print(
        f"R15: two letters that cannot be unsealed among {len(letters)}: {share:.2%} of the others delivered"
    )
    assert share >= 0.999
    arrived = {mail["X-Letter-ID"] for _sender, _recipient, mail in mail_server.mails}
    assert not arrived & {str(letter.pk) for letter in poisoned}


@pytest.mark.django_db
def test_a_poisoned_letter_is_held_with_the_reason_and_not_tried_for_ever(page, mail_server, now):
    one, other = _letters(page, 2)
    _swap_bodies(one, other)

    for minute in range(60):
        run_line("letters", now_source=lambda at=now + timedelta(minutes=minute): at)

    assert list(Message.objects.values_list("state", "attempts")) == [("held", 4)] * 2
    one.refresh_from_db(fields=["reason"])
    assert one.reason.startswith("our own program broke over it: ")
    assert mail_server.mails == []


@pytest.mark.django_db
def test_a_target_that_raises_stops_no_other(page, mail_server, now, monkeypatch):
    letters = _letters(page, times(small=200, full=1000))
    found, poison = finding.target_by_key, country.target_key_of(5)

    def find(key, **everything):
        if key == poison:
            raise RuntimeError("this target breaks whoever looks at it")
        return found(key, **everything)

    monkeypatch.setattr(finding, "target_by_key", find)
    _deliver_for(60, start=now)

    poisoned = [letter for letter in letters if letter.target_key == poison]
    share = _share_delivered(letters, poisoned)
    print(f"R15: a target that raises, among {SEATS}: {share:.2%} of the letters to others delivered")
    assert share >= 0.999


@pytest.mark.django_db
def test_a_mail_that_cannot_be_written_stops_no_other(page, mail_server, now, monkeypatch):
    letters = _letters(page, times(small=200, full=1000))
    written = writing.write_mail

    def write(*, message, **everything):
        if message.pk == letters[11].pk:
            raise UnicodeError("no mail comes of this")
        return written(message=message, **everything)

    monkeypatch.setattr(delivering, "write_mail", write)
    _deliver_for(60, start=now)

    share = _share_delivered(letters, letters[11:12])
    print(f"R15: a mail that cannot be written, among {len(letters)}: {share:.2%} of the others delivered")
    assert share >= 0.999


@pytest.mark.django_db
def test_a_notice_nobody_knows_how_to_write_stops_no_other(page, mail_server, now):
    letters = _letters(page, 30)
    a_poisoned = Notice(
        organization=page.organization,
        kind="nobody_writes_this",
        subject_id=letters[0].pk,
        recipient="suzie@example.org",
        next_attempt_at=now,
        created_at=now,
        urgency=0,
    )
    a_poisoned.save()

    _deliver_for(60, start=now)

    others = Notice.objects.exclude(pk=a_poisoned.pk)
    assert others.count() == 30
    assert not others.exclude(state="sent").exists()


def test_a_mail_server_that_never_answers_holds_up_no_other_line(site):
    """Letters and notices hang on the wire; counters are counted and what is over expires."""
    site.settings["SMTP_URL"] = f"smtp://127.0.0.1:{site.mail_port}?tls=none&timeout=120"
    site.prepare("letters", "40")
    mail = site.start_mail("--moods", "hang", "--share", "1")
    worker = site.start_worker("--lease", "600")
    try:
        wait_until(lambda: site.states().get("in_flight"), seconds=60, what="a letter that hangs")
        begun = time.monotonic()
        counted = "SELECT COUNT(*) FROM actions_tally WHERE confirmed = 40"
        wait_until(lambda: site.count(counted), seconds=60, what="the counter")
        site.prepare("end")
        wait_until(lambda: site.states().get("expired"), seconds=60, what="the end of letters that wait")
        print(
            f"R15: with a mail server that hangs, other lines were done in {time.monotonic() - begun:.1f} s"
        )
        assert worker.is_alive()
    finally:
        worker.kill()
        mail.kill()
