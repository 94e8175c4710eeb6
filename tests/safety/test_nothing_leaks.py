"""Guarantees P2, P3, P11, P12 and S9: what lies in the database, the logs and the answers gives nobody away."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from amparo.actions import confirming, taking
from amparo.actions.models import Confirmation, Message
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from tests.factories.deeds import a_deed, a_written_letter
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db

CANARIES = [
    "Zuzanna",
    "Kanarek",
    "zuzanna.kanarek@example.net",
    "1001-Kanarkowa",
    "a canary sang in my letter",
]
NETWORK = "203.0.113.77"
#: The fake mail server runs in this process, and logs as the office's own server may.
THE_OTHER_SIDE = "mail.log"


def everything_stored():
    """Every byte of every table, as somebody with a copy of the database would read it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for value in row:
                    if isinstance(value, memoryview | bytes):
                        yield bytes(value).decode("utf-8", errors="ignore")
                    else:
                        yield str(value)


def found_in(texts):
    whole = "\n".join(texts).lower()
    return [canary for canary in [*CANARIES, NETWORK] if canary.lower() in whole]


@pytest.fixture
def page():
    alvenia()
    return an_email_page(
        an_organization(), dataset_slug="alvenia", legislatures=[("legislature", "diet")], posts=[]
    )


def send(client, page, **fields):
    form = {
        "given-name": "Zuzanna",
        "family-name": "Kanarek",
        "email": "zuzanna.kanarek@example.net",
        "postal-code": "1001",
        "subject": "A canary sang in my letter",
        "body": "I heard that a canary sang in my letter. " * 5,
        "address-line1": "1001-Kanarkowa",
        "address-level2": "Brennick",
        "step": "send",
    }
    return client.post(page.url, {**form, **fields}, REMOTE_ADDR=NETWORK)


def test_a_copy_of_the_database_names_no_supporter(client, page, mail_server):
    assert send(client, page).status_code == 200
    assert Message.objects.get().body
    run_line("notices", now_source=lambda: timezone.now() + timedelta(minutes=2))
    confirming.confirm(token=confirming.link_for(Confirmation.objects.get().pk), now=timezone.now())
    run_line("letters")
    assert Message.objects.get().state == "sent"

    assert found_in(everything_stored()) == []


def test_the_scan_would_see_a_name_in_the_clear(page):
    page.organization.boilerplate = "Zuzanna"
    page.organization.save()

    assert found_in(everything_stored()) == ["Zuzanna"]


def test_the_logs_name_no_supporter(client, page, mail_server, caplog):
    caplog.set_level(logging.DEBUG)
    mail_server.answer = lambda to: f"550 5.1.1 <{to}> is unknown here"

    send(client, page)
    run_line("notices", now_source=lambda: timezone.now() + timedelta(minutes=2))

    assert found_in(record.getMessage() for record in caplog.records if record.name != THE_OTHER_SIDE) == []
    assert found_in(Notice.objects.values_list("reason", flat=True)) == []


def test_the_answer_is_the_same_for_known_and_unknown_and_blocked_addresses(client, page, monkeypatch):
    from amparo.organizations import limits

    def answer(email):
        response = send(client, page, email=email)
        return response.status_code, response.content.decode().replace(email, "E").replace(
            str_key(response), "K"
        )

    def str_key(response):
        return response.context["key"] if response.context else ""

    new = answer("new.person@example.net")
    known = answer("new.person@example.net")
    monkeypatch.setattr(limits, "FOR_ONE_ADDRESS", limits.Limit("blocked", 1, 86400))
    answer("new.person@example.net")
    blocked = answer("new.person@example.net")

    assert new == known == blocked


def test_a_hundred_forms_with_one_victims_address_send_one_mail(page, now):
    for _form in range(100):
        taking.take(page=page, deed=a_deed(email="victim@example.org", proved=False), now=now)

    assert Notice.objects.count() == 1


def test_no_unconfirmed_letter_ever_leaves(client, page, mail_server):
    send(client, page)

    run_line("letters", now_source=lambda: timezone.now() + timedelta(days=30))

    assert mail_server.to("marit.osk@diet.example.org") == []


def test_no_address_of_a_supporter_stands_in_a_link(page, now):
    taking.take(page=page, deed=a_deed(letters=[a_written_letter()]), now=now)

    token = confirming.link_for(Confirmation.objects.get().pk)

    assert token.isalnum()
    assert "suzie" not in token
