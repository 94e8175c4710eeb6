"""Custom fields: questions that an organization keeps answers to, and the answers, checked by the field's kind."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import sealing
from amparo.kit.addresses import one_line
from amparo.kit.refusal import Refusal
from amparo.supporters.models import CustomField, CustomValue, Supporter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

Kind, Privacy = CustomField.Kind, CustomField.Privacy
#: As many characters as `CustomValue.plain` holds; a longer answer is a note.
LONGEST_ANSWER = 200
#: Digits before and after the point of a number, so that numbers padded to one length sort as numbers.
WHOLE_DIGITS, DECIMALS = 12, 4
_YES = {"yes", "y", "true", "1", "on", "x"}
_NO = {"no", "n", "false", "0", "off"}


class NotAnAnswer(Refusal):
    """What was written is not of the field's kind; the sentence does not repeat it."""

    sentence = _("That does not fit this field.")


class LabelMissing(Refusal):
    sentence = _("Give the field a name.")


class KeyTaken(Refusal):
    sentence = _("There is a field of that name already.")


class NoChoices(Refusal):
    sentence = _("Write at least two choices, one on each line.")


class ChoiceInUse(Refusal):
    sentence = _("Somebody has given an answer that you took away. Keep it among the choices.")


# --- The fields -----------------------------------------------------------------------------------


@transaction.atomic
def make_field(
    *,
    organization: Organization,
    label: str,
    kind: CustomField.Kind,
    privacy: CustomField.Privacy,
    by: User | None,
    now: datetime,
    key: str = "",
    choices: Sequence[str] = (),
) -> CustomField:
    """A new field. Kind and privacy stay as they are: answers are kept by them. Raises `KeyTaken` and others."""
    field = CustomField(
        organization=organization,
        key=key or _key_from(label),
        label=_as_label(label),
        kind=kind,
        privacy=privacy,
        choices=_as_choices(choices) if kind == Kind.CHOICE else [],
    )
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError:
        raise KeyTaken from None
    audit.record(
        verb="make_custom_field",
        subject=field,
        by=by,
        organization=organization,
        now=now,
        details={"kind": kind, "privacy": privacy},
    )
    return field


@transaction.atomic
def change_field(
    *, field: CustomField, label: str, by: User, now: datetime, choices: Sequence[str] = ()
) -> None:
    """Another label, other choices. Raises `ChoiceInUse` when an answer would be left without its choice."""
    field.label = _as_label(label)
    if field.kind == Kind.CHOICE:
        field.choices = _as_choices(choices)
        given = CustomValue.objects.filter(field=field)
        marks = [mark_of(choice, field=field) for choice in field.choices]
        left_out = (
            given.exclude(plain__in=field.choices)
            if field.privacy == Privacy.ORDINARY
            else given.exclude(mark__in=marks)
        )
        if left_out.exists():
            raise ChoiceInUse
    field.save(update_fields=["label", "choices"])
    audit.record(verb="change_custom_field", subject=field, by=by, organization=field.organization, now=now)


@transaction.atomic
def remove_field(*, field: CustomField, by: User, now: datetime) -> int:
    """Forget the field and every answer to it; how many there were."""
    answers = CustomValue.objects.filter(field=field).count()
    audit.record(
        verb="remove_custom_field",
        subject=field,
        by=by,
        organization=field.organization,
        now=now,
        details={"answers": answers},
    )
    field.delete()
    return answers


# --- The answers ----------------------------------------------------------------------------------


@transaction.atomic
def answer(
    *, supporter: Supporter, field: CustomField, text: str, by: User | None, now: datetime
) -> CustomValue | None:
    """Keep somebody's answer in place of the one before; an empty one removes it. Raises `NotAnAnswer`."""
    if field.organization_id != supporter.organization_id:
        raise CustomField.DoesNotExist("this field is another organization's")
    kept = CustomValue.objects.filter(supporter=supporter.person_id, field=field)
    value = None
    if text.strip():
        value = kept.first() or CustomValue(
            organization=supporter.organization, supporter_id=supporter.person_id, field=field
        )
        fill(value, field=field, text=text)
        value.save()
    else:
        kept.delete()
    audit.record(
        verb="answer_custom_field" if value else "clear_custom_field",
        subject=Supporter(pk=supporter.person_id),
        by=by,
        organization=supporter.organization,
        now=now,
        details={"field": field.key},
    )
    return value


def fill(value: CustomValue, *, field: CustomField, text: str) -> None:
    """Put a checked answer into a row: in the clear, or sealed with the mark by which it is found."""
    found = canonical(text, field=field)
    if field.privacy == Privacy.ORDINARY:
        value.plain, value.sealed, value.mark = found, None, None
    else:
        value.plain, value.sealed, value.mark = None, found, mark_of(found, field=field)


def mark_of(found: str, *, field: CustomField) -> bytes:
    """What an exact answer to a personal field is found by; `found` is in canonical form."""
    return sealing.fingerprint(
        found, key=sealing.data_key_for(field.organization_id), purpose=f"custom {field.pk}"
    )


def canonical(text: str, *, field: CustomField) -> str:
    """An answer in the one form in which it is kept, so that it sorts and compares. Raises `NotAnAnswer`."""
    return _FORMS[Kind(field.kind)](one_line(text, LONGEST_ANSWER + 1), field)


def shown(value: CustomValue) -> str:
    """An answer as people read it; personal ones are unsealed here."""
    kept = value.plain if value.plain is not None else value.sealed or ""
    return readable(kept, field=value.field)


def typed(value: CustomValue) -> str:
    """An answer as it would be typed again."""
    kept = value.plain if value.plain is not None else value.sealed or ""
    return _number_back(kept) if value.field.kind == Kind.NUMBER else kept


def readable(kept: str, *, field: CustomField) -> str:
    """The same for a text in canonical form."""
    if field.kind == Kind.NUMBER:
        return _number_back(kept)
    if field.kind == Kind.YES_NO:
        return str(_("Yes") if kept == "yes" else _("No"))
    return kept


def _text(text: str, _field: CustomField) -> str:
    if len(text) > LONGEST_ANSWER:
        raise NotAnAnswer(_("An answer has at most 200 characters. Write a note for more."))
    return text


def _number(text: str, _field: CustomField) -> str:
    try:
        number = Decimal(text.replace(" ", "").replace("\u202f", "").replace("\u00a0", ""))
    except InvalidOperation:
        raise NotAnAnswer(_("That is not a number. Write it in digits, as in 1200 or 12.5.")) from None
    if not number.is_finite() or number.adjusted() >= WHOLE_DIGITS or _decimals(number) > DECIMALS:
        raise NotAnAnswer(_("A number has at most 12 digits before the point and 4 after it."))
    return _sortable(number)


def _decimals(number: Decimal) -> int:
    """How many digits stand after the point."""
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _sortable(number: Decimal) -> str:
    """Padded, with a sign that sorts: negative numbers as their complement, below the others."""
    scaled = int(number.scaleb(DECIMALS))
    width = WHOLE_DIGITS + DECIMALS
    return f"1{scaled:0{width}d}" if scaled >= 0 else f"0{10**width + scaled:0{width}d}"


def _number_back(kept: str) -> str:
    if not re.fullmatch(r"[01]\d+", kept):
        return kept
    scaled = int(kept[1:]) - (0 if kept[0] == "1" else 10 ** (WHOLE_DIGITS + DECIMALS))
    number = Decimal(scaled).scaleb(-DECIMALS)
    return f"{number.normalize():f}"


def _date(text: str, _field: CustomField) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotAnAnswer(_("That is not a date. Write year, month and day, as in 2026-11-22.")) from None


def _yes_no(text: str, _field: CustomField) -> str:
    word = text.casefold()
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    raise NotAnAnswer(_("Write yes or no."))


def _choice(text: str, field: CustomField) -> str:
    for choice in field.choices:
        if choice.casefold() == text.casefold():
            return str(choice)
    raise NotAnAnswer(_("That is not one of the choices of this field."))


_FORMS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}


def _as_label(label: str) -> str:
    found = one_line(label, 120)
    if not found:
        raise LabelMissing
    return found


def _key_from(label: str) -> str:
    """A key from the label; a label in a script that has no Latin letters gets one of its own."""
    found = slugify(label)[:40].strip("-")
    return found or f"field-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def _as_choices(choices: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(filter(None, (one_line(choice, LONGEST_ANSWER) for choice in choices))))
    if len(found) < 2:
        raise NoChoices
    return found
