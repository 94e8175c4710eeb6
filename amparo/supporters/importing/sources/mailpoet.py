"""WordPress, the plug-in MailPoet: its export of subscribers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

import_sources.register("mailpoet")(
    ImportSource(
        title=_("WordPress: the plug-in MailPoet"),
        columns={
            "email": Field.EMAIL,
            "first name": Field.GIVEN,
            "last name": Field.FAMILY,
            "global status": Field.STANDING,
            "subscription time": Field.AGREED,
            "confirmation time": Field.CONFIRMED,
        },
        telltale=["global status", "list status", "subscription ip", "confirmation ip", "subscription time"],
        standings={
            "subscribed": Standing.YES,
            "unconfirmed": Standing.UNKNOWN,
            "inactive": Standing.UNKNOWN,
            "unsubscribed": Standing.UNSUBSCRIBED,
            "bounced": Standing.BOUNCED,
        },
        how=_("In WordPress: MailPoet, Subscribers, Export."),
    )
)
