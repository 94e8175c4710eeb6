"""A real browser on a real server: with and without JavaScript, on a phone and on a desk, in both directions."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from scripts.browser import VARIABLE

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium():
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get(VARIABLE) or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


class Visitor:
    """Somebody at a browser, watched for what no reader may meet: other hosts, cookies, console errors, overflow."""

    def __init__(self, browser, server, *, size, script, language):
        self.script = script
        self.server = server
        self.context = browser.new_context(
            viewport=size, java_script_enabled=script, locale=language, base_url=server.url
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self._note(message))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message):
        # A refused form is answered 422 or 410, which the browser reports; the page itself is looked at by the test.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def go(self, path):
        return self.page.goto(path)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.fill(f'[name="{name.replace("_", "-")}"]:not([type="hidden"])', value)

    def press(self, step):
        """Press the submit button of a step, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.click(f'button[name="step"][value="{step}"]')

    def choose(self, name, value):
        """Press the label of one answer, as a person does."""
        box = self.page.get_attribute(f'input[name="{name}"][value="{value}"]', "id")
        self.page.click(f'label[for="{box}"]')

    def submit(self):
        with self.page.expect_navigation():
            self.page.click('main form button[type="submit"]')

    @property
    def heading(self):
        return self.page.inner_text("h1")

    @property
    def text(self):
        return self.page.inner_text("main")

    def check_page(self):
        """Nothing sticks out, and axe-core finds nothing."""
        if not self.script:
            return
        width = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert width[0] <= width[1], f"{self.page.url} is wider than the window"
        results = Axe().run(self.page)
        assert results.violations_count == 0, results.generate_report()

    def leave(self, *, may_have_cookies=False):
        hosts = {urlsplit(url).netloc for url in self.asked if not url.startswith("data:")}
        cookies = self.context.cookies()
        self.context.close()
        assert hosts <= {urlsplit(self.server.url).netloc}, f"asked others: {hosts}"
        assert may_have_cookies or cookies == [], "a reader was given a cookie"
        assert self.complaints == []


@pytest.fixture
def visit(chromium, live_server, settings):
    """Opens a browser for somebody; every one of them is checked when the test is over."""
    settings.BASE_URL = live_server.url
    visitors = []

    def open_browser(*, size=DESK, script=True, language="en"):
        visitor = Visitor(chromium, live_server, size=size, script=script, language=language)
        visitors.append(visitor)
        return visitor

    yield open_browser
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def visit_staff(chromium, live_server, settings):
    """A browser for a member of staff, who may have a session; at localhost, where passkeys work without TLS."""
    settings.BASE_URL = live_server.url
    visitors = []

    def open_browser(*, size=DESK, script=True):
        visitor = Visitor(chromium, live_server, size=size, script=script, language="en")
        visitors.append(visitor)
        return visitor

    yield open_browser
    for visitor in visitors:
        visitor.leave(may_have_cookies=True)


@pytest.fixture
def site(transactional_db):
    """Alvenia and its targets, an organization with a letter page in English and Arabic, on the host the server has."""
    from amparo.supporters import wordings
    from amparo.supporters.models import Channel, Purpose
    from tests.factories.organizations import an_organization
    from tests.factories.pages import an_email_page
    from tests.factories.targets import alvenia

    alvenia()
    organization = an_organization()
    for language, text in (
        ("en", "May we write to you about Ilan?"),
        ("ar", "هل يمكننا أن نكتب إليك عن إيلان؟"),
    ):
        wordings.word(
            organization=organization,
            purpose=Purpose.NEWS,
            channel=Channel.EMAIL,
            language=language,
            text=text,
        )
    page = an_email_page(
        organization,
        dataset_slug="alvenia",
        legislatures=[("legislature", "diet")],
        posts=[],
        fallbacks=[("post", "alvenia/minister/interior")],
    )
    in_arabic(page)
    return page


def in_arabic(page):
    """The same page, read from right to left."""
    from wagtail.models import Locale

    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    home = page.get_parent().specific.copy_for_translation(arabic)
    home.save_revision().publish()
    translated = page.copy_for_translation(arabic)
    translated.title = "اكتب إلى نائبك"
    translated.standfirst = "إيلان سار طابع محتجز دون محاكمة منذ 3 مارس."
    translated.paragraphs = [
        (
            "paragraph",
            {
                "wordings": [
                    "أكتب إليك بشأن إيلان سار المحتجز دون محاكمة منذ الثالث من مارس. أرجو أن تسأل الوزير متى يمثل أمام"
                    " قاض، وأن تخبرني بما قيل لك. إنه طابع وأب لطفلين ولم يرتكب جرما."
                ],
                "only_for": {},
            },
        )
    ]
    translated.save_revision().publish()
    return translated


@pytest.fixture
def work(mail_server, now):
    """Run what is due in the background, as the worker does, at the moment it is given."""
    from django.utils import timezone

    from amparo.kit.work import lines, run_line

    def run(*, at=None):
        for name in lines:
            if name != "erasure":
                run_line(name, now_source=lambda: at or timezone.now())

    run.mails = mail_server
    return run


def link_in(mail):
    """The first address in a mail."""
    return next(word for word in mail.get_content().split() if word.startswith("http"))
