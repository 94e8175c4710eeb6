"""The database's answer to any question is the one that a slow reading of the same tree in Python comes to."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose, Supporter, Tag, Tagging
from amparo.supporters.segmentation import segments
from amparo.supporters.segmentation.question_drafts import draft_of, question_of
from tests.factories.letters import an_action
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db

PEOPLE = 16


@pytest.fixture
def world(db):
    """Sixteen people with some of everything, three of them merged into others; and another organization."""
    organization, other = an_organization(), an_organization("lamp-light")
    pages = [an_email_page(organization, title=f"Page {number}") for number in range(2)]
    tags = [
        Tag.objects.create(organization=organization, name=f"Tag {at}", created_at=NOW) for at in range(2)
    ]
    a_supporter(other, given_name="Mallory")
    people = []
    for at in range(PEOPLE):
        joined = NOW - timedelta(days=at * 10)
        row = a_supporter(
            organization,
            email=f"s{at}@supporters.example.net",
            country=["GB", "FR", "DE"][at % 3],
            language=["en", "fr"][at % 2],
            area=["uk/E1", "uk/S1", ""][at % 3],
            now=joined,
        )
        person = SimpleNamespace(
            pk=row.pk,
            into=None,
            country=row.country,
            language=row.language,
            area=row.area,
            joined=joined,
            unreachable=["", "", "bounced", "suppressed", "complained"][at % 5],
            paused=NOW + timedelta(days=1)
            if at % 4 == 1
            else NOW - timedelta(days=1)
            if at % 4 == 2
            else None,
            confirmed=bool(at % 3),
            frequency=["all", "weekly"][at % 2],
            tags={tag.pk for number, tag in enumerate(tags) if (at >> number) & 1},
            deeds=[],
            answer=None,
        )
        for number, page in enumerate(pages):
            if at % (number + 2) == 0:
                taken = NOW - timedelta(days=at * 5)
                an_action(page, supporter=row, now=taken)
                person.deeds.append((page.pk, taken))
        for tag in tags:
            if tag.pk in person.tags:
                Tagging.objects.create(tag=tag, supporter=row, tagged_at=NOW)
        if at % 3:
            person.answer = at % 3 == 1
            wording = wordings.word(
                organization=organization,
                purpose=Purpose.NEWS,
                channel=Channel.EMAIL,
                language="en",
                text="May we write to you?",
            )
            consent.record(supporter=row, answers={wording.pk: person.answer}, source="/", now=NOW)
        people.append(person)
    for at in (3, 7, 11):
        people[at].into = people[at + 2]
    for person in people:
        Supporter.objects.filter(pk=person.pk).update(
            unreachable=person.unreachable,
            paused_until=person.paused,
            confirmed_at=NOW if person.confirmed else None,
            frequency=person.frequency,
            merged_into=person.into.pk if person.into else None,
        )
    return SimpleNamespace(organization=organization, people=people, pages=pages, tags=tags)


#: Each with how Python reads it, given the person and everybody who was merged into them.
def conditions(world):
    pages, tags = [page.pk for page in world.pages], [tag.pk for tag in world.tags]

    def acted(records, among, days, times):
        since = NOW - timedelta(days=days) if days else None
        deeds = [taken for each in records for page, taken in each.deeds if page in among]
        return len([taken for taken in deeds if since is None or taken >= since]) >= times

    found = [
        ({"filter": "country", "countries": ["GB", "FR"]}, lambda p, all_: p.country in {"GB", "FR"}),
        ({"filter": "language", "languages": ["fr"]}, lambda p, all_: p.language == "fr"),
        ({"filter": "area", "area": "uk/", "extent": "all"}, lambda p, all_: p.area.startswith("uk/")),
        ({"filter": "area", "area": "uk/S1", "extent": "one"}, lambda p, all_: p.area == "uk/S1"),
        ({"filter": "joined", "days": 45}, lambda p, all_: p.joined >= NOW - timedelta(days=45)),
        ({"filter": "frequency", "frequencies": ["weekly"]}, lambda p, all_: p.frequency == "weekly"),
        ({"filter": "confirmed-address"}, lambda p, all_: p.confirmed),
        (
            {"filter": "state", "states": ["reachable"]},
            lambda p, all_: not p.unreachable and not (p.paused and p.paused > NOW),
        ),
        (
            {"filter": "state", "states": ["paused", "bounced"]},
            lambda p, all_: p.unreachable == "bounced" or bool(p.paused and p.paused > NOW),
        ),
        ({"filter": "tag", "tags": [str(tags[0])]}, lambda p, all_: tags[0] in p.tags),
        ({"filter": "tag", "tags": [str(tag) for tag in tags]}, lambda p, all_: bool(p.tags)),
        ({"filter": "acted-on", "pages": [pages[0]]}, lambda p, all_: acted(all_, pages[:1], None, 1)),
        ({"filter": "acted-on", "pages": pages, "days": 20}, lambda p, all_: acted(all_, pages, 20, 1)),
        ({"filter": "acted", "times": 2}, lambda p, all_: acted(all_, pages, None, 2)),
        ({"filter": "acted", "days": 30}, lambda p, all_: acted(all_, pages, 30, 1)),
    ]
    for answer, reading in (
        ("yes", lambda p, all_: p.answer is True),
        ("no", lambda p, all_: p.answer is not True and any(each.answer is not None for each in all_)),
        ("never", lambda p, all_: all(each.answer is None for each in all_)),
    ):
        found.append(
            ({"filter": "consent", "purpose": "news", "channel": "email", "answer": answer}, reading)
        )
    return found


def trees():
    """Any question: numbers stand for conditions."""
    return st.recursive(
        st.integers(0, 17),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=7,
    )


def as_question(tree, found):
    if isinstance(tree, int):
        return found[tree][0]
    join, inside = tree
    if join == "not":
        return {"not": as_question(inside, found)}
    return {join: [as_question(each, found) for each in inside]}


def holds(tree, found, person, records):
    if isinstance(tree, int):
        return bool(found[tree][1](person, records))
    join, inside = tree
    if join == "not":
        return not holds(inside, found, person, records)
    return (all if join == "all" else any)(holds(each, found, person, records) for each in inside)


def test_the_database_reads_every_question_as_python_does(world):
    found = conditions(world)
    assert len(found) == 18
    present = [
        (person, [person, *(each for each in world.people if each.into is person)])
        for person in world.people
        if person.into is None
    ]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tree=trees())
    def check(tree):
        question = as_question(tree, found)
        expected = {person.pk for person, records in present if holds(tree, found, person, records)}
        asked = segments.ask(question, organization=world.organization, now=NOW)
        assert set(asked.values_list("pk", flat=True)) == expected

        counted = segments.count_of(asked, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=NOW)
        assert counted.matching == len(expected) == counted.sendable + sum(counted.excluded.values())
        sendable = asked.filter(segments.may_be_written_to(Purpose.NEWS, Channel.EMAIL, now=NOW))
        assert sendable.count() == counted.sendable

        built = segments.ask(question_of(draft_of(question)), organization=world.organization, now=NOW)
        assert set(built.values_list("pk", flat=True)) == expected

    check()
