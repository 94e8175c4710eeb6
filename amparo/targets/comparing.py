"""What a new version of the targets would change, before it does: for staff to read, and for a machine to stop at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from amparo.targets.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.targets.models import Dataset
    from amparo.targets.snapshot import Holding, Seat, Snapshot

#: A post and the person in it, by their codes.
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who came to hold a post, or no longer holds it."""

    post: str
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who left one post for another of the same kind: a member with a new seat, a reshuffled minister."""

    name: str
    from_post: str
    from_label: str
    to_post: str
    to_label: str


@dataclass(frozen=True, slots=True)
class Change:
    """The same person in the same post, or the same post, but something about it reads differently."""

    post: str
    label: str
    name: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post that somebody held and nobody holds now."""

    post: str
    label: str
    former: str


@dataclass(frozen=True, slots=True)
class Difference:
    """From `old` (empty when there was none) to `new`. Posts are given by their codes.

    `posts_touched` counts the posts that anything above happened to; `postcodes_moved` is the least number of
    postcodes that lead to another area than before, as far as the number of postcodes of each area tells.
    """

    old: str
    new: str
    added: tuple[Holder, ...]
    left: tuple[Holder, ...]
    moved: tuple[Move, ...]
    changed: tuple[Change, ...]
    contacts: tuple[Change, ...]
    vacated: tuple[Vacancy, ...]
    posts_added: tuple[str, ...]
    posts_gone: tuple[str, ...]
    posts_before: int
    posts_after: int
    posts_touched: int
    postcodes_before: int
    postcodes_after: int
    postcodes_moved: int

    @property
    def is_empty(self) -> bool:
        """Whether nobody would notice."""
        same_table = self.postcodes_before == self.postcodes_after and not self.postcodes_moved
        return not self.posts_touched and same_table

    @property
    def share_changed(self) -> float:
        """The greater of the share of posts touched and the share of postcodes moved; 0 for a first version."""
        if not self.old:
            return 0.0
        posts = self.posts_touched / max(1, self.posts_before, self.posts_after)
        return max(posts, self.postcodes_moved / max(1, self.postcodes_before))

    @property
    def share_lost(self) -> float:
        """The greater of the shares by which posts and postcodes have become fewer."""
        posts = 1 - self.posts_after / self.posts_before if self.posts_before else 0.0
        postcodes = 1 - self.postcodes_after / self.postcodes_before if self.postcodes_before else 0.0
        return max(0.0, posts, postcodes)

    def sentences(self) -> list[str]:
        """What changes, a line each: the sum first, then everything by name."""
        return [self._sum(), *self._by_name()]

    def _sum(self) -> str:
        if not self.old:
            return _("%(new)s is the first version: %(posts)d posts, %(postcodes)d postcodes.") % {
                "new": self.new, "posts": self.posts_after, "postcodes": self.postcodes_after,
            }  # fmt: skip
        if self.is_empty:
            return _("%(new)s says the same as %(old)s.") % {"new": self.new, "old": self.old}
        return _(
            "From %(old)s to %(new)s: %(added)d came, %(left)d left, %(moved)d changed seats, %(changed)d changes, "
            "%(contacts)d new contacts, %(vacated)d fell vacant; %(share).1f %% of all posts or postcodes."
        ) % {
            "old": self.old, "new": self.new, "added": len(self.added), "left": len(self.left),
            "moved": len(self.moved), "changed": len(self.changed), "contacts": len(self.contacts),
            "vacated": len(self.vacated), "share": self.share_changed * 100,
        }  # fmt: skip

    def _by_name(self) -> Iterable[str]:
        for holder in self.added:
            yield _("%(name)s came: %(post)s.") % {"name": holder.name, "post": holder.label}
        for holder in self.left:
            yield _("%(name)s left: %(post)s.") % {"name": holder.name, "post": holder.label}
        for move in self.moved:
            values = {"name": move.name, "before": move.from_label, "after": move.to_label}
            yield _("%(name)s changed seats: from %(before)s to %(after)s.") % values
        for change in (*self.changed, *self.contacts):
            values = asdict(change) | {"name": change.name or change.label}
            yield _("%(name)s, %(what)s: %(before)s is now %(after)s.") % values
        for vacancy in self.vacated:
            values = {"post": vacancy.label, "name": vacancy.former}
            yield _("Fell vacant: %(post)s (until now %(name)s).") % values
        for code in self.posts_gone:
            yield _("No longer there: %(post)s.") % {"post": code}
        for code in self.posts_added if self.old else ():
            yield _("New: %(post)s.") % {"post": code}

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return asdict(self) | {"share_changed": self.share_changed, "share_lost": self.share_lost}


def compare(old: Dataset | None, new: Dataset) -> Difference:
    """What `new` changes about `old`; without an old one everything is added and nothing has changed."""
    after = take_snapshot(new)
    before = take_snapshot(old) if old is not None else None
    old_seats = before.seats if before else {}
    was, now = _pairs(old_seats), _pairs(after.seats)
    gained, lost = [pair for pair in now if pair not in was], [pair for pair in was if pair not in now]
    moved = _moves(gained, lost, old_seats, after.seats)
    for step in moved:
        gained.remove((step.to_post, step.person))
        lost.remove((step.from_post, step.person))
    changed = [*_changes(was, now, after), *_labels(old_seats, after.seats)]
    contacts = list(_contacts(was, now, old_seats, after.seats))
    posts_added = [code for code in after.seats if code not in old_seats]
    posts_gone = [code for code in old_seats if code not in after.seats]
    touched = {code for code, _person in [*gained, *lost]} | {change.post for change in [*changed, *contacts]}
    touched |= {code for step in moved for code in (step.from_post, step.to_post)} | {
        *posts_added,
        *posts_gone,
    }
    return Difference(
        old=old.label if old else "",
        new=new.label,
        added=tuple(_holder(pair, now, after.seats) for pair in gained),
        left=tuple(_holder(pair, was, old_seats) for pair in lost),
        moved=tuple(
            Move(now[step.to_post, step.person].person.name, step.from_post, old_seats[step.from_post].post.label,
                 step.to_post, after.seats[step.to_post].post.label)
            for step in moved
        ),
        changed=tuple(changed),
        contacts=tuple(contacts),
        vacated=tuple(_vacancies(old_seats, after.seats)),
        posts_added=tuple(posts_added),
        posts_gone=tuple(posts_gone),
        posts_before=len(old_seats),
        posts_after=len(after.seats),
        posts_touched=len(touched),
        postcodes_before=old.counts.get("postcodes", 0) if old else 0,
        postcodes_after=new.counts.get("postcodes", 0),
        postcodes_moved=_postcodes_moved(old.reach, new.reach) if old else 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Step:
    person: str
    from_post: str
    to_post: str


def _pairs(seats: dict[str, Seat]) -> dict[Pair, Holding]:
    return {(code, holding.person.code): holding for code, seat in seats.items() for holding in seat.holdings}


def _holder(pair: Pair, pairs: dict[Pair, Holding], seats: dict[str, Seat]) -> Holder:
    return Holder(pair[0], seats[pair[0]].post.label, pairs[pair].person.name)


def _moves(
    gained: list[Pair], lost: list[Pair], old_seats: dict[str, Seat], new_seats: dict[str, Seat]
) -> list[_Step]:
    """Whoever lost one post and gained another of the same kind, except places on committees: those are many."""
    open_posts: dict[tuple[str, str], list[str]] = {}
    for post, person in gained:
        open_posts.setdefault((person, new_seats[post].post.kind), []).append(post)
    steps = []
    for post, person in lost:
        kind = old_seats[post].post.kind
        waiting = open_posts.get((person, kind))
        if waiting and kind != "committee":
            steps.append(_Step(person, post, waiting.pop(0)))
    return steps


def _changes(was: dict[Pair, Holding], now: dict[Pair, Holding], after: Snapshot) -> Iterable[Change]:
    for pair, holding in now.items():
        if pair not in was:
            continue
        label = after.seats[pair[0]].post.label
        before, membership = was[pair], holding.membership
        fields = (
            (_("name"), before.person.name, holding.person.name),
            (_("party"), before.membership.party_name, membership.party_name),
            (_("status"), before.membership.status, membership.status),
            (_("flags"), ", ".join(before.membership.flags), ", ".join(membership.flags)),
        )
        for what, old_text, new_text in fields:
            if old_text != new_text:
                yield Change(pair[0], label, holding.person.name, what, old_text or "-", new_text or "-")


def _labels(old_seats: dict[str, Seat], new_seats: dict[str, Seat]) -> Iterable[Change]:
    for code, seat in new_seats.items():
        old = old_seats.get(code)
        if old is not None and old.post.label != seat.post.label:
            yield Change(code, seat.post.label, "", _("office"), old.post.label, seat.post.label)


def _contacts(
    was: dict[Pair, Holding], now: dict[Pair, Holding], old_seats: dict[str, Seat], new_seats: dict[str, Seat]
) -> Iterable[Change]:
    """Another e-mail address or form of the same person in the same post: the change that misleads letters."""
    for pair, holding in now.items():
        if pair in was:
            old, new = (
                _written_to(who.contacts, seats[pair[0]])
                for who, seats in ((was[pair], old_seats), (holding, new_seats))
            )
            if old != new:
                label = new_seats[pair[0]].post.label
                yield Change(pair[0], label, holding.person.name, _("contact"), old or "-", new or "-")


def _written_to(contacts: Iterable[Any], seat: Seat) -> str:
    found = [*contacts, *seat.contacts]
    return ", ".join(contact.value for contact in found if contact.type in {"email", "form"})


def _vacancies(old_seats: dict[str, Seat], new_seats: dict[str, Seat]) -> Iterable[Vacancy]:
    for code, seat in new_seats.items():
        old = old_seats.get(code)
        if old is not None and old.holdings and not seat.holdings:
            yield Vacancy(code, seat.post.label, ", ".join(holding.person.name for holding in old.holdings))


def _postcodes_moved(before: dict[str, int], after: dict[str, int]) -> int:
    """Postcodes that an area lost lead elsewhere now, or nowhere; those it gained may be new."""
    return sum(max(0, count - after.get(code, 0)) for code, count in before.items())
