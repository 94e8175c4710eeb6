"""What staff do when a person uses their rights: hand them everything that is kept, or erase them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import ChoiceField, Form, RadioSelect
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.step_up import SecondFactorTooOld, SteppedUpDeed, is_fresh
from amparo.kit.personal_data import declaration_of
from amparo.kit.refusal import Refusal
from amparo.supporters.models import Origin
from amparo.supporters.rights import erasure
from amparo.supporters.rights.exporting_person import PersonExport, export_person
from amparo.supporters.screens import SupporterDeed

if TYPE_CHECKING:
    from collections.abc import Callable

_FILES: dict[str, tuple[Callable[[PersonExport], str | bytes], str, str]] = {
    "html": (lambda export: export.as_html(), "text/html; charset=utf-8", "html"),
    "csv": (lambda export: export.as_csv_zip(), "application/zip", "zip"),
    "json": (lambda export: export.as_json(), "application/json", "json"),
}


class PersonFileForm(Form):
    """In which form a person gets what is kept about them."""

    form = ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[
            ("html", gettext_lazy("A page to read")),
            ("csv", gettext_lazy("Tables, in one archive")),
            ("json", gettext_lazy("For programs (JSON)")),
        ],
        initial="html",
        widget=RadioSelect,
    )


class ExportPerson(SupporterDeed, SteppedUpDeed):
    """Everything that is kept about one person, for that person."""

    page_title = gettext_lazy("Everything about this person")
    header_icon = "download"
    form_class = PersonFileForm
    button = gettext_lazy("Download")

    def consequences(self) -> list[str]:
        return [
            _("The file holds everything that is kept about this person, in their own language."),
            _("Make sure that it is really they who ask. Hand it over by a safe way, and delete your copy."),
            _("The audit trail notes that you made it."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            if not is_fresh(self.request):
                raise SecondFactorTooOld
            export = export_person(supporter=self.supporter, by=self.user, now=self.now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        write, content_type, ending = _FILES[form.cleaned_data["form"]]
        response = HttpResponse(write(export), content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="person.{ending}"'
        return response


class EraseSupporter(SupporterDeed, SteppedUpDeed):
    """Erase somebody, at their wish."""

    page_title = gettext_lazy("Erase this person")
    header_icon = "bin"
    button = gettext_lazy("Erase for good")
    serious = True

    @cached_property
    def found(self) -> erasure.Erasure:
        """What there is of this person, before anything is done."""
        return erasure.preview(supporter=self.supporter)

    def consequences(self) -> list[str]:
        told = [f"{recipient.name} {recipient.address}".strip() for recipient in self.found.recipients]
        return [
            _("Everything about this person is emptied or removed at once, and cannot be brought back."),
            *(
                _("%(what)s: %(count)d") % {"what": declaration_of(label).title, "count": count}
                for label, count in self.found.rows.items()
            ),
            _(
                "Letters that wait are withdrawn. Nobody writes to their addresses unless they come back themselves."
            ),
            *(
                [
                    _("You have to tell those who were given their letters: %(who)s.")
                    % {"who": ", ".join(told)}
                ]
                if told
                else []
            ),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        erasure.erase(supporter=self.supporter, by=self.user, origin=Origin.STAFF, now=self.now)
        return _("The person is erased.")

    def after(self) -> str:
        return reverse("staff_supporters") if self.request.method == "POST" else super().after()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "back": reverse("staff_supporter", args=[self.supporter.pk])
        }
