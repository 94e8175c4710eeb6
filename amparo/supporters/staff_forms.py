"""What staff type about supporters, tags, custom fields and exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.kit import addresses, phones
from amparo.kit.refusal import Refusal
from amparo.supporters import choosing, custom_fields
from amparo.supporters.models import CustomField, ExportRequest, Tag

if TYPE_CHECKING:
    from datetime import date

    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization
    from amparo.supporters.models import Supporter


def countries() -> list[tuple[str, str]]:
    """Every country by its two letters, as it is called in the language being read."""
    names = Locale.parse((get_language() or "en").partition("-")[0]).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted(found, key=lambda pair: pair[1])


def languages() -> list[tuple[str, str]]:
    """Every language by its two letters."""
    names = Locale.parse((get_language() or "en").partition("-")[0]).languages
    return sorted(((code, name) for code, name in names.items() if len(code) == 2), key=lambda pair: pair[1])


class LookUpForm(forms.Form):
    """Whom staff look for; sent by POST, so that it stands in no address and no log."""

    words = forms.CharField(
        label=_("E-mail address, telephone number or number of the record"),
        max_length=254,
        help_text=_("The whole of it: names and parts of addresses are sealed and cannot be searched."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class DetailsForm(forms.Form):
    """Corrections to one record."""

    given_name = forms.CharField(label=_("First name"), max_length=200, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=200, required=False)
    email = forms.CharField(
        label=_("E-mail address"), max_length=254, required=False, widget=forms.EmailInput
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        help_text=_("With its country code: +44 1632 960001"),
    )
    postal_code = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    postal_address = forms.CharField(
        label=_("Street address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, supporter: Supporter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supporter = supporter
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]
        known = languages()
        if supporter.language not in dict(known):
            known.insert(0, (supporter.language, supporter.language))
        self.fields["language"].choices = known  # type: ignore[attr-defined]
        for name in self.fields:
            self.fields[name].initial = getattr(supporter, name) or ""

    def clean_email(self) -> str:
        return _checked(addresses.parse, self.cleaned_data["email"])

    def clean_phone(self) -> str:
        country = self.data.get("country", "") or self.supporter.country
        return _checked(lambda text: phones.parse(text, country=country), self.cleaned_data["phone"])


class AnswerForm(forms.Form):
    """What somebody said on paper or by telephone."""

    question = forms.ChoiceField(label=_("About what"))
    granted = forms.ChoiceField(
        label=_("Their answer"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect
    )
    given_on = forms.DateField(
        label=_("On which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    evidence = forms.CharField(
        label=_("How you know"),
        max_length=300,
        help_text=_(
            "As in “on the sign-up sheet of the vigil, page 2” or “by telephone, to Bruno”. The person can read this."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["question"].choices = choosing.standing_codes()  # type: ignore[attr-defined]
        self.fields["given_on"].initial = today

    def clean_given_on(self) -> date:
        found: date = self.cleaned_data["given_on"]
        if found > self.today:
            raise forms.ValidationError(_("That day is still to come."))
        return found


class EvidenceForm(forms.Form):
    """How staff know that somebody wants no more mail."""

    evidence = forms.CharField(
        label=_("How you know"),
        max_length=300,
        help_text=_("As in “by telephone, to Bruno”. The person can read this."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoteForm(forms.Form):
    """A note about somebody."""

    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The person may ask to read this. Write nothing about their health, faith or views."),
    )


class TagSupporterForm(forms.Form):
    """Which tags somebody has; all of them at once."""

    tags = forms.MultipleChoiceField(label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple)
    new = forms.CharField(
        label=_("A new tag"),
        max_length=80,
        required=False,
        help_text=_("Everybody on the staff can read tags."),
    )

    def __init__(self, *args: Any, supporter: Supporter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.for_organization(supporter.organization)
        self.fields["tags"].choices = [(str(tag.pk), tag.name) for tag in tags]  # type: ignore[attr-defined]
        self.fields["tags"].initial = [str(pk) for pk in supporter.taggings.values_list("tag", flat=True)]


class AnswersForm(forms.Form):
    """Somebody's answers to the organization's own fields, each checked by the kind of its field."""

    def __init__(
        self, *args: Any, asked: Sequence[CustomField], answers: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for field in asked:
            self.fields[field.key] = _input_for(field, answers.get(field.key, ""))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for field in self.asked:
            if text := (found.get(field.key) or "").strip():
                try:
                    custom_fields.canonical(text, field=field)
                except Refusal as refusal:
                    self.add_error(field.key, str(refusal))
        return found


def _input_for(field: CustomField, kept: str) -> forms.Field:
    told: dict[str, Any] = {"label": field.label, "required": False, "initial": kept}
    if field.kind == CustomField.Kind.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *((each, each) for each in field.choices)], **told)
    if field.kind == CustomField.Kind.YES_NO:
        return forms.ChoiceField(choices=[("", "–"), ("yes", _("Yes")), ("no", _("No"))], **told)
    if field.kind == CustomField.Kind.DATE:
        return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **told)
    return forms.CharField(max_length=200, **told)


class NameForm(forms.Form):
    """The name of a tag."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Everybody on the staff can read tags.")
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organizations:
            self.fields["organization"] = OrganizationChoice(organizations)


class FieldForm(forms.Form):
    """A custom field: a new one, or the label and choices of one that is there."""

    label = forms.CharField(label=_("What is asked"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=CustomField.Kind.choices)
    privacy = forms.ChoiceField(
        label=_("How private the answer is"),
        choices=CustomField.Privacy.choices,
        initial=CustomField.Privacy.PERSONAL,
        widget=forms.RadioSelect,
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        help_text=_("For “one of several”: one choice on each line."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self,
        *args: Any,
        organizations: Sequence[Organization] = (),
        field: CustomField | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if organizations:
            self.fields["organization"] = OrganizationChoice(organizations)
        if field is not None:
            del self.fields["kind"], self.fields["privacy"]
            self.fields["label"].initial = field.label
            self.fields["choices"].initial = "\n".join(field.choices)
            if field.kind != CustomField.Kind.CHOICE:
                del self.fields["choices"]

    def clean_choices(self) -> list[str]:
        return str(self.cleaned_data["choices"]).splitlines()


class TagManyForm(forms.Form):
    """Which tag many people get."""

    tag = forms.ChoiceField(label=_("Tag"), required=False)
    new = forms.CharField(label=_("Or a new tag"), max_length=80, required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.for_organization(organization)
        self.fields["tag"].choices = [("", "–"), *((str(tag.pk), tag.name) for tag in tags)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if bool(found.get("tag")) == bool((found.get("new") or "").strip()):
            raise forms.ValidationError(_("Choose a tag, or write a new one."))
        return found


class ExportForm(forms.Form):
    """Who is on a list, what it holds, and what it is for."""

    audience = forms.ChoiceField(label=_("Who"), widget=forms.RadioSelect)
    columns = forms.MultipleChoiceField(label=_("What about them"), widget=forms.CheckboxSelectMultiple)
    form = forms.ChoiceField(
        label=_("Kind of file"),
        choices=ExportRequest.Form.choices,
        initial=ExportRequest.Form.CSV,
        widget=forms.RadioSelect,
    )
    byte_order_mark = forms.BooleanField(
        label=_("CSV for Excel: with a mark in front that says UTF-8"), required=False, initial=True
    )
    reason = forms.CharField(
        label=_("What the list is for"),
        max_length=500,
        help_text=_("It is kept with the export, for whoever approves it and whoever asks later."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        audiences: Sequence[tuple[str, _StrOrPromise]],
        columns: Sequence[tuple[str, _StrOrPromise]],
        ticked: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = audiences  # type: ignore[attr-defined]
        self.fields["columns"].choices = columns  # type: ignore[attr-defined]
        self.fields["columns"].initial = list(ticked)


class AddressForm(forms.Form):
    """An address out of a list that was found somewhere."""

    address = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )


def _checked(read: Any, text: str) -> str:
    if not text.strip():
        return ""
    try:
        return str(read(text))
    except Refusal as refusal:
        raise forms.ValidationError(str(refusal)) from None
