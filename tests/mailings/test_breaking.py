"""Mallory types other people's addresses into a form: each costs its owner nothing, and staff are told."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry, Role
from amparo.actions import taking
from amparo.actions.models import Action, Confirmation
from amparo.kit.work import run_line
from amparo.mailings import breaking
from amparo.mailings.models import Breaker, Notice, StrangerAllowance
from tests.factories.deeds import a_deed
from tests.factories.organizations import an_organization
from tests.factories.pages import a_sign_up_page
from tests.factories.people import a_member_of_staff, a_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return a_sign_up_page(an_organization())


@pytest.fixture
def ada(page):
    return a_member_of_staff(page.organization, Role.ADMINISTRATOR, email="ada@example.org")


@pytest.fixture(autouse=True)
def five_an_hour(settings):
    settings.AMPARO_CONFIRMATIONS_PER_HOUR = 5
    settings.AMPARO_CONFIRMATIONS_PER_HOUR_IN_ALL = 8


def bomb(page, number, *, now, start=0):
    for each in range(start, start + number):
        taking.take(page=page, deed=a_deed(letters=[], email=f"victim{each}@example.net"), now=now)


def send(now):
    return run_line("notices", now_source=lambda: now)


def victims(mail_server):
    return [mail for _sender, to, mail in mail_server.mails if "victim" in to]


def test_the_sixth_stranger_of_an_hour_waits_and_administrators_are_told(page, ada, now, mail_server):
    bomb(page, 40, now=now)

    send(now)

    assert len(victims(mail_server)) == 5
    assert Notice.objects.filter(state="queued", to_stranger=True).count() == 35, "nothing is lost"
    send(now)
    (told,) = mail_server.to("ada@example.org")
    assert told["Subject"] == "Confirmation mails are held back"
    assert "35 so far" in " ".join(told.get_content().split())
    assert Breaker.objects.open().get().organization == page.organization
    assert AuditEntry.objects.get(verb="trip_breaker").actor is None


def test_it_stays_so_in_the_next_hour_and_is_told_only_once(page, ada, now, mail_server):
    bomb(page, 10, now=now)
    send(now)

    for hours in range(1, 4):
        send(now + timedelta(hours=hours))

    assert len(victims(mail_server)) == 5
    assert len(mail_server.to("ada@example.org")) == 1


def test_whoever_releases_it_lets_an_hours_mails_leave(page, ada, now, mail_server):
    bomb(page, 8, now=now)
    send(now)

    assert breaking.release(breaker=Breaker.objects.get(), by=ada, now=now)
    assert not breaking.release(breaker=Breaker.objects.get(), by=ada, now=now)
    send(now)

    assert len(victims(mail_server)) == 8
    assert AuditEntry.objects.get(verb="release_breaker").actor == ada


def test_a_released_breaker_trips_again(page, ada, now, mail_server, settings):
    settings.AMPARO_CONFIRMATIONS_PER_HOUR_IN_ALL = 100
    bomb(page, 20, now=now)
    send(now)
    breaking.release(breaker=Breaker.objects.get(), by=ada, now=now)

    send(now)

    assert len(victims(mail_server)) == 10
    assert Breaker.objects.open().count() == 1


def test_people_who_confirmed_lately_and_other_mails_pass(page, ada, now, mail_server):
    taking.take(page=page, deed=a_deed(letters=[], email="suzie@example.org"), now=now - timedelta(days=5))
    Confirmation.objects.update(used_at=now - timedelta(days=5), closed_at=now - timedelta(days=5))
    Notice.objects.all().delete()
    bomb(page, 30, now=now)
    send(now)

    taking.take(page=page, deed=a_deed(letters=[], email="suzie@example.org"), now=now)
    send(now)

    assert len(mail_server.to("suzie@example.org")) == 1


def test_one_organizations_bomb_holds_up_no_other(page, ada, now, mail_server):
    bomb(page, 30, now=now)
    send(now)
    other = a_sign_up_page(an_organization("lamp-light"))

    taking.take(page=other, deed=a_deed(letters=[], email="suzie@example.org"), now=now)
    send(now)

    assert len(mail_server.to("suzie@example.org")) == 1


def test_all_organizations_together_have_a_breaker_too(page, now, mail_server):
    root = a_superuser()
    other = a_sign_up_page(an_organization("lamp-light"))
    bomb(page, 5, now=now)
    bomb(other, 5, now=now, start=100)

    send(now)
    send(now)

    assert len(victims(mail_server)) == 8
    assert Breaker.objects.open().get().organization is None
    assert len(mail_server.to(root.email)) == 1, "once, however many organizations they look after"


def test_invalidating_what_waits_empties_the_queue(page, ada, now, mail_server):
    """What staff found to be Mallory's is asked about nobody."""
    bomb(page, 10, now=now)
    send(now)
    Action.objects.update(state=Action.State.INVALIDATED)
    breaking.release(breaker=Breaker.objects.get(), by=ada, now=now)

    send(now)

    assert len(victims(mail_server)) == 5


# --- One address (guarantee P11) ----------------------------------------------------------------------------------


def bomb_one_address(pages, *, now, days, every):
    """The victim's address, typed again and again."""
    moment, number = now, 0
    while moment < now + timedelta(days=days):
        for page in pages:
            deed = a_deed(letters=[], email="amina@example.org")
            taking.take(page=page, deed=deed, now=moment)
            number += 1
        moment += every
    return number


def test_an_address_that_never_confirmed_gets_one_mail_in_24_hours_and_three_in_30_days(page, now):
    pages = [page, a_sign_up_page(an_organization("lamp-light"))]

    bomb_one_address(pages, now=now, days=65, every=timedelta(hours=7))

    sent = sorted(Notice.objects.values_list("created_at", flat=True))
    assert len(sent) >= 6, "a month later the same address may be asked again"
    assert all(later - sooner >= timedelta(hours=24) for sooner, later in itertools.pairwise(sent))
    assert all(fourth - first >= timedelta(days=30) for first, fourth in zip(sent, sent[3:], strict=False))
    assert StrangerAllowance.objects.count() == 1


def test_five_hundred_networks_bomb_one_address_at_the_door_and_it_gets_one_mail(page, now):
    for network in range(500):
        taking.take_from_stranger(
            page=page,
            deed=a_deed(letters=[], email="amina@example.org", proved=False),
            network=f"198.51.{network >> 8}.{network & 255}",
            proof="",
            trapped=False,
            now=now + timedelta(seconds=network),
        )

    assert Notice.objects.count() == 1
    assert Action.objects.count() == 20, "beyond an address's cap nothing is stored, and nobody is told"


def test_midnight_is_no_way_around_the_24_hours(page, now):
    late = now.replace(hour=23, minute=59)
    for moment in (late, late + timedelta(minutes=2), late + timedelta(hours=12)):
        taking.take(page=page, deed=a_deed(letters=[], email="amina@example.org"), now=moment)

    assert Notice.objects.count() == 1
