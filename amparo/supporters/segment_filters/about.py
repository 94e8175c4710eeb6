"""Who somebody is: country, language, area, and since when we know them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Substr
from django.db.models.lookups import Exact
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.kit import names
from amparo.supporters.registry import ABOUT, SegmentFilter, any_of, segment_filters
from amparo.supporters.spells import SpellFilter

if TYPE_CHECKING:
    from datetime import datetime

_AREA = re.compile(r"[\w./-]+", re.ASCII)


@segment_filters.register("country")
class Country(SegmentFilter):
    """Where they live, as they said."""

    label = _("Country")
    heading = ABOUT

    countries = forms.MultipleChoiceField(
        label=_("Any of these countries"), choices=names.countries, widget=forms.CheckboxSelectMultiple
    )

    def condition(self, *, now: datetime) -> Q:  # noqa: ARG002 - holds at any time
        return Q(country__in=self.cleaned_data["countries"])

    def sentence(self) -> str:
        return gettext("lives in %(places)s") % {"places": self._places()}

    def opposite(self) -> str:
        return gettext("does not live in %(places)s") % {"places": self._places()}

    def _places(self) -> str:
        return any_of([names.country_name(code) for code in self.cleaned_data["countries"]])


@segment_filters.register("language")
class Language(SegmentFilter):
    """The language we write to them in."""

    label = _("Language")
    heading = ABOUT

    languages = forms.MultipleChoiceField(
        label=_("Any of these languages"), choices=names.languages, widget=forms.CheckboxSelectMultiple
    )

    def condition(self, *, now: datetime) -> Q:  # noqa: ARG002 - holds at any time
        return Q(language__in=self.cleaned_data["languages"])

    def sentence(self) -> str:
        return gettext("reads %(languages)s") % {"languages": self._languages()}

    def opposite(self) -> str:
        return gettext("does not read %(languages)s") % {"languages": self._languages()}

    def _languages(self) -> str:
        return any_of([names.language_name(code) for code in self.cleaned_data["languages"]])


@segment_filters.register("area")
class Area(SegmentFilter):
    """The area found from their postcode: one, or all whose key begins alike."""

    label = _("Area")
    heading = ABOUT

    area = forms.CharField(
        label=_("Area"),
        max_length=80,
        help_text=_("As in uk/E14001063. The keys stand under Targets → Areas."),
    )
    extent = forms.ChoiceField(
        label=_("Which"),
        choices=[("one", _("This area alone")), ("all", _("Every area that begins so, as uk/ does"))],
        widget=forms.RadioSelect,
        initial="one",
    )

    def clean_area(self) -> str:
        area: str = self.cleaned_data["area"]
        if not _AREA.fullmatch(area):
            raise forms.ValidationError(
                _("A key of an area has letters, digits, dots, hyphens and slashes alone.")
            )
        return area

    def condition(self, *, now: datetime) -> Q:  # noqa: ARG002 - holds at any time
        area = self.cleaned_data["area"]
        if self.cleaned_data["extent"] == "one":
            return Q(area=area)
        # LIKE takes capitals for small letters on SQLite alone.
        return Q(Exact(Substr("area", 1, len(area)), Value(area)))

    def sentence(self) -> str:
        if self.cleaned_data["extent"] == "one":
            return gettext("lives in the area %(area)s") % self.cleaned_data
        return gettext("lives in an area that begins with %(area)s") % self.cleaned_data

    def opposite(self) -> str:
        if self.cleaned_data["extent"] == "one":
            return gettext("does not live in the area %(area)s") % self.cleaned_data
        return gettext("does not live in an area that begins with %(area)s") % self.cleaned_data


@segment_filters.register("joined")
class Joined(SpellFilter):
    """Since when we know them."""

    label = _("Joined")
    heading = ABOUT
    needs_time = True

    def condition(self, *, now: datetime) -> Q:
        return self.during("created_at", now=now)

    def sentence(self) -> str:
        return gettext("joined%(when)s") % {"when": self.when()}

    def opposite(self) -> str:
        return gettext("did not join%(when)s") % {"when": self.when()}
