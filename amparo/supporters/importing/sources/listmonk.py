"""listmonk: an export of subscribers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

import_sources.register("listmonk")(
    ImportSource(
        title="listmonk",
        columns={
            "email": Field.EMAIL,
            "name": Field.FULL,
            "status": Field.STANDING,
            "created at": Field.JOINED,
            **{
                f"attributes {key}": field
                for key, field in {
                    "city": Field.CITY,
                    "country": Field.COUNTRY,
                    "language": Field.LANGUAGE,
                    "phone": Field.PHONE,
                    "postcode": Field.POSTCODE,
                    "zip": Field.POSTCODE,
                }.items()
            },
        },
        unfolds=["attributes"],
        telltale=["uuid", "attributes", "subscription status"],
        standings={
            "enabled": Standing.YES,
            "confirmed": Standing.YES,
            "unconfirmed": Standing.UNKNOWN,
            "disabled": Standing.UNSUBSCRIBED,
            "blocklisted": Standing.UNSUBSCRIBED,
        },
        how=_("In listmonk: Subscribers, choose a list, Export."),
    )
)
