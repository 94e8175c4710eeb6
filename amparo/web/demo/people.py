"""Invented supporters of the demonstration, so that the screens about people are not empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from amparo.supporters import consent, custom_fields, noting, tagging, wordings
from amparo.supporters.custom_fields import Kind, Privacy
from amparo.supporters.identity import find_or_create
from amparo.supporters.models import Channel, Purpose, Supporter

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Somebody:
    """One invented supporter; every address ends in `.example` (RFC 2606), where nobody has a mailbox."""

    given_name: str
    family_name: str
    email: str
    country: str
    language: str
    days_ago: int
    agreed: bool
    tags: tuple[str, ...] = ()
    note: str = ""
    shift: str = ""


SUPPORTERS = (
    Somebody("Suzie", "Okafor", "suzie@post.example", "GB", "en", 41, True, ("vigil",), "Has the banner.", "Evening"),
    Somebody("Amina", "Rahal", "amina@post.example", "FR", "fr", 38, True, ("vigil", "translates"), "", "Morning"),
    Somebody("ليلى", "حداد", "layla@mail.example", "JO", "ar", 30, True, ("translates",), "Translates from Arabic."),
    Somebody("Tomás", "Ibáñez", "tomas@mail.example", "ES", "es", 22, False),
    Somebody("Hanna", "Lindqvist", "hanna@post.example", "SE", "sv", 17, True, ("donor",)),
    Somebody("Kofi", "Mensah", "kofi@mail.example", "GH", "en", 12, True, ("vigil",), "", "Evening"),
    Somebody("Mei", "Lin", "mei@post.example", "US", "en", 9, False, ("teacher",)),
    Somebody("Piotr", "Nowak", "piotr@mail.example", "PL", "pl", 4, True, ("teacher", "vigil")),
    Somebody("Rosa", "Bianchi", "rosa@post.example", "IT", "it", 1, False),
)  # fmt: skip


def add_supporters(organization: Organization, *, by: User, now: datetime) -> None:
    """All of them, with what they agreed to, their tags, notes and answers."""
    names = sorted({name for person in SUPPORTERS for name in person.tags})
    tags = {name: tagging.make_tag(organization=organization, name=name, by=by, now=now) for name in names}
    shift = custom_fields.make_field(
        organization=organization,
        label="Shift at the vigil",
        kind=Kind.CHOICE,
        privacy=Privacy.ORDINARY,
        choices=["Morning", "Evening"],
        by=by,
        now=now,
    )
    for person in SUPPORTERS:
        supporter = _join(person, organization, at=now - timedelta(days=person.days_ago))
        for name in person.tags:
            tagging.tag_supporter(supporter=supporter, tag=tags[name], by=by, now=now)
        if person.note:
            noting.write(supporter=supporter, text=person.note, by=by, now=now)
        if person.shift:
            custom_fields.answer(supporter=supporter, field=shift, text=person.shift, by=by, now=now)


def _join(person: Somebody, organization: Organization, *, at: datetime) -> Supporter:
    supporter = find_or_create(
        organization=organization,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        postal_code="",
        postal_address="",
        country=person.country,
        language=person.language,
        area="",
        now=at,
    )
    if person.agreed:
        wording = next(
            asked
            for asked in wordings.questions(organization=organization, language=person.language)
            if (asked.purpose, asked.channel) == (Purpose.NEWS, Channel.EMAIL)
        )
        consent.record(supporter=supporter, answers={wording.pk: True}, source="/mira/", now=at)
        Supporter.objects.filter(pk=supporter.pk).update(confirmed_at=at)
    return supporter
