"""Sentences for staff: when a mailing leaves, what it waits for, how fast it goes, and how a test is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.mailings import subject_tests
from amparo.mailings.models import Mailing
from amparo.organizations import quiet_hours
from amparo.organizations.quiet_hours import clock
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.mailings.local_hours import Turn
    from amparo.organizations.models import Organization

State = Mailing.State


def on_the_clock(moment: datetime, organization: Organization) -> str:
    """A moment by the organization's clock: “23 November, 09:00 GMT”."""
    local = moment.astimezone(clock(organization))
    return date_format(local, "j F, H:i T")


def leaves(mailing: Mailing) -> str:
    """When an approved mailing leaves."""
    organization, at = mailing.organization, mailing.scheduled_at
    if at is None:
        return ""
    if mailing.local_day is not None and mailing.local_hour is not None:
        return _(
            "It leaves on %(day)s at %(hour)s where each reader is. By your clock that begins on %(moment)s."
        ) % {
            "day": date_format(mailing.local_day, "j F"),
            "hour": f"{mailing.local_hour:%H:%M}",
            "moment": on_the_clock(at, organization),
        }
    said = _("It leaves on %(moment)s.") % {"moment": on_the_clock(at, organization)}
    over = quiet_hours.over_at(organization, at=at) if mailing.keeps_quiet_hours else None
    if over is None:
        return said
    return _("%(said)s These are quiet hours: it waits until %(over)s.") % {
        "said": said,
        "over": on_the_clock(over, organization),
    }


def quiet_hours_of(mailing: Mailing) -> list[str]:
    """What the organization's quiet hours mean for a mailing that is about to be approved."""
    organization = mailing.organization
    if organization.quiet_from is None or organization.quiet_until is None:
        return []
    hours = {"begin": f"{organization.quiet_from:%H:%M}", "end": f"{organization.quiet_until:%H:%M}"}
    if mailing.is_urgent and mailing.channel != Channel.SMS:
        return [
            _(
                "Between %(begin)s and %(end)s nothing leaves, by your clock. It is urgent: you may send it then all"
                " the same, and say why."
            )
            % hours
        ]
    return [_("Between %(begin)s and %(end)s nothing leaves, by your clock: it waits until %(end)s.") % hours]


def waits_until(mailing: Mailing, *, now: datetime) -> str:
    """What a mailing on its way waits for just now, such as “Quiet hours: waits until 08:00”; empty where it moves."""
    organization = mailing.organization
    if mailing.state not in {State.SCHEDULED, State.SENDING} or not mailing.keeps_quiet_hours:
        return ""
    if mailing.local_hour is not None or (mailing.scheduled_at is not None and mailing.scheduled_at > now):
        return ""
    over = quiet_hours.over_at(organization, at=now)
    if over is None:
        return ""
    return _("Quiet hours: it waits until %(over)s.") % {"over": on_the_clock(over, organization)}


def rule(mailing: Mailing) -> str:
    """By which rule those who wait get a variant."""
    fewest = subject_tests.FEWEST_ACTED
    sample = sum(map(int, mailing.variant_shares.values()))
    if mailing.test_hours is None:
        return _("%(sample)d of a hundred try the subjects; the others wait until somebody chooses one.") % {
            "sample": sample
        }
    hours = ngettext("One hour", "%(hours)d hours", mailing.test_hours) % {"hours": mailing.test_hours}
    return _(
        "%(sample)d of a hundred try the subjects. %(hours)s after these have left, the others get the one on which"
        " most readers acted, of every thousand delivered. Where it is equal, or fewer than %(fewest)d people acted in"
        " all, they get the first. Opened mails count for nothing. You can choose earlier."
    ) % {"sample": sample, "hours": hours, "fewest": fewest}


def decided(mailing: Mailing) -> str:
    """Which variant the others got, and why; what is still to come where nothing is decided."""
    if mailing.winner:
        because = Mailing.Decision(mailing.winner_because or Mailing.Decision.PERSON).label
        return _("The others get variant %(variant)s: %(because)s.") % {
            "variant": mailing.winner,
            "because": because,
        }
    if not subject_tests.somebody_waits(mailing):
        return _("Each subject goes to an equal part of the audience; nobody waits.")
    if mailing.decide_at is not None:
        return _("It is decided on %(moment)s which one the others get.") % {
            "moment": on_the_clock(mailing.decide_at, mailing.organization)
        }
    return _("The wait begins when the sample has left.")


def pace(mailing: Mailing) -> list[str]:
    """How fast it may go out, where anything holds it back."""
    found = []
    if mailing.per_minute:
        found.append(_("at most %(number)d a minute") % {"number": mailing.per_minute})
    for domain, number in mailing.per_domain.items():
        found.append(_("at most %(number)d a minute to %(domain)s") % {"number": number, "domain": domain})
    if mailing.per_day:
        plan = ", ".join(str(number) for number in mailing.per_day)
        found.append(_("on the first days at most %(plan)s") % {"plan": plan})
    return found


@dataclass(frozen=True, slots=True)
class TurnInWords:
    """Readers who live by one clock: which one, how many, and when their turn comes by the organization's clock."""

    where: str
    people: int
    at: str
    has_come: bool


def turns_in_words(mailing: Mailing, turns: Sequence[Turn], *, now: datetime) -> list[TurnInWords]:
    """The turns of a mailing that leaves at each reader's own hour, as staff read them."""
    organization = mailing.organization
    own = _("%(zone)s, your clock; also those of whom no place is known") % {"zone": organization.time_zone}
    return [
        TurnInWords(
            where=turn.zone.replace("_", " ") or own,
            people=turn.people,
            at=on_the_clock(turn.at, organization),
            has_come=turn.at <= now,
        )
        for turn in turns
    ]
