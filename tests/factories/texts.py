"""Mailings as text messages, and readers who want them."""

from __future__ import annotations

from amparo.organizations.models import Organization
from amparo.supporters import consent
from amparo.supporters.identity import phone_fingerprint_of
from amparo.supporters.models import Channel, Supporter
from tests.factories.mailings import a_mailing, a_reader, a_text

AGREED_TO_TEXTS = consent.bit("news", "sms")
WORDS = "Dear {first name|friend}, Ilan Sarr has a hearing. Please write today. Answer STOP to get no more."


def a_number(last: int) -> str:
    """One that is set aside for examples (Ofcom)."""
    return f"+447700900{last:03d}"


def a_text_reader(organization: Organization, given_name="Suzie", *, phone="", **fields) -> Supporter:
    """A supporter who confirmed and agreed to news by text message."""
    fields.setdefault("agreed_to", AGREED_TO_TEXTS)
    reader = a_reader(organization, given_name, **fields)
    number = phone or a_number(1)
    reader.phone, reader.phone_fingerprint = (
        number,
        phone_fingerprint_of(number, organization=organization),
    )
    reader.save(update_fields=["phone", "phone_fingerprint"])
    return reader


def a_text_mailing(organization: Organization, *, words=WORDS, **fields):
    """An approved text message to everybody, whose hour has come."""
    fields.setdefault("name", "Hearing tomorrow")
    mailing = a_mailing(organization, texts=(), channel=Channel.SMS, **fields)
    a_text(mailing, "en", subject="", text=words, html="")
    return mailing
