"""Staff are told what is probably wrong, where to mend it, and not again once they set it aside."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.cache import cache

from amparo.cases import cautioning, links
from amparo.cases.models import Dismissal, PublicationConsent, Source
from amparo.kit.http import Answer, NoAnswer, NotAskedThere
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_figure,
    a_hearing,
    a_publication_consent,
    a_safety_check,
    a_source,
    a_spell,
    publish,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization)


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def clear(organization, case, bruno):
    chidi = a_member_of_staff(organization, "approver")
    a_safety_check(case, by=chidi)

    def _clear(record, *columns, consent=None):
        publish(record, *columns, case=case, asked_by=bruno, agreed_by=chidi, consent=consent)

    return _clear


def of(case, now):
    return [(found.kind, found.sentence) for found in cautioning.of_case(case, today=now.date())]


def kinds(case, now):
    return [kind for kind, _sentence in of(case, now)]


def test_a_quiet_register_has_nothing_to_look_at(case, clear, now):
    clear(case, "title")
    assert of(case, now) == []


def test_an_old_figure_is_named_until_it_was_looked_at(case, organization, now):
    figure = a_figure(organization, recheck_by=now.date())
    assert [found.kind for found in cautioning.of_organization(organization, today=now.date())] == [
        "old-figure"
    ]
    assert kinds(case, now) == []

    case.story = "One of {figure:held}."
    case.save()
    assert kinds(case, now) == ["old-figure"]

    figure.recheck_by = now.date() + timedelta(days=90)
    figure.save()
    assert kinds(case, now) == []


def test_a_consent_that_ends_within_a_month_is_named_while_something_rests_on_it(case, clear, now):
    consent = a_publication_consent(case.person, "name", until=now.date() + timedelta(days=30))
    assert kinds(case, now) == []

    clear(case.person.names.get(), "text", consent=consent)
    ((kind, sentence),) = of(case, now)
    assert (kind, "ends on" in sentence) == ("consent", True)

    ((_kind, sentence),) = of(case, now + timedelta(days=31))
    assert "ended on" in sentence
    PublicationConsent.objects.update(until=now.date() + timedelta(days=31))
    assert kinds(case, now) == []


def test_a_public_text_that_the_register_contradicts_is_named_with_its_words(case, clear, now):
    case.summary = "If he is convicted, he may lose years."
    case.save()
    a_spell(case, "2026-01-01", "2026-06-01")
    hearing = a_hearing(case, date(2026, 5, 1), status="held")
    assert "contradiction" not in kinds(case, now)
    verdict = hearing.proceeding.verdicts.create(
        organization=case.organization,
        dated="2026-05-01",
        outcome="convicted",
        entered_at=now,
        changed_at=now,
    )
    # Nobody reads it yet.
    assert "contradiction" not in kinds(case, now)

    clear(case, "summary")

    ((_kind, sentence),) = of(case, now)
    assert sentence == "The summary says “If he is convicted”, and the register knows better: convicted."
    verdict.outcome = "overturned"
    verdict.save()
    assert kinds(case, now) == []


def test_a_day_near_a_hearing_that_is_not_its_day_is_named(case, clear, now):
    case.story = "Write before the hearing on 15 December."
    case.save()
    clear(case, "story")
    assert kinds(case, now) == []

    a_hearing(case, date(2026, 12, 14))

    ((kind, sentence),) = of(case, now)
    assert kind == "another-day"
    assert "Monday 14 December 2026" in sentence


def test_the_words_of_the_cases_own_page_are_read_too(case, clear, now):
    page = a_case_page(case)
    page.introduction = "He is still in prison."
    page.save_revision().publish()
    a_spell(case, "2026-01-01", "2026-06-01")

    ((kind, sentence),) = of(case, now)

    assert kind == "contradiction"
    assert sentence.startswith("The page “A case” says")


def test_what_is_set_aside_stays_away_until_it_changes(case, clear, bruno, now):
    page = a_case_page(case)
    page.introduction = "He is still in prison."
    page.save_revision().publish()
    spell = a_spell(case, "2026-01-01", "2026-06-01")
    (caution,) = cautioning.of_case(case, today=now.date())

    browser = signed_in(bruno)
    assert (
        caution.sentence.replace("“", "").split(" says")[0][:8]
        in browser.get("/staff/cautions/").content.decode()
    )
    browser.post(f"/staff/cautions/{caution.key}/dismiss/", {"reason": ""})
    assert not Dismissal.objects.exists()
    browser.post(f"/staff/cautions/{caution.key}/dismiss/", {"reason": "It is a quotation."})
    assert cautioning.of_case(case, today=now.date()) == []
    assert browser.get(f"/staff/cautions/{caution.key}/dismiss/").status_code == 404
    with pytest.raises(cautioning.DismissedAlready):
        cautioning.dismiss(
            caution=caution, organization=case.organization, reason="Again.", by=bruno, now=now
        )

    spell.end = "died"
    spell.save()
    assert len(cautioning.of_case(case, today=now.date())) == 1


def test_the_dashboard_says_how_many_there_are(organization, bruno, now):
    browser = signed_in(bruno)
    assert "to look at" not in browser.get("/staff/").content.decode()
    a_figure(organization, recheck_by=date(2020, 1, 1))
    assert cautioning.count(organization, today=date(2020, 1, 1)) == 1
    cache.clear()

    assert "1 thing to look at" in browser.get("/staff/").content.decode()


# --- Links --------------------------------------------------------------------------------------------------------


def answers(status):
    return lambda url: Answer(status, url, {})


def fails(refusal):
    def look(url):
        raise refusal

    return look


def test_an_address_that_fails_on_two_days_is_a_caution_and_one_bad_evening_is_none(case, organization, now):
    source = a_source(organization, case=case, url="https://courier.example/1")

    for hours in (0, 3):
        links.look_at(source.pk, now=now + timedelta(hours=hours), look=fails(NoAnswer()))
    assert kinds(case, now) == []

    links.look_at(source.pk, now=now + timedelta(days=1), look=answers(404))
    ((kind, sentence),) = of(case, now)
    assert kind == "dead-link"
    assert "404" in sentence

    links.look_at(source.pk, now=now + timedelta(days=2), look=answers(200))
    assert kinds(case, now) == []


@pytest.mark.parametrize("look", [answers(403), answers(429), answers(200), fails(NotAskedThere())])
def test_what_is_there_but_not_for_programs_is_there(case, organization, now, look):
    source = a_source(organization, case=case, url="https://courier.example/1", link_failures=1)

    assert links.look_at(source.pk, now=now, look=look)
    assert Source.objects.get().link_failures == 0


def test_confidential_sources_are_never_asked_for(case, organization, now):
    source = a_source(organization, case=case, url="https://courier.example/1", is_confidential=True)
    a_source(organization, case=case)

    assert links.claim(limit=10, now=now) == []
    assert links.look_at(source.pk, now=now, look=fails(AssertionError()))


def test_an_address_is_claimed_once_a_day_and_few_in_an_hour(case, organization, now, monkeypatch):
    monkeypatch.setattr(links, "PER_HOUR", 2)
    for number in range(3):
        a_source(organization, case=case, url=f"https://courier.example/{number}")

    first = links.claim(limit=10, now=now)
    for pk in first:
        links.look_at(pk, now=now, look=answers(200))
    assert (len(first), links.claim(limit=10, now=now)) == (2, [])

    later = links.claim(limit=10, now=now + timedelta(hours=2))
    assert (len(later), set(later) & set(first)) == (1, set())
    # What a dead worker held is due again.
    assert links.claim(limit=10, now=now + timedelta(hours=4)) == later
