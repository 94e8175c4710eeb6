"""A mailing reaches everybody who may be written to, once each, and every number adds up whatever the server does."""

from __future__ import annotations

import gc
import select
import socket
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.kit import work
from amparo.mailings import outcomes, recovering, steering
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing, Notice
from amparo.mailings.progress import progress
from amparo.mailings.wire import send_log
from amparo.organizations.pausing import pause_installation
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_mailing, a_reader, a_text, frozen
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff
from tests.fakes.pipelining_server import a_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.AMPARO_VAR = str(tmp_path)


@pytest.fixture
def server(settings):
    with a_server(
        moods={
            "gone": "550 5.1.1 <gone@readers.example.net>: no such user",
            "full": "552 5.2.2 full",
            "later": "451 4.3.0 busy",
            "cut": "drop",
        }
    ) as running:
        settings.SMTP_URL = f"smtp://127.0.0.1:{running.port}?tls=none&timeout=5"
        yield running


def readers(doors, *names, **fields) -> dict[str, Supporter]:
    return {
        name: a_reader(doors, name.title(), email=f"{name}@readers.example.net", **fields) for name in names
    }


def send(now) -> work.Result:
    return delivering_mailings.Session(now_source=lambda: now).run()


def bytes_of(mailing) -> dict[str, str]:
    """Each reader's outcome, by first name."""
    found = {}
    for chunk in mailing.chunks.all():
        for person, byte in zip(chunk.people, bytes(chunk.outcomes), strict=True):
            found[Supporter.objects.get(pk=person).given_name] = outcomes.NAMES[byte]
    return found


def test_everybody_gets_it_once_in_their_language_and_it_is_finished(doors, server, now):
    readers(doors, "suzie", "amina")
    readers(doors, "yusuf", language="ar")
    mailing = a_mailing(doors)
    a_text(mailing, "ar", subject="جلسة", text="عزيزي {first name}", html="")
    frozen(mailing)

    assert send(now) == work.Result(done=3, failed=0)
    mails = {}
    for name, content in zip(server.took, server.contents, strict=True):
        mails[name] = message_from_bytes(content, policy=policy.default)
    assert sorted(mails) == ["amina", "suzie", "yusuf"]
    assert mails["yusuf"]["Subject"] == "جلسة"
    assert mails["suzie"].get_body(["plain"]).get_content().startswith("Dear Suzie,")
    assert len({mail["Message-ID"] for mail in mails.values()}) == 3
    mailing.refresh_from_db()
    assert (mailing.state, mailing.finished_at) == ("finished", now)
    assert progress(mailing).by_outcome == {"sent": 3}
    assert list(send_log.folder().iterdir()) == []
    assert not delivering_mailings.claimable(now=now)


def test_who_withdrew_since_gets_nothing(doors, server, now):
    found = readers(doors, "suzie", "amina", "bruno", "chidi", "dana", "merged")
    mailing = frozen(a_mailing(doors))
    for name, columns in {
        "amina": {"agreed_to": 0},
        "bruno": {"unreachable": "suppressed"},
        "chidi": {"paused_until": now + timedelta(days=1)},
        "dana": {"email": None},
        "merged": {"merged_into": found["suzie"].pk},
    }.items():
        Supporter.objects.filter(pk=found[name].pk).update(**columns)
    send(now)
    assert server.took == ["suzie"]
    assert bytes_of(mailing) == {
        "Suzie": "sent",
        "Amina": "withdrawn",
        "Bruno": "suppressed",
        "Chidi": "resting",
        "Dana": "gone",
        "Merged": "gone",
    }


def test_who_withdraws_while_it_is_being_sent_gets_nothing(doors, server, now, monkeypatch):
    """The pace lets nobody out until Amina has withdrawn and Bruno is paused, which is looked up again."""
    found = readers(doors, "suzie", "amina", "bruno")
    mailing = frozen(a_mailing(doors, per_minute=6000))
    asked = []
    take = delivering_mailings.pacing.take

    def taken(**words):
        asked.append(words["scope"])
        if len(asked) == 1:
            Supporter.objects.filter(pk=found["amina"].pk).update(agreed_to=0)
            Supporter.objects.filter(pk=found["bruno"].pk).update(unreachable="suppressed")
        return take(**words) if len(asked) > 2 else 0

    monkeypatch.setattr(delivering_mailings.pacing, "take", taken)
    monkeypatch.setattr(delivering_mailings, "CHECK_EVERY", 0.0)
    send(now)
    assert server.took == ["suzie"]
    assert bytes_of(mailing) == {"Suzie": "sent", "Amina": "withdrawn", "Bruno": "suppressed"}


def test_a_mailing_that_is_paused_while_it_is_sent_lets_go_at_once(doors, server, now, monkeypatch):
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors, per_minute=60))
    monkeypatch.setattr(delivering_mailings.Session, "_grant", pausing_grant(mailing, now))
    send(now)
    assert server.took == []
    chunk = AudienceChunk.objects.get()
    assert (chunk.claimed_by, bytes(chunk.outcomes)) == (None, b"q")


def pausing_grant(mailing, now):
    """Instead of pace, somebody presses the button."""

    def grant(session):
        if session._in_hand and mailing.paused_at is None:
            steering.pause(mailing=mailing, by=None, now=now)

    return grant


def test_a_suppression_that_its_supporter_missed_holds(doors, server, now):
    from amparo.supporters import suppression
    from amparo.supporters.models import Suppression

    readers(doors, "suzie", "amina")
    mailing = frozen(a_mailing(doors))
    suppression.suppress_digest(
        organization=doors,
        digest=suppression.digests_of("amina@readers.example.net")[0],
        reason=Suppression.Reason.STAFF,
        source="test",
        now=now,
    )
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Amina": "suppressed"}


def test_refusals_are_told_apart_and_named_without_their_address(doors, server, now):
    found = readers(doors, "suzie", "gone", "full", "later")
    mailing = frozen(a_mailing(doors))
    assert send(now).failed == 3

    assert bytes_of(mailing) == {"Suzie": "sent", "Gone": "failed", "Full": "failed", "Later": "temporary"}
    rows = {row.enhanced_code: row for row in DeliveryFailure.objects.all()}
    assert {code: row.is_permanent for code, row in rows.items()} == {
        "5.1.1": True,
        "5.2.2": False,
        "4.3.0": False,
    }
    assert not [row for row in rows.values() if "readers" in row.reason or "gone" in row.reason]
    unreachable = {name: Supporter.objects.get(pk=one.pk).unreachable for name, one in found.items()}
    assert unreachable == {"suzie": "", "gone": "bounced", "full": "", "later": ""}
    mailing.refresh_from_db()
    assert mailing.state == "sending"


def test_later_is_asked_again_until_it_is_too_late(doors, server, now):
    readers(doors, "later")
    mailing = frozen(a_mailing(doors, hours_to_try=2))
    send(now)
    assert not delivering_mailings.claimable(now=now)
    send(now + timedelta(minutes=5))
    assert mailing.chunks.get().attempts == 2
    send(now + timedelta(hours=3))
    assert bytes_of(mailing) == {"Later": "expired"}
    mailing.refresh_from_db()
    assert mailing.state == "finished"
    assert server.said.count("RCPT") == 2


@pytest.mark.parametrize(("policy", "outcome", "took"), [("hold", "unknown", 1), ("resend", "temporary", 2)])
def test_a_cut_line_is_named_and_follows_the_policy(doors, server, now, policy, outcome, took):
    readers(doors, "suzie", "cut")
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", "Cut": outcome}
    row = DeliveryFailure.objects.get()
    assert row.outcome == ("u" if policy == "hold" else "t")
    send(now + timedelta(minutes=10))
    assert server.took.count("cut") == took
    assert server.took.count("suzie") == 1
    mailing.refresh_from_db()
    assert mailing.state == ("finished" if policy == "hold" else "sending")


def test_staff_may_send_to_the_unknown_again(doors, server, now):
    readers(doors, "cut")
    mailing = frozen(a_mailing(doors, unknown_policy="hold"))
    send(now)
    server.moods.clear()
    assert steering.send_to_unknown_again(mailing=mailing, by=None, now=now) == 1
    send(now)
    assert server.took == ["cut", "cut"]
    assert bytes_of(mailing) == {"Cut": "sent"}


def test_our_own_fault_pauses_the_mailing_and_tells_administrators(doors, server, now):
    readers(doors, "suzie", "amina", "bruno", "chidi")
    a_member_of_staff(doors, "administrator")
    server.mail = "550 5.7.1 sender refused by policy"
    mailing = frozen(a_mailing(doors))
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble) == ("paused", "sender refused by policy")
    assert set(bytes_of(mailing).values()) <= {"temporary", "queued"}
    assert Notice.objects.filter(kind="mailing_paused").count() == 1
    server.mail = "250 2.1.0 OK"
    steering.resume(mailing=mailing, by=None, now=now)
    send(now + timedelta(hours=1))
    assert set(bytes_of(mailing).values()) == {"sent"}


def test_nothing_leaves_while_anything_is_paused(doors, server, now):
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors))
    steering.pause(mailing=mailing, by=None, now=now)
    assert send(now).done == 0
    steering.resume(mailing=mailing, by=None, now=now)
    type(doors).objects.update(sending_paused_at=now)
    assert send(now).done == 0
    type(doors).objects.update(sending_paused_at=None)
    pause_installation(because="restored", now=now)
    assert send(now).done == 0
    assert server.took == []
    assert AudienceChunk.objects.get().claimed_by is None


def test_urgent_leaves_before_routine(doors, server, now, settings):
    settings.AMPARO_MAILING_CONNECTIONS = 1
    readers(doors, "suzie", "amina")
    a_mailing(doors, name="routine")
    urgent = a_mailing(doors, name="urgent", urgency=1)
    a_text(urgent, "fr", subject="urgent")
    urgent.texts.filter(language="en").delete()
    frozen(urgent)
    frozen(Mailing.objects.get(name="routine"))
    send(now)
    subjects = [message_from_bytes(one, policy=policy.default)["Subject"] for one in server.contents]
    assert subjects == ["urgent", "urgent", "Ilan Sarr has a hearing", "Ilan Sarr has a hearing"]


@pytest.fixture
def until_nothing_is_granted(monkeypatch):
    """A session ends once what it was granted is spent and it was told twice that there is no more."""
    refused = []
    take = delivering_mailings.pacing.take

    def taken(**words):
        number = take(**words)
        refused.extend([words["scope"]] * (number == 0))
        return number

    def is_time(session):
        return len(refused) > 1 and not any(held.active for held in session._in_hand.values())

    monkeypatch.setattr(delivering_mailings.pacing, "take", taken)
    monkeypatch.setattr(delivering_mailings.Session, "_is_time", is_time)
    return refused


@pytest.mark.parametrize(
    "pace",
    [{"per_domain": {"readers.example.net": 10}}, {"per_minute": 10}, {"per_minute": 5, "per_day": [9]}],
)
def test_pace_is_kept_by_all_processes_together(doors, server, now, until_nothing_is_granted, pace):
    readers(doors, "suzie", "amina", "bruno")
    mailing = frozen(a_mailing(doors, **pace))
    for seconds, sent in ((0, 1), (1, 1), (13, 2)):
        until_nothing_is_granted.clear()
        send(now + timedelta(seconds=seconds))
        assert progress(mailing).sent == sent


def test_a_day_of_warming_up_ends(doors, server, now, until_nothing_is_granted):
    readers(doors, "suzie", "amina", "bruno")
    mailing = frozen(a_mailing(doors, per_day=[1, 1]))
    for day, sent in enumerate((1, 2, 3)):
        until_nothing_is_granted.clear()
        send(now + timedelta(days=day))
        assert progress(mailing).sent == sent


def test_variants_go_to_their_part_and_the_rest_waits_for_the_winner(doors, server, now):
    readers(doors, *[f"reader{number}" for number in range(8)])
    mailing = a_mailing(doors, variant_shares={"a": 50})
    a_text(mailing, "en", "b", subject="Other words")
    frozen(mailing)
    send(now)
    waiting = bytes(mailing.chunks.get().variants).count(b"?")
    assert progress(mailing).by_outcome == {
        name: number for name, number in {"queued": waiting, "sent": 8 - waiting}.items() if number
    }
    if waiting:
        steering.choose_winner(mailing=mailing, variant="b", by=None, now=now)
        send(now)
    subjects = [message_from_bytes(one, policy=policy.default)["Subject"] for one in server.contents]
    assert subjects.count("Other words") == waiting


def test_a_disk_that_fails_ends_the_session_and_is_what_it_says(doors, server, now, monkeypatch):
    readers(doors, "suzie")
    mailing = frozen(a_mailing(doors, unknown_policy="hold"))

    def sync(_log):
        raise OSError("the disk failed")

    with monkeypatch.context() as broken:
        broken.setattr(send_log.SendLog, "sync", sync)
        broken.setattr(delivering_mailings.Session, "_is_time", lambda session: not session._loop.is_alive)
        with pytest.raises(OSError, match="the disk failed"):
            send(now)
    send(now + timedelta(minutes=5))
    (outcome,) = progress(mailing).by_outcome
    assert outcome in {"sent", "unknown"}
    assert server.took.count("suzie") <= 1


def test_a_session_that_fails_while_it_connects_leaves_no_connection_behind(
    doors, settings, now, monkeypatch
):
    readers(doors, "suzie")
    frozen(a_mailing(doors))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)

        def sync(_log):
            if select.select([silent], [], [], 0)[0]:
                raise OSError("the disk failed")

        monkeypatch.setattr(send_log.SendLog, "sync", sync)
        monkeypatch.setattr(
            delivering_mailings.Session, "_is_time", lambda session: not session._loop.is_alive
        )
        settings.SMTP_URL = f"smtp://127.0.0.1:{silent.getsockname()[1]}?tls=none&timeout=60"
        with pytest.raises(OSError, match="the disk failed"):
            send(now)
        connection, _address = silent.accept()
        with connection:
            connection.settimeout(10)
            assert connection.recv(1) == b""
    # A task that was forgotten is only heard of when it is thrown away.
    gc.collect()


def test_people_of_all_chunks_that_are_taken_up_are_looked_up_at_once(doors, server, now):
    readers(doors, "suzie", "amina")
    for _mailing in range(3):
        frozen(a_mailing(doors))
    with CaptureQueriesContext(connection) as asked:
        assert send(now) == work.Result(done=6, failed=0)
    looks = [one["sql"] for one in asked if "family_name, language FROM supporters_supporter" in one["sql"]]
    assert len(looks) == 1
    assert sorted(server.took) == ["amina"] * 3 + ["suzie"] * 3


# --- After a crash --------------------------------------------------------------------------------


class KilledHere(BaseException):
    pass


def killed_session(now, monkeypatch):
    """A session whose process dies before it writes anything down; the lock of its log goes with it."""
    session = delivering_mailings.Session(now_source=lambda: now)
    monkeypatch.setattr(session, "_write_the_rest", lambda: (_ for _ in ()).throw(KilledHere))
    monkeypatch.setattr(session, "_last_words", lambda held, now: (_ for _ in ()).throw(KilledHere))
    with pytest.raises(KilledHere):
        session.run()


@pytest.mark.parametrize("policy", ["hold", "resend"])
def test_a_log_says_who_was_sent_to_when_the_process_died(doors, server, now, monkeypatch, policy):
    readers(doors, "suzie", "amina")
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    killed_session(now, monkeypatch)
    assert recovering.replay_logs(now=now) == 1
    assert progress(mailing).by_outcome == {"sent": 2}
    assert server.took.count("suzie") == 1
    assert list(send_log.folder().iterdir()) == []
    assert AudienceChunk.objects.get().claimed_by is None


@pytest.mark.parametrize(
    ("policy", "with_log", "expected"),
    [
        ("hold", True, {"Suzie": "sent", "Amina": "unknown", "Bruno": "queued"}),
        ("hold", False, {"Suzie": "unknown", "Amina": "unknown", "Bruno": "unknown"}),
        ("resend", True, {"Suzie": "sent", "Amina": "temporary", "Bruno": "queued"}),
        ("resend", False, {"Suzie": "queued", "Amina": "queued", "Bruno": "queued"}),
    ],
)
def test_what_is_known_of_the_dead(doors, now, policy, with_log, expected):
    """Suzie's answer came, Amina's did not, Bruno was not begun."""
    found = readers(doors, "suzie", "amina", "bruno")
    mailing = frozen(a_mailing(doors, unknown_policy=policy))
    chunk = mailing.chunks.get()
    session = delivering_mailings.Session(now_source=lambda: now)
    token = session._token
    in_hand = b"iii" if policy == "hold" else b"qqq"
    AudienceChunk.objects.update(
        claimed_by=token, claimed_until=now + timedelta(seconds=60), outcomes=in_hand
    )
    place = chunk.people.index
    if with_log:
        session._log.began(chunk.pk, place(found["suzie"].pk), at_once=True)
        session._log.done(chunk.pk, place(found["suzie"].pk), outcomes.SENT)
        session._log.began(chunk.pk, place(found["amina"].pk), at_once=False)
    assert recovering.reclaim(now=now) == 0, "it lives"
    session._log.close(remove=not with_log)
    recovering.reclaim(now=now + timedelta(seconds=61))
    assert bytes_of(mailing) == expected
    assert AudienceChunk.objects.get().claimed_by is None
    named = [row.position for row in DeliveryFailure.objects.all()]
    unknown = [name for name, outcome in expected.items() if outcome in {"unknown", "temporary"}]
    assert sorted(named) == sorted(place(found[name.lower()].pk) for name in unknown)


def test_a_session_that_lost_its_lease_overwrites_nothing_and_loses_nothing(doors, now):
    from amparo.mailings import settling

    found = readers(doors, "suzie", "amina", "bruno")
    mailing = frozen(a_mailing(doors))
    chunk = mailing.chunks.get()
    us, them = [delivering_mailings.uuid.uuid4() for _one in range(2)]
    AudienceChunk.objects.update(claimed_by=them, claimed_until=now, outcomes=b"sqq")
    stands, still_ours = settling.write(
        chunk=chunk.pk, there=b"qqq", ours=b"ftq", held_by=us, values={"attempts": 9}
    )
    assert (stands, still_ours) == (b"sqq", False)
    stands, still_ours = settling.write(
        chunk=chunk.pk, there=b"qqq", ours=b"qsi", held_by=us, values={"attempts": 9}
    )
    assert (stands, still_ours) == (b"ssq", False)
    stands, still_ours = settling.write(chunk=chunk.pk, there=b"qqq", ours=b"qqi", held_by=them, values={})
    assert (stands, still_ours) == (b"ssi", True)
    chunk.refresh_from_db()
    assert (chunk.attempts, chunk.claimed_by) == (0, them)
    assert len(found) == 3


def test_the_two_lines_of_work_take_a_mailing_from_its_hour_to_its_end(doors, server, now):
    readers(doors, "suzie", "amina")
    mailing = a_mailing(doors)
    assert work.run_line("mailings", now_source=lambda: now) == work.Result()
    assert work.run_line("audiences", now_source=lambda: now).done == 1
    assert work.line_called("mailings").due(now=now) == 1
    assert work.run_line("mailings", now_source=lambda: now).done == 2
    mailing.refresh_from_db()
    assert mailing.state == "finished"
    assert work.reclaim_line("mailings", now_source=lambda: now) == 0
    assert work.reclaim_line("audiences", now_source=lambda: now) == 0
