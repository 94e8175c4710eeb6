"""Amina is asked two weeks later, says no, and reminds her deputy: on a phone, without a script, and in Arabic."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.actions.models import Answer, Message
from tests.factories.letters import a_letter, an_action
from tests.factories.people import a_supporter
from tests.journeys.conftest import DESK, PHONE, link_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL = "amina@supporters.example.net"


@pytest.fixture
def asked(site, work):
    """Her letter left two weeks ago, and the worker ran."""

    def ask(language="en"):
        ago = timezone.now() - timedelta(days=14, minutes=1)
        amina = a_supporter(site.organization, email=EMAIL, language=language, now=ago)
        action = an_action(site, supporter=amina, language=language, now=ago)
        a_letter(
            site,
            action=action,
            state="sent",
            target_key="alvenia/diet/N1",
            target_name="Dr Marit Osk",
            language=language,
            now=ago,
        )
        work()
        # The question was asked for; now it leaves.
        work()
        (mail,) = work.mails.to(EMAIL)
        return link_in(mail)

    return ask


@pytest.mark.parametrize(("size", "script"), [(PHONE, False), (DESK, True)])
def test_amina_says_no_and_reminds_her_deputy(asked, visit, work, size, script):
    link = asked()
    amina = visit(size=size, script=script)
    amina.go(link.replace("/yes/", "/no/"))
    assert amina.heading == "Did they answer?"
    assert not Answer.objects.exists()
    amina.check_page()

    amina.press("answer")
    assert amina.heading == "Thank you. Would you like to remind them?"
    amina.check_page()
    amina.press("remind")

    assert amina.heading == "Your reminder is on its way"
    amina.check_page()
    assert Answer.objects.get().kind == "no"
    assert Message.objects.get(chases__isnull=False).state == "queued"


def test_in_arabic_and_no_more_questions(asked, visit):
    link = asked("ar")
    amina = visit(size=PHONE)
    amina.go(link)
    assert amina.page.get_attribute("html", "dir") == "rtl"
    amina.check_page()

    amina.go(link.replace("/yes/", "/stop/"))
    amina.check_page()
    amina.press("stop")

    assert "لن نسألك" in amina.text
