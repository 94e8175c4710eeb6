"""Which targets this supporter writes to, with the evidence; asks when it is not sure, and never guesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from amparo.actions.campaigns import siding
from amparo.targets import finding
from amparo.targets.finding import Answer, Target

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import AddressedPage


#: One supporter's letter goes to at most as many offices: a committee of a parliament, and not a whole house.
MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Way:
    """A means by which a page reaches its targets: who can be reached by it, and what is said of who cannot."""

    reaches: Callable[[Target], bool]
    why_not: Callable[[Target], str]


#: By e-mail, or through the office's own form.
WRITTEN = Way(lambda target: target.channel != "none", lambda target: str(target.sentence))


@dataclass(frozen=True, slots=True)
class Addressee:
    """One target of one letter, and why it is this one."""

    target: Target
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """A target not to press, and what the supporter is told instead."""

    target: Target
    sentence: str


@dataclass(frozen=True, slots=True)
class Addressing:
    """The outcome: people to write to, a question to ask, or nobody and an honest reason."""

    addressees: Sequence[Addressee] = ()
    excluded: Sequence[Excluded] = ()
    answer: Answer | None = None
    reason: str = ""
    sentence: str = ""
    unreachable: Sequence[Target] = field(default=())
    #: Those who support everything that the page demands: thanked, or left in peace, or written to all the same.
    agreed: Sequence[Addressee] = ()
    #: Whether what goes to the addressees is a letter of thanks.
    is_thanks: bool = False

    @property
    def needs_choice(self) -> bool:
        return self.answer is not None and self.answer.needs != "none"

    @property
    def by_mail(self) -> list[Addressee]:
        return [addressee for addressee in self.addressees if addressee.target.channel == "email"]

    @property
    def by_form(self) -> list[Addressee]:
        return [addressee for addressee in self.addressees if addressee.target.channel == "form"]


def address(
    *,
    page: AddressedPage,
    postal_code: str,
    area: str,
    fallback: str,
    language: str,
    now: datetime,
    way: Way = WRITTEN,
    anyway: bool = False,
) -> Addressing:
    """Find whom to turn to. `area` is the supporter's own answer to a split postcode, `fallback` one of the page's.

    Whoever agrees already is nobody's addressee, but for a letter of thanks, or `anyway`.

    Both come back from a form, so both are checked: an area must be among those the postcode allows, a fallback among
    those the page offers. Raises `MalformedPostcode` for what cannot be a postcode of the page's country.
    """
    if fallback:
        return _reach(
            [(key, "fallback") for key in keys_of(page.fallbacks) if key == fallback],
            page=page,
            way=way,
            anyway=anyway,
            now=now,
        )
    found = [(target.key, "named") for target in named_targets(page=page, now=now)]
    answer = None
    if legislatures := keys_of(page.legislatures):
        answer = finding.find(
            slug=page.dataset_slug,
            postcode=postal_code,
            legislature=legislatures,
            area_code=area,
            language=language,
            organization=page.organization,
            now=now,
        )
        if answer.needs != "none":
            return Addressing(answer=answer)
        found = [(candidate.key, candidate.evidence) for candidate in answer.candidates] + found
    return _reach(found, page=page, way=way, anyway=anyway, now=now, answer=answer)


def keys_of(stream: object) -> list[str]:
    """The values of a StreamField of plain words, in order."""
    return [str(block.value).strip() for block in stream]  # type: ignore[attr-defined]


def named_targets(*, page: AddressedPage, now: datetime) -> list[Target]:
    """Whom every supporter writes to, wherever they live: every member of a committee that is named, up to a limit."""
    found = [
        target
        for key in keys_of(page.posts)
        for target in finding.targets_by_key(key, organization=page.organization, now=now)
    ]
    return found[:MOST_NAMED]


def fallback_targets(*, page: AddressedPage, now: datetime, way: Way = WRITTEN) -> list[Target]:
    """Whom the page offers when there is nobody else, as far as they can be reached."""
    targets = (
        finding.target_by_key(key, organization=page.organization, now=now) for key in keys_of(page.fallbacks)
    )
    return [target for target in targets if target is not None and way.reaches(target)]


def _reach(
    found: Sequence[tuple[str, str]],
    *,
    page: AddressedPage,
    way: Way,
    anyway: bool,
    now: datetime,
    answer: Answer | None = None,
) -> Addressing:
    exclusions = {str(block.value["target_key"]): str(block.value["sentence"]) for block in page.exclusions}
    addressees, excluded, unreachable = [], [], []
    for key, evidence in dict(found).items():
        target = finding.target_by_key(key, organization=page.organization, now=now)
        if target is None:
            continue
        if key in exclusions:
            excluded.append(Excluded(target, exclusions[key]))
        elif not way.reaches(target):
            unreachable.append(target)
        else:
            addressees.append(Addressee(target, evidence))
    reason, sentence = ("", "") if addressees or excluded else _why_nobody(answer, unreachable, way)
    result = Addressing(addressees, excluded, answer, reason, sentence, unreachable)
    return _without_those_who_agree(result, page=page, anyway=anyway)


def _without_those_who_agree(result: Addressing, *, page: AddressedPage, anyway: bool) -> Addressing:
    """Thank, or leave in peace, whoever supports the demands; where nobody is left to press, say so."""
    keys = siding.agreed(page=page, targets=[addressee.target for addressee in result.addressees])
    if not keys:
        return result
    agreed = [addressee for addressee in result.addressees if addressee.target.key in keys]
    left = [addressee for addressee in result.addressees if addressee.target.key not in keys]
    is_thanks = not left and not anyway and bool(getattr(page, "has_thanks", False))
    if is_thanks or (anyway and not left):
        left = agreed
    return replace(result, addressees=left, agreed=agreed, is_thanks=is_thanks)


def _why_nobody(answer: Answer | None, unreachable: Sequence[Target], way: Way) -> tuple[str, str]:
    for target in unreachable:
        if target.status in {"vacant", "dissolved"}:
            return target.status, way.why_not(target)
    if unreachable:
        reason = "asked_not_to" if unreachable[0].reason == "asked_not_to" else "unreachable"
        return reason, way.why_not(unreachable[0])
    return (answer.reason or "unknown", str(answer.sentence)) if answer else ("unknown", "")
