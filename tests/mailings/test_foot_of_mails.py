"""Every mail to a supporter leads to their own page, and none opens a record to somebody who only typed its address."""

from __future__ import annotations

import pytest
from django.utils import translation

from amparo.actions import confirming, taking, telling
from amparo.actions.models import Confirmation, Message
from amparo.kit import tokens
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from amparo.supporters import linking
from amparo.supporters.identity import fingerprint_of
from amparo.supporters.models import OtherAddress, Supporter
from tests.factories.deeds import a_deed
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def body_of(kind, *, language="en"):
    notice = Notice.objects.filter(kind=kind).select_related("organization").order_by("pk").last()
    with translation.override(language):
        text = notice_kinds.get(kind)().write(notice)
    assert text is not None
    return text.body


def test_the_first_mail_to_a_stranger_opens_nothing(page):
    taking.take(page=page, deed=a_deed(), now=NOW)

    assert "/me/" not in body_of(taking.CONFIRM)


def test_once_she_has_confirmed_every_mail_leads_to_her_page(page):
    taking.take(page=page, deed=a_deed(), now=NOW)
    confirming.confirm(token=confirming.link_for(Confirmation.objects.get().pk), now=NOW)
    suzie = Supporter.objects.get()
    mine = f"/me/{tokens.make(linking.ME, suzie.pk)}/"
    telling.tell_sent(message=Message.objects.get(), now=NOW)
    telling.tell_failed(message=Message.objects.get(), now=NOW)
    for kind in (telling.LETTERS_SENT, telling.LETTER_FAILED):
        assert mine in body_of(kind)

    taking.take(page=an_email_page(page.organization, slug="other"), deed=a_deed(), now=NOW)

    assert mine in body_of(taking.CONFIRM)


def test_an_unproved_further_address_is_no_way_into_her_record(page):
    """Somebody who writes with it is taken for her, but the mail goes to whoever reads that mailbox."""
    taking.take(page=page, deed=a_deed(), now=NOW)
    confirming.confirm(token=confirming.link_for(Confirmation.objects.get().pk), now=NOW)
    suzie = Supporter.objects.get()
    OtherAddress.objects.create(
        organization=suzie.organization,
        supporter=suzie,
        email="mallory@example.net",
        fingerprint=fingerprint_of("mallory@example.net", organization=suzie.organization),
        added_at=NOW,
    )

    other = an_email_page(page.organization, slug="other")
    taking.take(page=other, deed=a_deed(email="mallory@example.net"), now=NOW)

    assert Supporter.objects.count() == 1
    assert "/me/" not in body_of(taking.CONFIRM)
