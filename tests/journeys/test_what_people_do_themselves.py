"""Amina calls and writes on paper, Suzie asks others and goes to a partner: all without a script; axe finds nothing."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from wagtail.models import Locale

from amparo.actions.models import Action, Report
from tests.factories.doing_pages import a_call_page, a_partner_page, a_postal_letter_page, a_share_page
from tests.factories.organizations import an_organization
from tests.factories.targets import alvenia
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organization(transactional_db):
    alvenia()
    return an_organization()


def checked(visit, path, *, step=None, size=None):
    """The page, and what follows it, as axe sees it: that needs a script, and the story is told without one."""
    reader = visit(script=True, **({"size": size} if size else {}))
    reader.go(path)
    reader.check_page()
    if step:
        reader.press(step)
        reader.check_page()
    return reader


def test_amina_calls_the_minister_in_arabic_on_a_phone(visit, organization):
    page = a_call_page(organization)
    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    page.get_parent().specific.copy_for_translation(arabic).save_revision().publish()
    translated = page.copy_for_translation(arabic)
    translated.title = "اتصل بالوزير"
    translated.save_revision().publish()
    path = f"/ar/{page.slug}/"

    checked(visit, path, step="details", size=PHONE)
    amina = visit(script=False, language="ar", size=PHONE)
    amina.go(path)
    assert amina.page.get_attribute("html", "dir") == "rtl"
    amina.press("details")
    assert amina.page.get_attribute(".numbers a", "href") == "tel:+0005550100"
    amina.choose("said-0", "spoke")
    amina.press("said")
    assert "لم يُحفظ شيء عنك" in amina.text
    assert (Report.objects.get().said, Action.objects.count()) == ("spoke", 0)


def test_amina_prints_a_letter(visit, organization):
    page = a_postal_letter_page(organization)
    path = f"/{page.slug}/"
    checked(visit, path, step="details").press("preview")
    amina = visit(script=False)
    amina.go(path)
    amina.press("details")
    amina.page.fill('[name="sender-full-name"]', "Amina Rahal")
    amina.page.fill('[name="body"]', "I am a printer too. " + amina.page.input_value('[name="body"]'))
    amina.press("preview")
    assert "4 Long Quay" in amina.text
    with amina.page.expect_download() as download:
        amina.page.click('button[value="pdf"]')
    drawn = PdfReader(io.BytesIO(download.value.path().read_bytes())).pages[0].extract_text()
    assert "I am a printer too." in drawn
    amina.press("said")
    assert Report.objects.get().said == "posted"


def test_suzie_asks_others(visit, organization):
    page = a_share_page(organization)
    path = f"/{page.slug}/"
    checked(visit, path)
    suzie = visit(script=False)
    suzie.go(path)
    assert "via%3Dtelegram" in suzie.page.get_attribute('a[href*="t.me"]', "href")
    suzie.page.fill("#server", "mastodon.example")
    suzie.press("mastodon")
    link = suzie.page.get_attribute("main a.button", "href")
    assert link.startswith("https://mastodon.example/share?text=")
    suzie.go(path)
    suzie.press("said")
    assert Report.objects.get().said == "shared"


def test_suzie_goes_to_a_partner(visit, organization):
    page = a_partner_page(organization)
    path = f"/{page.slug}/"
    checked(visit, path)
    suzie = visit(script=False)
    suzie.go(path)
    assert suzie.page.get_attribute('a[href^="https://lanterns"]', "rel") == "noopener noreferrer"
    suzie.press("said")
    assert Report.objects.get().said == "done"
