"""CiviCRM: an export of contacts with its primary fields."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

import_sources.register("civicrm")(
    ImportSource(
        title="CiviCRM",
        columns={
            "email": Field.EMAIL,
            "first name": Field.GIVEN,
            "last name": Field.FAMILY,
            "phone": Field.PHONE,
            "street address": Field.ADDRESS,
            "supplemental address 1": Field.ADDRESS,
            "city": Field.CITY,
            "state": Field.REGION,
            "postal code": Field.POSTCODE,
            "country": Field.COUNTRY,
            "preferred language": Field.LANGUAGE,
            "tag s": Field.TAGS,
            "no bulk emails user opt out": Field.STANDING,
            "no bulk emails": Field.STANDING,
            "created date": Field.JOINED,
        },
        telltale=[
            "contact id",
            "internal contact id",
            "do not email",
            "no bulk emails user opt out",
            "external identifier",
            "supplemental address 1",
            "addressee",
            "email greeting",
        ],
        # The column says whether they opted out, so a yes there is a no here.
        standings={
            "1": Standing.UNSUBSCRIBED,
            "yes": Standing.UNSUBSCRIBED,
            "0": Standing.YES,
            "no": Standing.YES,
            "": Standing.YES,
        },
        how=_("In CiviCRM: find contacts, choose Export contacts, primary fields."),
    )
)
