"""What the screens of mailings say to Bruno and Chidi: when, what next, at which provider, what receivers answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import Role
from amparo.kit.sealed_fields import SealedBytes
from amparo.mailings import outcomes
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.screens import by_provider, mailing_report, receivers_answers, sending_words
from amparo.mailings.screens.mailing_report import Figure
from amparo.supporters.models import Supporter
from tests.factories.composed import WORDS, a_draft, an_event, rewrite
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db
State = Mailing.State


@pytest.fixture
def doors():
    return an_organization(time_zone="Europe/London", postal_address="1 Long Lane")


@pytest.fixture
def bruno(doors):
    return signed_in(a_member_of_staff(doors, Role.EDITOR))


@pytest.fixture
def chidi(doors):
    return signed_in(a_member_of_staff(doors, Role.APPROVER, email="chidi@example.org"))


def shown(browser, name, *args, **asked):
    return browser.get(reverse(name, args=args), asked).content.decode()


def became(mailing, *bytes_):
    """What became of the audience, in the order in which it was frozen; the rest was sent."""
    for chunk in AudienceChunk.objects.filter(mailing=mailing):
        told = bytes(bytes_[: len(chunk.outcomes)])
        rest = bytes([outcomes.SENT]) * (len(chunk.outcomes) - len(told))
        AudienceChunk.objects.filter(pk=chunk.pk).update(outcomes=told + rest)


# --- The list -------------------------------------------------------------------------------------


def test_the_list_says_when_a_mailing_leaves_that_has_not_yet(doors, bruno):
    """It said “Just now” of every hour to come."""
    later = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    mailing = a_mailing(doors)
    Mailing.objects.update(scheduled_at=later)
    mailing.refresh_from_db()
    page = shown(bruno, "staff_mailings")
    assert "Just now" not in page
    assert sending_words.on_the_clock(later, doors) in page


def test_an_approver_narrows_the_list_to_what_waits_for_approval(doors, chidi):
    a_mailing(doors, name="It waits", state=State.READY)
    a_mailing(doors, name="It has left", state=State.SCHEDULED)
    page = shown(chidi, "staff_mailings", state="ready")
    assert "It waits" in page
    assert "It has left" not in page


# --- What next ------------------------------------------------------------------------------------


def test_stopping_what_has_not_begun_says_that_nobody_gets_it(doors, bruno):
    """It said “0 have it. The other 0 never get it.”"""
    page = shown(bruno, "staff_mailing_stop", a_mailing(doors).pk)
    assert "nobody gets it" in page
    assert "The other 0" not in page


def test_a_mailing_without_links_to_elsewhere_has_nobody_to_ask(doors, bruno):
    page = shown(bruno, "staff_mailing_links", a_draft(doors, WORDS).mailing_id)
    assert "there is nothing to ask" in page
    assert "asks each address below" not in page


def test_one_subject_cannot_be_tried_and_the_screen_says_so_first(doors, bruno):
    assert "Add a variant first" in shown(bruno, "staff_mailing_try", a_draft(doors).mailing_id)


def test_the_next_text_offered_is_one_that_is_missing(doors, bruno):
    """With every language there it offered variant a of the site's own once more, which is refused."""
    mailing = a_draft(doors).mailing
    for language in ("fr", "ar"):
        composing.add_text(mailing=mailing, language=language, variant="a", by=None, now=NOW)
    page = shown(bruno, "staff_mailing_text_add", mailing.pk)
    assert '<option value="b" selected>' in page


def test_a_long_subject_is_measured_as_the_composer_says(doors, bruno):
    """The hint gave a telephone sixty letters, and the field beside it forty."""
    text = a_draft(doors, subject="A subject of very many letters that goes on and on until nobody reads it")
    page = shown(bruno, "staff_mailing", text.mailing_id)
    assert "A desk shows about 60 of them, a telephone 40." in page


def test_a_preview_leads_to_the_other_texts_and_back(doors, bruno):
    text = a_draft(doors)
    french = composing.add_text(mailing=text.mailing, language="fr", variant="a", by=None, now=NOW)
    page = shown(bruno, "staff_mailing_preview", text.pk)
    assert reverse("staff_mailing_preview", args=[french.pk]) in page
    assert f'href="{reverse("staff_mailing", args=[text.mailing_id])}"' in page


def test_a_preview_keeps_the_address_that_it_did_not_find(doors, chidi):
    address = reverse("staff_mailing_preview", args=[a_draft(doors).pk])
    page = chidi.post(address, {"who": "nobody@example.net"}).content.decode()
    assert 'value="nobody@example.net"' in page


def test_what_was_approved_is_not_offered_to_be_written_on(doors, bruno):
    text = a_draft(doors)
    Mailing.objects.update(state=State.READY)
    assert "Write on" not in shown(bruno, "staff_mailing_preview", text.pk)


# --- How it goes ----------------------------------------------------------------------------------


def test_providers_are_counted_and_small_ones_are_not_named(doors, bruno):
    for place in range(6):
        a_reader(doors, f"Reader{place}", email=f"reader{place}@large.example")
    a_reader(doors, email="suzie@suzies-own.example")
    sending = frozen(a_mailing(doors))
    became(sending, outcomes.QUEUED, outcomes.CAME_BACK, outcomes.FAILED)
    found = by_provider.providers(sending)
    assert found.looked_at == 7
    assert not found.is_sample
    large, others = found.rows
    assert large.name == "large.example"
    totals = [(row.sent + row.waiting + row.returned) for row in found.rows]
    assert totals == [6, 1]
    assert sum(row.returned for row in found.rows) == 2
    assert others.name == "all others"
    page = shown(bruno, "staff_mailing", sending.pk)
    assert "large.example" in page
    assert "suzies-own" not in page


def test_of_a_large_audience_an_even_part_is_looked_at(doors, monkeypatch):
    monkeypatch.setattr(by_provider, "MOST_LOOKED_AT", 8)
    for place in range(24):
        a_reader(doors, f"Reader{place}", email=f"reader{place}@large.example")
    found = by_provider.providers(frozen(a_mailing(doors)))
    assert (found.looked_at, found.is_sample) == (8, True)
    assert [(row.name, row.waiting) for row in found.rows] == [("large.example", 8)]


def test_an_address_that_cannot_be_read_stops_no_screen(doors, bruno):
    for place in range(6):
        reader = a_reader(doors, f"Reader{place}", email=f"reader{place}@large.example")
    Supporter.objects.filter(pk=reader.pk).update(email=SealedBytes(b"1" * 40))
    page = shown(bruno, "staff_mailing", frozen(a_mailing(doors)).pk)
    assert "large.example" in page


def test_a_report_is_drawn_beside_what_is_usual():
    figures = [
        Figure("Called junk", 1, 2.0, 4.0),
        Figure("Took part", 9, 30.0, 10.0),
        Figure("Unsubscribed", 0, 0.0, 0.0),
        Figure("Came back", 3, 3.0, None),
    ]
    drawn = [
        (each.figure.name, each.ours, round(each.usual)) for each in mailing_report.beside_usual(figures)
    ]
    assert drawn == [("Called junk", 500, 1000), ("Took part", 1000, 333)]


def test_what_receivers_answered_is_weighed(doors, chidi):
    for place in range(120):
        a_reader(doors, f"Reader{place}")
    sending = frozen(a_mailing(doors))
    Mailing.objects.update(started_at=timezone.now())
    became(sending)
    address = ("staff_deliverability", doors.pk)
    assert "0.0 of a thousand readers pressed" in shown(chidi, *address)
    became(sending, outcomes.COMPLAINED, *[outcomes.CAME_BACK] * 3)
    page = shown(chidi, *address)
    assert "8.3 of a thousand readers pressed" in page
    assert "Gmail and Yahoo want fewer than one" in page
    assert "25.0 of a thousand mails did not arrive" in page
    levels = [each.level for each in receivers_answers.lately(doors, now=timezone.now()).findings]
    assert levels == ["bad", "note"]


def test_of_too_few_mails_nothing_is_said(doors, chidi):
    assert "Too few mails left" in shown(chidi, "staff_deliverability", doors.pk)


def test_whoever_has_several_organizations_chooses_one(doors):
    user = a_member_of_staff(doors, Role.APPROVER)
    second = an_organization("lamplight")
    a_member_of_staff(second, Role.APPROVER, email=user.email)
    page = shown(signed_in(user), "staff_senders")
    for organization in (doors, second):
        assert reverse("staff_deliverability", args=[organization.pk]) in page


# --- An event -------------------------------------------------------------------------------------


def test_an_event_says_its_hour_by_the_clock_of_the_organization(doors):
    text = a_draft(
        doors, WORDS, an_event(day="2027-06-10", url="https://example.net/vigil", text="I am coming")
    )
    assert "Thursday 10 June 2027 · 18:30 (BST)" in text.html
    assert "I am coming:\nhttps://example.net/vigil" in text.text
    rewrite(text, WORDS, an_event(day="2027-06-10"))
    assert "A vigil for Ilan" in text.text


def test_an_event_that_is_over_is_to_be_mended(doors, bruno):
    text = a_draft(doors, WORDS, an_event(day="2020-06-10"))
    page = shown(bruno, "staff_mailing", text.mailing_id)
    assert "“A vigil for Ilan” is over." in page
    rewrite(text, WORDS, an_event(day="2099-06-10"))
    assert "is over." not in shown(bruno, "staff_mailing", text.mailing_id)
