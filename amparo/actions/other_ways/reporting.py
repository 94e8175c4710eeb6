"""Tell of what was done elsewhere: a call, a letter that was posted, a partner's action, friends who were asked.

With an address it makes an action, confirmed like any other, so that nobody counts twice. Without one it is a row that
points at nobody; of those one network brings only so many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from amparo.actions import taking
from amparo.actions.models import Report
from amparo.kit import proof_of_work
from amparo.kit.group_commit import commit_together
from amparo.kit.ids import new_id
from amparo.kit.throttle import Limit
from amparo.organizations import limits

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.actions.models import Action, ActionPage

#: The same answers without an address, from one network on one page.
SAME_ANSWER = Limit("same-report", count=1, seconds=600)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says, for each office that they were to turn to (no name where there is none), and the means."""

    said: Mapping[str, Report.Said] = field(default_factory=dict)
    channel: str = ""

    @property
    def something_done(self) -> bool:
        """Whether anything was done at all; whoever did nothing is no action."""
        return any(said not in Report.NOTHING_DONE for said in self.said.values())


@dataclass(frozen=True, slots=True)
class ReportedTally:
    """The counter of a page whose readers do the thing themselves."""

    confirmed: int
    awaiting: int
    goal: int | None


def tally_of(page: ActionPage) -> ReportedTally:
    """How many say that they did it, and how many have still to confirm that they said so."""
    return ReportedTally(page.done, page.tally.awaiting, page.goal)


def beside(told: Told) -> Callable[[Action], None]:
    """What is stored with the action, in its transaction (`taking.Deed.beside`)."""
    return partial(_beside, told=told)


def _beside(action: Action, *, told: Told) -> None:
    _store(
        page=action.page, organization_id=action.organization_id, key=action.key, told=told,
        action=action, now=action.taken_at,
    )  # fmt: skip


def report(
    *, page: ActionPage, key: UUID | None, told: Told, network: str, proof: str, trapped: bool, now: datetime
) -> None:
    """Keep what somebody says who leaves no address, once for each form. Raises `PageClosed`, `TooManyFromNetwork`.

    A page that is the same for everybody carries no `key`: then the same answers from one network are one for ten
    minutes, which takes a double click and a reload for what they are. A robot that was `trapped` is told nothing.
    """
    if not page.takes_actions(now=now):
        raise taking.PageClosed(page.words().closed)
    challenge = proof_of_work.check(proof, now=now)
    admit = partial(
        _admit, page=page, key=key, told=told, network=network, challenge=challenge, trapped=trapped, now=now
    )
    if not commit_together(admit):
        raise taking.TooManyFromNetwork(page.words().too_many)


def _admit(
    *,
    page: ActionPage,
    key: UUID | None,
    told: Told,
    network: str,
    challenge: str | None,
    trapped: bool,
    now: datetime,
) -> bool:
    if key is not None and Report.objects.filter(key=key).exists():
        return True
    same = f"{network} {page.pk} {sorted(told.said.items())} {told.channel}"
    if key is None and not limits.allow(SAME_ANSWER, value=same, now=now):
        return True
    proved = challenge is not None and limits.spend_challenge(challenge, now=now)
    cap = limits.FROM_ONE_NETWORK if proved else limits.WITHOUT_PROOF
    if not limits.allow(cap, value=network, now=now):
        return False
    if not trapped:
        _store(
            page=page,
            organization_id=page.organization_id,
            key=key or new_id(),
            told=told,
            action=None,
            now=now,
        )
    return True


def _store(
    *,
    page: ActionPage,
    organization_id: UUID,
    key: UUID,
    told: Told,
    action: Action | None,
    now: datetime,
) -> None:
    Report.objects.bulk_create(
        [
            Report(
                id=new_id(),
                organization_id=organization_id,
                page_id=page.pk,
                action=action,
                key=key,
                said=said,
                target_key=target_key,
                channel=told.channel,
                reported_at=now,
            )
            for target_key, said in told.said.items()
        ],
        ignore_conflicts=True,
    )
