"""Data protection for administrators: what was asked and done, the documents that the law asks for, the worst day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.models import AuditEntry, Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.kit.personal_data import declaration_of, rules
from amparo.supporters.models import Complaint, ExportRequest, Tombstone
from amparo.supporters.records import Record, article30, breach, dpia
from amparo.supporters.rights import complaining

if TYPE_CHECKING:
    from django.http import HttpRequest

    from amparo.organizations.models import Organization

DATA_PROTECTION = (gettext_lazy("Data protection"), "staff_data_protection")
#: How far back the screen looks.
LATELY = timedelta(days=365)
_DOCUMENTS = {"article30": article30.make, "dpia": dpia.make}


class DataProtection(StaffPage):
    """For each organization of the user: who was erased, who got a copy, which complaints wait, and the documents."""

    least_role = Role.ADMINISTRATOR
    template_name = "supporters/staff/data_protection.html"
    page_title = gettext_lazy("Data protection")
    header_icon = "lock"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "sections": [self._section(organization) for organization in self.organizations],
            "rules": [(rule.says, rule.kept.days) for _name, rule in rules.items()],
        }

    def _section(self, organization: Organization) -> dict[str, Any]:
        since = self.now - LATELY
        waiting = Complaint.objects.for_organization(organization).unanswered().select_related("organization")
        overdue = [complaint for complaint in waiting if complaining.owed_by(complaint) < self.now]
        copies = AuditEntry.objects.for_organization(organization).filter(verb="export_person")
        erased = Tombstone.objects.for_organization(organization).filter(erased_at__gt=since)
        return {
            "organization": organization,
            "erased": erased.select_related("erased_by")[:20],
            "erased_count": erased.count(),
            "copies": copies.filter(recorded_at__gt=since).count(),
            "unanswered": len(waiting),
            "overdue": len(overdue),
            "exports": ExportRequest.objects.for_organization(organization).filter(made_at__gt=since).count(),
        }


class Document(StaffPage):
    """One document of one organization, as a file; making it changes nothing."""

    least_role = Role.ADMINISTRATOR

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        organization = next((each for each in self.organizations if each.pk == kwargs["pk"]), None)
        make = _DOCUMENTS.get(kwargs["kind"])
        if organization is None or make is None:
            raise Http404
        return _as_file(make(organization=organization, now=self.now), organization)


class BreachForm(forms.Form):
    """What is known on the worst day."""

    organization = forms.ChoiceField(label=gettext_lazy("Whose data"))
    what = forms.ChoiceField(
        label=gettext_lazy("What got out"),
        choices=[
            ("backup", gettext_lazy("A backup, or a copy of the whole database")),
            ("table", gettext_lazy("One table")),
            ("export", gettext_lazy("A list that staff took out")),
            ("mailbox", gettext_lazy("A mailbox with letters or mails")),
        ],
    )
    table = forms.ChoiceField(label=gettext_lazy("Which table"), required=False)
    since = forms.DateTimeField(
        label=gettext_lazy("Between (UTC)"), initial=lambda: timezone.now() - timedelta(days=30)
    )
    until = forms.DateTimeField(label=gettext_lazy("and"), initial=timezone.now)
    noticed = forms.DateTimeField(label=gettext_lazy("Noticed at"), initial=timezone.now)
    with_key = forms.BooleanField(label=gettext_lazy("The key file may be in the same hands"), required=False)

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].choices = [(str(each.pk), each.name) for each in organizations]  # type: ignore[attr-defined]
        tables = [(label, declaration_of(label).title) for label in breach.tables_about_people()]
        self.fields["table"].choices = [("", "–"), *tables]  # type: ignore[attr-defined]


class Breach(StaffDeed):
    """What leaked, about how many people, and what has to be done within 72 hours."""

    least_role = Role.ADMINISTRATOR
    above = (DATA_PROTECTION,)
    page_title = gettext_lazy("A breach")
    header_icon = "warning"
    form_class = BreachForm
    button = gettext_lazy("Make the document")

    def consequences(self) -> list[str]:
        return [
            _(
                "You get a text with what is known: which data, how many people, what was taken out, who looked."
            ),
            _(
                "It says until when the authority has to know, and has a letter to those concerned to begin from."
            ),
            _("Nothing is sent to anybody, and nothing is changed."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def form_valid(self, form: Any) -> HttpResponse:
        said = form.cleaned_data
        (organization,) = [each for each in self.organizations if str(each.pk) == said["organization"]]
        leak = breach.Leak(
            what=breach.What(said["what"]),
            since=said["since"],
            until=said["until"],
            noticed_at=said["noticed"],
            table=said["table"],
            with_key=said["with_key"],
        )
        try:
            record = breach.make(organization=organization, leak=leak, now=self.now)
        except breach.NoSuchTable as refusal:
            form.add_error("table", str(refusal))
            return self.form_invalid(form)
        return _as_file(record, organization)


def _as_file(record: Record, organization: Organization) -> HttpResponse:
    return _download(
        record.markdown.encode(),
        kind="text/markdown; charset=utf-8",
        name=f"{organization.slug}-{record.name}.md",
    )


def _download(data: bytes, *, kind: str, name: str) -> HttpResponse:
    """A file to keep, never a page of this site."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
