"""Who of a chunk may still be written to, and what their mail needs: asked on loading, and again while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections, router

from amparo.kit import addresses, sealing, tokens
from amparo.mailings import outcomes
from amparo.mailings.merge_fields import Reader
from amparo.supporters import consent, linking, suppression
from amparo.supporters.models import InstallationSuppression, Supporter, Suppression

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.mailings.models import Mailing
    from amparo.organizations.models import Organization

_STATE = ("id", "agreed_to", "unreachable", "paused_until", "merged_into_id", "anonymized_at")
_WORDS = ("email", "given_name", "family_name", "language")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Readers by their position in the chunk, with address and language; and who is skipped, with the outcome."""

    readers: dict[int, tuple[Reader, str, str]]
    skipped: dict[int, int]


def load(*, mailing: Mailing, people: dict[int, UUID], now: datetime) -> Loaded:
    """Read those `people` of a chunk, by position, who may be written to at this moment."""
    found = {row[0]: row for row in _rows([*_STATE, *_WORDS], list(people.values()))}
    organization = mailing.organization
    email, given, family = (
        Supporter._meta.get_field(name).unsealer(organization.pk)  # type: ignore[union-attr]
        for name in _WORDS[:3]
    )
    bit = consent.bit(mailing.purpose, mailing.channel)
    unsubscribe = tokens.maker(linking.UNSUBSCRIBE)
    readers: dict[int, tuple[Reader, str, str]] = {}
    skipped: dict[int, int] = {}
    for position, pk in people.items():
        row = found.get(pk)
        reason = outcomes.GONE if row is None or not row[6] else reason_against(row, bit=bit, now=now)
        if reason is not None or row is None:
            skipped[position] = reason or outcomes.GONE
            continue
        place = str(pk)
        try:
            reader = Reader(
                pk,
                given(place, row[7]) if row[7] else "",
                family(place, row[8]) if row[8] else "",
                unsubscribe(pk),
            )
            readers[position] = (reader, email(place, row[6]), row[9])
        except sealing.Unsealable:
            skipped[position] = outcomes.GONE
    for position in _suppressed({at: one[1] for at, one in readers.items()}, organization=organization):
        skipped[position] = outcomes.SUPPRESSED
        del readers[position]
    return Loaded(readers, skipped)


def check_again(*, mailing: Mailing, people: dict[int, UUID], now: datetime) -> dict[int, int]:
    """Who of them may not be written to any more, with the outcome."""
    found = {row[0]: row for row in _rows(_STATE, list(people.values()))}
    bit = consent.bit(mailing.purpose, mailing.channel)
    skipped = {}
    for position, pk in people.items():
        row = found.get(pk)
        reason = outcomes.GONE if row is None else reason_against(row, bit=bit, now=now)
        if reason is not None:
            skipped[position] = reason
    return skipped


def reason_against(row: Sequence[Any], *, bit: int, now: datetime) -> int | None:
    """Why somebody in this state is not written to; None when they may be."""
    _pk, agreed_to, unreachable, paused_until, merged_into, anonymized_at = row[:6]
    if merged_into is not None or anonymized_at is not None:
        return outcomes.GONE
    if unreachable:
        return outcomes.SUPPRESSED
    if not bit or agreed_to & bit != bit:
        return outcomes.WITHDRAWN
    if paused_until is not None and paused_until > now:
        return outcomes.RESTING
    return None


def _rows(columns: Sequence[str], people: list[UUID]) -> list[Any]:
    if connections[router.db_for_read(Supporter)].vendor != "postgresql":
        return list(Supporter.objects.filter(pk__in=people).values_list(*columns))
    # One array in place of five hundred parameters: the statement is prepared once.
    with connections[router.db_for_read(Supporter)].cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM supporters_supporter WHERE id = ANY(%s)",  # noqa: S608 - our own names
            [people],
        )
        return list(cursor.fetchall())


def _suppressed(emails: dict[int, str], *, organization: Organization) -> set[int]:
    """Positions of those whose address is suppressed.

    `unreachable` says so already for everybody, but for who was inserted by one transaction while another suppressed
    the address (`supporters.suppression`).
    """
    ours, theirs = (
        Suppression.objects.for_organization(organization).in_force(),
        InstallationSuppression.objects.filter(lifted_at__isnull=True),
    )
    if not ours.exists():
        ours = ours.none()
    everywhere = theirs.exists()
    here: dict[bytes, int] = {}
    there: dict[bytes, int] = {}
    if not everywhere and ours.query.is_empty():
        return set()
    mark_here, mark_there = suppression.marker(organization), suppression.marker(None)
    for position, email in emails.items():
        for digest in _digests(email):
            here[mark_here(digest)] = position
            if everywhere:
                there[mark_there(digest)] = position
    found = {here[bytes(mark)] for mark in ours.filter(mark__in=list(here)).values_list("mark", flat=True)}
    if everywhere:
        marks = theirs.filter(mark__in=list(there)).values_list("mark", flat=True)
        found |= {there[bytes(mark)] for mark in marks}
    return found


def _digests(email: str) -> list[str]:
    """As `suppression.digests_of`, fast for addresses that are their own canonical form, as most are."""
    try:
        parsed, canonical = addresses.read(email)
    except addresses.MalformedAddress:
        return []
    return (
        suppression.digests_of(email) if parsed != canonical else suppression.digests_of_canonical(canonical)
    )
