"""NationBuilder: an export of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.supporters.importing.columns import Field
from amparo.supporters.importing.registry import ImportSource, Standing, import_sources

_ADDRESS = {
    f"{kind}{part}": field
    for kind in ("", "primary ", "mailing ", "registered ")
    for part, field in {
        "address1": Field.ADDRESS,
        "address2": Field.ADDRESS,
        "city": Field.CITY,
        "state": Field.REGION,
        "zip": Field.POSTCODE,
        "country code": Field.COUNTRY,
        "country": Field.COUNTRY,
    }.items()
    # Of several addresses only the first kind joins its lines; the others would be put after it.
    if kind in {"", "primary "} or field is not Field.ADDRESS
}

import_sources.register("nationbuilder")(
    ImportSource(
        title="NationBuilder",
        columns={
            "email": Field.EMAIL,
            # The address to write to may be any of them; what is the same as it counts once.
            "email1": Field.FURTHER,
            "email2": Field.FURTHER,
            "email3": Field.FURTHER,
            "email4": Field.FURTHER,
            "first name": Field.GIVEN,
            "last name": Field.FAMILY,
            "phone number": Field.PHONE,
            "mobile number": Field.PHONE,
            "language": Field.LANGUAGE,
            "tag list": Field.TAGS,
            "created at": Field.JOINED,
            "email opt in": Field.STANDING,
            **_ADDRESS,
        },
        telltale=[
            "nationbuilder id",
            "email opt in",
            "mobile opt in",
            "tag list",
            "is volunteer",
            "civicrm id",
        ],
        # A flag, which does not tell somebody who left from somebody who never agreed.
        standings={"false": Standing.NO, "n": Standing.NO, "0": Standing.NO, "no": Standing.NO},
        day_first=False,
        how=_("In NationBuilder: People, Filter or All, Export, as CSV."),
    )
)
