"""What a list of supporters can hold: each column with its heading, and how a cell is filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.supporters import choosing, consent, custom_fields
from amparo.supporters.models import CustomField, CustomValue, Tagging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization
    from amparo.supporters.models import Supporter

#: Before the key of a custom field, in the name of its column.
CUSTOM = "custom:"
#: What may go to a partner whom people agreed to share with: what they were told, and nothing from other sources.
FOR_PARTNERS = ("first_name", "last_name", "email", "country", "language")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `heading` stands in the file, as Action Network and most tools call it."""

    heading: str
    label: _StrOrPromise
    cell: Callable[[Supporter, datetime], str]
    ticked: bool = False


def _answers(supporter: Supporter, _now: datetime) -> str:
    given = [
        f"{purpose}/{channel}"
        for purpose, channel in consent.standing_questions()
        if supporter.agreed_to & consent.bit(purpose, channel)
    ]
    return ", ".join(given)


#: In the order in which they stand in a file.
COLUMNS: dict[str, Column] = {
    column.heading: column
    for column in (
        Column("id", _("Number"), lambda person, _now: str(person.pk)),
        Column("first_name", _("First name"), lambda person, _now: person.given_name or "", ticked=True),
        Column("last_name", _("Last name"), lambda person, _now: person.family_name or "", ticked=True),
        Column("email", _("E-mail address"), lambda person, _now: person.email or "", ticked=True),
        Column("phone", _("Telephone"), lambda person, _now: person.phone or ""),
        Column("street_address", _("Street address"), lambda person, _now: person.postal_address or ""),
        Column("zip_code", _("Postcode"), lambda person, _now: person.postal_code or ""),
        Column("country", _("Country"), lambda person, _now: person.country, ticked=True),
        Column("language", _("Language"), lambda person, _now: person.language, ticked=True),
        Column("area", _("Area"), lambda person, _now: person.area),
        Column("joined", _("Joined"), lambda person, _now: person.created_at.date().isoformat()),
        Column("state", _("State"), lambda person, now: choosing.state_of(person, now=now)),
        Column("agreed_to", _("What they agreed to"), _answers),
        # Filled for a whole piece of the list at once, by `Further`.
        Column("tags", _("Tags"), lambda _person, _now: ""),
    )
}


def offered(organization: Organization) -> list[tuple[str, _StrOrPromise]]:
    """The columns that a list of this organization can have, custom fields last."""
    own = CustomField.objects.for_organization(organization)
    return [
        *((name, column.label) for name, column in COLUMNS.items()),
        *((f"{CUSTOM}{field.key}", field.label) for field in own),
    ]


class Further:
    """Tags and custom answers of the people in one piece of a list, fetched at once."""

    def __init__(self, people: Sequence[Supporter], *, columns: Sequence[str]) -> None:
        pks = [person.pk for person in people]
        self._tags: dict[UUID, list[str]] = {}
        self._answers: dict[tuple[UUID, str], str] = {}
        if "tags" in columns:
            rows = Tagging.objects.filter(supporter__in=pks).order_by("tag__name")
            for supporter, name in rows.values_list("supporter", "tag__name"):
                self._tags.setdefault(supporter, []).append(name)
        keys = [name.removeprefix(CUSTOM) for name in columns if name.startswith(CUSTOM)]
        if keys:
            values = CustomValue.objects.filter(supporter__in=pks, field__key__in=keys)
            for value in values.select_related("field"):
                self._answers[value.supporter_id, value.field.key] = custom_fields.shown(value)

    def cell(self, person: Supporter, name: str, *, now: datetime) -> str:
        """What stands in this column for this person."""
        if name.startswith(CUSTOM):
            return self._answers.get((person.pk, name.removeprefix(CUSTOM)), "")
        if name == "tags":
            return ", ".join(self._tags.get(person.pk, ()))
        return COLUMNS[name].cell(person, now)


def in_order(names: Iterable[str]) -> list[str]:
    """Chosen columns in the order of the file."""
    chosen = set(names)
    known = [name for name in COLUMNS if name in chosen]
    return [*known, *sorted(name for name in chosen if name.startswith(CUSTOM))]
