"""Suzie signs up on the front page from a phone, in Arabic, without a script; Mallory bombs an address with it."""

from __future__ import annotations

import pytest
from wagtail.models import Locale

from amparo.actions.models import Action
from amparo.mailings.models import Notice
from amparo.supporters.models import ConsentRecord
from tests.factories.pages import a_question, a_sign_up_page, a_site
from tests.journeys.conftest import DESK, PHONE, link_in
from tests.journeys.test_amina_writes_to_her_mp import later_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def front_page(site):
    """The form in the body of both front pages, each in its language."""
    organization = site.organization
    a_question(organization, purpose="events", text="May we invite you to what happens near you?")
    a_question(organization, purpose="events", language="ar", text="هل يمكننا أن ندعوكم إلى ما يحدث قربكم؟")
    page = a_sign_up_page(organization, asks_country=True, shows_counter=True)
    home = a_site(organization)
    arabic = page.copy_for_translation(Locale.objects.get(language_code="ar"))
    arabic.title, arabic.standfirst = "آخر أخبارنا", "أخبار إيلان وما يمكنكم فعله، نحو مرتين في الشهر."
    arabic.save_revision().publish()
    for front in (home, home.get_translations().get().specific):
        front.body = [("sign_up", {"page": page})]
        front.save_revision().publish()
    return page


@pytest.mark.parametrize(
    ("size", "script", "language"),
    [(PHONE, False, "ar"), (PHONE, True, "ar"), (DESK, True, "en")],
    ids=["phone-arabic-no-javascript", "phone-arabic", "desk-english"],
)
def test_suzie_signs_up_from_the_front_page(visit, front_page, work, size, script, language):
    suzie = visit(size=size, script=script, language=language)
    suzie.go("/ar/" if language == "ar" else "/")
    suzie.check_page()
    question = suzie.page.query_selector('main form input[name^="consent"]')
    assert not question.is_checked()

    suzie.fill(given_name="Suzie", email="suzie@gmial.com")
    suzie.page.select_option('select[name="country"]', "NO")
    suzie.press("sign_up")
    suzie.check_page()
    assert suzie.page.input_value('main [name="email"]') == "suzie@gmial.com", (
        "kept, though no box was ticked"
    )

    tick_first(suzie)
    suzie.press("sign_up")
    suzie.check_page()
    assert "suzie@gmail.com" in suzie.text, "a slip is offered"
    suzie.press("corrected")
    suzie.check_page()
    assert "suzie@gmail.com" in suzie.text

    work()
    if not script:
        later_work(work)
    (mail,) = work.mails.to("suzie@gmail.com")
    suzie.page.goto(link_in(mail))
    suzie.check_page()
    assert not ConsentRecord.objects.exists(), "opening the link changes nothing"
    suzie.press("confirm")
    suzie.check_page()
    assert "Suzie" in suzie.heading
    (line,) = ConsentRecord.objects.all()
    assert (line.granted, line.wording.language) == (True, language)
    assert Action.objects.confirmed().get().supporter.country == "NO"


def test_mallory_bombs_an_address_and_it_gets_one_mail(visit, front_page, work):
    mallory = visit(script=False)
    for number in range(6):
        mallory.go("/the-latest-from-us/")
        mallory.fill(given_name=f"Mallory{number}", email="amina@example.net")
        tick_first(mallory)
        mallory.press("sign_up")
        assert "amina@example.net" in mallory.text

    later_work(work)

    assert Notice.objects.count() == 1
    assert len(work.mails.to("amina@example.net")) == 1
    assert not ConsentRecord.objects.exists()


def tick_first(visitor):
    """Press the label of the first question, as a person does."""
    box = visitor.page.get_attribute('main form input[name^="consent"]', "id")
    visitor.page.click(f'label[for="{box}"]')
