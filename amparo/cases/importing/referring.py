"""What a cell refers to: another row of the case, a campaign, a picture, somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.accounts.pictures import pictures_of
from amparo.cases import register
from amparo.cases.cells import BadCell
from amparo.cases.importing import layout
from amparo.cases.models import Case, Person
from amparo.content.models import Campaign, CreditedImage

if TYPE_CHECKING:
    from amparo.cases.models.record import Record
    from amparo.cases.register import Kind
    from amparo.organizations.models import Organization

UNKNOWN_KEY = _("No row of this case has this key.")


class NoSuchRow(BadCell):
    sentence = UNKNOWN_KEY


class NoSuchCampaign(BadCell):
    sentence = _("There is no campaign of this title.")


class NoSuchPicture(BadCell):
    sentence = _(
        "There is no picture of this title among yours. Leave it empty, and choose the picture later."
    )


class FurtherDown(BadCell):
    sentence = _("That case comes further down in the file. Put it before this one.")


class KeptOut(BadCell):
    sentence = _("That case is not brought in, because of what is wrong with it.")


class Fate(StrEnum):
    """What became of another case of the same file."""

    IN = "in"
    OUT = "out"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who has no case of their own, by name; or, while a file is only tried, the person of an earlier case."""

    text: str
    stands_in: bool = False


class Finder:
    """Finds what cells of one case refer to. `others` says what became of the cases of the same file."""

    def __init__(self, organization: Organization, *, reference: str, others: Mapping[str, Fate]) -> None:
        self.organization, self.reference, self._others = organization, reference, others
        self._by_key: dict[tuple[str, str], Record] = {}

    def remember(self, kind: Kind, key: str, record: Record) -> None:
        """From now on `key` names this record."""
        self._by_key[kind.name, key or str(record.pk)] = record

    def of_key(self, kind: Kind, key: str) -> Any:
        """The row of one kind that a key names; None for none."""
        return self._by_key.get((kind.name, key))

    def only_one(self, kind: Kind) -> Any:
        """The row of one kind, where there is exactly one."""
        found = {record.pk: record for (name, _key), record in self._by_key.items() if name == kind.name}
        return next(iter(found.values())) if len(found) == 1 else None

    def find(self, field: Any, text: str, *, beside: Mapping[str, Any]) -> Any:
        """What a reference means. Raises `BadCell` and its kin."""
        if field.name == "record_id":
            return self._row(str(beside.get("record_type", "")), text).pk
        model = field.related_model
        if model is Person:
            return self._person(text)
        if model is Campaign:
            return _first(
                Campaign.objects.for_organization(self.organization).filter(title=text), NoSuchCampaign
            )
        if model is CreditedImage:
            return _first(pictures_of(self.organization).filter(title=text), NoSuchPicture)
        return self._row(model.__name__, text)

    def _row(self, kind_name: str, key: str) -> Any:
        kind = register.KINDS.get(kind_name)
        key = self.reference if kind and layout.is_root(kind) else key
        found = self.of_key(kind, key) if kind else None
        if found is None:
            raise NoSuchRow
        return found

    def _person(self, text: str) -> Any:
        case = Case.objects.for_organization(self.organization).filter(reference=text).first()
        if case is not None:
            return case.person
        fate = self._others.get(text)
        if fate in _REFUSED:
            raise _REFUSED[fate]
        return Named(text, stands_in=fate is Fate.IN)


_REFUSED: dict[Fate | None, type[BadCell]] = {Fate.WAITS: FurtherDown, Fate.OUT: KeptOut}


def called(person: Any) -> str:
    """By what a cell names somebody: the reference of their case, or their first name."""
    case = person.cases.order_by("reference").first() if person is not None else None
    if case is not None:
        return str(case.reference)
    name = person.names.first() if person is not None else None
    return name.text if name else ""


def said_of_reference(record: Any, column: str) -> str:
    """What a cell says of a reference, as `Finder` reads it again."""
    field = record._meta.get_field(column)
    if column == "record_id":
        kind = register.KINDS.get(record.record_type)
        if kind is not None and layout.is_root(kind):
            return str(record.source.case.reference) if record.source.case_id else ""
        return str(record.record_id)
    value = getattr(record, column)
    if value is None:
        return ""
    if field.related_model is Person:
        return called(value)
    if field.related_model in {Campaign, CreditedImage}:
        return str(value.title)
    return str(value.pk)


def _first(rows: Any, refusal: type[BadCell]) -> Any:
    found = rows.first()
    if found is None:
        raise refusal
    return found
