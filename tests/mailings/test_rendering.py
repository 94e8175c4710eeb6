"""What a composed mail is made of, read in both directions by a parser of HTML that is not ours; and its plain twin."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st

from amparo.cases.models import Case
from amparo.content.models import SiteIdentity
from amparo.mailings import previewing
from amparo.mailings.composer import composing, plain_words
from amparo.mailings.composer.frame import Frame, lightened
from amparo.mailings.merge_fields import FIELD
from tests.factories.cases import (
    a_case_page,
)
from tests.factories.composed import WORDS, a_button, a_draft, a_picture, a_public_case, every_block, rewrite
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site, an_email_page

pytestmark = pytest.mark.django_db


def parsed(html: str) -> ET.Element:
    """The document as a browser understands it, by somebody else's parser."""
    return tinyhtml5.parse(html, namespace_html_elements=False)


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize(("language", "direction", "start"), [("en", "ltr", "left"), ("ar", "rtl", "right")])
def test_every_block_is_drawn_twice_in_either_direction(settings, tmp_path, language, direction, start):
    settings.MEDIA_ROOT = tmp_path
    organization = an_organization(boilerplate="Who we are.", postal_address="1 Long Lane\nTallow")
    _page, blocks = every_block(organization, a_picture())
    text = a_draft(organization, *blocks, language=language)
    document, plain = parsed(text.html), text.text

    root = document if document.tag == "html" else document.find(".//html")
    assert (root.get("lang"), root.get("dir")) == (language, direction)
    assert words(document.find(".//title")) == text.subject
    assert [words(found) for found in document.iter("h1")] == ["Three days & a night"]
    assert words(list(document.iter("h2"))[-1]) == "And then?"
    assert {table.get("role") for table in document.iter("table")} == {"presentation"}
    assert f"text-align: {start}" in document.find(".//h1/..").get("style")

    (image,) = [found for found in document.iter("img") if found.get("alt").startswith("Ilan sets")]
    assert image.get("alt") == "Ilan sets type & smiles."
    assert image.get("src").startswith("http://")
    assert "/media/images/" in image.get("src")
    assert "Open Doors" in plain.split("[Ilan sets type & smiles.]")[1]

    links = {words(found): found.get("href") for found in document.iter("a")}
    address = f"http://127.0.0.1:8000/write-to-your-minister/?via={text.mailing.link_source}"
    assert links["Write to your minister"] == links["his case"] == address
    assert links["two"] == "https://bar.example/?a=1&b=2"
    assert f"\n{address}\n" in plain
    assert "\n  https://bar.example/?a=1&b=2\n" in plain

    shown = words(document.find(".//body"))
    for said in (
        "Ilan Sarr, printer",
        "A printer, held without trial.",
        "people held without trial",
        "Report of the Bar",
        "A vigil for Ilan",
        "1 Quay Street, Tallow",
    ):
        assert said in shown
        assert said in plain.replace("\n", " ")
    for said in ("I read it <forty> times.", "Ilan, in June", "Who we are.", "1 Long Lane", "Tallow"):
        assert said in shown
        assert said in plain
    assert all(
        len(line) <= plain_words.WIDTH or line.strip().startswith("http") for line in plain.splitlines()
    )
    assert {found[1] for found in FIELD.finditer(text.html)} == {
        "first name",
        "unsubscribe link",
        "preferences link",
    }
    assert "{unsubscribe link}" in plain


def test_nothing_is_loaded_from_elsewhere_and_no_reader_is_told_from_another(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    organization = an_organization()
    _page, blocks = every_block(organization, a_picture())
    text = a_draft(organization, *blocks)
    document = parsed(text.html)
    assert [
        each.tag for each in document.iter() if each.tag in {"script", "link", "iframe", "form", "object"}
    ] == []
    assert all(each.get("src").startswith("http://127.0.0.1:8000/media/") for each in document.iter("img"))
    assert "url(" not in text.html
    assert "@import" not in text.html
    own = {each.get("href") for each in document.iter("a")} - {"{unsubscribe link}", "{preferences link}"}
    assert [url for url in own if "{" in url] == []


def test_styles_stand_in_the_elements_and_only_rules_for_screens_in_a_sheet():
    text = a_draft(an_organization())
    document = parsed(text.html)
    assert all("font-size" in found.get("style") for found in document.iter("p"))
    (sheet,) = [found.text for found in document.iter("style")]
    assert "prefers-color-scheme: dark" in sheet
    assert "max-width: 480px" in sheet
    assert "max-width: 600px" in document.find(".//table[@class='card']").get("style")


@pytest.mark.parametrize(
    "given_name", ["<script>alert(1)</script>", "{unsubscribe link}", "a\r\nBcc: x@example.org"]
)
def test_a_readers_name_is_words_and_nothing_else(given_name):
    """Mallory signed up under such names."""
    text = a_draft(an_organization())
    shown = previewing.preview(
        text, mailing=text.mailing, reader=previewing.reader_of(given_name, "M"), now=NOW
    )
    document = parsed(shown.html)
    assert list(document.iter("script")) == []
    assert f"Dear {' '.join(given_name.split())}," in words(document.find(".//body"))
    assert len([link for link in document.iter("a") if "/unsubscribe/" in link.get("href")]) == 1
    assert " ".join(given_name.split()) in shown.text


def test_words_for_readers_without_a_name_are_escaped_once():
    text = a_draft(
        an_organization(), {"type": "text", "value": "<p>Dear {first name|R&amp;D &lt;b&gt; people},</p>"}
    )
    nobody = previewing.reader_of("", "")
    shown = previewing.preview(text, mailing=text.mailing, reader=nobody, now=NOW)
    assert "Dear R&D <b> people," in words(parsed(shown.html).find(".//body"))
    assert "Dear R&D <b> people," in shown.text


def test_a_case_that_is_no_longer_public_is_not_sent():
    """It was when the mail was written; it is drawn once more before it leaves."""
    organization = an_organization()
    case = a_public_case(organization)
    page = a_case_page(case, title="Ilan")
    text = a_draft(organization, WORDS, {"type": "case", "value": str(page.pk)})
    assert "Ilan Sarr, printer" in text.html
    Case.objects.filter(pk=case.pk).update(aftermath=Case.Aftermath.REMOVED)

    assert composing.draw_anew(mailing=text.mailing, now=NOW) == 1

    text.refresh_from_db()
    assert "Ilan Sarr, printer" not in text.html + text.text


def test_a_page_is_linked_in_the_language_of_the_mail():
    from wagtail.models import Locale

    organization = an_organization()
    page = an_email_page(organization)
    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    home = a_site(organization).copy_for_translation(arabic)
    home.save_revision().publish()
    twin = page.copy_for_translation(arabic)
    text = a_draft(organization, a_button(page), language="ar")
    assert "/ar/" not in text.text.split(":\n")[1].split("?")[0]  # the twin is no more than a draft
    twin.save_revision().publish()
    composing.draw_anew(mailing=text.mailing, now=NOW)
    text.refresh_from_db()
    assert "/ar/write-to-your-minister/?via=" in text.text


def test_an_accent_is_lightened_only_as_far_as_the_dark_asks():
    assert lightened("#ffffff", against="#000000") == "#ffffff"
    assert lightened("#9a3412", against="#211f1d") != "#9a3412"


def test_the_organizations_logo_stands_above(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    organization = an_organization()
    a_site(organization)
    SiteIdentity.objects.filter(organization=organization).update(logo=a_picture())
    text = a_draft(organization)
    (logo,) = parsed(text.html).iter("img")
    assert logo.get("alt") == organization.name
    assert logo.get("src").endswith(".png")


@given(st.text(alphabet="ab {}|\n-", max_size=400))
def test_plain_words_lose_nothing_and_tear_no_field(text):
    field = "{first name|dear friend}"
    laid = plain_words.wrapped(f"{text} {field} {text}")
    assert laid.count(field) >= 1
    assert "".join(laid.split()) == "".join(f"{text}{field}{text}".split())


def test_the_frame_knows_what_is_ours():
    text = a_draft(an_organization())
    frame = Frame(text.mailing, "en", NOW)
    assert frame.marked("https://elsewhere.example/") == "https://elsewhere.example/"
    assert frame.marked(f"{frame.address}/a/?b=c#d").endswith(f"/a/?b=c&via={text.mailing.link_source}#d")


def test_a_block_that_nobody_offers_any_more_is_left_out():
    text = a_draft(an_organization())
    text.body.blocks = [WORDS, {"type": "gone", "value": "?"}]
    text.body.save()
    rewrite(text, WORDS)
    assert "Ilan needs your voice." in text.text
