"""Bruno composes an alert in English and Arabic, sees how it will look, and sends himself a test."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings

from amparo.accounts.models import Role
from amparo.mailings.models import Mailing
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bruno(visit_staff):
    return signed_in_at(visit_staff, size=DESK)


@pytest.fixture
def bruno_on_the_train(visit_staff):
    return signed_in_at(visit_staff, size=PHONE)


def signed_in_at(visit_staff, *, size):
    an_email_page(an_organization(postal_address="1 Long Lane"))
    user = a_member_of_staff(an_organization(), Role.EDITOR, email="bruno@example.org")
    visitor = visit_staff(size=size)
    cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.server.url}])
    return visitor


def press(page, words):
    with page.expect_navigation():
        page.click(f"main form button[type=submit]:has-text('{words}')")


def add_block(page, label):
    """Choose a kind of block at the end of the composer's list."""
    page.locator("button[title='Insert a block']").last.click()
    page.get_by_role("option", name=label, exact=True).click()


def test_bruno_composes_an_alert_in_two_languages_and_tries_it(bruno, work):
    page = bruno.page
    bruno.go("/staff/mailings/new/")
    page.fill("input[name=name]", "Ilan: three days")
    press(page, "Begin to write")
    page.fill("input[name=subject]", "Three days left for Ilan")
    add_block(page, "Heading")
    page.locator("input[name$='-value'][type=text]").last.fill("Three days left")
    press(page, "Save")
    assert "It asks for nothing" in bruno.text
    assert Mailing.objects.get().texts.get().text.startswith("Dear {first name|friend},\n\nThree days left\n")

    page.click("text=Add…")
    page.select_option("select[name=language]", "ar")
    press(page, "Add")
    page.fill("input[name=subject]", "ثلاثة أيام من أجل إيلان")
    press(page, "Save")
    # Not the whole of axe here: Wagtail's editor of rich text has no name of its own.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("input[aria-label=Heading]").count() == 1

    with page.expect_navigation():
        page.click(".compose__save >> text=Preview")
    desk = page.frame_locator(".preview__desk iframe")
    assert desk.locator("html").get_attribute("dir") == "rtl"
    assert "Three days left" in desk.locator("h1").inner_text()
    bruno.check_page()

    with page.expect_navigation():
        page.click("main >> text=Test…")
    bruno.check_page()
    press(page, "Send the test")
    work()
    (mail,) = work.mails.to("bruno@example.org")
    assert mail["Subject"] == "[Test] ثلاثة أيام من أجل إيلان"
    assert "Three days left" in mail.get_body(("plain",)).get_content()


#: What is wider than the window and can be scrolled to by nobody: Wagtail's own screens scroll inside themselves.
CUT_OFF = """[...document.querySelectorAll(
    ':is(.staff-deed, .mailing) :is(select, input, button, a, td, p)'
)].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
}).map(each => each.outerHTML.slice(0, 120))"""


def test_bruno_sets_everything_on_a_telephone(bruno_on_the_train):
    """A choice with long words made its field wider than the window, and the rest of it could not be reached."""
    page = bruno_on_the_train.page
    an_email_page(
        an_organization(), slug="long", title="A lawyer every week for everybody in Kestrel Road prison"
    )
    bruno_on_the_train.go("/staff/mailings/new/")
    page.fill("input[name=name]", "Ilan: three days")
    press(page, "Begin to write")
    at = f"/staff/mailings/{Mailing.objects.get().pk}/"
    for screen in ("", "audience/", "pace/", "try/", "links/", "texts/add/", "ready/"):
        bruno_on_the_train.go(at + screen)
        bruno_on_the_train.check_page()
        assert page.evaluate(CUT_OFF) == [], screen
    bruno_on_the_train.go("/staff/mailings/automations/new/")
    page.fill("input[name=name]", "Thanks")
    page.click("label:has-text('Thanks with the next ask')")
    bruno_on_the_train.check_page()
    press(page, "Begin")
    bruno_on_the_train.check_page()
    assert page.evaluate(CUT_OFF) == []


def test_bruno_need_not_scroll_to_save(bruno):
    page = bruno.page
    bruno.go("/staff/mailings/new/")
    page.fill("input[name=name]", "Ilan: three days")
    press(page, "Begin to write")
    for _place in range(6):
        add_block(page, "Quotation")
    page.evaluate("document.querySelector('input[name=subject]').scrollIntoView()")
    assert page.evaluate(
        "document.querySelector('.compose__save button').getBoundingClientRect().bottom <= innerHeight"
    )
    # By the keyboard: the page may still be gliding to the newest block, and a mouse would miss.
    with page.expect_navigation():
        page.press(".compose__save button", "Enter")
