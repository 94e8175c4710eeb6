"""What lists of supporters can be narrowed to, from the filters of their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from amparo.accounts.models import Role
from amparo.accounts.roles import organizations_of
from amparo.supporters import choosing
from amparo.supporters.models import Segment, Supporter, Tag
from amparo.supporters.staff_forms import countries, languages

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from amparo.organizations.models import Organization


def _mine(request: HttpRequest | None) -> list[Organization]:
    """The organizations whose supporters this user may list."""
    return organizations_of(request.user, at_least=Role.EDITOR) if request else []  # type: ignore[arg-type]


def _tags(request: HttpRequest | None) -> QuerySet[Tag]:
    return Tag.objects.filter(organization__in=_mine(request))


def _segments(request: HttpRequest | None) -> QuerySet[Segment]:
    return Segment.objects.filter(organization__in=_mine(request))


class SupporterFilters(WagtailFilterSet):
    """What the list can be narrowed to: codes that `choosing` knows, and nothing that is sealed."""

    tag = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=_tags, method="choose")
    segment = django_filters.ModelChoiceFilter(label=_("Segment"), queryset=_segments, method="choose")
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=list(choosing.STATES.items()), method="choose"
    )
    agreed = django_filters.ChoiceFilter(
        label=_("Agreed to"), choices=choosing.standing_codes, method="choose"
    )
    country = django_filters.ChoiceFilter(label=_("Country"), choices=countries, method="choose")
    language = django_filters.ChoiceFilter(label=_("Language"), choices=languages, method="choose")

    class Meta:
        model = Supporter
        fields: list[str] = []

    def choose(self, people: Any, name: str, value: Any) -> Any:
        """One filter, as `choosing` understands it."""
        return choosing.narrow(people, chosen={name: _code(value)}, now=timezone.now())

    def codes(self) -> dict[str, str]:
        """The filters in use, as codes that can be kept; empty where one of them is not valid."""
        if not self.is_valid():
            return {}
        return {name: _code(value) for name, value in self.form.cleaned_data.items() if value}


def _code(value: Any) -> str:
    return str(value.pk) if hasattr(value, "pk") else str(value)
