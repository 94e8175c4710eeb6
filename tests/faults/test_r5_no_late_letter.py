"""R5: no letter leaves after the campaign's hard stop, however slow, late or killed everything is."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta

import pytest

from amparo.actions import delivering
from amparo.actions.models import Message, MessageEvent
from amparo.kit.work import run_line
from tests.factories.letters import a_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.targets import alvenia
from tests.faults.harness import wait_until
from tests.faults.sizes import times

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
OFFICE = "marit.osk@diet.example.org"
#: The clock that the letters go by stands in the database to the microsecond; the mail server notes its own.
TOLERANCE = 2.0


@pytest.mark.django_db
def test_what_waits_when_the_hearing_begins_expires_and_nothing_leaves(mail_server, now):
    """Twenty letters to one office at one a minute: three leave before the hearing, none after it."""
    alvenia()
    hearing = now + timedelta(minutes=2, seconds=30)
    page = an_email_page(an_organization(), hard_stop=hearing)
    for _letter in range(20):
        a_letter(page, target_key="alvenia/diet/N1")

    for minute in range(3):
        run_line("letters", now_source=lambda at=now + timedelta(minutes=minute): at)
    before = len(mail_server.to(OFFICE))
    for minute in range(3, 30):
        at = now + timedelta(minutes=minute)
        run_line("letters", now_source=lambda at=at: at)
        run_line("expiry", now_source=lambda at=at: at)

    states = Message.objects.values_list("state", flat=True)
    print(
        f"R5: {before} left before the hard stop, {len(mail_server.to(OFFICE)) - before} after; left {set(states)}"
    )
    assert before == 3
    assert len(mail_server.to(OFFICE)) == before
    assert sorted(states) == ["expired"] * 17 + ["sent"] * 3


@pytest.mark.django_db
def test_a_mail_server_that_keeps_us_waiting_makes_no_letter_late(mail_server, now):
    """The letters were claimed in time, but the server takes its time over each recipient."""
    alvenia()
    page = an_email_page(an_organization(), hard_stop=now + timedelta(seconds=1))
    for target_key in ("alvenia/diet/N1", "alvenia/minister/interior"):
        a_letter(page, target_key=target_key)
    mail_server.answer = lambda _recipient: time.sleep(0.7)
    batch = delivering.claim(limit=5, now=now)
    assert batch

    delivering.perform(batch, now=now)

    left = MessageEvent.objects.filter(state="in_flight").values_list("recorded_at", flat=True)
    assert all(at < page.hard_stop for at in left)
    assert len(left) == len(mail_server.mails) < len(batch)
    assert set(Message.objects.values_list("state", flat=True)) <= {"sent", "expired"}


def test_in_real_time_nothing_arrives_after_the_hard_stop(site):
    """Workers that are killed and a slow mail server, while the hard stop passes over waiting letters."""
    number = times(small=100, full=400)
    seconds = times(small=8, full=40)
    mail = site.start_mail("--slow-greeting", "0.8")
    workers = [site.start_worker("--lines", "letters,expiry") for _number in range(2)]
    site.prepare("letters", str(number), str(seconds))
    ((hard_stop,),) = site.rows("SELECT hard_stop FROM actions_actionpage")
    for _kill in range(times(small=1, full=6)):
        time.sleep(seconds / 8)
        workers[0].kill()
        workers[0] = site.start_worker("--lines", "letters,expiry")
    wait_until(
        lambda: not {"queued", "claimed", "in_flight"} & site.states().keys(), seconds=120, what="rest"
    )
    for process in [*workers, mail]:
        process.stop()

    stop = _seconds(hard_stop)
    arrived = [float(line[0]) for line in site.mails()]
    late = [at - stop for at in arrived if at > stop + TOLERANCE]
    begun = "SELECT recorded_at FROM actions_messageevent WHERE state = 'in_flight'"
    after = [at for (at,) in site.rows(begun) if _seconds(at) >= stop]
    print(f"R5: {len(arrived)} arrived, {len(late)} late, {len(after)} begun late; left {site.states()}")
    assert arrived
    assert late == []
    assert after == []
    assert sum(site.states().values()) == number
    assert site.states().get("expired", 0) > 0


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime (Debian's name)")
def test_a_worker_that_wakes_after_the_hearing_sends_nothing(site):
    """The worker's clock stands two days on: after a weekend without power, say."""
    before = len(site.mails()) if site.mail_file.exists() else 0
    expired = site.states().get("expired", 0)
    site.prepare("letters", "20", "86400")
    mail = site.start_mail()
    worker = site.start_worker("--lines", "letters,expiry", before=("faketime", "-f", "+2d"))
    wait_until(
        lambda: site.states().get("expired", 0) >= expired + 20, seconds=90, what="the end of 20 letters"
    )
    worker.stop()
    mail.stop()

    print(f"R5: woken two days late, {len(site.mails()) - before} of 20 letters left")
    assert len(site.mails()) == before


def _seconds(moment):
    """A moment as SQLite or PostgreSQL hands it over, in seconds since 1970."""
    from datetime import UTC, datetime

    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
