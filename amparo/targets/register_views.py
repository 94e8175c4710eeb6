"""Who can be written to: every office in use with its holder and contacts, the areas, and reports of mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from amparo.accounts.models import Role
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.targets import contacting, finding, settling
from amparo.targets.models import ActiveDataset, Area, ContactFailure, ContactOverride, MistakeReport, Post
from amparo.targets.registry import target_facts

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization
    from amparo.targets.reaching import Target

TARGETS = (gettext_lazy("Targets"), "staff_targets")
MISTAKES = (gettext_lazy("Reported mistakes"), "staff_mistakes")


def _in_use(organizations: list[Organization], *, dataset: str = "dataset") -> Q:
    """Rows of the versions in use that these organizations may see."""
    mine = Q(**{f"{dataset}__organization__isnull": True}) | Q(
        **{f"{dataset}__organization__in": organizations}
    )
    return Q(**{f"{dataset}__active_for__isnull": False}) & mine


def _sources(request: HttpRequest | None) -> QuerySet[ActiveDataset]:
    mine = organizations_of(request.user, at_least=Role.EDITOR) if request else []  # type: ignore[arg-type]
    visible = Q(dataset__organization__isnull=True) | Q(dataset__organization__in=mine)
    return ActiveDataset.objects.filter(visible).order_by("slug")


class _BySource(WagtailFilterSet):
    """One source of several."""

    dataset = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Source"), queryset=_sources, method="of_source"
    )

    def of_source(self, rows: QuerySet[Any], _name: str, source: ActiveDataset) -> QuerySet[Any]:
        return rows.filter(dataset=source.dataset_id)


class TargetFilters(_BySource):
    """Offices of one source, of one kind."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Post.Kind.choices)

    class Meta:
        model = Post
        fields = ["dataset", "kind"]


class AreaFilters(_BySource):
    """Areas of one source."""

    class Meta:
        model = Area
        fields = ["dataset"]


class Targets(StaffList):
    """Every office in use."""

    page_title = gettext_lazy("Targets")
    header_icon = "crosshairs"
    index_url_name = "staff_targets"
    index_results_url_name = "staff_targets_results"
    filterset_class = TargetFilters
    search_fields = ["label", "code", "area__name", "area__code", "memberships__person__name"]
    default_ordering = "label"
    verbose_name_plural = gettext_lazy("targets")

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "label",
                label=gettext_lazy("Office"),
                get_url=lambda post: reverse("staff_target", args=[post.key]),
                sort_key="label",
            ),
            Column("holder", label=gettext_lazy("Holder"), accessor=self._holders),
            Column(
                "area",
                label=gettext_lazy("Area"),
                accessor=lambda post: post.area or "",
                classname="staff-wide",
            ),
            StatusTagColumn(
                "channel",
                label=gettext_lazy("Letters go"),
                accessor=self._way,
                primary=lambda post: self._way(post) == str(_NOWHERE),
            ),
            Column("key", label=gettext_lazy("Target key"), accessor="key", classname="staff-wide"),
        ]

    def rows(self) -> QuerySet[Any]:
        posts = Post.objects.filter(_in_use(self.organizations))
        return posts.select_related("dataset", "area").distinct()

    def _found(self, post: Post) -> list[Target]:
        owner = post.dataset.organization or self.organizations[0]
        return finding.targets_by_key(post.key, organization=owner, now=self.now)

    def _holders(self, post: Post) -> str:
        return ", ".join(target.holder for target in self._found(post) if target.holder) or "–"

    def _way(self, post: Post) -> str:
        ways = {str(_WAYS[target.channel]) for target in self._found(post)}
        return ", ".join(sorted(ways)) or str(_NOWHERE)


_NOWHERE = gettext_lazy("nowhere")
_WAYS = {"email": gettext_lazy("by e-mail"), "form": gettext_lazy("through a form"), "none": _NOWHERE}


class TargetPage(StaffPage):
    """One office: who holds it, how letters reach it for each of the user's organizations, and what came back."""

    template_name = "targets/staff/target.html"
    above = (TARGETS,)
    header_icon = "crosshairs"

    @cached_property
    def post_in_use(self) -> Post:
        slug, _stroke, code = self.kwargs["key"].partition("/")
        rows = Post.objects.filter(_in_use(self.organizations)).select_related(
            "dataset", "area", "legislature"
        )
        found: Post = get_object_or_404(rows, dataset__slug=slug, code=code.partition("#")[0])
        return found

    def get_page_title(self) -> str:
        return self.post_in_use.label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owner = self.post_in_use.dataset.organization_id
        writers = [found for found in self.organizations if owner in {None, found.pk}]
        return super().get_context_data(**kwargs) | {
            "post": self.post_in_use,
            "sections": [self._section(organization) for organization in writers],
            "may_trust": self.user.is_superuser,
        }

    def _section(self, organization: Organization) -> dict[str, Any]:
        targets = finding.targets_by_key(self.post_in_use.key, organization=organization, now=self.now)
        overrides = ContactOverride.objects.filter(
            organization=organization, target_key__in=[target.key for target in targets]
        )
        known = {row.target_key: row for row in overrides}
        return {
            "organization": organization,
            "targets": [
                {
                    "target": target,
                    "salutation": target.salutation(organization.locale) if target.holder else "",
                    "override": known.get(target.key),
                    "failures": _failures_of(target),
                    "facts": [
                        fact
                        for _name, facts_of in target_facts.items()
                        for fact in facts_of(organization=organization, target_key=target.key)
                    ],
                }
                for target in targets
            ],
            "may_override": self.may(Role.ADMINISTRATOR, organization.pk),
        }


def _failures_of(target: Target) -> QuerySet[ContactFailure]:
    """What came back from any mailbox of this target."""
    mailboxes = [value.lower() for kind, value in target.contacts if kind == "email"]
    if target.address:
        mailboxes.append(target.address.lower())
    return ContactFailure.objects.filter(address__in=mailboxes).order_by("-failed_at")


class TrustAgain(StaffDeed):
    """Forget what came back from a mailbox, for every organization."""

    only_superusers = True
    above = (TARGETS,)
    header_icon = "crosshairs"
    button = gettext_lazy("Write to it again")

    @cached_property
    def failure(self) -> ContactFailure:
        found: ContactFailure = get_object_or_404(ContactFailure, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.failure.address

    def consequences(self) -> list[str]:
        return [
            _("What came back from this mailbox is forgotten, and letters go to it again."),
            _("Do it only after somebody has looked into it: a dead mailbox costs the sender's good name."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        contacting.clear_failures(address=self.failure.address, by=self.user, now=self.now)
        return _("Letters go there again.")


class Areas(StaffList):
    """Every area of the versions in use."""

    page_title = gettext_lazy("Areas")
    header_icon = "globe"
    index_url_name = "staff_areas"
    index_results_url_name = "staff_areas_results"
    filterset_class = AreaFilters
    search_fields = ["name", "code"]
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("areas")
    columns = [
        Column("name", label=gettext_lazy("Name"), sort_key="name"),
        Column("code", label=gettext_lazy("Code"), sort_key="code"),
        Column("area_set", label=gettext_lazy("Set"), accessor="area_set.name", classname="staff-wide"),
        Column("posts", label=gettext_lazy("Offices"), accessor=lambda area: _posts_of(area)),
        Column("dataset", label=gettext_lazy("Version"), accessor="dataset.label"),
    ]

    def rows(self) -> QuerySet[Any]:
        areas = Area.objects.filter(_in_use(self.organizations))
        return areas.select_related("area_set", "dataset").prefetch_related("posts")


def _posts_of(area: Area) -> str:
    return ", ".join(post.label for post in area.posts.all()) or "–"


class Mistakes(StaffList):
    """What readers reported, the newest first; the words only on a screen of their own."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Reported mistakes")
    header_icon = "comment"
    index_url_name = "staff_mistakes"
    index_results_url_name = "staff_mistakes_results"
    search_fields = ["target_key"]
    default_ordering = "-reported_at"
    verbose_name_plural = gettext_lazy("reports")
    columns = [
        TitleColumn(
            "target_key",
            label=gettext_lazy("About"),
            get_url=lambda report: reverse("staff_mistake", args=[report.pk]),
            sort_key="target_key",
        ),
        Column("dataset_label", label=gettext_lazy("Version"), classname="staff-wide"),
        DateColumn("reported_at", label=gettext_lazy("Reported"), sort_key="reported_at"),
        StatusTagColumn(
            "settled",
            label=gettext_lazy("State"),
            accessor=lambda report: _("settled") if report.settled_at else _("open"),
            primary=lambda report: not report.settled_at,
        ),
    ]

    def rows(self) -> QuerySet[Any]:
        return MistakeReport.objects.filter(organization__in=self.organizations).defer("what", "email")


class Mistake(StaffDeed):
    """One report, and the button that settles it."""

    least_role = Role.APPROVER
    template_name = "targets/staff/mistake.html"
    above = (MISTAKES,)
    header_icon = "comment"
    button = gettext_lazy("Settle it")

    @cached_property
    def report(self) -> MistakeReport:
        found: MistakeReport = self.find(
            MistakeReport.objects.select_related("organization", "settled_by"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return self.report.target_key or _("A report")

    def post(self, *args: Any, **kwargs: Any) -> Any:
        if self.report.settled_at:
            raise Http404
        return super().post(*args, **kwargs)

    def consequences(self) -> list[str]:
        if self.report.settled_at:
            return []
        return [
            _(
                "The report is marked as settled, and the reader's address is forgotten: answer first if you want to."
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"report": self.report}

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        settling.settle(report=self.report, by=self.user, now=self.now)
        return _("The report is settled.")
