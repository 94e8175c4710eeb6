"""What the screens about one case have in common: whose it is, who reads restricted columns, and its records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts import audit
from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed
from amparo.cases import publishing, register
from amparo.cases.models import Case, Source
from amparo.cases.staff_forms import form_for

if TYPE_CHECKING:
    from amparo.cases.models.record import Record

CASES = (gettext_lazy("Cases"), "staff_cases")


class OfOneCase:
    """A case of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any
    may: Any
    user: Any
    now: Any

    @cached_property
    def case(self) -> Case:
        rows = Case.objects.select_related("organization", "person", "campaign")
        found: Case = self.find(rows, pk=self.kwargs["pk"])
        return found

    @cached_property
    def may_read_all(self) -> bool:
        """Whether restricted columns are open to the user; each such reading is on record."""
        return bool(self.may(Role.APPROVER, self.case.organization_id))

    def is_withheld(self, record: Record) -> bool:
        """Whether its words are for approvers alone: those of a source that stays unnamed."""
        return publishing.is_confidential(record) and not self.may_read_all

    def note_reading(self) -> None:
        """Put on record that the user read what this case holds."""
        case = self.case
        audit.record(
            verb="read_case", subject=case, by=self.user, organization=case.organization, now=self.now
        )


class CaseDeed(OfOneCase, StaffDeed):
    """Something that staff do with one case."""

    above = (CASES,)
    header_icon = "folder-open-inverse"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        return [*items[:-1], {"url": self.after(), "label": self.case.reference}, items[-1]]

    def after(self) -> str:
        return reverse("staff_case", args=[self.kwargs["pk"]])


class KindDeed(CaseDeed):
    """Something with records of one kind."""

    @cached_property
    def kind(self) -> register.Kind:
        found = register.KINDS.get(self.kwargs["kind"])
        if found is None:
            raise Http404
        if any(column.restricted for column in found.columns) and not self.may_read_all:
            raise Http404
        return found

    @cached_property
    def record(self) -> Any:
        for record in self.kind.records_of(self.case):
            if record.pk == self.kwargs["record"] and not self.is_withheld(record):
                return record
        raise Http404

    def get_form_class(self) -> Any:
        return form_for(self.kind, case=self.case, restricted=self.may_read_all)


def label_of(kind: register.Kind, column: str) -> str:
    """What a column is called."""
    field: Any = kind.model._meta.get_field(column)
    return str(field.verbose_name)


def said_of(record: Record, column: str) -> str:
    """What a column says of this record, in words."""
    shown = getattr(record, f"get_{column}_display", None)
    value = shown() if shown else getattr(record, column)
    return "" if value is None else str(value)


def title_for(source: Source, *, reads_all: bool) -> str:
    """What a source is called before somebody who may, or may not, read which one it is."""
    if source.is_confidential and not reads_all:
        return _("Not named (%(kind)s)") % {"kind": source.get_kind_display()}
    return source.title
