"""Whole suppression lists: bring one in, hand ours on as hashes, and bring every supporter into step with them.

A list is a text or CSV file with one address, or one SHA-256 of an address in small letters, on a line. It is read in
batches, so its length costs time and no memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction

from amparo.accounts import audit
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Installation, Organization
from amparo.supporters import suppression
from amparo.supporters.models import InstallationSuppression, Supporter, Suppression

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.accounts.models import User

#: Numbers of lines named that could not be read; the others are counted.
LINES_NAMED = 20
_SEPARATOR = re.compile(r"[,;\t]")
_AROUND = " \r\n\"'<>\ufeff"


@dataclass(slots=True)
class Outcome:
    """What became of a list that was brought in."""

    added: int = 0
    known: int = 0
    unread: int = 0
    unread_lines: list[int] = field(default_factory=list)
    supporters: int = 0


def bring_in(
    lines: Iterable[str],
    *,
    organization: Organization | None,
    reason: Suppression.Reason,
    source: str,
    by: User | None,
    now: datetime,
) -> Outcome:
    """Suppress every address and hash in `lines`, for one organization or, without one, for the whole installation.

    Batches are committed one by one, and a list that broke off can be brought in again: what is known already is
    counted and left as it is. Then every supporter concerned is marked.
    """
    outcome = Outcome()
    digests = _read(lines, outcome)
    while batch := dict.fromkeys(islice(digests, suppression.BATCH)):
        with transaction.atomic():
            added = _suppress(batch, organization=organization, reason=reason, source=source, now=now)
        outcome.added += added
        outcome.known += len(batch) - added
    audit.record(
        verb="import_suppressions",
        subject=organization or Installation(pk=1),
        by=by,
        organization=organization,
        now=now,
        details={"added": outcome.added, "known": outcome.known, "unread": outcome.unread},
    )
    if outcome.added:
        everybody = [organization] if organization else list(Organization.objects.order_by("pk"))
        outcome.supporters = sum(sweep(organization=each) for each in everybody)
    return outcome


def sweep(*, organization: Organization) -> int:
    """Bring `unreachable` of every supporter of the organization up to date; how many changed.

    Hashes do not say whose they are, so every address is unsealed and hashed once.
    """
    supporters = Supporter.objects.for_organization(organization).filter(anonymized_at__isnull=True)
    return sum(
        suppression.apply_to_supporters(organization=organization, supporters=batch)
        for batch in suppression.batches_of(supporters)
    )


def hand_on(*, organization: Organization, by: User | None, now: datetime) -> Iterator[str]:
    """Our list as SHA-256 hashes; those who were erased left none. The audit trail remembers that it was handed on."""
    rows = Suppression.objects.for_organization(organization).in_force().exclude(digest=None)
    audit.record(
        verb="export_suppressions",
        subject=organization,
        by=by,
        organization=organization,
        now=now,
        details={"hashes": rows.count()},
    )
    return _digests(rows.order_by("pk"))


def _digests(rows: QuerySet[Suppression]) -> Iterator[str]:
    """Keyset by keyset: a list may be handed on while others add to it."""
    batch = list(rows[: suppression.BATCH])
    while batch:
        yield from (row.digest for row in batch if row.digest)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[: suppression.BATCH])


def _read(lines: Iterable[str], outcome: Outcome) -> Iterator[str]:
    """The digest of each line; what is neither an address nor a hash is counted, and its content kept nowhere."""
    for number, line in enumerate(lines, start=1):
        cells = [cell for cell in (part.strip(_AROUND) for part in _SEPARATOR.split(line)) if cell]
        digest = next((found for found in map(_digest_of, cells) if found), "")
        if digest:
            yield digest
        elif cells and number > 1:  # the first line may hold headings
            outcome.unread += 1
            if len(outcome.unread_lines) < LINES_NAMED:
                outcome.unread_lines.append(number)


def _digest_of(cell: str) -> str:
    if suppression.is_digest(cell.lower()):
        return cell.lower()
    try:
        return suppression.digests_of(cell)[0] if "@" in cell else ""
    except Refusal:
        return ""


def _suppress(
    digests: Iterable[str],
    *,
    organization: Organization | None,
    reason: Suppression.Reason,
    source: str,
    now: datetime,
) -> int:
    """Put in those of one batch that are not there yet, or for a weaker reason only; how many."""
    marks = {suppression.mark_of(digest, organization=organization): digest for digest in digests}
    there: QuerySet[Any]
    if organization is None:
        there = InstallationSuppression.objects.filter(lifted_at__isnull=True, mark__in=list(marks))
    else:
        there = Suppression.objects.for_organization(organization).in_force().filter(mark__in=list(marks))
        there.filter(reason__in=suppression.weaker_than(reason)).update(
            lifted_at=now, lifted_because=suppression.REPLACED
        )
    known = {bytes(mark) for mark in there.values_list("mark", flat=True)}
    common = {"reason": reason, "source": source[:200], "suppressed_at": now}
    fresh = {mark: digest for mark, digest in marks.items() if mark not in known}
    if organization is None:
        InstallationSuppression.objects.bulk_create(
            [InstallationSuppression(id=new_id(), mark=mark, **common) for mark in fresh],
            ignore_conflicts=True,
        )
    else:
        Suppression.objects.bulk_create(
            [
                Suppression(id=new_id(), organization=organization, mark=mark, digest=digest, **common)
                for mark, digest in fresh.items()
            ],
            ignore_conflicts=True,
        )
    return len(fresh)
