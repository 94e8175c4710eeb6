"""Which targets this supporter writes to, with the evidence; asks when it is not sure, and never guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amparo.targets import finding
from amparo.targets.finding import Answer, Target

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import EmailTargetPage


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
    *, page: EmailTargetPage, postal_code: str, area: str, fallback: str, language: str, now: datetime
) -> Addressing:
    """Find whom to write to. `area` is the supporter's own answer to a split postcode, `fallback` one of the page's.

    Both come back from a form, so both are checked: an area must be among those the postcode allows, a fallback among
    those the page offers. Raises `MalformedPostcode` for what cannot be a postcode of the page's country.
    """
    if fallback:
        return _reach(
            [(key, "fallback") for key in keys_of(page.fallbacks) if key == fallback], page=page, now=now
        )
    found: list[tuple[str, str]] = [(key, "named") for key in keys_of(page.posts)]
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
    return _reach(found, page=page, now=now, answer=answer)


def keys_of(stream: object) -> list[str]:
    """The values of a StreamField of plain words, in order."""
    return [str(block.value).strip() for block in stream]  # type: ignore[attr-defined]


def fallback_targets(*, page: EmailTargetPage, now: datetime) -> list[Target]:
    """Whom the page offers when there is nobody else, as far as they can be reached."""
    targets = (
        finding.target_by_key(key, organization=page.organization, now=now) for key in keys_of(page.fallbacks)
    )
    return [target for target in targets if target is not None and target.channel != "none"]


def _reach(
    found: Sequence[tuple[str, str]], *, page: EmailTargetPage, now: datetime, answer: Answer | None = None
) -> Addressing:
    exclusions = {str(block.value["target_key"]): str(block.value["sentence"]) for block in page.exclusions}
    addressees, excluded, unreachable = [], [], []
    for key, evidence in dict(found).items():
        target = finding.target_by_key(key, organization=page.organization, now=now)
        if target is None:
            continue
        if key in exclusions:
            excluded.append(Excluded(target, exclusions[key]))
        elif target.channel == "none":
            unreachable.append(target)
        else:
            addressees.append(Addressee(target, evidence))
    reason, sentence = ("", "") if addressees or excluded else _why_nobody(answer, unreachable)
    return Addressing(addressees, excluded, answer, reason, sentence, unreachable)


def _why_nobody(answer: Answer | None, unreachable: Sequence[Target]) -> tuple[str, str]:
    for target in unreachable:
        if target.status in {"vacant", "dissolved"}:
            return target.status, str(target.sentence)
    if unreachable:
        return "unreachable", str(unreachable[0].sentence)
    return (answer.reason or "unknown", str(answer.sentence)) if answer else ("unknown", "")
