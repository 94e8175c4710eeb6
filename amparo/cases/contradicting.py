"""Statements in public texts that the register contradicts: "if convicted" after a conviction.

The words, by language, and what they cannot be true beside are data: `contradictions.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from amparo.cases import chronology
from amparo.cases.chronology import IN_CUSTODY, Standing
from amparo.cases.models import Verdict

if TYPE_CHECKING:
    from datetime import date

    from amparo.cases.models import Case

_FILE = Path(__file__).with_name("contradictions.toml")
#: Vowel signs and the stretching of letters, which some write and most do not.
_ARABIC_SIGNS = re.compile("[\u064b-\u0652\u0640]")
_NOT_HELD = frozenset(
    {Standing.RELEASED, Standing.ON_TERMS, Standing.ESCAPED, Standing.DEPORTED, Standing.DIED}
)
_AFTER_VERDICT = {
    Verdict.Outcome.CONVICTED: "convicted",
    Verdict.Outcome.UPHELD: "convicted",
    Verdict.Outcome.ACQUITTED: "acquitted",
    Verdict.Outcome.DISMISSED: "dismissed",
    Verdict.Outcome.OVERTURNED: "overturned",
}
#: Everything that `not_with` may name.
STATES = frozenset({"not-held", "in-custody", "died", "not-alone", *_AFTER_VERDICT.values()})


@dataclass(frozen=True, slots=True)
class Words:
    """Ways to say something, and the states that it cannot be true beside."""

    language: str
    say: tuple[re.Pattern[str], ...]
    not_with: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a text says, and what the register knows."""

    said: str
    known: str


def states_of(case: Case, *, today: date) -> frozenset[str]:
    """What the register knows of where somebody stands, in the words of the data."""
    present = chronology.present_of(case, today=today)
    verdicts = Verdict.objects.filter(organization=case.organization_id, proceeding__case=case)
    return frozenset(_states(present, list(verdicts)))


def _states(present: chronology.Present, verdicts: Sequence[Verdict]) -> list[str]:
    found = []
    if present.standing in _NOT_HELD:
        found.append("not-held")
    if present.standing in IN_CUSTODY:
        found.append("in-custody")
    if present.standing == Standing.DIED:
        found.append("died")
    if not present.in_solitary.most:
        found.append("not-alone")
    if verdicts:
        # Of two on one day, the one that was entered last: ids count up.
        last = max(verdicts, key=lambda verdict: (verdict.dated, verdict.pk))
        found.append(_AFTER_VERDICT[Verdict.Outcome(last.outcome)])
    return found


def contradictions_in(text: str, *, states: frozenset[str]) -> list[Contradiction]:
    """What a text says, in whichever language, that cannot be true beside these states."""
    plain = _ARABIC_SIGNS.sub("", text)
    return [
        Contradiction(match.group(0), known)
        for words in known_words()
        for known in sorted(words.not_with & states)[:1]
        for pattern in words.say
        if (match := pattern.search(plain))
    ]


@cache
def known_words() -> tuple[Words, ...]:
    """The data, read once."""
    return tuple(
        Words(
            each["language"],
            tuple(re.compile(pattern, re.IGNORECASE) for pattern in each["say"]),
            frozenset(each["not_with"]),
        )
        for each in tomllib.loads(_FILE.read_text(encoding="utf-8"))["words"]
    )
