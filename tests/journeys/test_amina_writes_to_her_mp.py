"""Amina reads a case, writes to her deputy, confirms from her mailbox, and sees the letter arrive."""

from __future__ import annotations

import pytest

from amparo.actions.models import Action, Message
from amparo.supporters.models import ConsentRecord
from tests.journeys.conftest import DESK, PHONE, link_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AMINA = {"given_name": "Amina", "family_name": "Rahal", "email": "amina@example.net", "postal_code": "1001"}
OWN_WORDS = (
    "My brother was a printer too. When they took him we did not know for a year whether he was alive.\n\n"
)


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_amina_writes_to_her_mp(visit, site, work, size, script, language):
    amina = visit(size=size, script=script, language=language)
    amina.go(("/ar" if language == "ar" else "") + "/write-to-your-minister/")
    assert amina.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    amina.check_page()

    amina.fill(**AMINA)
    amina.press("details")
    assert "Marit Osk" in amina.text
    amina.check_page()

    letter = amina.page.input_value('textarea[name="body"]')
    amina.fill(body=OWN_WORDS + letter, address_line1="4 Quay Street", address_level2="Brennick")
    answer_every_question(amina, "yes")
    amina.press("preview")
    assert "My brother was a printer too." in amina.text
    assert "4 Quay Street" in amina.text
    amina.check_page()

    amina.press("send")
    assert "amina@example.net" in amina.text
    amina.check_page()
    assert Message.objects.get().state == "pending"

    work()
    if not script:
        later_work(work)
    (mail,) = work.mails.to("amina@example.net")
    amina.page.goto(link_in(mail))
    amina.check_page()
    assert Action.objects.get().state == "pending", "opening the link changes nothing"

    amina.press("confirm")
    amina.check_page()
    assert Action.objects.get().state == "confirmed"
    answers = {line.purpose: line.granted for line in ConsentRecord.objects.all()}
    assert answers == {"news": True, "disclosure": True}

    work()
    (letter,) = work.mails.to("marit.osk@diet.example.org")
    assert "Amina Rahal" in letter["From"]
    assert "My brother was a printer too." in letter.get_content()
    assert letter.get_content().rstrip().endswith("4 Quay Street\r\nBrennick\r\n1001")

    work()
    told = work.mails.to("amina@example.net")[-1]
    amina.page.goto(link_in(told))
    assert Message.objects.get().state == "sent"
    amina.check_page()


def answer_every_question(visitor, answer):
    for name in {
        box.get_attribute("name") for box in visitor.page.query_selector_all('input[name^="consent"]')
    }:
        visitor.choose(name, answer)


def later_work(work):
    """A letter that came without a proof of work waits a minute."""
    from datetime import timedelta

    from django.utils import timezone

    work(at=timezone.now() + timedelta(minutes=2))
