"""Choose many actions by what they have in common, and show beforehand which ones that would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.actions.models import Action, ActionPage, Message
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from amparo.organizations.models import Organization

State = Action.State
#: Actions looked at, and changed, in one go.
CHUNK = 500
#: Actions named beforehand, masked.
SAMPLE = 10
#: Letters that have not left.
WITHDRAWABLE = (Message.State.PENDING, Message.State.QUEUED, Message.State.HELD)


class NothingInCommon(Refusal):
    sentence = gettext_lazy("Say at least one thing that these actions have in common, besides their time.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the actions have in common; what is empty does not matter."""

    organization: Organization
    page: ActionPage | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    domain: str = ""
    country: str = ""
    area: str = ""
    unproved: bool = False
    never_confirmed: bool = False

    def in_words(self) -> str:
        """The same for whoever asks later why they were chosen."""
        said = [
            self.page and _("on the page “%(page)s”") % {"page": self.page.title},
            self.since and _("from %(time)s") % {"time": f"{self.since:%Y-%m-%d %H:%M}"},
            self.until and _("until %(time)s") % {"time": f"{self.until:%Y-%m-%d %H:%M}"},
            self.source and _("from the source “%(source)s”") % {"source": self.source},
            self.domain and _("with an address at %(domain)s") % {"domain": self.domain},
            self.country and _("from the country %(country)s") % {"country": self.country},
            self.area and _("from the area %(area)s") % {"area": self.area},
            self.unproved and _("without a proof of work"),
            self.never_confirmed and _("never confirmed"),
        ]
        return ", ".join(str(each) for each in said if each)


@dataclass(frozen=True, slots=True)
class Masked:
    """One action, as far as it may be shown to recognise a pattern: nobody can be written to with this."""

    name: str
    address: str
    area: str
    taken_at: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be chosen: how many, and some of them."""

    confirmed: int
    waiting: int
    letters: int
    letters_gone: int
    sample: Sequence[Masked]

    @property
    def number(self) -> int:
        return self.confirmed + self.waiting


def choose(conditions: Conditions) -> Iterator[Action]:
    """The actions that count or wait and that meet all conditions. Raises `NothingInCommon`.

    The domain is compared by unsealing each address of those that meet the others.
    """
    wanted = conditions.domain.strip().lower().removeprefix("@")
    for action in _candidates(conditions).select_related("supporter").iterator(chunk_size=CHUNK):
        if not wanted or _domain_of(action) == wanted or _domain_of(action).endswith(f".{wanted}"):
            yield action


def preview(conditions: Conditions) -> Preview:
    """How many that would be, and what would become of their letters. Raises `NothingInCommon`."""
    confirmed = waiting = letters = gone = 0
    sample: list[Masked] = []
    for chunk in in_chunks(choose(conditions)):
        confirmed += sum(action.state == State.CONFIRMED for action in chunk)
        waiting += sum(action.state == State.PENDING for action in chunk)
        theirs = Message.objects.filter(action__in=[action.pk for action in chunk])
        letters += theirs.filter(state__in=WITHDRAWABLE).count()
        gone += theirs.filter(sent_at__isnull=False).count()
        sample += [_masked(action) for action in chunk[: SAMPLE - len(sample)]]
    return Preview(confirmed, waiting, letters, gone, sample)


def in_chunks(actions: Iterator[Action]) -> Iterator[list[Action]]:
    """As many at a time as one transaction should hold."""
    while chunk := list(islice(actions, CHUNK)):
        yield chunk


def chosen_ids(conditions: Conditions) -> list[UUID]:
    """The ids of the same actions, now. Raises `NothingInCommon`."""
    return [action.pk for action in choose(conditions)]


def _candidates(conditions: Conditions) -> QuerySet[Action]:
    exact = {
        "page": conditions.page,
        "source": conditions.source.strip(),
        "supporter__country": conditions.country.strip().upper(),
        "area": conditions.area.strip(),
    }
    said = {name: value for name, value in exact.items() if value}
    if not said and not conditions.domain and not conditions.unproved and not conditions.never_confirmed:
        raise NothingInCommon
    found = Action.objects.for_organization(conditions.organization).filter(
        state__in=[State.PENDING] if conditions.never_confirmed else [State.PENDING, State.CONFIRMED],
        is_test=False,
        **said,
    )
    if conditions.since:
        found = found.filter(taken_at__gte=conditions.since)
    if conditions.until:
        found = found.filter(taken_at__lte=conditions.until)
    if conditions.unproved:
        found = found.filter(proved=False)
    return found.order_by("pk")


def _domain_of(action: Action) -> str:
    return (action.supporter.email or "").rpartition("@")[2].lower()


def _masked(action: Action) -> Masked:
    """First letters alone, and the domain, which is what a pattern shows in."""
    local, _at, domain = (action.supporter.email or "").rpartition("@")
    return Masked(
        name=" ".join(f"{part[0]}…" for part in (action.given_name, action.family_name) if part),
        address=f"{local[:1]}…@{domain}" if domain else "",
        area=action.area,
        taken_at=action.taken_at,
        confirmed=action.state == State.CONFIRMED,
    )
