"""Action Network: a report of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

import_sources.register("action-network")(
    ImportSource(
        title="Action Network",
        columns={
            "email": Field.EMAIL,
            "first name": Field.GIVEN,
            "last name": Field.FAMILY,
            "can2 phone": Field.PHONE,
            "phone": Field.PHONE,
            "zip code": Field.POSTCODE,
            "zip": Field.POSTCODE,
            "can2 user address": Field.ADDRESS,
            "can2 user city": Field.CITY,
            "can2 user state": Field.REGION,
            "country": Field.COUNTRY,
            "language": Field.LANGUAGE,
            "can2 user tags": Field.TAGS,
            "can2 subscription status": Field.STANDING,
            "created at": Field.JOINED,
            "created date": Field.JOINED,
        },
        telltale=[
            "can2 user id",
            "can2 subscription status",
            "can2 user tags",
            "can2 phone",
            "can2 user address",
            "can2 user city",
            "can2 user state",
            "can2 sms status",
        ],
        standings={
            "subscribed": Standing.YES,
            "unsubscribed": Standing.UNSUBSCRIBED,
            "bouncing": Standing.BOUNCED,
            "bounced": Standing.BOUNCED,
            "previous bounce": Standing.BOUNCED,
            "spam complaint": Standing.COMPLAINED,
            "previous spam complaint": Standing.COMPLAINED,
        },
        day_first=False,
        how=_("In Action Network: Start Organizing, Reports, a report of all activists, Export."),
    )
)
