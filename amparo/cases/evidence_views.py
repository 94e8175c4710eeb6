"""Evidence for staff: what proves a record; figures, where they are used, and their corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.cases import citing, figures
from amparo.cases.evidence_forms import (
    CitationForm,
    CorrectFigureForm,
    NewFigureForm,
)
from amparo.cases.models import Figure, Source
from amparo.cases.screens import KindDeed, label_of, said_of, title_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.cases.models import FigureCorrection

FIGURES = (gettext_lazy("Figures in texts"), "staff_cited_figures")


class Cite(KindDeed):
    """Say which source proves a record, or one column of it."""

    page_title = gettext_lazy("Cite a source")
    form_class: Any = CitationForm
    button = gettext_lazy("Cite it")

    def get_form_class(self) -> Any:
        if self.kind.name in citing.PROOFS:
            raise Http404
        return CitationForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "kind": self.kind,
            "case": self.case,
            "reads_all": self.may_read_all,
        }

    def get_initial(self) -> dict[str, Any]:
        return {"column": self.request.GET.get("column", "")[:40]}

    def consequences(self) -> list[str]:
        record = self.record
        told = [
            f"{label_of(self.kind, name)}: {said_of(record, name)}"
            for name in citing.columns_of(self.kind)
            if said_of(record, name) and self.kind.column(name).can_be_public
        ]
        return [
            *told[:3],
            _("Readers see a number at what is public of it, and of the source what was cleared of that."),
        ]

    def act(self, form: Any) -> str:
        citing.cite(**form.cleaned_data, record=self.record, case=self.case, by=self.user, now=self.now)
        return _("The source is cited.")


# --- Figures ------------------------------------------------------------------------------------------------------


class Figures(StaffList):
    """Every figure, when it was true, when it has to be looked at again, and where it is used."""

    page_title = gettext_lazy("Figures in texts")
    header_icon = "order"
    index_url_name = "staff_cited_figures"
    index_results_url_name = "staff_cited_figures_results"
    search_fields = ["key", "unit"]
    default_ordering = "key"
    verbose_name_plural = gettext_lazy("figures")

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "key",
                label=_("Key"),
                get_url=lambda figure: reverse("staff_cited_figure", args=[figure.pk]),
                sort_key="key",
            ),
            Column("said", label=_("Figure"), accessor=figures.in_words),
            Column("as_of", label=_("As of"), accessor=lambda figure: figure.as_of or _("no day")),
            Column("recheck_by", label=_("Look again by"), accessor=_recheck_by, sort_key="recheck_by"),
            Column("source", label=_("Source"), accessor=self._source),
            Column("fit", label=_("Readers see it"), accessor=_fit),
            Column("uses", label=_("Used in"), accessor=self._used),
            Column("organization", label=_("Organization"), accessor="organization.name"),
        ]

    def rows(self) -> QuerySet[Any]:
        return Figure.objects.filter(organization__in=self.organizations).select_related(
            "organization", "source"
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Add a figure"), url=reverse("staff_cited_figure_add"), icon_name="plus"),
            HeaderButton(_("Shared sources"), url=reverse("staff_shared_sources"), icon_name="doc-full"),
        ]

    @cached_property
    def _uses(self) -> dict[Any, dict[str, figures.Uses]]:
        return {each.pk: figures.uses(organization=each) for each in self.organizations}

    def _source(self, figure: Figure) -> str:
        if figure.source is None:
            return _("no source")
        return title_for(figure.source, reads_all=self.may(Role.APPROVER, figure.organization_id))

    def _used(self, figure: Figure) -> int:
        return len(self._uses[figure.organization_id].get(figure.key, ()))


def _recheck_by(figure: Figure) -> str:
    return date_format(figure.recheck_by) if figure.recheck_by else ""


def _fit(figure: Figure) -> str:
    return _("yes") if figure.is_fit_to_print else _("no: day or source is missing")


class FigureScreen(StaffPage):
    """One figure: what it says, where it is used, and what it said before."""

    template_name = "cases/staff/figure.html"
    above = (FIGURES,)
    header_icon = "order"

    @cached_property
    def figure(self) -> Figure:
        rows = Figure.objects.select_related("organization", "source")
        found: Figure = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.figure.key

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        figure = self.figure
        reads_all = self.may(Role.APPROVER, figure.organization_id)
        return super().get_context_data(**kwargs) | {
            "figure": figure,
            "said": figures.in_words(figure),
            "source": title_for(figure.source, reads_all=reads_all) if figure.source else "",
            "word": f"{{{figures.WORD}:{figure.key}}}",
            "is_stale": figure.recheck_by is not None and figure.recheck_by <= self.now.date(),
            "uses": figures.uses(organization=figure.organization).get(figure.key, figures.Uses()),
            "corrections": [
                {"correction": each, "changes": _changes(each, reads_all=reads_all)}
                for each in figure.corrections.select_related("corrected_by")
            ],
        }


def _changes(correction: FigureCorrection, *, reads_all: bool) -> list[tuple[str, Any, Any]]:
    titles = {
        str(source.pk): title_for(source, reads_all=reads_all)
        for source in Source.objects.for_organization(correction.organization).filter(
            pk__in=[
                value for value in (correction.before.get("source"), correction.after.get("source")) if value
            ]
        )
    }

    def said(column: str, value: Any) -> Any:
        return (
            titles.get(value, _("a source that is not there any more"))
            if column == "source" and value
            else value
        )

    return [
        (
            str(Figure._meta.get_field(column).verbose_name),  # type: ignore[union-attr]
            said(column, before),
            said(column, correction.after[column]),
        )
        for column, before in correction.before.items()
    ]


class AddFigure(StaffDeed):
    """A new figure."""

    above = (FIGURES,)
    page_title = gettext_lazy("Add a figure")
    header_icon = "order"
    form_class = NewFigureForm
    button = gettext_lazy("Add it")

    def consequences(self) -> list[str]:
        return [
            _("Texts name it by its key, such as {figure:held-without-trial}, in stories and on pages."),
            _("Readers see it once it has its day and its source, and never without them."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: Any) -> str:
        figure = form.save(commit=False)
        figures.add(figure=figure, organization=form.cleaned_data["organization"], by=self.user, now=self.now)
        if figure.is_fit_to_print:
            return _("The figure is there.")
        return _("The figure is there. Readers do not see it yet: its day or its source is missing.")


class CorrectFigure(StaffDeed):
    """Another number, day or source: on every page that names it."""

    above = (FIGURES,)
    page_title = gettext_lazy("Correct a figure")
    header_icon = "order"
    form_class = CorrectFigureForm
    button = gettext_lazy("Correct it everywhere")

    @cached_property
    def figure(self) -> Figure:
        found: Figure = self.find(Figure.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def consequences(self) -> list[str]:
        used = len(figures.uses(organization=self.figure.organization).get(self.figure.key, ()))
        said = ngettext(
            "%(count)s text names it, and says the new number at once.",
            "%(count)s texts name it, and say the new number at once.",
            used,
        )
        return [said % {"count": used}, _("What it said before stays on record, with your name.")]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "instance": self.figure,
            "organizations": self.organizations,
        }

    def act(self, form: Any) -> str:
        figure = form.save(commit=False)
        figures.correct(figure=figure, why=form.cleaned_data["why"], by=self.user, now=self.now)
        if figure.is_fit_to_print:
            return _("It is corrected everywhere.")
        return _("It is corrected. Readers do not see it any more: its day or its source is missing.")

    def after(self) -> str:
        return reverse("staff_cited_figure", args=[self.kwargs["pk"]])
