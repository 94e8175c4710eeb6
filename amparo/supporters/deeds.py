"""What one supporter did, as floors above tell it, each in its `supporter_record.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.supporters.models import Supporter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one part of a deed, such as one letter: to whom it went, and the state in plain words."""

    to: str
    state: Literal["good", "waiting", "bad"]
    name: str
    sentence: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a supporter did: signed, wrote, asked. `url` is the public page it was done on, if any."""

    title: str
    url: str
    done_at: datetime
    outcomes: Sequence[Outcome] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something a supporter asked to be told of, such as one case, apart from the questions of the ledger.

    `words` is what they agreed to, `url` the public page it is about, if there is one to be named.
    """

    kind: str
    id: UUID
    title: str
    url: str
    words: str
    since: datetime


class Subscriptions(Protocol):
    """One kind of them: read for the whole person, and ended one by one."""

    def of(self, supporter: Supporter, *, now: datetime) -> Sequence[Subscription]:
        """What this person is told of, the latest first."""

    def end(self, supporter: Supporter, id: UUID, *, now: datetime) -> bool:
        """Tell them no more; False for what is not theirs, or ended already."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to a supporter: what it was about, where it stands, and since when. Its words are not kept."""

    kind: str
    state: str
    at: datetime


#: Each takes a supporter, and reads for the whole person: `Supporter.objects.of_one_person`.
supporter_records: Registry[Callable[[Supporter], Sequence[Deed]]] = Registry("record of a supporter's deeds")


def deeds_of(supporter: Supporter) -> list[Deed]:
    """Everything this person did, the newest first, whichever floor knows of it."""
    found = [deed for _slug, record in supporter_records.items() for deed in record(supporter)]
    return sorted(found, key=lambda deed: deed.done_at, reverse=True)


supporter_subscriptions: Registry[Subscriptions] = Registry("kind of subscription")


def subscriptions_of(supporter: Supporter, *, now: datetime) -> list[Subscription]:
    """Everything this person asked to be told of, kind by kind."""
    return [one for _slug, kind in supporter_subscriptions.items() for one in kind.of(supporter, now=now)]


def end_subscription(supporter: Supporter, *, kind: str, id: UUID, now: datetime) -> bool:
    """End one of theirs; False for what is not theirs, or ended already."""
    return kind in supporter_subscriptions and supporter_subscriptions.get(kind).end(supporter, id, now=now)


#: The same for mails, which staff are shown.
supporter_mails: Registry[Callable[[Supporter], Sequence[Mail]]] = Registry("record of a supporter's mails")


def mails_to(supporter: Supporter) -> list[Mail]:
    """Every mail to this person that is still known, the newest first."""
    found = [mail for _slug, record in supporter_mails.items() for mail in record(supporter)]
    return sorted(found, key=lambda mail: mail.at, reverse=True)
