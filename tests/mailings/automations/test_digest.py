"""The weekly digest gathers what its readers were spared, once a week, and is not sent when there is nothing to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amparo.mailings.answers import retention
from amparo.mailings.answers.forgetting import forget_digest_readers
from amparo.mailings.automations import arranging, digest
from amparo.mailings.composer import composing
from amparo.mailings.models import DigestIssue, DigestReader, Mailing
from amparo.supporters.models import Supporter
from tests.factories.automations import an_automation, take_turn
from tests.factories.composed import WORDS, a_button, rewrite
from tests.factories.mailings import a_mailing, a_reader, a_segment
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db
#: Monday.
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: The hour of the digest: Friday, 9 in the morning.
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def weekly(doors, name, **fields) -> Supporter:
    return a_reader(doors, name, email=f"{name.lower()}@readers.example.net", frequency="weekly", **fields)


def an_alert(doors, subject, *, at, **fields) -> Mailing:
    """An alert that has left, with a button."""
    mailing = a_mailing(doors, texts=(), state="draft", now=at, name=subject, **fields)
    text = composing.add_text(mailing=mailing, language="en", variant="a", by=None, now=at)
    rewrite(text, WORDS, a_button("https://example.org/ask", f"Act on {subject}"), subject=subject,
            preview=f"In short: {subject}.", now=at)  # fmt: skip
    Mailing.objects.filter(pk=mailing.pk).update(state="finished", started_at=at, finished_at=at)
    mailing.refresh_from_db()
    return mailing


def test_the_digest_gathers_two_alerts_and_comes_once(doors, post, now):
    an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie", language="ar")
    a_reader(doors, "Amina", email="amina@readers.example.net")
    an_alert(doors, "Ilan’s hearing", at=MONDAY + DAY)
    an_alert(doors, "Mira is ill", at=MONDAY + 2 * DAY)

    take_turn(FRIDAY - HOUR)
    assert post(FRIDAY - HOUR) == {}
    for minutes in (0, 2, 4):
        take_turn(FRIDAY + timedelta(minutes=minutes))
    mails = post(FRIDAY + HOUR)
    assert list(mails) == ["suzie"]
    (mail,) = mails["suzie"]
    words = mail.get_body(["plain"]).get_content()
    assert mail["Subject"] == "أهلًا بكم، الرسالة 1"
    assert words.index("Ilan’s hearing") < words.index("Act on Ilan’s hearing") < words.index("Mira is ill")
    assert "In short: Mira is ill." in words
    assert "/unsubscribe/" in mail["List-Unsubscribe"]
    issue = DigestIssue.objects.get()
    assert (issue.alerts, issue.people, issue.week.isoformat()) == (2, 1, "2026-11-23")

    take_turn(FRIDAY + 7 * DAY)
    assert len(post(FRIDAY + 7 * DAY)["suzie"]) == 1  # nothing new was spared


def test_nothing_is_sent_when_there_is_nothing_to_say(doors, now):
    an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie")
    take_turn(FRIDAY)
    assert DigestIssue.objects.get().people == 0
    assert not Mailing.objects.filter(use="edition").exists()


def test_each_is_told_of_what_they_missed_and_of_nothing_else(doors, post, now):
    an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie")
    weekly(doors, "Yusuf", country="FR")
    weekly(doors, "Left", agreed_to=0)
    weekly(an_organization("others"), "Stranger")
    french = a_segment(doors, {"filter": "country", "countries": ["FR"]}, name="France")
    an_alert(doors, "For everybody", at=MONDAY + DAY, segment=a_segment(doors))
    an_alert(doors, "For France", at=MONDAY + DAY, segment=french)
    an_alert(doors, "Urgent", at=MONDAY + DAY, urgency=1, segment=a_segment(doors, name="All"))
    an_alert(doors, "Please give", at=MONDAY + DAY, kind="appeal", purpose="fundraising",
             segment=a_segment(doors, name="Givers"))  # fmt: skip

    take_turn(FRIDAY)
    mails = post(FRIDAY)
    assert sorted(mails) == ["suzie", "yusuf"]
    told = {name: mail[0].get_body(["plain"]).get_content() for name, mail in mails.items()}
    assert ["For France" in told[name] for name in ("suzie", "yusuf")] == [False, True]
    assert all("For everybody" in words for words in told.values())
    assert not any(word in words for words in told.values() for word in ("Urgent", "Please give"))


def test_a_worker_killed_in_the_middle_of_an_issue_sends_it_once(doors, post, now, monkeypatch):
    automation = an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie")
    an_alert(doors, "Ilan’s hearing", at=MONDAY + DAY)

    def killed(**_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(digest.freezing, "append_snapshot", killed)
        with pytest.raises(KeyboardInterrupt):
            take_turn(FRIDAY)
    assert not DigestIssue.objects.exists()
    take_turn(FRIDAY + timedelta(minutes=11))
    take_turn(FRIDAY + timedelta(minutes=22))
    assert len(post(FRIDAY + HOUR)["suzie"]) == 1
    assert automation.issues.count() == 1


def test_a_week_that_was_missed_is_told_of_in_the_next(doors, now):
    automation = an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie")
    take_turn(FRIDAY)
    an_alert(doors, "Ilan’s hearing", at=FRIDAY + DAY)
    take_turn(FRIDAY + 10 * DAY)  # the worker was away at the hour, and for three days after it
    assert automation.issues.count() == 1
    take_turn(FRIDAY + 14 * DAY)
    assert automation.issues.first().people == 1


def test_one_digest_is_on_at_a_time(doors, now):
    an_automation(doors, "digest", now=MONDAY)
    second = an_automation(doors, "digest", is_on=False, now=MONDAY)
    with pytest.raises(arranging.AnotherIsOn):
        arranging.switch_on(automation=second, by=None, now=MONDAY)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", FRIDAY, FRIDAY),
        ("UTC", FRIDAY - HOUR, FRIDAY - 7 * DAY),
        ("Europe/Berlin", FRIDAY, FRIDAY - HOUR),
        # Clocks went back on Sunday 25 October 2026: the same hour by the clock.
        ("Europe/Berlin", datetime(2026, 10, 23, 8, 0, tzinfo=UTC), datetime(2026, 10, 23, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_organizations(doors, zone, now, expected):
    doors.time_zone = zone
    doors.save()
    automation = an_automation(doors, "digest", is_on=False, weekday=4, hour=9)
    automation.organization.time_zone = zone
    assert digest.hour_before(automation, now=now) == expected


def test_who_was_in_a_digest_is_forgotten_after_a_week(doors, now):
    an_automation(doors, "digest", now=MONDAY, weekday=4, hour=9)
    weekly(doors, "Suzie")
    an_alert(doors, "Ilan’s hearing", at=MONDAY + DAY)
    take_turn(FRIDAY)
    assert DigestReader.objects.count() == 1
    forget_digest_readers(now=FRIDAY + retention.DIGEST_READERS_KEPT)
    assert not DigestReader.objects.exists()
