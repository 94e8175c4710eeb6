"""What a list changes about somebody who is known: nothing that would mix two people up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amparo.kit import bulk_rows
from amparo.kit.sealed_fields import SealedBytes, SealedTextField
from amparo.supporters.identity import phone_fingerprint_of
from amparo.supporters.importing.people import Person
from amparo.supporters.models import ImportRun, Supporter

if TYPE_CHECKING:
    from amparo.organizations.models import Organization

SEALED = ("given_name", "family_name", "email", "phone", "postal_code", "postal_address")
PLAIN = ("country", "language", "area", "unreachable")

#: What stands in a supporter's columns, as text.
Standing = Mapping[str, str]


def compare(now_there: Standing, person: Person, *, existing: str) -> tuple[dict[str, str], bool]:
    """What changes, and whether a name was left as it is because it is somebody else's.

    Filling touches only what is empty. A name is one thing: a family name is not put behind another first name. Nor is
    a postcode put beside another street.
    """
    update = existing == ImportRun.Existing.UPDATE
    changed, other_name = _names(now_there, person, update=update)
    coming = {"phone": person.phone, "country": person.country}
    coming["postal_code"], coming["postal_address"] = _place(now_there, person, update=update)
    if update:
        coming["language"] = person.language
    for name, text in coming.items():
        if text and text != now_there[name] and (update or not now_there[name]):
            changed[name] = text
    if "postal_code" in changed and now_there["area"]:
        # It was found from the postcode that goes.
        changed["area"] = ""
    return changed, other_name


def _names(now_there: Standing, person: Person, *, update: bool) -> tuple[dict[str, str], bool]:
    given, family = now_there["given_name"], now_there["family_name"]
    if not (person.given or person.family):
        return {}, False
    if not given and not family:
        return _filled({"given_name": person.given, "family_name": person.family}), False
    same_given = bool(given) and given.casefold() == person.given.casefold()
    same_family = bool(family) and family.casefold() == person.family.casefold()
    changed = {}
    if same_given and person.family and (not family or update):
        changed["family_name"] = person.family
    if same_family and person.given and (not given or update):
        changed["given_name"] = person.given
    if update and same_given and given != person.given:
        changed["given_name"] = person.given
    if update and same_family and family != person.family:
        changed["family_name"] = person.family
    there = {"given_name": given, "family_name": family}
    fresh = {name: text for name, text in changed.items() if text != there[name]}
    return fresh, update and not (same_given or same_family)


def _place(now_there: Standing, person: Person, *, update: bool) -> tuple[str, str]:
    if update:
        return person.postcode, person.address
    fits_street = not now_there["postal_address"] or now_there["postal_address"] == person.address
    fits_code = not now_there["postal_code"] or now_there["postal_code"] == person.postcode
    return person.postcode if fits_street else "", person.address if fits_code else ""


def _filled(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


class Records:
    """The rows of supporters, read and written many at a time; sealed columns as text."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._seal = {name: _sealed_field(name).sealer(organization.pk) for name in SEALED}
        self._unseal = {name: _sealed_field(name).unsealer(organization.pk) for name in SEALED}

    def read(self, ids: Iterable[UUID], *, lock: bool) -> dict[UUID, dict[str, str]]:
        """What stands there about those of `ids` who are somebody still; locked, in one order, to be changed."""
        found: dict[UUID, dict[str, str]] = {}
        for some in bulk_rows.in_lists(sorted(set(ids))):
            rows = Supporter.objects.for_organization(self.organization).present().filter(pk__in=some)
            rows = rows.order_by("pk").select_for_update(of=("self",)) if lock else rows
            for row in rows.values_list("pk", *SEALED, *PLAIN):
                found[row[0]] = self._as_text(row)
        return found

    def _as_text(self, row: tuple[Any, ...]) -> dict[str, str]:
        pk, *rest = row
        text = {
            name: self._unseal[name](pk, kept) if kept else ""
            for name, kept in zip(SEALED, rest, strict=False)
        }
        return text | dict(zip(PLAIN, rest[len(SEALED) :], strict=True))

    def write(self, pk: UUID, texts: Mapping[str, str]) -> None:
        """Put these texts in; the empty one empties a sealed column."""
        columns: dict[str, Any] = {}
        for name, text in texts.items():
            if name in PLAIN:
                columns[name] = text
            else:
                columns[name] = SealedBytes(self._seal[name](pk, text)) if text else None
        if "phone" in texts:
            phone = texts["phone"]
            columns["phone_fingerprint"] = (
                phone_fingerprint_of(phone, organization=self.organization) if phone else None
            )
        Supporter.objects.filter(pk=pk).update(**columns)


def _sealed_field(name: str) -> SealedTextField[Any, Any]:
    found = Supporter._meta.get_field(name)
    assert isinstance(found, SealedTextField)
    return found
