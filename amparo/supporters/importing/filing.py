"""What a list says beyond who people are: their tags, and the organization's own fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from amparo.kit import bulk_rows
from amparo.kit.ids import new_id
from amparo.supporters.custom_fields import mark_of
from amparo.supporters.importing.matching import Found
from amparo.supporters.importing.sorting import Sorted
from amparo.supporters.importing.traces import Change, Changes
from amparo.supporters.models import CustomField, CustomValue, ImportRun, Tag, Tagging

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.kit.sealed_fields import SealedTextField

#: More names than this in one list are no tags: another column was taken for them.
MOST_TAGS = 200


class Filer:
    """Files the people of one run."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.organization = run.organization
        self._fields = {field.key: field for field in CustomField.objects.for_organization(self.organization)}
        self._tags: dict[str, UUID] = dict(
            Tag.objects.for_organization(self.organization).values_list("name", "pk")
        )
        self._new_tags = 0

    def values_of(self, known: Iterable[Found]) -> dict[tuple[UUID, UUID], CustomValue]:
        """What those who are known answered to the organization's own fields, by person and field."""
        ids = {found.supporter_id for found in known if found.person.custom}
        values: dict[tuple[UUID, UUID], CustomValue] = {}
        for some in bulk_rows.in_lists(ids):
            for value in CustomValue.objects.for_organization(self.organization).filter(supporter__in=some):
                values[(value.supporter_id, value.field_id)] = value
        return values

    def change(
        self,
        pk: UUID,
        found: Found,
        answered: dict[tuple[UUID, UUID], CustomValue],
        change: Change,
    ) -> None:
        """Put in what the list says of somebody who is known, where it may; `answered` is kept up to date."""
        for key, text in found.person.custom:
            field = self._fields[key]
            value = answered.get((pk, field.pk))
            before = "" if value is None else (value.plain if value.plain is not None else value.sealed) or ""
            if before == text or (before and self.run.existing == ImportRun.Existing.FILL):
                continue
            value = value or CustomValue(organization=self.organization, supporter_id=pk, field=field)
            put_custom(value, field, text)
            value.save()
            answered[(pk, field.pk)] = value
            change.texts({f"custom:{field.pk}": before}, {f"custom:{field.pk}": text})

    def tag(self, result: Sorted, newborn: Mapping[UUID, Found], changes: Changes, *, now: datetime) -> None:
        """Give each the tags that stand beside them."""
        wanted = list(newborn.items())
        wanted += [
            (found.supporter_id, found)
            for found in result.known
            if found.supporter_id and found.supporter_id in changes and not found.repeated
        ]
        ids = self._tag_ids(result, [found for _pk, found in wanted], now=now)
        pairs = list(
            dict.fromkeys(
                (ids[name], pk) for pk, found in wanted for name in found.person.tags if name in ids
            )
        )
        had = self._taggings(pk for tag, pk in pairs if pk in changes)
        fresh = [(tag, pk) for tag, pk in pairs if (tag, pk) not in had]
        bulk_rows.insert(Tagging, ["tag_id", "supporter_id", "tagged_at"], [(*pair, now) for pair in fresh])
        for tag, pk in fresh:
            if pk in changes:
                changes[pk].tags.append(str(tag))

    def _tag_ids(self, result: Sorted, found: Sequence[Found], *, now: datetime) -> dict[str, UUID]:
        for each in found:
            for name in each.person.tags:
                if name in self._tags:
                    continue
                if self._new_tags >= MOST_TAGS:
                    result.note(each, "too-many-tags")
                    continue
                self._new_tags += 1
                tag, _made = Tag.objects.get_or_create(
                    organization=self.organization, name=name, defaults={"created_at": now}
                )
                self._tags[name] = tag.pk
        return self._tags

    def _taggings(self, ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        found: set[tuple[UUID, UUID]] = set()
        for some in bulk_rows.in_lists(set(ids)):
            found.update(Tagging.objects.filter(supporter__in=some).values_list("tag_id", "supporter_id"))
        return found

    def fill(self, newborn: Mapping[UUID, Found]) -> None:
        """What the organization's own fields say of somebody new."""
        sealed = cast("SealedTextField[Any, Any]", CustomValue._meta.get_field("sealed"))
        seal = sealed.sealer(self.organization.pk)
        rows = []
        for pk, found in newborn.items():
            for key, text in found.person.custom:
                field, own = self._fields[key], new_id()
                ordinary = field.privacy == CustomField.Privacy.ORDINARY
                rows.append(
                    (
                        own,
                        self.organization.pk,
                        pk,
                        field.pk,
                        text if ordinary else None,
                        None if ordinary else seal(own, text),
                        None if ordinary else mark_of(text, field=field),
                    )
                )
        bulk_rows.insert(
            CustomValue,
            ["id", "organization_id", "supporter_id", "field_id", "plain", "sealed", "mark"],
            rows,
        )


def put_custom(value: CustomValue, field: CustomField, text: str) -> None:
    """An answer in canonical form, in the clear or sealed as its field asks."""
    ordinary = field.privacy == CustomField.Privacy.ORDINARY
    value.plain = text if ordinary else None
    value.sealed = None if ordinary else text
    value.mark = None if ordinary else mark_of(text, field=field)
