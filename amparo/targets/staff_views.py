"""The sources of targets, for staff: how old each is, what is wrong with it, what a new version would change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage, in_words
from amparo.kit.refusal import Refusal
from amparo.targets import activating, overriding
from amparo.targets.comparing import Difference, compare
from amparo.targets.models import ActiveDataset, Dataset, Legislature, LegislatureOverride
from amparo.targets.staff_forms import LegislatureForm, SeenForm
from amparo.targets.standing import Standing, age_of, standings

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from amparo.accounts.staff_screens import StaffScreen

SOURCES = (gettext_lazy("Sources"), "staff_sources")
#: Changes and problems that one screen names; the rest is counted.
MOST_NAMED = 500


def visible_datasets(screen: StaffScreen) -> QuerySet[Dataset]:
    """Published versions, which belong to everybody, and what the user's own organizations loaded or typed."""
    mine = Q(organization__isnull=True) | Q(organization__in=screen.organizations)
    return Dataset.objects.filter(mine).select_related("organization")


class Sources(StaffPage):
    """Every source with its age, what waits to be compared, and what somebody should look at."""

    template_name = "targets/staff/sources.html"
    page_title = gettext_lazy("Sources")
    header_icon = "globe"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = set(visible_datasets(self).values_list("slug", flat=True))
        return super().get_context_data(**kwargs) | {
            "standings": [standing for standing in standings(now=self.now) if standing.slug in mine]
        }


class Source(StaffPage):
    """One source: its versions, its parliaments, and what is wrong with the one in use."""

    template_name = "targets/staff/source.html"
    above = (SOURCES,)
    header_icon = "globe"

    @cached_property
    def versions(self) -> list[Dataset]:
        found = list(visible_datasets(self).filter(slug=self.kwargs["slug"]).order_by("-version"))
        if not found:
            raise Http404
        return found

    @cached_property
    def standing(self) -> Standing:
        return next(found for found in standings(now=self.now) if found.slug == self.kwargs["slug"])

    def get_page_title(self) -> str:
        return self.versions[0].title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_use = next((row for row in self.versions if row.label == self.standing.dataset), None)
        shown = in_use or self.versions[0]
        return super().get_context_data(**kwargs) | {
            "standing": self.standing,
            "shown": shown,
            "counts": [(in_words(name), count) for name, count in shown.counts.items()],
            "versions": [(row, age_of(row.published_on, now=self.now)) for row in self.versions],
            "in_use": in_use,
            "legislatures": _legislatures(in_use) if in_use else [],
            "problems": _grouped(shown),
            "may_override": self.user.is_superuser,
        }


def _legislatures(dataset: Dataset) -> list[tuple[Legislature, LegislatureOverride | None]]:
    overrides = {row.legislature_code: row for row in LegislatureOverride.objects.filter(slug=dataset.slug)}
    found = Legislature.objects.filter(dataset=dataset).order_by("name")
    return [(legislature, overrides.get(legislature.code)) for legislature in found]


def _grouped(dataset: Dataset) -> list[dict[str, Any]]:
    """The problems of a version by what is wrong, each with its first places."""
    counted: Counter[tuple[str, str, str]] = Counter()
    places: dict[tuple[str, str, str], list[str]] = {}
    for problem in dataset.problems:
        key = (problem["severity"], problem["file"], problem["reason"])
        counted[key] += 1
        if len(kept := places.setdefault(key, [])) < 5:
            line = problem["line"]
            where = _("line %(line)d") % {"line": line} if line else _("the whole file")
            kept.append(f"{where}: {problem['value']}" if problem["value"] else where)
    return [
        {
            "severity": severity,
            "file": file,
            "reason": reason,
            "count": count,
            "places": places[severity, file, reason],
        }
        for (severity, file, reason), count in sorted(
            counted.items(), key=lambda item: (item[0][0], -item[1])
        )
    ]


class Version(StaffDeed):
    """What one version would change about the one in use, and the button that puts it to use."""

    template_name = "targets/staff/version.html"
    above = (SOURCES,)
    header_icon = "globe"
    button = gettext_lazy("Put this version to use")

    @cached_property
    def dataset(self) -> Dataset:
        found: Dataset = get_object_or_404(visible_datasets(self), pk=self.kwargs["pk"])
        return found

    @cached_property
    def former(self) -> Dataset | None:
        active = ActiveDataset.objects.filter(slug=self.dataset.slug).select_related("dataset").first()
        return active.dataset if active else None

    @cached_property
    def difference(self) -> Difference:
        return compare(self.former, self.dataset)

    @cached_property
    def worry(self) -> str:
        """Why a person should look first; empty when nothing is unusual."""
        try:
            activating.refuse_what_looks_wrong(self.dataset, self.former, self.difference)
        except Refusal as refusal:
            return str(refusal)
        return ""

    @property
    def may_activate(self) -> bool:
        """Published data serve everybody on this server, so only who looks after it changes them."""
        owner: UUID | None = self.dataset.organization_id
        return self.user.is_superuser or (owner is not None and self.may(Role.ADMINISTRATOR, owner))

    def post(self, *args: Any, **kwargs: Any) -> Any:
        if not self.may_activate:
            raise Http404
        return super().post(*args, **kwargs)

    def get_page_title(self) -> str:
        return f"{self.dataset.title}, {self.dataset.label}"

    def get_form_class(self) -> Any:
        return SeenForm if self.worry else Form

    def consequences(self) -> list[str]:
        if self.former is not None and self.former.pk == self.dataset.pk:
            return [_("This version is in use.")]
        return [
            _("From that moment every postcode and every waiting letter is answered from this version."),
            _(
                "Letters that left stay as they are. The version in use until now is kept, and can be put back."
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentences = self.difference.sentences()
        unnamed = max(len(sentences) - MOST_NAMED, 0)
        return super().get_context_data(**kwargs) | {
            "dataset": self.dataset,
            "age": age_of(self.dataset.published_on, now=self.now),
            "sentences": sentences[:MOST_NAMED],
            "unnamed": ngettext("and %(count)d more", "and %(count)d more", unnamed) % {"count": unnamed}
            if unnamed
            else "",
            "worry": self.worry,
            "problems": _grouped(self.dataset),
            "is_in_use": self.former is not None and self.former.pk == self.dataset.pk,
            "may_activate": self.may_activate,
        }

    def act(self, form: Form) -> str:
        seen = bool(form.cleaned_data.get("seen"))
        activating.activate(dataset=self.dataset, by=self.user, now=self.now, even_if_large=seen)
        return _("%(dataset)s answers from now on.") % {"dataset": self.dataset.label}

    def after(self) -> str:
        return reverse("staff_source", args=[self.dataset.slug])


class OverrideLegislature(StaffDeed):
    """Say that a parliament is dissolved, or sits again, before any source says so."""

    only_superusers = True
    above = (SOURCES,)
    header_icon = "globe"
    form_class = LegislatureForm
    button = gettext_lazy("Record it")

    @cached_property
    def legislature(self) -> Legislature:
        in_use = Legislature.objects.filter(dataset__active_for__isnull=False)
        found: Legislature = get_object_or_404(
            in_use, dataset__slug=self.kwargs["slug"], code=self.kwargs["code"]
        )
        return found

    def get_page_title(self) -> str:
        return self.legislature.name

    def get_initial(self) -> dict[str, Any]:
        own = LegislatureOverride.objects.filter(
            slug=self.kwargs["slug"], legislature_code=self.legislature.code
        )
        return {"state": next((row.state for row in own), self.legislature.state)}

    def consequences(self) -> list[str]:
        return [
            _(
                "While a parliament does not sit, nobody in it is written to: supporters are told so, on every page."
            ),
            _("Letters that wait for its members are held."),
            _("It holds for every organization on this server, until you record something else."),
        ]

    def act(self, form: LegislatureForm) -> str:
        said = form.cleaned_data
        overriding.override_legislature(
            slug=self.kwargs["slug"],
            legislature_code=self.legislature.code,
            state=said["state"],
            since=said["since"],
            reason=said["reason"],
            by=self.user,
            now=self.now,
        )
        return _("It is recorded.")

    def after(self) -> str:
        return reverse("staff_source", args=[self.kwargs["slug"]])
