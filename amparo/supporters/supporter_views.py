"""What staff do about one supporter: file, note, correct, write down an answer, end mail for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.supporters import amending, custom_fields, noting, tagging
from amparo.supporters.models import CustomField, CustomValue, Note, Tag
from amparo.supporters.screens import SupporterDeed
from amparo.supporters.staff_forms import (
    AnswerForm,
    AnswersForm,
    DetailsForm,
    EvidenceForm,
    NoteForm,
    TagSupporterForm,
)

if TYPE_CHECKING:
    from django.forms import Form


class TagSupporter(SupporterDeed):
    """Tick and untick the tags of one person."""

    page_title = gettext_lazy("Tags")
    header_icon = "tag"
    form_class = TagSupporterForm
    button = gettext_lazy("Keep these tags")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "supporter": self.supporter}

    def act(self, form: TagSupporterForm) -> str:
        chosen = set(form.cleaned_data["tags"])
        with transaction.atomic():
            for tag in Tag.objects.for_organization(self.supporter.organization):
                deed = tagging.tag_supporter if str(tag.pk) in chosen else tagging.untag_supporter
                deed(supporter=self.supporter, tag=tag, by=self.user, now=self.now)
            if form.cleaned_data["new"].strip():
                tag = tagging.make_tag(
                    organization=self.supporter.organization,
                    name=form.cleaned_data["new"],
                    by=self.user,
                    now=self.now,
                )
                tagging.tag_supporter(supporter=self.supporter, tag=tag, by=self.user, now=self.now)
        return _("The tags are kept.")


class WriteNote(SupporterDeed):
    """Add a note."""

    page_title = gettext_lazy("A note")
    header_icon = "edit"
    form_class = NoteForm
    button = gettext_lazy("Keep the note")

    def act(self, form: NoteForm) -> str:
        noting.write(supporter=self.supporter, text=form.cleaned_data["text"], by=self.user, now=self.now)
        return _("The note is kept.")


class RemoveNote(SupporterDeed):
    """Take a note away."""

    page_title = gettext_lazy("Remove a note")
    header_icon = "bin"
    button = gettext_lazy("Remove the note")
    serious = True

    @cached_property
    def note(self) -> Note:
        found: Note = self.find(Note.objects.filter(supporter=self.supporter), pk=self.kwargs["note"])
        return found

    def consequences(self) -> list[str]:
        return [self.note.text, _("This note is removed for good. The audit trail says that there was one.")]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        noting.remove(note=self.note, by=self.user, now=self.now)
        return _("The note is gone.")


class ChangeDetails(SupporterDeed):
    """Correct names and addresses."""

    page_title = gettext_lazy("Change details")
    header_icon = "edit"
    form_class = DetailsForm
    button = gettext_lazy("Change")

    def consequences(self) -> list[str]:
        return [
            _("A new e-mail address counts as not confirmed until the person confirms something from it."),
            _("Whoever acts with the old address is still recognised as the same person."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "supporter": self.supporter}

    def act(self, form: DetailsForm) -> str:
        changed = amending.change_details(
            supporter=self.supporter,
            details=amending.Details(**form.cleaned_data),
            by=self.user,
            now=self.now,
        )
        return _("The details are changed.") if changed else _("Nothing was different.")


class RecordAnswer(SupporterDeed):
    """Write down what somebody said on paper or by telephone."""

    page_title = gettext_lazy("Write down an answer")
    header_icon = "check"
    form_class = AnswerForm
    button = gettext_lazy("Write it down")

    def consequences(self) -> list[str]:
        return [
            _("It goes into the ledger for good, with your name and how you know."),
            _(
                "Only what the person told you themselves, about exactly this. A suppressed address stays suppressed."
            ),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.now.date()}

    def act(self, form: AnswerForm) -> str:
        purpose, _stroke, channel = form.cleaned_data["question"].partition("/")
        amending.record_answer(
            supporter=self.supporter,
            purpose=purpose,
            channel=channel,
            granted=form.cleaned_data["granted"] == "yes",
            evidence=form.cleaned_data["evidence"],
            given_on=form.cleaned_data["given_on"],
            by=self.user,
            now=self.now,
        )
        return _("The answer is in the ledger.")


class Withdraw(SupporterDeed):
    """Write a no to everything, because the person said so."""

    page_title = gettext_lazy("Withdraw everything for them")
    header_icon = "cross"
    form_class = EvidenceForm
    button = gettext_lazy("Withdraw everything")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("Everything this person agreed to ends at once, sharing with partners as well."),
            _("They can agree again whenever they like. Answers to letters of their own still reach them."),
        ]

    def act(self, form: EvidenceForm) -> str:
        ended = amending.withdraw_for(
            supporter=self.supporter, evidence=form.cleaned_data["evidence"], by=self.user, now=self.now
        )
        return ngettext("%(count)d agreement has ended.", "%(count)d agreements have ended.", ended) % {
            "count": ended
        }


class Suppress(SupporterDeed):
    """Never write to this address again."""

    page_title = gettext_lazy("Never write to this address")
    header_icon = "no-view"
    button = gettext_lazy("Suppress the address")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _(
                "Nothing is sent to this address any more, whatever its owner agrees to, in this organization."
            ),
            _(
                "It holds even when the record is erased or brought in again, until somebody lifts it with a reason."
            ),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        fresh = amending.suppress(supporter=self.supporter, by=self.user, now=self.now)
        return _("The address is suppressed.") if fresh else _("The address was suppressed already.")


class Answers(SupporterDeed):
    """Fill in the organization's own fields."""

    page_title = gettext_lazy("Further details")
    header_icon = "form"
    form_class = AnswersForm
    button = gettext_lazy("Keep")

    @cached_property
    def asked(self) -> list[CustomField]:
        return list(CustomField.objects.for_organization(self.supporter.organization))

    def consequences(self) -> list[str]:
        return [] if self.asked else [_("There are no fields yet. An administrator can add some.")]

    def get_form_kwargs(self) -> dict[str, Any]:
        kept = CustomValue.objects.filter(supporter=self.supporter).select_related("field")
        answers = {value.field.key: custom_fields.typed(value) for value in kept}
        return {**super().get_form_kwargs(), "asked": self.asked, "answers": answers}

    def act(self, form: AnswersForm) -> str:
        with transaction.atomic():
            for field in self.asked:
                if field.key in form.changed_data:
                    custom_fields.answer(
                        supporter=self.supporter,
                        field=field,
                        text=form.cleaned_data[field.key],
                        by=self.user,
                        now=self.now,
                    )
        return _("The answers are kept.")
