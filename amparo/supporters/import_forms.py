"""What staff type and choose on the way of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.kit.tables.text import ENCODINGS
from amparo.supporters import rules
from amparo.supporters.importing.answers import BASES, NO_BASIS, QUESTIONS, ConsentAnswer
from amparo.supporters.importing.columns import choices
from amparo.supporters.importing.registry import load_sources
from amparo.supporters.importing.values import country
from amparo.supporters.models import Channel, ImportRun, LegalBasis, Purpose

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization

#: What stands for `NO_BASIS` in the form, where no answer at all is something else.
UNKNOWN = "unknown"
_BASIS_WORDS: dict[str, _StrOrPromise] = {
    LegalBasis.IMPORTED: _("They agreed, and we can show it"),
    LegalBasis.SOFT_OPT_IN: _("They supported us and were offered to say no (soft opt-in)"),
    LegalBasis.LEGITIMATE_INTEREST: _(
        "The law lets us write without asking (legitimate interest, implied consent)"
    ),
    UNKNOWN: _("I do not know: bring them in, but do not let anybody write to them"),
}


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("The list"),
        help_text=_("CSV, TSV, XLSX, or the ZIP as it was exported; up to 300 MB."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.zip"}),
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)


class SourceForm(forms.Form):
    """Which program it comes from, and how its letters are written."""

    source = forms.ChoiceField(label=_("Where does the list come from?"), widget=forms.RadioSelect)
    encoding = forms.ChoiceField(
        label=_("Letters"),
        required=False,
        choices=[("", _("As found in the file")), *ENCODINGS.items()],
        help_text=_("Change this only if names look wrong on the next page."),
    )

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(slug, source.title) for slug, source in load_sources().items()]  # type: ignore[attr-defined]
        self.fields["source"].initial, self.fields["encoding"].initial = run.source, run.encoding


class ColumnsForm(forms.Form):
    """What each column is; one choice for each, in the order of the file."""

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = choices(run.organization)
        for place, column in enumerate(run.columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column["header"],
                choices=offered,
                required=False,
                initial=column["field"],
            )
        self._headers = [column["header"] for column in run.columns]

    def fields_by_header(self) -> dict[str, str]:
        return {header: self.cleaned_data[f"column-{place}"] for place, header in enumerate(self._headers)}


class ConsentForm(forms.Form):
    """What these people agreed to, and what shows it."""

    basis = forms.ChoiceField(
        label=_("May you write to these people?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer. “I do not know” is one.")},
    )
    questions = forms.MultipleChoiceField(
        label=_("What for, and how?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what they were asked about in so many words. Nothing is ticked for you."),
    )
    where = forms.CharField(
        label=_("Where did they agree?"),
        max_length=200,
        required=False,
        help_text=_("Such as: the sign-up form on our old site, example.org/join"),
    )
    given_on = forms.DateField(
        label=_("When?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty if a column of the list says it for each person, or if you do not know."),
    )
    proof = forms.CharField(
        label=_("What shows it?"),
        max_length=200,
        required=False,
        help_text=_("Such as: the export of 20 November 2026, with times of confirmation"),
    )

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        law = rules.of(run.organization)
        lawful = {
            rule.basis for rule in law.rule_set.bases if law.is_statutory_charity or not rule.only_charities
        }
        self.fields["basis"].choices = [  # type: ignore[attr-defined]
            *((basis.value, _BASIS_WORDS[basis]) for basis in BASES if basis in lawful),
            (UNKNOWN, _BASIS_WORDS[UNKNOWN]),
        ]
        self.fields["questions"].choices = [  # type: ignore[attr-defined]
            (f"{purpose} {channel}", f"{Purpose(purpose).label}: {Channel(channel).label}")
            for purpose, channel in QUESTIONS
        ]
        answer = ConsentAnswer.from_json(run.answer)
        if run.answer:
            self.initial = {
                "basis": answer.basis or UNKNOWN,
                "questions": [f"{purpose} {channel}" for purpose, channel in answer.questions],
                "where": answer.where,
                "given_on": answer.given_on,
                "proof": answer.proof,
            }

    def answer(self) -> ConsentAnswer:
        said = self.cleaned_data
        return ConsentAnswer(
            basis=NO_BASIS if said["basis"] == UNKNOWN else said["basis"],
            questions=tuple((one.partition(" ")[0], one.partition(" ")[2]) for one in said["questions"]),
            where=said["where"],
            given_on=said["given_on"],
            proof=said["proof"],
        )


class RestForm(forms.Form):
    """What becomes of people who are known, and what holds for everybody on the list."""

    existing = forms.ChoiceField(
        label=_("People whom you know already"), choices=ImportRun.Existing.choices, widget=forms.RadioSelect
    )
    tags = forms.CharField(
        label=_("Tags for everybody on the list"),
        max_length=400,
        required=False,
        help_text=_("Separated by commas, such as: old newsletter, 2026"),
    )
    country = forms.CharField(
        label=_("Country, where a row says none"),
        max_length=60,
        required=False,
        help_text=_("Its name or its two letters. Telephone numbers are read by it."),
    )
    language = forms.CharField(
        label=_("Language, where a row says none"),
        max_length=10,
        required=False,
        help_text=_("Its code, such as en, fr or ar."),
    )

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            "existing": run.existing,
            "tags": ", ".join(run.tags),
            "country": run.country,
            "language": run.language,
        }

    def clean_country(self) -> str:
        said = self.cleaned_data["country"].strip()
        found = country(said) if said else ""
        if found is None:
            raise forms.ValidationError(
                _("We know no country of that name. Write its two letters, such as GB.")
            )
        return found

    def clean_language(self) -> str:
        from amparo.supporters.importing.values import language

        said = self.cleaned_data["language"].strip()
        found = language(said) if said else ""
        if found is None:
            raise forms.ValidationError(_("We know no language of that name. Write its code, such as en."))
        return found

    def clean_tags(self) -> list[str]:
        return [tag for tag in (each.strip() for each in self.cleaned_data["tags"].split(",")) if tag]
