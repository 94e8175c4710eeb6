"""Which version answers now, and what staff and postmasters know better than its source.

Kept in memory by each process. The database is asked one small question a second whether anything has changed, and
inside a transaction every time, so that a verb sees what it has just done; everything else is asked of memory.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets.models import (
    ActiveDataset,
    ContactFailure,
    ContactOverride,
    LegislatureOverride,
    PostcodeOverride,
)
from amparo.targets.snapshot import take_snapshot

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from amparo.organizations.models import Organization
    from amparo.targets.snapshot import Snapshot

#: Seconds for which a process may not notice that another one activated a version or recorded an override.
CHECK_SECONDS = 1.0

#: Different letters that an address must refuse for good before it is written to no more: one refusal may
#: be the letter's.
FAILURES_THAT_FLAG = 2

#: Answers kept ready. Great Britain's postcodes lead to 632 different ones.
MOST_ANSWERS = 20_000

_STAMP = """
SELECT (SELECT a.dataset_id FROM targets_activedataset a WHERE a.slug = %(slug)s),
       (SELECT d.changed_at FROM targets_dataset d
         JOIN targets_activedataset a ON a.dataset_id = d.id WHERE a.slug = %(slug)s),
       (SELECT COUNT(*) FROM targets_postcodeoverride WHERE slug = %(slug)s),
       (SELECT MAX(recorded_at) FROM targets_postcodeoverride WHERE slug = %(slug)s),
       (SELECT COUNT(*) FROM targets_legislatureoverride WHERE slug = %(slug)s),
       (SELECT MAX(recorded_at) FROM targets_legislatureoverride WHERE slug = %(slug)s),
       (SELECT COUNT(*) FROM targets_contactoverride),
       (SELECT MAX(recorded_at) FROM targets_contactoverride),
       (SELECT COUNT(*) FROM targets_contactfailure),
       (SELECT MAX(id) FROM targets_contactfailure)
"""


class NoTargets(Refusal):
    """Nothing of that name has been activated, or it belongs to another organization."""

    sentence = _("No targets are loaded for “%(slug)s”.")


@dataclass
class Register:
    """A version with everything that overrides it, and the answers made from both so far."""

    snapshot: Snapshot
    postcode_overrides: dict[str, str] = field(default_factory=dict)
    legislature_overrides: dict[str, LegislatureOverride] = field(default_factory=dict)
    contact_overrides: dict[tuple[UUID, str], ContactOverride] = field(default_factory=dict)
    failures: dict[str, list[date]] = field(default_factory=dict)
    answers: dict[Any, Any] = field(default_factory=dict)

    def is_flagged(self, address: str, verified_on: date | None) -> bool:
        """Whether two different letters came back from the address since its source last verified it."""
        failed = self.failures.get(address.lower(), ())
        return sum(verified_on is None or day > verified_on for day in failed) >= FAILURES_THAT_FLAG

    def keep(self, key: Any, answer: Any) -> Any:
        """Keep an answer ready for the next who asks the same."""
        if len(self.answers) >= MOST_ANSWERS:
            self.answers.clear()
        self.answers[key] = answer
        return answer


@dataclass
class _Known:
    """What a process knows of one slug, since when, and by which stamp it would notice a change."""

    register: Register | None
    stamp: tuple[Any, ...]
    checked: float


_known: dict[str, _Known] = {}
_lock = threading.Lock()


def register(slug: str, *, organization: Organization | None) -> Register:
    """What holds now for `slug`. Raises `NoTargets` when there is nothing that this organization may use."""
    found = register_of_anybody(slug)
    owner = found.snapshot.dataset.organization_id
    if owner is not None and (organization is None or organization.pk != owner):
        raise NoTargets(slug=slug)
    return found


def register_of_anybody(slug: str) -> Register:
    """What holds now for `slug`, whoever owns it: for questions about the data that show none of it."""
    known = _known.get(slug)
    inside = connection.in_atomic_block
    # While one thread reads a new version, the others answer from the one before.
    if (known is None or inside or monotonic() - known.checked >= CHECK_SECONDS) and _lock.acquire(
        blocking=known is None or inside
    ):
        try:
            known = _check(slug)
        finally:
            _lock.release()
    assert known is not None
    if known.register is None:
        raise NoTargets(slug=slug)
    return known.register


def forget(slug: str | None = None) -> None:
    """Look again next time: something was just changed in this process."""
    if slug is None:
        _known.clear()
    else:
        _known.pop(slug, None)


def _check(slug: str) -> _Known:
    known = _known.get(slug)
    stamp = _read_stamp(slug)
    if known is None or known.stamp != stamp:
        known = _Known(_read(slug, known), stamp, 0.0)
        _known[slug] = known
    known.checked = monotonic()
    return known


def _read_stamp(slug: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"slug": slug})
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _read(slug: str, known: _Known | None) -> Register | None:
    """Everything anew, except a version that is still the same."""
    active = ActiveDataset.objects.filter(slug=slug).select_related("dataset").first()
    if active is None:
        return None
    dataset = active.dataset
    snapshot = known.register.snapshot if known is not None and known.register is not None else None
    if snapshot is None or (snapshot.dataset.pk, snapshot.dataset.changed_at) != (
        dataset.pk,
        dataset.changed_at,
    ):
        snapshot = take_snapshot(dataset)
    failures: dict[str, list[date]] = defaultdict(list)
    for failure in ContactFailure.objects.all():
        failures[failure.address.lower()].append(failure.failed_at.date())
    return Register(
        snapshot=snapshot,
        postcode_overrides=dict(
            PostcodeOverride.objects.filter(slug=slug).values_list("postcode", "area_code")
        ),
        legislature_overrides={
            row.legislature_code: row for row in LegislatureOverride.objects.filter(slug=slug)
        },
        contact_overrides={
            (row.organization_id, row.target_key): row
            for row in ContactOverride.objects.filter(target_key__startswith=f"{slug}/")
        },
        failures=dict(failures),
    )
