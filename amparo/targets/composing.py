"""From the areas that come into question to the seats that answer for them, and so to an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from amparo.targets.answers import Answer, Candidate
from amparo.targets.locating import Whereabouts
from amparo.targets.reaching import targets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from uuid import UUID

    from amparo.targets.answers import EmptyReason, Needs
    from amparo.targets.current import Register
    from amparo.targets.records import AreaKey, AreaRecord
    from amparo.targets.snapshot import Seat, Snapshot


class Question(NamedTuple):
    """About which houses is asked (all, when none is named), in which language, by which organization, on which day."""

    wanted: tuple[str, ...]
    language: str
    organization_id: UUID | None
    on: date


def compose(register: Register, where: Whereabouts | None, question: Question) -> Answer:
    """The answer for these whereabouts; it is the same for every postcode in them, so it is made once.

    `where` is None when the supporter has said nothing yet. Where there is neither a table nor a map, all areas are
    then offered for choice.
    """
    key = (where, question)
    made: Answer | None = register.answers.get(key)
    if made is None:
        made = register.keep(key, _compose(register, where, question))
    return made


def _compose(register: Register, where: Whereabouts | None, question: Question) -> Answer:
    snapshot = register.snapshot
    can_look_up = bool(snapshot.dataset.has_postcodes or snapshot.drawn_sets)
    divided = _areas_with_seats(snapshot, question.wanted)
    asks_where = where is None and can_look_up and bool(divided)
    if where is None:
        where = Whereabouts(() if can_look_up else tuple((key, None) for key in divided), "user")
    candidates = _mark_certain(list(_candidates(register, where, question)), guess=where.guess)
    needs: Needs = "none"
    if asks_where:
        needs = "address"
    elif not all(candidate.certain for candidate in candidates):
        needs = "choice"
    return Answer(
        needs=needs,
        dataset=snapshot.label,
        country=snapshot.dataset.title,
        postcode="",
        candidates=tuple(candidates),
        reason="" if asks_where else _reason(where, candidates),
        said=where.sentence,
        language=question.language,
        pin_helps=needs != "none" and bool(snapshot.drawn_sets),
    )


def _reason(where: Whereabouts, candidates: Sequence[Candidate]) -> EmptyReason:
    """Why there is nobody; empty as soon as one candidate holds a post."""
    if any(candidate.target.status == "held" for candidate in candidates):
        return ""
    if where.reason:
        return where.reason
    return cast("EmptyReason", candidates[0].target.reason) if candidates else "no_seat"


def _candidates(register: Register, where: Whereabouts, question: Question) -> Iterator[Candidate]:
    """House by house, each seat once, with the first of the areas that lead to it; then those of everybody."""
    snapshot = register.snapshot
    seen: set[str] = set()
    for house in _houses(snapshot, question.wanted):
        for key, share in where.areas:
            for seat in _seats_for(snapshot, key, house):
                if seat.post.code not in seen:
                    seen.add(seat.post.code)
                    area = snapshot.areas[seat.post.area or key]
                    own_share = share if area.key == key else None
                    yield from _of_seat(register, seat, area, where, own_share, question)
    dataset = snapshot.dataset
    for seat in snapshot.seats_of_everybody:
        if not question.wanted or seat.post.legislature in question.wanted:
            for target in targets_of(
                register, seat, organization_id=question.organization_id, on=question.on
            ):
                yield Candidate(target, "", dataset.country, dataset.title, "exact", None, certain=True)


def _of_seat(
    register: Register,
    seat: Seat,
    area: AreaRecord,
    where: Whereabouts,
    share: float | None,
    question: Question,
) -> Iterator[Candidate]:
    name = area.name_in(question.language)
    for target in targets_of(register, seat, organization_id=question.organization_id, on=question.on):
        yield Candidate(target, area.set, area.code, name, where.evidence, share, certain=True)


def _mark_certain(candidates: list[Candidate], *, guess: bool) -> list[Candidate]:
    """A candidate is certain when its house has no other area in question and nothing was guessed."""
    areas: dict[str | None, set[tuple[str, str]]] = {}
    for candidate in candidates:
        if candidate.area_set:
            areas.setdefault(candidate.target.post.legislature, set()).add(
                (candidate.area_set, candidate.area_code)
            )
    open_houses = {house for house, found in areas.items() if guess or len(found) > 1}
    return [
        replace(
            candidate, certain=not candidate.area_set or candidate.target.post.legislature not in open_houses
        )
        for candidate in candidates
    ]


def _seats_for(snapshot: Snapshot, key: AreaKey, house: str | None) -> Iterable[Seat]:
    """An area's own seats and those of what it lies in; where the house is divided finer, those inside."""
    found = [seat for area in snapshot.chain(key) for seat in _seats_in(snapshot, area, house)]
    if not found and house is not None:
        found = [seat for area in _inside(snapshot, key) for seat in _seats_in(snapshot, area, house)]
    return found


def _seats_in(snapshot: Snapshot, key: AreaKey, house: str | None) -> list[Seat]:
    """Committees and ministries are written to by name, never found by area."""
    return [
        seat
        for seat in snapshot.seats_of_area.get(key, ())
        if seat.post.legislature == house and seat.post.kind in {"seat", "other"}
    ]


def _inside(snapshot: Snapshot, key: AreaKey) -> Iterator[AreaKey]:
    for child in snapshot.children.get(key, ()):
        yield child
        yield from _inside(snapshot, child)


def _areas_with_seats(snapshot: Snapshot, wanted: tuple[str, ...]) -> list[AreaKey]:
    return [
        key
        for key in snapshot.seats_of_area
        if any(_seats_in(snapshot, key, house) for house in _houses(snapshot, wanted))
    ]


def _houses(snapshot: Snapshot, wanted: tuple[str, ...]) -> tuple[str | None, ...]:
    """Those asked for; or all, and last the posts of no house."""
    return wanted or (*snapshot.legislatures, None)
