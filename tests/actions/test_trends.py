"""Far more than usual comes in: staff are told once, in plain words, and nothing names a network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import Role
from amparo.actions import trends
from amparo.actions.models import TakenCount, Trend, TrendLook
from amparo.actions.trend_words import in_a_sentence
from amparo.kit.work import run_line
from amparo.organizations.models import Organization
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import a_sign_up_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return a_sign_up_page(an_organization())


@pytest.fixture(autouse=True)
def ten_are_many(monkeypatch):
    monkeypatch.setattr(trends, "LEAST", 10)
    monkeypatch.setattr(trends, "LEAST_OF_NETWORK", 6)


def come(page, number, *, at, domain="example.org", country="", prefix="p"):
    for each in range(number):
        supporter = a_supporter(page.organization, email=f"{prefix}{each}@{domain}", country=country, now=at)
        an_action(page, supporter=supporter, state="pending", now=at)


def look(page, now):
    return {trend.kind: trend for trend in trends.look(organization=page.organization, now=now)}


def test_many_addresses_at_one_domain_are_a_trend_and_told_once(page, now, mail_server):
    ada = a_member_of_staff(page.organization, Role.ADMINISTRATOR, email="ada@example.org")
    come(page, 12, at=now - timedelta(minutes=1), domain="robots.test")
    later = now + timedelta(minutes=16)

    run_line("trends", now_source=lambda: now + timedelta(minutes=1))
    run_line("trends", now_source=lambda: later)
    run_line("notices", now_source=lambda: later)

    domain = Trend.objects.get(kind="domain")
    assert (domain.label, domain.count, domain.usual) == ("robots.test", 12, 0)
    told = [mail.get_content() for mail in mail_server.to(ada.email)]
    assert len([text for text in told if "robots.test" in text]) == 1
    (stored,) = Trend.objects.filter(pk=domain.pk).values_list("label", flat=True)
    assert b"robots" not in bytes(stored)


def test_what_is_usual_is_no_trend(page, now):
    for days in range(1, 8):
        for hours in range(24):
            mark = trends._domain_mark(page.organization, "example.org")
            at = now - timedelta(days=days) + timedelta(hours=hours)
            trends._count(page.organization, "domain", mark, 9, now=at)
    come(page, 12, at=now - timedelta(minutes=1))

    assert "domain" not in look(page, now)


def test_a_country_and_a_page_are_held_against_the_week_before(page, now):
    come(page, 12, at=now - timedelta(minutes=5), country="VA")

    found = look(page, now)

    assert in_a_sentence(found["country"]).startswith("12 people from Vatican City took part")
    assert "The latest from us" in in_a_sentence(found["page"])
    assert "less than one" in in_a_sentence(found["page"])


def test_a_page_that_is_always_busy_is_no_trend(page, now):
    for hours in range(1, 40):
        come(page, 12, at=now - timedelta(hours=hours, minutes=30), prefix=f"h{hours}-")
    come(page, 12, at=now - timedelta(minutes=5), prefix="now")

    assert "page" not in look(page, now)


def test_one_busy_network_is_a_trend_without_a_name(page, now):
    for _form in range(8):
        trends.note_network(organization=page.organization, network="192.0.2.1", now=now)
    for number in range(5):
        trends.note_network(organization=page.organization, network=f"198.51.100.{number}", now=now)

    (found,) = trends.look(organization=page.organization, now=now)

    assert (found.kind, found.count, found.label) == ("network", 8, "")
    assert b"192" not in bytes(found.mark)
    assert look(page, now + timedelta(minutes=16)) == {}, "told once a day"


def test_a_library_that_is_as_busy_every_day_is_no_trend(page, now):
    for at in (now - timedelta(days=1), now):
        for _form in range(8):
            trends.note_network(organization=page.organization, network="192.0.2.1", now=at)

    assert look(page, now) == {}


def test_each_action_is_counted_once_however_often_is_looked(page, now):
    come(page, 3, at=now - timedelta(minutes=2))

    for minutes in (0, 15, 30, 45):
        trends.look(organization=page.organization, now=now + timedelta(minutes=minutes))

    assert sum(TakenCount.objects.filter(kind="domain").values_list("count", flat=True)) == 3


def test_two_workers_look_once(page, now):
    trends.look(organization=page.organization, now=now)

    assert trends.due(now=now + timedelta(minutes=5)) == []
    assert trends.look(organization=page.organization, now=now + timedelta(minutes=5)) == []
    assert TrendLook.objects.get().looked_at == now
    assert trends.due(now=now + timedelta(minutes=15)) == list(Organization.objects.all())


def test_one_organizations_flood_is_nobody_elses_business(page, now):
    other = a_sign_up_page(an_organization("lamp-light"))
    come(page, 12, at=now - timedelta(minutes=5), country="VA")

    assert look(other, now) == {}


def test_counts_are_forgotten_after_eight_days(page, now):
    trends.note_network(organization=page.organization, network="192.0.2.1", now=now)

    assert trends.forget(now=now + timedelta(days=7)) == 0
    assert trends.forget(now=now + timedelta(days=9)) == 1
