"""From a postcode to the people who answer for it, with evidence; and from a target key to whom it means today.

Nothing here guesses on a supporter's behalf: when the table is not sure, the answer asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets import current
from amparo.targets.answers import Answer, Candidate, as_json
from amparo.targets.composing import Question, compose
from amparo.targets.locating import Whereabouts, by_postcode, narrow_by_point, narrow_by_word
from amparo.targets.postcodes import FORMATS, GENERIC, MalformedPostcode
from amparo.targets.reaching import PERSON_MARK, Target, targets_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from amparo.organizations.models import Organization
    from amparo.targets.current import Register
    from amparo.targets.postcodes import PostcodeFormat

__all__ = [
    "Answer",
    "Candidate",
    "Target",
    "area_name",
    "as_json",
    "country_of",
    "find",
    "postcode_format",
    "target_by_key",
    "targets_by_key",
]

#: In place of a person in a key: whoever the source says is in the chair.
CHAIR = "chair"
#: Words at the end of an address that may be its postcode.
MOST_WORDS = 3


class NoSuchLegislature(Refusal):
    """The caller asks for a house that these targets do not have; the sentence names those they have."""

    sentence = _("There is no legislature called “%(code)s” here. There are: %(known)s.")


def find(
    *,
    slug: str,
    postcode: str = "",
    legislature: Sequence[str] | None = None,
    area_code: str = "",
    pin: tuple[float, float] | None = None,
    address: str = "",
    language: str = "en",
    organization: Organization | None = None,
    now: datetime,
) -> Answer:
    """Who answers for a supporter who lives there, in the legislatures named (all of them when none is).

    `area_code` is their own word, which decides only what the postcode leaves open. `pin` is a point on the map: in the
    map's own coordinates, or longitude and latitude. The postcode may also stand at the end of an `address`.
    Raises `NoTargets`, `NoSuchLegislature`, `MalformedPostcode`, `OutsideExtent` and `TargetsUnavailable`.
    """
    register = current.register(slug, organization=organization)
    wanted = _check_houses(register, legislature) if legislature else ()
    question = Question(wanted, language, organization.pk if organization else None, now.date())
    written = register.snapshot.format
    typed = postcode if written is None or postcode.strip() else _postcode_in(address, written)
    where, compact = None, ""
    if written is not None and typed:
        try:
            compact = written.normalize(typed)
        except MalformedPostcode:
            if not _is_foreign(typed, written):
                raise
            return compose(register, Whereabouts(reason="foreign"), question).for_postcode(typed.strip())
        where = by_postcode(register, written.key(compact))
    if pin is not None:
        where = narrow_by_point(register, where, pin)
    if area_code:
        where = narrow_by_word(register, where, area_code)
    answer = compose(register, where, question)
    return answer.for_postcode(written.display(compact)) if written is not None and compact else answer


def target_by_key(key: str, *, organization: Organization | None, now: datetime) -> Target | None:
    """The target called `key` with its holder of today; None when there is no such post (any more).

    For a post with many seats it is the person named in the key, or else the first of its holders.
    """
    found = targets_by_key(key, organization=organization, now=now)
    return found[0] if found else None


def targets_by_key(key: str, *, organization: Organization | None, now: datetime) -> list[Target]:
    """Everybody whom `key` means today: one for a seat, every holder for a post of many seats.

    Members of a committee are given at their own seats, where they have one: a letter to the committee then goes to
    the same addresses, and at the same pace, as those of their constituents. A key that ends in #chair means whoever
    chairs it.
    """
    slug, _stroke, code = key.partition("/")
    code, _mark, person = code.partition(PERSON_MARK)
    try:
        register = current.register(slug, organization=organization)
    except current.NoTargets:
        return []
    seat = register.snapshot.seats.get(code)
    if seat is None:
        return []
    owner, on = organization.pk if organization else None, now.date()
    remembered: list[Target] | None = register.answers.get((key, owner, on))
    if remembered is not None:
        return remembered
    found = targets_of(register, seat, organization_id=owner, on=on)
    if person == CHAIR:
        found = [
            _at_own_seat(register, target, organization_id=owner, on=on)
            for target in found
            if CHAIR in target.flags
        ]
    elif person:
        found = [target for target in found if target.person is not None and target.person.code == person]
    elif seat.post.kind == "committee":
        found = [_at_own_seat(register, target, organization_id=owner, on=on) for target in found]
    kept: list[Target] = register.keep((key, owner, on), found)
    return kept


def area_name(area: str, *, language: str) -> str:
    """What an area kept as `slug/code`, such as uk/E14001063, is called in a language; empty when nobody knows it."""
    slug, _stroke, code = area.partition("/")
    try:
        snapshot = current.register_of_anybody(slug).snapshot
    except current.NoTargets:
        return ""
    keys = snapshot.by_code.get(code, [])
    return snapshot.areas[keys[0]].name_in(language) if keys else ""


def country_of(key: str) -> str:
    """The country (ISO 3166) of the dataset that a target key belongs to; empty when it is not known."""
    try:
        return current.register_of_anybody(key.partition("/")[0]).snapshot.dataset.country
    except current.NoTargets:
        return ""


def postcode_format(*, slug: str) -> str:
    """The key of the format in which `slug` writes its postcodes; empty when it has none, generic when unknown."""
    try:
        register = current.register_of_anybody(slug)
    except current.NoTargets:
        return GENERIC
    return register.snapshot.dataset.postcode_format


def _check_houses(register: Register, legislature: Sequence[str]) -> tuple[str, ...]:
    known = register.snapshot.legislatures
    for code in legislature:
        if code not in known:
            raise NoSuchLegislature(code=code, known=", ".join(sorted(known)) or "-")
    return tuple(legislature)


def _at_own_seat(register: Register, target: Target, *, organization_id: UUID | None, on: date) -> Target:
    seat = register.snapshot.seat_of_person.get(target.person.code) if target.person else None
    if seat is None or target.person is None:
        return target
    own = targets_of(register, seat, organization_id=organization_id, on=on)
    return next((found for found in own if found.person == target.person), target)


def _postcode_in(address: str, written: PostcodeFormat) -> str:
    """The postcode with which an address ends, as typed; empty when it ends with none."""
    words = address.replace(",", " ").split()
    for count in range(1, min(MOST_WORDS, len(words)) + 1):
        tail = " ".join(words[-count:])
        try:
            written.normalize(tail)
        except MalformedPostcode:
            continue
        return tail
    return ""


def _is_foreign(typed: str, written: PostcodeFormat) -> bool:
    """Whether it is a whole postcode in another country's way of writing."""
    for name, other in FORMATS.items():
        if other is not written and name != GENERIC and written is not FORMATS[GENERIC]:
            try:
                other.normalize(typed)
            except MalformedPostcode:
                continue
            return True
    return False
