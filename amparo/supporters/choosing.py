"""Choosing many supporters by plain filters, as codes that can be kept: for lists, tags on many, and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from amparo.supporters import consent, questions
from amparo.supporters.models import Channel, Purpose, Segment, Supporter, Tag, Tagging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

    from amparo.supporters.models import SupporterQuerySet

Unreachable = Supporter.Unreachable
#: What a supporter's state can be, as the list shows and filters it.
STATES: dict[str, _StrOrPromise] = {
    "reachable": _("Can be written to"),
    "unconfirmed": _("Address not confirmed"),
    "paused": _("Asked for a pause"),
    "suppressed": _("On the suppression list"),
    "bounced": _("Mail came back"),
    "complained": _("Marked a mail as junk"),
}


def state_of(supporter: Supporter, *, now: datetime) -> str:
    """Which of `STATES` holds; what stops mail comes first."""
    if supporter.unreachable:
        return supporter.unreachable
    if supporter.paused_until is not None and supporter.paused_until > now:
        return "paused"
    return "reachable" if supporter.confirmed_at else "unconfirmed"


def standing_codes() -> list[tuple[str, str]]:
    """Every standing question as a code and in words: `news/email`, “News and action alerts, by e-mail”."""
    return [
        (
            f"{purpose}/{channel}",
            _("%(purpose)s: %(channel)s") % {"purpose": purpose.label, "channel": channel.label},
        )
        for purpose, channel in consent.standing_questions()
    ]


def bit_of(code: str) -> int:
    """The bit of a standing question's code; 0 for one that is none."""
    purpose, _stroke, channel = code.partition("/")
    known = purpose in Purpose.values and channel in Channel.values
    return consent.bit(Purpose(purpose), Channel(channel)) if known else 0


def select(*, organization: Organization, chosen: Mapping[str, Any], now: datetime) -> SupporterQuerySet:
    """The people of this organization whom `chosen` means. A filter that nobody knows chooses nobody."""
    return narrow(Supporter.objects.for_organization(organization).present(), chosen=chosen, now=now)


def narrow(people: SupporterQuerySet, *, chosen: Mapping[str, Any], now: datetime) -> SupporterQuerySet:
    """Those of `people` to whom every filter applies."""
    for name, value in chosen.items():
        if value in (None, "", []):
            continue
        filter_by = _FILTERS.get(name)
        people = filter_by(people, value, now) if filter_by else people.none()
    return people


def _by_tag(people: SupporterQuerySet, value: str, _now: datetime) -> SupporterQuerySet:
    if not _is_uuid(value):
        return people.none()
    return people.filter(pk__in=Tagging.objects.filter(tag=UUID(value)).values("supporter"))


def _by_state(people: SupporterQuerySet, value: str, now: datetime) -> SupporterQuerySet:
    awake = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    open_to_mail = people.filter(unreachable=Unreachable.NO)
    if value == "reachable":
        return open_to_mail.filter(awake, confirmed_at__isnull=False)
    if value == "unconfirmed":
        return open_to_mail.filter(awake, confirmed_at__isnull=True)
    if value == "paused":
        return open_to_mail.filter(paused_until__gt=now)
    return people.filter(unreachable=value) if value in STATES else people.none()


def _by_answer(people: SupporterQuerySet, value: str, _now: datetime) -> SupporterQuerySet:
    found = bit_of(value)
    return people.agreed(found) if found else people.none()


def _by_country(people: SupporterQuerySet, value: str, _now: datetime) -> SupporterQuerySet:
    return people.filter(country=value)


def _by_language(people: SupporterQuerySet, value: str, _now: datetime) -> SupporterQuerySet:
    return people.filter(language=value)


def _by_segment(people: SupporterQuerySet, value: Any, now: datetime) -> SupporterQuerySet:
    """By a segment as it stands (its id), or as it stood when it was frozen."""
    kept = value if isinstance(value, dict) else frozen({"segment": value})["segment"]
    organization = (
        Organization.objects.filter(pk=UUID(str(kept["organization"]))).first()
        if kept.get("organization")
        else None
    )
    if organization is None:
        return people.none()
    try:
        asked = questions.read(kept["question"], organization=organization)
    except Refusal:
        return people.none()
    return people.filter(organization=organization).filter(questions.condition(asked, now=now))


_FILTERS: dict[str, Callable[[SupporterQuerySet, Any, datetime], SupporterQuerySet]] = {
    "tag": _by_tag,
    "state": _by_state,
    "agreed": _by_answer,
    "country": _by_country,
    "language": _by_language,
    "segment": _by_segment,
}


def frozen(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The same choice with its segment's question as it stands now, so that nobody can widen it afterwards."""
    kept = {name: value for name, value in chosen.items() if value not in (None, "", [])}
    if isinstance(kept.get("segment"), str):
        segment = Segment.objects.filter(pk=kept["segment"]).first() if _is_uuid(kept["segment"]) else None
        kept["segment"] = {
            "id": kept["segment"],
            "organization": str(segment.organization_id) if segment else None,
            "question": segment.question if segment else None,
        }
    return kept


def in_words(chosen: Mapping[str, Any]) -> list[str]:
    """Plain sentences on whom `chosen` means; an empty list where it means everybody."""
    said = []
    for name, value in chosen.items():
        if value not in (None, "", []) and name in _SENTENCES:
            said.append(str(_SENTENCES[name]) % {"what": _WORDS[name](value)})
    return said


def _tag_in_words(value: str) -> str:
    tag = Tag.objects.filter(pk=value).first() if _is_uuid(value) else None
    return tag.name if tag else str(_("a tag that was removed"))


def _segment_in_words(value: Any) -> str:
    pk = value.get("id") if isinstance(value, dict) else value
    segment = Segment.objects.filter(pk=UUID(str(pk))).first() if _is_uuid(pk) else None
    return segment.name if segment else str(_("a segment that was removed"))


_SENTENCES = {
    "tag": _("Who has the tag “%(what)s”."),
    "state": _("Whose state is “%(what)s”."),
    "agreed": _("Who agreed to “%(what)s”."),
    "country": _("Who lives in the country %(what)s."),
    "language": _("Who reads the language “%(what)s”."),
    "segment": _("Who belongs to the segment “%(what)s”, as it stands at the moment of asking."),
}
_WORDS: dict[str, Callable[[Any], str]] = {
    "tag": _tag_in_words,
    "state": lambda value: str(STATES.get(value, value)),
    "agreed": lambda value: str(dict(standing_codes()).get(value, value)),
    "country": str,
    "language": str,
    "segment": _segment_in_words,
}


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
