"""RFC 8058 and guarantee P10: one POST ends it at once, opening the page ends nothing, the link opens nothing else."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from amparo.kit import tokens
from amparo.mailings.unsubscribing import choices_url, headers_for, unsubscribe_url
from amparo.supporters import consent, linking, wordings
from amparo.supporters.models import Channel, Origin, Purpose, Supporter, Suppression
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def suzie():
    organization = an_organization()
    a_site(organization)
    found = a_supporter(organization, given_name="Suzie", email="suzie@example.org")
    Supporter.objects.filter(pk=found.pk).update(confirmed_at=NOW)
    found.refresh_from_db()
    return found


def agree(supporter):
    wording = wordings.word(
        organization=supporter.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    consent.record(
        supporter=supporter, answers={wording.pk: True}, source="/write/", now=NOW - timedelta(days=30)
    )
    supporter.refresh_from_db()


def place_of(supporter):
    return reverse("unsubscribe", args=[tokens.make(linking.UNSUBSCRIBE, supporter.pk)])


def agreed(supporter):
    return consent.may_contact(supporter=supporter, purpose=Purpose.NEWS, channel=Channel.EMAIL)


def one_click(supporter):
    """What a mail program sends: no cookie, no referrer, no token of a page, checks for forged forms switched on."""
    program = Client(enforce_csrf_checks=True)
    return program.post(
        place_of(supporter), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )


def test_p10_one_post_without_cookie_or_referrer_ends_it_at_once(suzie):
    agree(suzie)

    answer = one_click(suzie)

    assert answer.status_code == 200
    assert not answer.cookies
    assert not agreed(suzie)
    suzie.refresh_from_db()
    assert suzie.agreed_to == 0
    assert consent.ledger_of(suzie)[0].origin == Origin.ONE_CLICK


def test_p10_as_multipart_too(suzie):
    agree(suzie)

    answer = Client(enforce_csrf_checks=True).post(place_of(suzie), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not agreed(suzie)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_p10_opening_the_page_ends_nothing(client, suzie, method):
    agree(suzie)

    getattr(client, method)(place_of(suzie))

    assert agreed(suzie)


def test_pressing_twice_writes_one_line(suzie):
    agree(suzie)
    for _time in range(3):
        assert one_click(suzie).status_code == 200

    assert len(consent.ledger_of(suzie)) == 2


def test_somebody_who_never_agreed_says_no_all_the_same(suzie):
    one_click(suzie)

    (line,) = consent.ledger_of(suzie)
    assert not line.granted


def test_the_page_offers_to_end_everything(client, suzie):
    agree(suzie)
    assert b'value="everything"' in client.get(place_of(suzie)).content

    answer = client.post(place_of(suzie), {"what": "everything"})

    assert b"You get no more mail from us." in answer.content
    assert Suppression.objects.get().reason == Suppression.Reason.UNSUBSCRIBED


def test_the_link_shows_nothing_of_her(client, suzie):
    shown = client.get(place_of(suzie)).content + client.post(place_of(suzie)).content

    assert b"Suzie" not in shown
    assert b"suzie@" not in shown
    assert tokens.make(linking.ME, suzie.pk).encode() not in shown


def test_the_link_to_her_page_is_no_link_to_this(client, suzie):
    assert client.post(reverse("unsubscribe", args=[tokens.make(linking.ME, suzie.pk)])).status_code == 410


def test_an_altered_link_says_nothing_and_does_nothing(client, suzie):
    agree(suzie)
    right = tokens.make(linking.UNSUBSCRIBE, suzie.pk)
    altered = ("a" if right[0] != "a" else "b") + right[1:]

    answers = [client.post(reverse("unsubscribe", args=[token])) for token in (altered, "x", "é")]

    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.content for answer in answers}) == 1
    assert agreed(suzie)


def test_somebody_erased_hears_that_nothing_more_comes(client, suzie):
    token = tokens.make(linking.UNSUBSCRIBE, uuid4())

    answer = client.post(reverse("unsubscribe", args=[token]))

    assert answer.status_code == 200
    assert client.get(reverse("unsubscribe", args=[token])).status_code == 410


# --- The headers ----------------------------------------------------------------------------------


def test_the_headers_name_https_first_and_then_mail(settings, suzie):
    settings.BASE_URL = "https://act.example.org"

    headers = headers_for(suzie)

    token = tokens.make(linking.UNSUBSCRIBE, suzie.pk)
    assert headers == {
        "List-Unsubscribe": f"<https://act.example.org/unsubscribe/{token}/>,"
        f" <mailto:office@open-doors.example.org?subject=unsubscribe%20{token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert len(headers["List-Unsubscribe"]) < 400, "more would be cut by build_mail"


def test_without_tls_there_is_no_one_click(settings, suzie):
    settings.BASE_URL = "http://127.0.0.1:8000"

    assert set(headers_for(suzie)) == {"List-Unsubscribe"}


def test_the_link_speaks_her_language_where_the_site_does(suzie):
    suzie.language = "ar"
    assert "/ar/unsubscribe/" in unsubscribe_url(suzie)
    suzie.language = "sv"
    assert "/unsubscribe/" in unsubscribe_url(suzie)
    assert "/sv/" not in unsubscribe_url(suzie)


# --- The line at the foot of a mail -----------------------------------------------------------------


def test_the_foot_of_a_mail_leads_to_her_page_only_where_the_mailbox_is_known_to_be_hers(suzie):
    assert "/me/" in choices_url(suzie, recipient="Suzie@example.org")
    assert choices_url(suzie, recipient="somebody.else@example.org") == ""
    assert choices_url(None, recipient="suzie@example.org") == ""
    suzie.confirmed_at = None
    assert choices_url(suzie, recipient="suzie@example.org") == ""
