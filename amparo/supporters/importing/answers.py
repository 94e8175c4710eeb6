"""What staff answer about the consent of the people on a list, and what follows for one row."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.supporters import rules
from amparo.supporters.importing.values import without_network_addresses
from amparo.supporters.models import Channel, LegalBasis, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from amparo.organizations.models import Organization

#: "I do not know": nobody on the list may be written to.
NO_BASIS = ""
#: Bases on which a list can rest. A yes of our own form cannot be brought in; one given elsewhere has its own name.
BASES = [LegalBasis.IMPORTED, LegalBasis.SOFT_OPT_IN, LegalBasis.LEGITIMATE_INTEREST]


class NothingAgreedTo(Refusal):
    sentence = _("Say what they agreed to, or answer that you do not know.")


class NoProof(Refusal):
    sentence = _("Say where they agreed and what shows it, or answer that you do not know.")


class DayInTheFuture(Refusal):
    sentence = _("The day on which they agreed is in the future.")


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """One answer for a whole list: what for and by which means, on what basis, where and when, and what shows it."""

    basis: str = NO_BASIS
    questions: tuple[tuple[str, str], ...] = ()
    where: str = ""
    given_on: date | None = None
    proof: str = ""

    def as_json(self) -> dict[str, Any]:
        found = asdict(self)
        return found | {"given_on": self.given_on.isoformat() if self.given_on else None}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> ConsentAnswer:
        given_on = kept.get("given_on")
        return cls(
            basis=kept.get("basis", NO_BASIS),
            questions=tuple((purpose, channel) for purpose, channel in kept.get("questions", [])),
            where=kept.get("where", ""),
            given_on=date.fromisoformat(given_on) if given_on else None,
            proof=kept.get("proof", ""),
        )


def check(
    answer: ConsentAnswer, *, organization: Organization, days_in_file: bool, today: date
) -> ConsentAnswer:
    """The answer, without network addresses. Raises `BasisNotPermitted` and the refusals above.

    `days_in_file` says that a column tells the day for each row; then the rows are judged one by one.
    """
    if answer.basis == NO_BASIS:
        return ConsentAnswer()
    if not answer.questions:
        raise NothingAgreedTo
    where, proof = without_network_addresses(answer.where), without_network_addresses(answer.proof)
    if not where or not proof:
        raise NoProof
    if answer.given_on and answer.given_on > today:
        raise DayInTheFuture
    law = rules.of(organization)
    for purpose, channel in answer.questions:
        # With a day for each row only what never holds is refused here.
        day = answer.given_on or (today if days_in_file else None)
        law.permits(basis=answer.basis, purpose=purpose, channel=channel, given_on=day, today=today)
    return ConsentAnswer(answer.basis, answer.questions, where[:200], answer.given_on, proof[:200])


@dataclass(slots=True)
class Judge:
    """Says for each row what may be written for, by the answer and by the law on the day it was given."""

    answer: ConsentAnswer
    organization: Organization
    today: date
    _permits: Callable[[str, str, date | None], bool] = field(init=False)

    def __post_init__(self) -> None:
        law = rules.of(self.organization)

        @lru_cache(maxsize=10_000)
        def permits(purpose: str, channel: str, given_on: date | None) -> bool:
            try:
                law.permits(
                    basis=self.answer.basis,
                    purpose=purpose,
                    channel=channel,
                    given_on=given_on,
                    today=self.today,
                )
            except rules.BasisNotPermitted:
                return False
            return True

        self._permits = permits

    @property
    def knows(self) -> bool:
        """Whether anything was agreed to at all."""
        return self.answer.basis != NO_BASIS

    def lawful(self, given_on: date | None, *, reached_by: frozenset[str]) -> list[tuple[str, str]]:
        """The questions that count as answered yes by somebody who can be reached that way and said so on that day."""
        day = given_on or self.answer.given_on
        return [
            (purpose, channel)
            for purpose, channel in self.answer.questions
            if channel in reached_by and self._permits(purpose, channel, day)
        ]

    def asked(self, *, reached_by: frozenset[str]) -> list[tuple[str, str]]:
        return [(purpose, channel) for purpose, channel in self.answer.questions if channel in reached_by]


def evidence(
    answer: ConsentAnswer, *, title: str, agreed: datetime | None, confirmed: datetime | None, words: str
) -> str:
    """What shows that somebody agreed, in one line for the ledger: never a network address."""
    said = [f"{title}: {answer.where}"]
    if agreed:
        said.append(f"agreed {agreed:%Y-%m-%d %H:%M} UTC")
    elif answer.given_on:
        said.append(f"agreed {answer.given_on.isoformat()}")
    if confirmed:
        said.append(f"confirmed {confirmed:%Y-%m-%d %H:%M} UTC")
    if words:
        said.append(without_network_addresses(words))
    return "; ".join([*said, answer.proof])[:300]


#: What staff may say that people agreed to: everything that is a standing leave to write.
QUESTIONS = [
    (purpose, channel)
    for purpose in (Purpose.NEWS, Purpose.FUNDRAISING, Purpose.EVENTS)
    for channel in (Channel.EMAIL, Channel.SMS, Channel.PHONE, Channel.POST)
]
