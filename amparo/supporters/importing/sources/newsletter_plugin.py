"""WordPress, the plug-in "Newsletter": its export of subscribers (separated by semicolons as it comes)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

import_sources.register("wordpress-newsletter")(
    ImportSource(
        title=_("WordPress: the plug-in Newsletter"),
        columns={
            "email": Field.EMAIL,
            "name": Field.GIVEN,
            "surname": Field.FAMILY,
            "status": Field.STANDING,
            "date": Field.JOINED,
        },
        telltale=["token", "profile 1", "profile 2", "list 1", "list 2"],
        standings={
            "c": Standing.YES,
            "s": Standing.UNKNOWN,
            "u": Standing.UNSUBSCRIBED,
            "b": Standing.BOUNCED,
            "p": Standing.COMPLAINED,
        },
        how=_("In WordPress: Newsletter, Subscribers, Export."),
    )
)
