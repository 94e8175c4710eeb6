"""Who of some chunks may still be written to, and what their mail needs: asked on loading, and again while it waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections, router

from amparo.mailings import outcomes
from amparo.mailings.wire.opening_readers import SealedReader, dashed
from amparo.supporters import consent, suppression
from amparo.supporters.models import Channel, InstallationSuppression, Supporter, Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db import models

    from amparo.mailings.models import Mailing
    from amparo.mailings.wire.destinations import Destination
    from amparo.mailings.wire.opening_readers import ReaderOpener
    from amparo.organizations.models import Organization

#: Ids of a list that crosses the wire as one value, so that the statement is as short for five hundred as for one.
_AMONG = {
    "postgresql": ("encode(uuid_send(id), 'hex')", "= ANY(%s::uuid[])"),
    "sqlite": ("id", "IN (SELECT value FROM json_each(%s))"),
}
_STATE = "agreed_to, unreachable, paused_until > %s, merged_into_id IS NOT NULL OR anonymized_at IS NOT NULL"


class Loaded(NamedTuple):
    """Readers by their position in the chunk, still sealed; and who is skipped, with the outcome."""

    readers: dict[int, SealedReader]
    skipped: dict[int, int]


class Reading:
    """What the database says at one moment of everybody in some chunks: asked once for all of them."""

    def __init__(self, people: Iterable[str], *, destination: Destination, now: datetime) -> None:
        self._destination = destination
        words = f", {destination.column}, given_name, family_name, language"
        self._rows = _rows(_STATE + words, people, now=now)
        self._suppresses: dict[UUID, tuple[bool, bool]] = {}

    def load(self, people: Mapping[int, str], *, mailing: Mailing, opener: ReaderOpener) -> Loaded:
        """Those of a chunk, by position, who may be written to at this moment."""
        bit, channel = consent.bit(mailing.purpose, mailing.channel), mailing.channel
        readers: dict[int, SealedReader] = {}
        skipped: dict[int, int] = {}
        for position, row in zip(people, map(self._rows.get, people.values()), strict=True):
            reason = reason_against(row, bit, channel)
            if reason is None and row is not None and row[5]:
                readers[position] = SealedReader(row[0], row[5], row[6], row[7], row[8])
            else:
                skipped[position] = reason or outcomes.GONE
        for position in self._suppressed(readers, opener=opener, organization=mailing.organization):
            skipped[position] = outcomes.SUPPRESSED
            del readers[position]
        return Loaded(readers, skipped)

    def _suppressed(
        self, readers: dict[int, SealedReader], *, opener: ReaderOpener, organization: Organization
    ) -> set[int]:
        """Positions of those whose address is suppressed.

        `unreachable` says so already for everybody, but for who was inserted by one transaction while another
        suppressed the address (`supporters.suppression`).
        """
        if organization.pk not in self._suppresses:
            ours, theirs = _in_force(organization)
            self._suppresses[organization.pk] = ours.exists(), theirs.exists()
        is_ours, is_theirs = self._suppresses[organization.pk]
        if not readers or not (is_ours or is_theirs):
            return set()
        ours, theirs = _in_force(organization)
        _open_addresses(readers, opener=opener)
        here: dict[bytes, int] = {}
        there: dict[bytes, int] = {}
        mark_here, mark_there = suppression.marker(organization), suppression.marker(None)
        for position, reader in readers.items():
            assert isinstance(reader.address, str)
            for digest in self._destination.digests_of(reader.address):
                if is_ours:
                    here[mark_here(digest)] = position
                if is_theirs:
                    there[mark_there(digest)] = position
        found = set()
        if is_ours:
            found |= {
                here[bytes(mark)] for mark in ours.filter(mark__in=list(here)).values_list("mark", flat=True)
            }
        if is_theirs:
            everywhere = theirs.filter(mark__in=list(there)).values_list("mark", flat=True)
            found |= {there[bytes(mark)] for mark in everywhere}
        return found


def check_again(*, mailing: Mailing, people: Mapping[int, str], now: datetime) -> dict[int, int]:
    """Who of them may not be written to any more, with the outcome."""
    found = _rows(_STATE, people.values(), now=now)
    bit = consent.bit(mailing.purpose, mailing.channel)
    skipped = {}
    for position, pk in people.items():
        reason = reason_against(found.get(pk), bit, mailing.channel)
        if reason is not None:
            skipped[position] = reason
    return skipped


def reason_against(row: tuple[Any, ...] | None, bit: int, channel: Channel | str) -> int | None:
    """Why somebody in this state is not written to; None when they may be. `unreachable` is about their e-mail."""
    if row is None:
        return outcomes.GONE
    _pk, agreed_to, unreachable, is_resting, is_gone = row[:5]
    if is_gone:
        return outcomes.GONE
    if unreachable and channel == Channel.EMAIL:
        return outcomes.SUPPRESSED
    if not bit or agreed_to & bit != bit:
        return outcomes.WITHDRAWN
    return outcomes.RESTING if is_resting else None


def _rows(columns: str, people: Iterable[str], *, now: datetime) -> dict[str, tuple[Any, ...]]:
    """Those columns of these people, by their ids."""
    database = connections[router.db_for_read(Supporter)]
    name, among = _AMONG[database.vendor]
    listed = "{" + ",".join(people) + "}" if database.vendor == "postgresql" else json.dumps(list(people))
    moment = database.ops.adapt_datetimefield_value(now)
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT {name}, {columns} FROM supporters_supporter WHERE id {among}",  # noqa: S608 - our own names
            [moment, listed],
        )
        return {row[0]: row for row in cursor.fetchall()}


def _in_force(
    organization: Organization,
) -> tuple[models.QuerySet[Suppression], models.QuerySet[InstallationSuppression]]:
    """Suppressions of the organization, and of the installation."""
    return (
        Suppression.objects.for_organization(organization).in_force(),
        InstallationSuppression.objects.filter(lifted_at__isnull=True),
    )


def _open_addresses(readers: dict[int, SealedReader], *, opener: ReaderOpener) -> None:
    """Unseal the addresses; who cannot be read stays sealed, and is found out when their mail is made."""
    sealed = [reader.address if isinstance(reader.address, bytes) else None for reader in readers.values()]
    opened = opener.addresses([dashed(reader.id) for reader in readers.values()], sealed)
    for (position, reader), address in zip(list(readers.items()), opened, strict=True):
        readers[position] = reader._replace(address=address or "")
