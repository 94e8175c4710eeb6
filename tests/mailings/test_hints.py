"""Every hint is given once for what it is about, with where to mend it, and not for a mail that has nothing to mend."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from amparo.content.models import SiteIdentity
from amparo.kit import http
from amparo.mailings.composer import composing, hints
from amparo.mailings.models import MailingText
from tests.factories.cases import a_figure
from tests.factories.composed import WORDS, a_button, a_draft, a_picture, rewrite
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization(postal_address="1 Long Lane"))


def codes(text: MailingText) -> list[str]:
    return [hint.code for hint in hints.of_mailing(text.mailing, now=NOW)]


def paragraph(html: str) -> dict:
    return {"type": "text", "value": f"<p>{html}</p>"}


def test_a_mail_with_nothing_to_mend_has_no_hints(page):
    assert codes(a_draft(page.organization, WORDS, a_button(page))) == []


@pytest.mark.parametrize(
    ("code", "subject", "more"),
    [
        ("no-subject", "", WORDS),
        ("subject-long", "Three days left: " + "write " * 10, WORDS),
        ("subject-shouts", "ACT NOW FOR ILAN", WORDS),
        ("subject-shouts", "Will you write??", WORDS),
        ("no-fall-back", "For you, {first name}", WORDS),
        ("no-fall-back", "Ilan", paragraph("Dear {name},")),
        ("link-text", "Ilan", paragraph('Click <a href="https://bar.example/">here</a>.')),
        ("link-text", "إيلان", paragraph('<a href="https://bar.example/">اضغط هنا</a>')),
        ("link-not-https", "Ilan", paragraph('<a href="http://bar.example/">The report</a>')),
        ("link-nowhere", "Ilan", paragraph('<a linktype="page" id="99999">His page</a>')),
        ("block", "Ilan", paragraph("{figure:nobody-counted} wait.")),
    ],
)
def test_a_hint_about_a_text(page, code, subject, more):
    text = a_draft(page.organization, more, a_button(page), subject=subject)
    (hint,) = hints.of_mailing(text.mailing, now=NOW)
    assert hint.code == code
    assert hint.mend_at == reverse("staff_mailing_text", args=[text.pk])


def test_a_mail_that_asks_for_nothing_or_is_empty(page):
    text = a_draft(page.organization, WORDS)
    assert codes(text) == ["no-ask"]
    text.body.blocks = []
    text.body.save()
    assert codes(text) == ["empty"]


def test_a_page_that_is_not_published_or_over(page):
    text = a_draft(page.organization, WORDS, a_button(page))
    page.unpublish()
    (hint,) = hints.of_mailing(text.mailing, now=NOW)
    assert (hint.code, hint.is_grave) == ("page-not-live", True)
    page.closed_at = NOW
    page.save_revision().publish()
    type(page).objects.filter(pk=page.pk).update(closed_at=NOW)
    assert codes(text) == ["block"]


def test_a_picture_without_words(page, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = a_picture(alt_text=" ")
    block = {"type": "image", "value": {"image": picture.pk, "alt_text": "", "caption": ""}}
    text = a_draft(page.organization, WORDS, block, a_button(page))
    assert codes(text) == ["block"]
    block["value"]["alt_text"] = "Ilan at work."
    assert codes(rewrite(text, WORDS, block, a_button(page))) == []


def test_a_figure_that_lost_its_source(page):
    figure = a_figure(page.organization)
    text = a_draft(page.organization, WORDS, {"type": "figure", "value": "held"}, a_button(page))
    assert codes(text) == []
    figure.source = None
    figure.save()
    assert codes(text) == ["block"]


def test_a_mail_that_is_too_big_or_has_no_plain_text(page):
    text = a_draft(page.organization, WORDS, a_button(page))
    text.html += "<p>" + "x" * hints.MOST_BYTES + "</p>"
    text.save()
    assert codes(text) == ["too-big"]
    text.html, text.text = "<p>x</p>", " "
    text.save()
    assert codes(text) == ["no-plain-text"]


def test_the_sender_the_address_and_the_colour(page):
    organization = page.organization
    text = a_draft(organization, WORDS, a_button(page))
    organization.postal_address = organization.sender_name = ""
    organization.save()
    text.mailing.refresh_from_db()
    SiteIdentity.objects.filter(organization=organization).update(accent="#ffcc00")
    assert codes(text) == ["no-sender", "no-address", "contrast"]


def test_languages_and_variants_that_are_missing(page):
    text = a_draft(page.organization, WORDS, a_button(page))
    a_supporter(page.organization, language="fr")
    a_supporter(page.organization, given_name="Suzie", language="en-gb")
    (hint,) = hints.of_mailing(text.mailing, now=NOW)
    assert "One supporter reads another language (French) and would get it in English." in hint.sentence
    composing.add_text(mailing=text.mailing, language="fr", variant="a", by=None, now=NOW)
    composing.add_text(mailing=text.mailing, language="en", variant="b", by=None, now=NOW)
    assert codes(text) == ["variant-missing", "test-not-chosen"]
    text.mailing.texts.all().delete()
    assert codes(text) == ["no-text"]


def test_addresses_of_others_are_asked_only_when_somebody_says_so(page, monkeypatch):
    text = a_draft(
        page.organization,
        paragraph('<a href="https://bar.example/a">A</a> <a href="https://gone.example/">B</a> and A again:'),
        paragraph('<a href="https://bar.example/a">A</a>'),
        a_button(page),
    )
    urls = hints.outside_links(text.mailing)
    assert urls == ["https://bar.example/a", "https://gone.example/"]

    def look(url, *, guard, seconds):
        if "gone" in url:
            raise http.NoAnswer
        return http.Answer(404, url, {})

    monkeypatch.setattr(http, "look", look)
    first, second = hints.look_at(urls)
    assert (first.is_there, first.said) == (False, "Answered 404")
    assert (second.is_there, second.said) == (False, "Nobody answers at this address.")
    assert replace(first, said="") == hints.Looked("https://bar.example/a", is_there=False, said="")
