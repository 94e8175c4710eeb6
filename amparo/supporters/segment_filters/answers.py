"""What somebody answered to a question of the organization's own: a custom field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.supporters import custom_fields
from amparo.supporters.models import CustomField, CustomValue
from amparo.supporters.registry import FILING, SegmentFilter, people_with, segment_filters

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.listed import Listed

    FieldsField = forms.ModelChoiceField[CustomField]
else:
    FieldsField = forms.ModelChoiceField

_SORTED = {CustomField.Kind.NUMBER, CustomField.Kind.DATE}


@segment_filters.register("custom-field")
class Answered(SegmentFilter):
    """The answer of one field. What is kept sealed is found by the exact answer alone, through its mark."""

    label = _("Answer to a field of yours")
    heading = FILING

    field = FieldsField(CustomField.objects.none(), label=_("Field"), empty_label=None)
    how = forms.ChoiceField(
        label=_("The answer"),
        choices=[
            ("is", _("is exactly")),
            ("least", _("is this or more, or this day or later")),
            ("most", _("is this or less, or this day or earlier")),
            ("given", _("was given, whatever it is")),
        ],
    )
    answer = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=custom_fields.LONGEST_ANSWER,
        help_text=_("Numbers in digits, days as in 2026-11-22, yes or no, or one of the field's choices."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = CustomField.objects.for_organization(self.organization)
        self.fields["field"].queryset = own  # type: ignore[attr-defined]

    def is_offered(self) -> bool:
        return CustomField.objects.for_organization(self.organization).exists()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        field, how = cleaned.get("field"), cleaned.get("how")
        if field is None or how in {None, "given"} or "answer" not in cleaned:
            return cleaned
        if how != "is" and (field.kind not in _SORTED or field.privacy != CustomField.Privacy.ORDINARY):
            self.add_error(
                "how", _("Only numbers and days that are not personal can be compared; choose “is exactly”.")
            )
        if not cleaned["answer"]:
            self.add_error("answer", _("Write the answer to look for."))
            return cleaned
        try:
            cleaned["kept"] = custom_fields.canonical(cleaned["answer"], field=field)
        except Refusal as refusal:
            self.add_error("answer", str(refusal))
        return cleaned

    def condition(self, *, now: datetime) -> Listed:  # noqa: ARG002 - holds at any time
        field, how = self.cleaned_data["field"], self.cleaned_data["how"]
        values = CustomValue.objects.for_organization(self.organization).filter(field=field.pk)
        if how == "given":
            return people_with(values)
        kept = self.cleaned_data["kept"]
        if field.privacy == CustomField.Privacy.ORDINARY:
            lookup = {"is": "plain", "least": "plain__gte", "most": "plain__lte"}[how]
            return people_with(values.filter(**{lookup: kept}))
        return people_with(values.filter(mark=custom_fields.mark_of(kept, field=field)))

    def sentence(self) -> str:
        return {
            "is": gettext("answered “%(field)s” with “%(answer)s”"),
            "least": gettext("answered “%(field)s” with %(answer)s or more"),
            "most": gettext("answered “%(field)s” with %(answer)s or less"),
            "given": gettext("answered “%(field)s”"),
        }[self.cleaned_data["how"]] % self._words()

    def opposite(self) -> str:
        return {
            "is": gettext("did not answer “%(field)s” with “%(answer)s”"),
            "least": gettext("did not answer “%(field)s” with %(answer)s or more"),
            "most": gettext("did not answer “%(field)s” with %(answer)s or less"),
            "given": gettext("did not answer “%(field)s”"),
        }[self.cleaned_data["how"]] % self._words()

    def _words(self) -> dict[str, str]:
        field = self.cleaned_data["field"]
        kept = self.cleaned_data.get("kept", "")
        return {"field": field.label, "answer": custom_fields.readable(kept, field=field)}
