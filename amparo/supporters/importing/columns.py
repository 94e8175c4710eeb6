"""What a column of a list can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from amparo.kit.tables.headings import key_of
from amparo.supporters.models import CustomField

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization
    from amparo.supporters.importing.registry import ImportSource


class Field(StrEnum):
    """What is known of a person from a cell; the empty one is not brought in."""

    IGNORED = ""
    EMAIL = "email"
    FURTHER = "further_email"
    GIVEN = "given_name"
    FAMILY = "family_name"
    FULL = "full_name"
    PHONE = "phone"
    POSTCODE = "postal_code"
    ADDRESS = "address"
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"
    LANGUAGE = "language"
    TAGS = "tags"
    JOINED = "joined"
    STANDING = "standing"
    AGREED = "agreed_at"
    CONFIRMED = "confirmed_at"
    EVIDENCE = "evidence"


LABELS: dict[str, _StrOrPromise] = {
    Field.IGNORED: _("– not brought in –"),
    Field.EMAIL: _("E-mail address"),
    Field.FURTHER: _("Further e-mail address, to recognise them by"),
    Field.GIVEN: _("First name"),
    Field.FAMILY: _("Last name"),
    Field.FULL: _("Whole name"),
    Field.PHONE: _("Telephone"),
    Field.POSTCODE: _("Postcode"),
    Field.ADDRESS: _("Street address"),
    Field.CITY: _("Town"),
    Field.REGION: _("Region"),
    Field.COUNTRY: _("Country"),
    Field.LANGUAGE: _("Language"),
    Field.TAGS: _("Tags, separated by commas"),
    Field.JOINED: _("When they joined"),
    Field.STANDING: _("Whether they agreed: yes, no, unsubscribed"),
    Field.AGREED: _("When they agreed"),
    Field.CONFIRMED: _("When they confirmed their address"),
    Field.EVIDENCE: _("How they agreed, in words"),
}
#: Of these several columns come together; of the others the first that is not empty counts.
TOGETHER = frozenset({Field.FURTHER, Field.ADDRESS, Field.TAGS, Field.EVIDENCE})
#: A column that goes into one of the organization's own fields is `custom:` and its key.
CUSTOM = "custom:"
#: No column with a network address is ever brought in, whatever it is mapped to.
_NETWORK = frozenset({"ip", "ipaddress", "ipaddr", "optinip", "confirmip", "subscribedip", "confirmedip"})


def choices(organization: Organization) -> list[tuple[str, _StrOrPromise]]:
    """Everything a column can be mapped to, the organization's own fields last."""
    own = CustomField.objects.for_organization(organization)
    return [*LABELS.items(), *((f"{CUSTOM}{field.key}", field.label) for field in own)]


def is_network_address(header: str) -> bool:
    """Whether a column holds network addresses, by its heading."""
    words = key_of(header).split()
    return "ip" in words or "".join(words) in _NETWORK


def _own_field(header: str, source: ImportSource, known: set[str]) -> str:
    """The organization's own field that is called as the key of a column of JSON is."""
    column, _dot, key = header.partition(".")
    own = f"{CUSTOM}{slugify(key)}"
    return own if key and key_of(column) in source.unfolds and own in known else ""


def propose(
    headers: Sequence[str],
    *,
    source: ImportSource,
    saved: Mapping[str, str],
    allowed: Iterable[str],
) -> list[str]:
    """What each column probably is: as said last time, as the source names it, or as its heading reads."""
    known = set(allowed)
    proposed = []
    for header in headers:
        key = key_of(header)
        found = saved.get(key, _own_field(header, source, known) or source.columns.get(key, ""))
        proposed.append("" if is_network_address(header) or found not in known else found)
    if Field.GIVEN not in proposed and Field.FULL not in proposed:
        # "Nom" or "Name" alone is the whole name.
        proposed = [str(Field.FULL) if found == Field.FAMILY else found for found in proposed]
    return proposed
