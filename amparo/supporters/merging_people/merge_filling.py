"""What a record lacks and the one merged into it has: shown before, filled in by a merge, taken back by its undoing.

The absorbed record keeps what is copied from it, so a merge notes names of columns alone, and what its undoing takes
back is told by comparing the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.names import country_name, language_name
from amparo.supporters import custom_fields
from amparo.supporters.identity import phone_fingerprint_of
from amparo.supporters.models import CustomValue, Merge, Supporter

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: Where somebody lives is one thing: a postcode is not put beside another street, nor either in another country.
PLACE = ("postal_code", "postal_address", "area", "country")
LABELS = {
    "phone": _("Telephone"),
    "postal_code": _("Postcode"),
    "postal_address": _("Street address"),
    "country": _("Country"),
    "language": _("Language"),
}
#: In `Merge.filled` an answer to a custom field stands as this and the field's number.
FIELD = "field:"


@dataclass(frozen=True, slots=True)
class Filled:
    """One thing that a record lacks: the name of its column or field, what it is called, and what the other one has."""

    name: str
    label: _StrOrPromise
    text: str


def lacking(*, survivor: Supporter, absorbed: Supporter) -> list[Filled]:
    """What `survivor` would get from `absorbed`; nothing that would replace what stands there.

    The area comes with its postcode and is not named by itself.
    """
    names = [name for name in _columns_to_fill(survivor, absorbed) if name in LABELS]
    columns = [Filled(name, LABELS[name], _readable(absorbed, name)) for name in names]
    answers = [
        Filled(f"{FIELD}{value.field_id}", value.field.label, custom_fields.shown(value))
        for value in _answers_to_give(survivor, absorbed)
    ]
    return columns + answers


def fill(*, survivor: Supporter, absorbed: Supporter) -> dict[str, str]:
    """Fill in what `survivor` lacks; the names of it, each with what stood there: nothing, or the default language.

    Both have to be held by whoever merges them; they are read again.
    """
    there = Supporter.objects.select_related("organization").in_bulk([survivor.pk, absorbed.pk])
    survivor, absorbed = there[survivor.pk], there[absorbed.pk]
    filled = {name: str(getattr(survivor, name) or "") for name in _columns_to_fill(survivor, absorbed)}
    _write(survivor, {name: getattr(absorbed, name) for name in filled})
    for value in _answers_to_give(survivor, absorbed):
        CustomValue.objects.create(
            id=new_id(),
            organization=survivor.organization,
            supporter=survivor,
            field=value.field,
            plain=value.plain,
            sealed=value.sealed,
            mark=value.mark,
        )
        filled[f"{FIELD}{value.field_id}"] = ""
    return filled


def take_back(*, merge: Merge) -> None:
    """Empty again what `merge` filled, unless it was changed since.

    Whoever got it from the survivor, by being merged with them later, loses it too.
    """
    giver = Supporter.objects.get(pk=merge.absorbed_id)
    names = set(merge.filled)
    step: Merge | None = merge
    while step is not None and names:
        holder = Supporter.objects.select_related("organization").get(pk=step.survivor_id)
        before = {name: step.filled[name] for name in names & set(step.filled)}
        names = _empty_again(holder, before, giver=giver)
        step = Merge.objects.filter(absorbed=holder, undone_at__isnull=True).first()


def _columns_to_fill(survivor: Supporter, absorbed: Supporter) -> list[str]:
    found = ["phone"] if absorbed.phone and not survivor.phone else []
    pairs = {name: (getattr(survivor, name) or "", getattr(absorbed, name) or "") for name in PLACE}
    if all(here in {"", there} for here, there in pairs.values()):
        found += [name for name, (here, there) in pairs.items() if there and not here]
    if survivor.language == survivor.organization.locale != absorbed.language:
        found.append("language")
    return found


def _answers_to_give(survivor: Supporter, absorbed: Supporter) -> Sequence[CustomValue]:
    given = CustomValue.objects.filter(supporter=survivor).values("field")
    missing = CustomValue.objects.filter(supporter=absorbed).exclude(field__in=given)
    return list(missing.select_related("field").order_by("field__label"))


def _empty_again(holder: Supporter, before: dict[str, str], *, giver: Supporter) -> set[str]:
    """Give `holder` back what stood there, as far as it is still what came from `giver`; the names of that."""
    columns = {
        name
        for name in before
        if not name.startswith(FIELD) and getattr(holder, name) == getattr(giver, name)
    }
    _write(holder, {name: before[name] for name in columns})
    theirs = {
        value.field_id: (value.plain, value.mark) for value in CustomValue.objects.filter(supporter=giver)
    }
    asked = [UUID(name.removeprefix(FIELD)) for name in before if name.startswith(FIELD)]
    same = [
        value
        for value in CustomValue.objects.filter(supporter=holder, field__in=asked)
        if theirs.get(value.field_id) == (value.plain, value.mark)
    ]
    CustomValue.objects.filter(pk__in=[value.pk for value in same]).delete()
    return columns | {f"{FIELD}{value.field_id}" for value in same}


def _write(supporter: Supporter, texts: dict[str, str | None]) -> None:
    """Put these into the row; an empty one empties its column."""
    if not texts:
        return
    for name, text in texts.items():
        setattr(supporter, name, text or (None if Supporter._meta.get_field(name).null else ""))
    if "phone" in texts:
        phone = supporter.phone
        supporter.phone_fingerprint = (
            phone_fingerprint_of(phone, organization=supporter.organization) if phone else None
        )
    marks = ["phone_fingerprint"] if "phone" in texts else []
    supporter.save(update_fields=[*texts, *marks])


def _readable(supporter: Supporter, name: str) -> str:
    text = getattr(supporter, name) or ""
    return {"country": country_name, "language": language_name}.get(name, str)(text)
