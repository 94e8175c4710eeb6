"""Mailchimp: the ZIP of an audience, with a file for those who are subscribed, unsubscribed and cleaned."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

_FILES = {
    "unsubscribed": Standing.UNSUBSCRIBED,
    "cleaned": Standing.BOUNCED,
    # Contacts that bought or were added without ever agreeing to mail.
    "nonsubscribed": Standing.UNKNOWN,
    "non_subscribed": Standing.UNKNOWN,
    "subscribed": Standing.YES,
}


def role_of(table_name: str) -> Standing | None:
    """By how the file's name begins: subscribed_…, unsubscribed_…, cleaned_…"""
    for beginning, standing in _FILES.items():
        if table_name.lower().startswith(beginning):
            return standing
    return None


import_sources.register("mailchimp")(
    ImportSource(
        title="Mailchimp",
        columns={
            "email address": Field.EMAIL,
            "first name": Field.GIVEN,
            "last name": Field.FAMILY,
            "address": Field.ADDRESS,
            "phone number": Field.PHONE,
            "tags": Field.TAGS,
            "cc": Field.COUNTRY,
            "region": Field.REGION,
            "language": Field.LANGUAGE,
            "optin time": Field.AGREED,
            "confirm time": Field.CONFIRMED,
        },
        telltale=[
            "member rating",
            "optin time",
            "confirm time",
            "leid",
            "euid",
            "gmtoff",
            "dstoff",
            "last changed",
        ],
        day_first=False,
        role_of=role_of,
        how=_("In Mailchimp: Audience, All contacts, Export audience. Bring in the ZIP file as it is."),
    )
)
