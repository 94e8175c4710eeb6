"""What is to become of each row of a chunk: brought in, put on the suppression list, or left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amparo.supporters import consent_in_bulk
from amparo.supporters.importing.answers import Judge, evidence
from amparo.supporters.importing.listing import Line
from amparo.supporters.importing.matching import Found, Matcher
from amparo.supporters.importing.problems import REFUSED, Problem
from amparo.supporters.importing.registry import SHUT, Standing
from amparo.supporters.importing.seen import Seen

if TYPE_CHECKING:
    from uuid import UUID

#: Rows that say no are read even when the person stood in the list before: a no is never lost as a repetition.
_ALWAYS_READ = SHUT | {Standing.NO}


@dataclass(slots=True)
class Sorted:
    """The rows of a chunk by what becomes of them."""

    shut: list[Found] = field(default_factory=list)
    new: list[Found] = field(default_factory=list)
    known: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, found: Found, reason: str) -> None:
        """Say something about a row that is brought in all the same."""
        self.problems.append(Problem(found.person.table, found.person.row, "", reason))

    def refuse(self, person_or_line: Line | Found, reason: str, *, other_row: int | None = None) -> None:
        """Leave a row out."""
        where = person_or_line.person if isinstance(person_or_line, Found) else person_or_line
        assert where is not None
        self.problems.append(Problem(where.table, where.row, "", reason, other_row))
        self.counts[
            "twice" if reason == "twice" else "suppressed" if reason == "suppressed" else "refused"
        ] += 1


def sort(lines: Sequence[Line], *, matcher: Matcher, seen: Seen, note: bool) -> Sorted:
    """Decide about each row; nothing is written. `note` also notes who stands where, as the dry run does."""
    result = Sorted()
    result.counts["rows"] = len(lines)
    read: list[tuple[Line, Found]] = []
    for line in lines:
        result.problems += line.problems
        if line.person is None:
            result.counts["refused"] += 1
    with_people = [line for line in lines if line.person is not None]
    found = matcher.mark(line.person for line in with_people if line.person is not None)
    read = list(zip(with_people, found, strict=True))
    # Whoever only says no takes no place from a later row about the same person.
    listed = [(line, each) for line, each in read if each.person.standing not in SHUT]
    if note:
        seen.note([(each.mark, line.position, line.row) for line, each in listed])
    first = seen.first([each.mark for _line, each in listed])
    matcher.find(found)
    shut_here = {each.email_mark for _line, each in read if each.person.standing in SHUT}
    for line, each in read:
        position, row = first.get(each.mark, (line.position, line.row))
        each.repeated = position < line.position
        if each.person.standing in SHUT and each.email_mark:
            result.shut.append(each)
        elif each.repeated and each.person.standing not in _ALWAYS_READ:
            result.refuse(each, "twice", other_row=row)
        elif each.person.standing in SHUT:
            result.refuse(each, "nobody")
        elif each.suppressed or each.email_mark in shut_here - {None}:
            result.refuse(each, "suppressed")
        elif each.ambiguous:
            result.refuse(each, "shared-phone")
        elif each.supporter_id is None:
            result.new.append(each)
        else:
            result.known.append(each)
    return result


def answers_for(
    found: Found, supporter_id: UUID, *, judge: Judge, title: str
) -> tuple[list[consent_in_bulk.Answer], bool]:
    """What a row says about consent, for the ledger; and whether a yes did not count by the law of its day."""
    person = found.person
    if not judge.knows:
        return [], False
    if person.standing is Standing.NO:
        asked = judge.asked(reached_by=person.reached_by)
        return [consent_in_bulk.Answer(supporter_id, *question, granted=False) for question in asked], False
    if person.standing is not Standing.YES:
        return [], False
    given_on = person.given_on or judge.answer.given_on
    lawful = judge.lawful(given_on, reached_by=person.reached_by)
    if not lawful:
        return [], bool(judge.asked(reached_by=person.reached_by))
    shown = evidence(
        judge.answer, title=title, agreed=person.agreed, confirmed=person.confirmed, words=person.words
    )
    return [
        consent_in_bulk.Answer(supporter_id, *question, granted=True, given_on=given_on, evidence=shown)
        for question in lawful
    ], False


def is_refused(problem: Problem) -> bool:
    return problem.reason in REFUSED
