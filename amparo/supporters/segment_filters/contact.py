"""How somebody may be written to: what they agreed to, how often, and whether mail reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amparo.supporters import consent
from amparo.supporters.models import Channel, Purpose, Supporter
from amparo.supporters.registry import CONTACT, SegmentFilter, any_of, people_with, segment_filters

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.listed import Listed

Frequency, Unreachable = Supporter.Frequency, Supporter.Unreachable
_PURPOSES = list(dict.fromkeys(purpose for purpose, _channel in consent.standing_questions()))
PAUSED = "paused"


@segment_filters.register("consent")
class Consent(SegmentFilter):
    """Their present answer to one question of consent."""

    label = _("Consent")
    heading = CONTACT

    purpose = forms.ChoiceField(label=_("To"), choices=[(each.value, each.label) for each in _PURPOSES])
    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices)
    answer = forms.ChoiceField(
        label=_("Their answer"),
        choices=[("yes", _("Yes")), ("no", _("No, or no longer")), ("never", _("They were never asked"))],
        widget=forms.RadioSelect,
        initial="yes",
    )

    def condition(self, *, now: datetime) -> Q | Listed:  # noqa: ARG002 - holds at any time
        purpose, channel = self.cleaned_data["purpose"], self.cleaned_data["channel"]
        agreed = agreed_to(purpose, channel)
        if self.cleaned_data["answer"] == "yes":
            return agreed
        lines = consent.lines_about(organization=self.organization, purpose=purpose, channel=channel)
        asked = people_with(lines, of_absorbed=True)
        return asked.asked(joined=True) & ~agreed if self.cleaned_data["answer"] == "no" else ~asked

    def sentence(self) -> str:
        return {
            "yes": gettext("agreed to %(what)s"),
            "no": gettext("said no to %(what)s"),
            "never": gettext("was never asked about %(what)s"),
        }[self.cleaned_data["answer"]] % {"what": self._what()}

    def opposite(self) -> str:
        return {
            "yes": gettext("did not agree to %(what)s"),
            "no": gettext("did not say no to %(what)s"),
            "never": gettext("was asked about %(what)s"),
        }[self.cleaned_data["answer"]] % {"what": self._what()}

    def _what(self) -> str:
        purpose, channel = Purpose(self.cleaned_data["purpose"]), Channel(self.cleaned_data["channel"])
        return gettext("“%(purpose)s” by “%(channel)s”") % {
            "purpose": purpose.label,
            "channel": channel.label,
        }


@segment_filters.register("frequency")
class HowOften(SegmentFilter):
    """How often they want to hear from us."""

    label = _("How often they want mail")
    heading = CONTACT

    frequencies = forms.MultipleChoiceField(
        label=_("Any of these"), choices=Frequency.choices, widget=forms.CheckboxSelectMultiple
    )

    def condition(self, *, now: datetime) -> Q:  # noqa: ARG002 - holds at any time
        return Q(frequency__in=self.cleaned_data["frequencies"])

    def sentence(self) -> str:
        return gettext("wants %(frequencies)s") % {"frequencies": self._frequencies()}

    def opposite(self) -> str:
        return gettext("does not want %(frequencies)s") % {"frequencies": self._frequencies()}

    def _frequencies(self) -> str:
        return any_of([f"“{Frequency(each).label}”" for each in self.cleaned_data["frequencies"]])


#: The states by their slugs: what to tick, and how it reads after “everybody who”.
_STATES = {
    "reachable": (_("Can be written to"), pgettext_lazy("everybody who", "can be written to")),
    Unreachable.SUPPRESSED.value: (
        Unreachable.SUPPRESSED.label,
        pgettext_lazy("everybody who", "is on the suppression list"),
    ),
    Unreachable.BOUNCED.value: (
        Unreachable.BOUNCED.label,
        pgettext_lazy("everybody who", "has an address from which mail came back"),
    ),
    Unreachable.COMPLAINED.value: (
        Unreachable.COMPLAINED.label,
        pgettext_lazy("everybody who", "marked a mail as junk"),
    ),
    PAUSED: (_("Asked for a pause"), pgettext_lazy("everybody who", "asked for a pause")),
}


@segment_filters.register("state")
class State(SegmentFilter):
    """Whether mail reaches them."""

    label = _("Whether mail reaches them")
    heading = CONTACT

    states = forms.MultipleChoiceField(
        label=_("Any of these"),
        choices=[(slug, label) for slug, (label, _words) in _STATES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def condition(self, *, now: datetime) -> Q:
        chosen = set(self.cleaned_data["states"])
        paused = is_paused(now=now)
        found = Q(unreachable__in=sorted(chosen & set(Unreachable.values)))
        if PAUSED in chosen:
            found |= paused
        if "reachable" in chosen:
            found |= Q(unreachable=Unreachable.NO) & ~paused
        return found

    def sentence(self) -> str:
        return any_of([str(_STATES[slug][1]) for slug in self.cleaned_data["states"]])

    def opposite(self) -> str:
        return gettext("is none of these: %(states)s") % {
            "states": ", ".join(str(_STATES[slug][0]) for slug in self.cleaned_data["states"])
        }


@segment_filters.register("confirmed-address")
class ConfirmedAddress(SegmentFilter):
    """Whether they ever pressed the button behind a link in our mail."""

    label = _("Confirmed address")
    heading = CONTACT

    def condition(self, *, now: datetime) -> Q:  # noqa: ARG002 - holds at any time
        return Q(confirmed_at__isnull=False)

    def sentence(self) -> str:
        return gettext("has confirmed their address")

    def opposite(self) -> str:
        return gettext("has not confirmed their address")


def agreed_to(purpose: str, channel: str) -> Q:
    """Those whose present answer is yes."""
    mask = consent.bit(purpose, channel)
    return Q(Exact(F("agreed_to").bitand(mask), mask))


def is_paused(*, now: datetime) -> Q:
    """Those who asked for a pause that is not over."""
    return Q(paused_until__isnull=False, paused_until__gt=now)
