"""Telephone numbers: read as people write them, kept in the one form that every network knows (E.164)."""

from __future__ import annotations

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from amparo.kit.refusal import Refusal


class MalformedPhone(Refusal):
    """What was written is no telephone number that can exist. The sentence does not repeat it."""

    sentence = _("That does not look like a telephone number. It should look like +44 1632 960001.")


class CountryUnknown(Refusal):
    sentence = _(
        "Please write the telephone number with its country code, as in +44 1632 960001: without it we cannot tell"
        " which country it belongs to."
    )


def parse(text: str, *, country: str = "") -> str:
    """The number in E.164, as in +441632960001.

    `country` (two letters, ISO 3166) is where a number without a country code is taken to be; a number with one is
    read by its own. An extension cannot be dialled by a machine and is left out. Raises `MalformedPhone` for what is
    not a possible number and `CountryUnknown` where only the country is missing.
    """
    region = country.strip().upper() or None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and "+" not in text:
            raise CountryUnknown from None
        raise MalformedPhone from None
    # Possible, not valid: the numbers that are set aside for films and examples are never given out, and a numbering
    # plan that grew last month is not yet in the metadata.
    if not phonenumbers.is_possible_number(number):
        raise MalformedPhone
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def display(e164: str) -> str:
    """The number as it is read aloud, with its country code and spaces."""
    return phonenumbers.format_number(phonenumbers.parse(e164, None), PhoneNumberFormat.INTERNATIONAL)
