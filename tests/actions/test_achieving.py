"""Staff tell those who took part what they achieved: once, to those who want news, with time to take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import Role
from amparo.actions.deadlines import achieving
from amparo.actions.models import Achievement
from amparo.actions.supporter_record import actions_of
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import consent
from amparo.supporters.models import Channel, Purpose, Supporter
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db
NEWS = consent.bit(Purpose.NEWS, Channel.EMAIL)
TEXT = "Ilan is free. Your letters were on the table when the judge decided."


@pytest.fixture
def page():
    return an_email_page(an_organization())


@pytest.fixture
def chidi(page):
    return a_member_of_staff(page.organization, Role.APPROVER)


def taker(page, name, *, wants_news=True, now, **columns):
    person = a_supporter(page.organization, given_name=name, now=now)
    columns.setdefault("agreed_to", NEWS if wants_news else 0)
    Supporter.objects.filter(pk=person.pk).update(confirmed_at=now, **columns)
    person.refresh_from_db()
    an_action(page, supporter=person, now=now)
    return person


def leave(now):
    run_line("achievements", now_source=lambda: now)
    run_line("notices", now_source=lambda: now)


def test_it_goes_once_to_those_who_want_news_after_half_an_hour(page, chidi, now, mail_server):
    amina = taker(page, "Amina", now=now)
    taker(page, "Suzie", wants_news=False, now=now)
    taker(page, "Bounced", unreachable="bounced", now=now)
    taker(page, "Resting", paused_until=now + timedelta(days=3), now=now)
    written = achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    leave(now + timedelta(minutes=29))
    assert not mail_server.mails
    later = now + achieving.PATIENCE
    leave(later)
    leave(later)
    assert len(mail_server.mails) == 1
    (mail,) = mail_server.to(amina.email)
    assert TEXT in mail.get_content()
    assert mail["Subject"] == f"What you achieved: {page.title}"
    assert "unsubscribe" in mail["List-Unsubscribe"]
    written.refresh_from_db()
    assert (written.state, written.told) == ("sent", 1)


def test_it_stands_on_everybodys_own_page_once_it_has_left(page, chidi, now):
    suzie = taker(page, "Suzie", wants_news=False, now=now)
    achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    assert not actions_of(suzie)[0].outcomes
    leave(now + achieving.PATIENCE)
    (outcome,) = actions_of(suzie)[0].outcomes
    assert (outcome.name, outcome.sentence) == ("what you achieved", TEXT)


def test_a_page_tells_once(page, chidi, now):
    taker(page, "Amina", now=now)
    first = achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    with pytest.raises(achieving.AlreadyTold):
        achieving.ask(page=page, text="Again.", by=chidi, now=now)
    achieving.take_back(achievement=first, by=chidi, now=now)
    achieving.ask(page=page, text="In better words.", by=chidi, now=now)
    leave(now + achieving.PATIENCE)
    assert Notice.objects.filter(kind=achieving.ACHIEVED).count() == 1


def test_what_was_taken_back_in_the_middle_is_told_to_nobody_twice(page, chidi, now, monkeypatch):
    monkeypatch.setattr(achieving, "STEP", 1)
    taker(page, "Amina", now=now)
    taker(page, "Suzie", now=now)
    written = achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    later = now + achieving.PATIENCE
    achieving.go_on(achievement=Achievement.objects.get(), now=later)
    achieving.take_back(achievement=Achievement.objects.get(pk=written.pk), by=chidi, now=later)
    assert not achieving.to_send(now=later).exists()
    achieving.ask(page=page, text="In better words.", by=chidi, now=later)
    run_line("achievements", now_source=lambda: later + achieving.PATIENCE)
    assert Notice.objects.filter(kind=achieving.ACHIEVED).count() == 2


def test_many_people_need_a_second_person(page, chidi, now, monkeypatch):
    monkeypatch.setattr(achieving, "SECOND_PERSON_ABOVE", 0)
    taker(page, "Amina", now=now)
    written = achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    assert (written.state, written.send_at) == ("waiting", None)
    with pytest.raises(achieving.NotTheSamePerson):
        achieving.agree(achievement=written, by=chidi, now=now)
    ada = a_member_of_staff(page.organization, Role.ADMINISTRATOR)
    achieving.agree(achievement=written, by=ada, now=now)
    with pytest.raises(achieving.TooLate):
        achieving.agree(achievement=written, by=ada, now=now)
    leave(now + achieving.PATIENCE)
    assert Notice.objects.filter(kind=achieving.ACHIEVED).count() == 1


def test_who_takes_the_yes_back_before_it_leaves_hears_nothing(page, chidi, now, mail_server):
    amina = taker(page, "Amina", now=now)
    achieving.ask(page=page, text=TEXT, by=chidi, now=now)
    run_line("achievements", now_source=lambda: now + achieving.PATIENCE)
    Supporter.objects.filter(pk=amina.pk).update(agreed_to=0)
    run_line("notices", now_source=lambda: now + achieving.PATIENCE)
    assert not mail_server.mails


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_something_is_written_and_not_too_much(page, chidi, now, text):
    with pytest.raises(achieving.NothingWritten):
        achieving.ask(page=page, text=text, by=chidi, now=now)
