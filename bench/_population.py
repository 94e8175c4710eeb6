"""An organization with a long list: supporters in every state, their answers, tags, fields and actions."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amparo.actions.models import Action
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, ConsentWording, CustomField, CustomValue, Purpose, Tag, Tagging
from bench._bulk import load, load_supporters, settle
from bench._invented_supporters import NOW, TAGS, Invented, id_of, people
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.organizations.models import Organization

PAGES = 16
MAILED = consent.bit(Purpose.NEWS, Channel.EMAIL)
TEXTED = consent.bit(Purpose.NEWS, Channel.SMS)
LEVELS = ("basic", "plus", "patron")


@dataclass
class Population:
    """What questions can be asked about."""

    organization: Organization
    pages: list[Any]
    tags: dict[str, Tag]
    level: CustomField
    union: CustomField


def build(number: int, *, say: Callable[[str], None]) -> Population:
    """Fill an empty, migrated database with `number` supporters and about two actions each."""
    organization = an_organization()
    campaigns = [a_campaign(organization, title=f"Campaign {at}") for at in range(4)]
    pages = [
        an_email_page(organization, title=f"Page {at}", campaign=campaigns[at % 4]) for at in range(PAGES)
    ]
    tags = {name: Tag.objects.create(organization=organization, name=name, created_at=NOW) for name in TAGS}
    level = CustomField.objects.create(
        organization=organization,
        key="level",
        label="Level",
        kind="choice",
        privacy="ordinary",
        choices=list(LEVELS),
    )
    union = CustomField.objects.create(organization=organization, key="union", label="Union", kind="text")
    found = Population(organization, pages, tags, level, union)
    everybody = list(people(number))
    say(f"{number:,} people invented")
    load_supporters(organization, _with_states(everybody))
    say("loaded and sealed")
    _load_deeds(found, everybody)
    _load_filing(found, everybody)
    _load_ledger(found, everybody)
    settle()
    say("actions, tags, fields and ledger loaded")
    return found


def again(organization: Organization) -> Population:
    """The same population, from a database that was filled before."""
    from amparo.actions.models import ActionPage

    fields = CustomField.objects.for_organization(organization)
    return Population(
        organization,
        sorted(
            ActionPage.objects.filter(organization=organization),
            key=lambda page: int(page.title.partition(" ")[2]),
        ),
        {tag.name: tag for tag in Tag.objects.for_organization(organization)},
        fields.get(key="level"),
        fields.get(key="union"),
    )


def answer_of(person: Invented) -> str:
    """Yes to news by e-mail: 70 of a hundred; no: 15; never asked: the rest."""
    chance = person.id.int % 100
    return "yes" if chance < 70 else "no" if chance < 85 else "never"


def _with_states(everybody: list[Invented]) -> Iterator[tuple[Invented, dict[str, Any]]]:
    chance = random.Random(2)
    for at, person in enumerate(everybody):
        state: dict[str, Any] = {}
        if answer_of(person) == "yes":
            state["agreed_to"] = MAILED | (TEXTED if chance.random() < 0.2 else 0)
        if chance.random() < 0.85:
            state["confirmed_at"] = person.joined_at + timedelta(hours=1)
        fate = chance.random()
        if fate < 0.062:
            state["unreachable"] = "bounced" if fate < 0.04 else "suppressed" if fate < 0.06 else "complained"
        if chance.random() < 0.01:
            state["paused_until"] = NOW + timedelta(days=30)
        if chance.random() < 0.05:
            state["frequency"] = "weekly"
        if at % 100 == 99:
            state["merged_into_id"] = everybody[at - 50].id
        yield person, state


def _load_deeds(found: Population, everybody: list[Invented]) -> None:
    """Pages of very different size: the first took an action of every third supporter, the last of few."""
    chance = random.Random(3)
    weights = [1 / (at + 1) for at in range(PAGES)]

    def rows() -> Iterator[list[Any]]:
        for person in everybody:
            for page in {chance.choices(found.pages, weights)[0] for _ in range(chance.choice((0, 1, 2, 3)))}:
                taken_at = person.joined_at + (NOW - person.joined_at) * chance.random()
                confirmed = chance.random() < 0.9
                yield [
                    id_of(taken_at, chance),
                    found.organization.pk,
                    page.pk,
                    person.id,
                    UUID(int=chance.getrandbits(128)),
                    "confirmed" if confirmed else "pending",
                    person.language,
                    person.area,
                    "{}",
                    "",
                    "",
                    False,
                    taken_at,
                    taken_at if confirmed else None,
                    taken_at if confirmed else None,
                ]

    columns = (
        "id organization_id page_id supporter_id key state language area consent_answers source via is_test"
    )
    load(Action, [*columns.split(), "taken_at", "confirmed_at", "counted_at"], rows())


def _load_filing(found: Population, everybody: list[Invented]) -> None:
    from amparo.kit import sealing

    chance = random.Random(4)
    load(
        Tagging,
        ["tag_id", "supporter_id", "tagged_at"],
        ([found.tags[tag].pk, each.id, each.joined_at] for each in everybody for tag in each.tags),
    )
    key = sealing.data_key_for(found.organization.pk)

    def values() -> Iterator[list[Any]]:
        for person in everybody:
            if chance.random() < 0.3:
                answer = chance.choice(LEVELS)
                yield [
                    id_of(NOW, chance),
                    found.organization.pk,
                    person.id,
                    found.level.pk,
                    answer,
                    None,
                    None,
                ]
            if chance.random() < 0.1:
                answer = f"Local {chance.randrange(40)}"
                pk = id_of(NOW, chance)
                place = f"{found.organization.pk}|{CustomValue._meta.db_table}|{pk}|sealed"
                sealed = sealing.seal(answer, key=key, aad=place)
                mark = sealing.fingerprint(answer, key=key, purpose=f"custom {found.union.pk}")
                yield [pk, found.organization.pk, person.id, found.union.pk, None, sealed, mark]

    columns = ["id", "organization_id", "supporter_id", "field_id", "plain", "sealed", "mark"]
    load(CustomValue, columns, values())


def _load_ledger(found: Population, everybody: list[Invented]) -> None:
    from django.apps import apps

    chance = random.Random(5)
    wording = wordings.word(
        organization=found.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    assert isinstance(wording, ConsentWording)

    def rows() -> Iterator[list[Any]]:
        for person in everybody:
            answer = answer_of(person)
            if answer != "never":
                yield [
                    id_of(person.joined_at, chance),
                    found.organization.pk,
                    person.id,
                    "news",
                    "email",
                    "",
                    answer == "yes",
                    wording.pk,
                    "explicit",
                    "form",
                    "/write/",
                    "",
                    person.joined_at,
                ]

    columns = (
        "id organization_id supporter_id purpose channel partner granted wording_id legal_basis origin source"
    )
    load(apps.get_model("supporters", "ConsentRecord"), [*columns.split(), "evidence", "recorded_at"], rows())
