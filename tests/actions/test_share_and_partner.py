"""Asking others, and a partner's action: links that tell nobody who follows them, and a count of those who say so."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from amparo.actions import attribution, sharing
from amparo.actions.models import Action, PartnerPage, Report, SharePage
from tests.factories.doing_pages import a_partner_page, a_share_page
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, a_sign_up_page

HOST = {"host": "open-doors.test"}


def test_only_words_of_ours_are_taken_from_an_address():
    assert attribution.known("telegram") == "telegram"
    assert attribution.known("<script>") == ""
    assert attribution.known("amina@example.org") == ""


def test_a_marked_link_says_the_means_and_nothing_else():
    assert attribution.link("https://a.example/x/", "sms") == "https://a.example/x/?via=sms"
    assert attribution.link("https://a.example/?p=1", "sms") == "https://a.example/?p=1&via=sms"


def test_texts_with_signs_and_braces_arrive_whole():
    opened = attribution.opened_by(
        "telegram", address="https://a.example/", text="50 % & {link}?", subject=""
    )
    asked = parse_qs(urlsplit(opened).query)
    assert asked == {"url": ["https://a.example/?via=telegram"], "text": ["50 % & {link}?"]}


@pytest.mark.django_db
def test_the_page_offers_each_way_with_its_own_link_and_no_script_of_others():
    organization = an_organization()
    letter = a_sign_up_page(organization)
    page = a_share_page(organization, shared=letter, short_message="Two minutes for Ilan:")
    text = Client(headers=HOST).get(page.url).content.decode()
    for code in sorted(set(sharing.OFFERED) - {"mastodon"}):
        assert f"via%3D{code}" in text or f"via={code}" in text, code
    assert "https://wa.me/?text=Ilan%20is%20a%20printer%20%26%20a%20father" in text
    assert not [source for source in re.findall(r'src="([^"]+)"', text) if source.startswith("http")]
    ways = {way.code: way for way in sharing.ways_of(page)}
    assert ways["bluesky"].text.startswith("Two minutes for Ilan: ")
    assert letter.full_url in ways["link"].text


@pytest.mark.django_db
def test_what_is_not_live_is_not_shared():
    organization = an_organization()
    letter = a_sign_up_page(organization)
    page = a_share_page(organization, shared=letter)
    letter.unpublish()
    assert SharePage.objects.get().what_is_shared.pk == page.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "host"),
    [("mastodon.example", "mastodon.example"), ("@amina@kind.example", "kind.example"), ("nonsense", "")],
)
def test_the_way_to_ones_own_mastodon_server(typed, host):
    page = a_share_page(an_organization())
    answer = Client(headers=HOST).post(page.url, {"step": "mastodon", "server": typed})
    assert (f'href="https://{host}/share?text=' in answer.content.decode()) is bool(host)
    assert answer.status_code == (200 if host else 422)


@pytest.mark.django_db
def test_who_came_by_which_means_is_stored_with_what_they_did():
    page = a_sign_up_page(an_organization())
    news = a_question(page.organization)
    browser = Client(headers=HOST)
    shown = browser.get(page.url + "?via=whatsapp").content.decode()
    assert '<input type="hidden" name="via" value="whatsapp">' in shown
    assert "via" not in browser.get(page.url + "?via=somebody").content.decode()
    browser.post(
        page.url,
        {"step": "sign_up", "email": "suzie@example.org", "via": "whatsapp", f"consent-{news.pk.hex}": "on"},
    )
    assert Action.objects.get().via == "whatsapp"


@pytest.mark.django_db
def test_having_asked_somebody_counts_and_says_by_which_means():
    page = a_share_page(an_organization())
    browser = Client(headers=HOST)
    for _twice in range(2):
        browser.post(page.url, {"step": "said", "channel": "signal"})
    assert Report.objects.get().channel == "signal", (
        "a double click on a page that is the same for everybody is one"
    )
    assert SharePage.objects.get().done == 1


@pytest.mark.django_db
def test_a_partners_action_says_what_is_met_there_and_leads_there_without_a_trace():
    page = a_partner_page(an_organization())
    browser = Client(headers=HOST)
    text = browser.get(page.url).content.decode()
    assert re.search(r'href="https://lanterns.example/act/ilan"\s+rel="noopener noreferrer"', text)
    assert "A form of one page, in English" in text
    assert "Lanterns keeps your name for a year." in text
    browser.post(page.url, {"step": "said"})
    assert PartnerPage.objects.get().done == 1


def test_nobody_is_sent_to_an_address_that_others_can_read():
    with pytest.raises(ValidationError):
        PartnerPage(partner_url="http://lanterns.example/").clean()
