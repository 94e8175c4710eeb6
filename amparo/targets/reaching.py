"""Who is behind a post at this moment, and how they can be written to: the target as an action sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.targets import address_forms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from amparo.targets.current import Register
    from amparo.targets.models import ContactOverride
    from amparo.targets.records import AreaRecord, ContactRecord, MembershipRecord, PersonRecord, PostRecord
    from amparo.targets.snapshot import Holding, Seat

Status = Literal["held", "vacant", "unknown", "dissolved"]
Channel = Literal["email", "form", "none"]
Reason = Literal[
    "", "vacant", "dissolved", "between", "holder_unknown", "out_of_date", "no_contact", "asked_not_to"
]

#: Whom to address when a post has several holders: whoever stands in, before the one who is away.
PRECEDENCE = {"acting": 0, "elected": 1, "appointed": 1, "suspended": 2, "on_leave": 3}

#: Separates a post of many seats from the person in one of them, in a target key.
PERSON_MARK = "#"


@dataclass(frozen=True, slots=True)
class Reach:
    """The way that was chosen among a holder's contacts, and the others in the order of preference."""

    channel: Channel = "none"
    address: str = ""
    form_url: str = ""
    requires: tuple[str, ...] = ()
    accepts: str = "all"
    verified_on: date | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    #: The same with what the source says beside each: which of several offices, a note.
    ways: tuple[ContactRecord, ...] = ()
    asked_not_to: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A post and its holder of the day, as a letter to it needs them.

    `key` names the post over all versions of the data ("uk/commons/E14001063"). `channel` is *none* whenever nobody
    may or can be written to, and `sentence` then says why. `party` is the short name, `requires` what the office asks
    of the writer, `accepts` from whom it takes letters.
    """

    key: str
    dataset: str
    status: Status
    reason: Reason
    post: PostRecord
    area: AreaRecord | None
    person: PersonRecord | None
    membership: MembershipRecord | None
    legislature: str
    reach: Reach

    @property
    def label(self) -> str:
        return self.post.label

    @property
    def office(self) -> str:
        """The key of the form of address, such as uk/mp."""
        return self.post.office

    @property
    def holder(self) -> str:
        """The holder's name; empty when there is none."""
        return self.person.name if self.person else ""

    @property
    def party(self) -> str:
        return self.membership.party if self.membership else ""

    @property
    def party_name(self) -> str:
        return (self.membership.party_name or self.membership.party) if self.membership else ""

    @property
    def flags(self) -> tuple[str, ...]:
        return self.membership.flags if self.membership else ()

    @property
    def languages(self) -> tuple[str, ...]:
        return self.person.languages if self.person else ()

    @property
    def area_code(self) -> str:
        return self.area.code if self.area else ""

    @property
    def area_name(self) -> str:
        """The area's name in the language of the moment; empty for an office without an area."""
        return self.area.name_in(get_language() or "") if self.area else ""

    @property
    def channel(self) -> Channel:
        return self.reach.channel

    @property
    def address(self) -> str:
        return self.reach.address

    @property
    def form_url(self) -> str:
        return self.reach.form_url

    @property
    def requires(self) -> tuple[str, ...]:
        return self.reach.requires

    @property
    def accepts(self) -> str:
        return self.reach.accepts

    @property
    def verified_on(self) -> date | None:
        return self.reach.verified_on

    @property
    def contacts(self) -> tuple[tuple[str, str], ...]:
        """(type, value) of every way to reach the holder, the one that letters take first."""
        return self.reach.contacts

    def ways(self, kind: str) -> list[ContactRecord]:
        """The contacts of one type, such as phone or post, in the source's order."""
        return [contact for contact in self.reach.ways if contact.type == kind]

    def salutation(self, language: str) -> str:
        """How a letter opens, without the comma."""
        return address_forms.salutation(self.person, self.post, self.membership, language=language)

    def closing(self, language: str) -> str:
        """What stands above the signature, without the comma."""
        return address_forms.closing(self.person, self.post, self.membership, language=language)

    def envelope(self, language: str) -> str:
        """Name and office as they stand above a postal address."""
        return address_forms.envelope(self.person, self.post, self.membership, language=language)

    @property
    def sentence(self) -> str:
        """Why nobody can be written to, in the language of the moment; empty when somebody can."""
        return why_not(self)


def targets_of(register: Register, seat: Seat, *, organization_id: UUID | None, on: date) -> list[Target]:
    """One target for each place of the post that somebody holds on `on`; one without a holder when nobody does."""
    status, reason, holders = _who_holds(register, seat, on=on)
    if not holders:
        return [_target(register, seat, None, status, reason, organization_id)]
    return [_target(register, seat, holder, status, reason, organization_id) for holder in holders]


def _who_holds(register: Register, seat: Seat, *, on: date) -> tuple[Status, Reason, list[Holding]]:
    state = _state_of_legislature(register, seat.post)
    if state != "sitting":
        return "dissolved", "between" if state == "between" else "dissolved", []
    present = [holding for holding in seat.holdings if holding.runs(on)]
    if present:
        present.sort(key=lambda holding: PRECEDENCE[holding.membership.status])
        return "held", "", present[: seat.post.seats]
    if not seat.post.holders_known:
        return "unknown", "holder_unknown", []
    published = register.snapshot.dataset.published_on
    ends = [holding.membership.end for holding in seat.holdings if holding.membership.end is not None]
    if published is not None and any(published < end <= on for end in ends):
        # The term ran out after the data was published: who followed, these files cannot know.
        return "unknown", "out_of_date", []
    return "vacant", "vacant", []


def _state_of_legislature(register: Register, post: PostRecord) -> str:
    """Whether the house of a seat sits; ministers and committees' posts go on by themselves."""
    if post.kind != "seat" or post.legislature is None:
        return "sitting"
    override = register.legislature_overrides.get(post.legislature)
    return override.state if override is not None else register.snapshot.legislatures[post.legislature].state


def _target(
    register: Register,
    seat: Seat,
    holder: Holding | None,
    status: Status,
    reason: Reason,
    organization_id: UUID | None,
) -> Target:
    snapshot, post = register.snapshot, seat.post
    key = f"{snapshot.dataset.slug}/{post.code}"
    if holder is not None and post.seats > 1:
        key = f"{key}{PERSON_MARK}{holder.person.code}"
    reach = Reach()
    if status in {"held", "unknown"}:
        contacts = (*(holder.contacts if holder else ()), *seat.contacts)
        override = register.contact_overrides.get((organization_id, key)) if organization_id else None
        reach = choose_contact(register, contacts, override)
    if status == "held" and reach.channel == "none":
        reason = "asked_not_to" if reach.asked_not_to else "no_contact"
    return Target(
        key=key,
        dataset=snapshot.label,
        status=status,
        reason=reason,
        post=post,
        area=snapshot.areas[post.area] if post.area else None,
        person=holder.person if holder else None,
        membership=holder.membership if holder else None,
        legislature=snapshot.legislatures[post.legislature].name if post.legislature else "",
        reach=reach,
    )


def choose_contact(
    register: Register, contacts: Sequence[ContactRecord], override: ContactOverride | None
) -> Reach:
    """E-mail before a form, the source's first before its second, what staff recorded before both.

    Left out: what the office asks not to be used, and addresses that two different letters came back from.
    """
    asked_not_to = any(contact.accepts == "none" for contact in contacts)
    usable = [
        contact for contact in contacts if contact.accepts != "none" and not _is_flagged(register, contact)
    ]
    usable.sort(key=lambda contact: {"email": 0, "form": 1}.get(contact.type, 2))
    shown = tuple((contact.type, contact.value) for contact in usable)
    if override is not None:
        return _overridden(register, override, usable)
    first = usable[0] if usable else None
    if first is None or first.type not in {"email", "form"}:
        return Reach(contacts=shown, ways=tuple(usable), asked_not_to=asked_not_to)
    return Reach(
        channel="email" if first.type == "email" else "form",
        address=first.value if first.type == "email" else "",
        form_url=next((contact.value for contact in usable if contact.type == "form"), ""),
        requires=first.requires,
        accepts=first.accepts,
        verified_on=first.verified_on,
        contacts=shown,
        ways=tuple(usable),
    )


def _overridden(register: Register, override: ContactOverride, usable: Sequence[ContactRecord]) -> Reach:
    """What staff recorded, with what the office is known to ask of writers."""
    recorded = override.recorded_at.date()
    alike = next((contact for contact in usable if contact.type == override.type), None)
    flagged = override.type == "email" and register.is_flagged(override.value, recorded)
    if override.type == "none" or flagged:
        return Reach(asked_not_to=not flagged)
    others = [contact for contact in usable if contact.type != override.type]
    rest = tuple((contact.type, contact.value) for contact in others)
    return Reach(
        channel="email" if override.type == "email" else "form",
        address=override.value if override.type == "email" else "",
        form_url=override.value if override.type == "form" else "",
        requires=alike.requires if alike else (),
        accepts=alike.accepts if alike else "all",
        verified_on=recorded,
        contacts=((override.type, override.value), *rest),
        ways=tuple(others),
    )


def _is_flagged(register: Register, contact: ContactRecord) -> bool:
    return contact.type == "email" and register.is_flagged(contact.value, contact.verified_on)


def why_not(target: Target) -> str:
    """The sentence for the person who meets a target that cannot be written to; empty for one that can."""
    sentences = {
        "vacant": _("Nobody holds this office at the moment: %(office)s."),
        "dissolved": _("%(house)s is dissolved: until the election it has no members."),
        "between": _("%(house)s has been elected anew, and who sits in it is not known here yet."),
        "holder_unknown": _("Who holds this office is not known here: %(office)s."),
        "out_of_date": _(
            "A term has ended since our list was made, and who followed is not known here: %(office)s."
        ),
        "asked_not_to": _("%(name)s has asked not to be written to through sites like this one."),
        "no_contact": _("No working e-mail address or form is known for %(name)s."),
    }
    if target.channel != "none" or not target.reason:
        return ""
    values = {"office": target.label, "house": target.legislature or target.label, "name": target.holder}
    return sentences[target.reason] % values
