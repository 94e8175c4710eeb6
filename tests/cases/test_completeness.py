"""What an official register must hold (Disappearance Convention, article 17, paragraph 3), held against a case."""

from __future__ import annotations

import pytest

from amparo.cases import completeness
from amparo.cases.models import Case, HealthNote, Stay
from tests.factories.cases import a_case, a_development, a_person, a_spell
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    organization = an_organization()
    return a_case(organization, person=a_person(organization))


def missing(case):
    return {item.letter: [str(one) for one in item.missing] for item in completeness.of(case).items}


def letters(case, wanted):
    return [item.letter for item in completeness.of(case).items if wanted(item)]


def test_an_empty_case_lacks_everything_but_the_name(case):
    found = missing(case)

    assert found["a"] == ["the date of birth"]
    assert found["b"] == ["the day", "the authority"]
    assert (found["g"], found["h"]) == ([], [])
    assert letters(case, lambda item: not item.applies) == ["g", "h"]
    assert (completeness.of(case).met, completeness.of(case).asked) == (0, 6)


def test_a_full_case_meets_what_is_asked_while_somebody_is_held(case, now):
    frame = {"organization": case.organization, "entered_at": now, "changed_at": now}
    case.person.birth_date = "1994-05-02"
    case.person.save()
    spell = a_spell(case, "2026-03-03", authority="Police", ordered_by="Judge", grounds="A leaflet")
    Stay.objects.create(spell=spell, facility="Kestrel Road", began="2026-03-03", **frame)
    HealthNote.objects.create(case=case, text="He coughs.", **frame)

    assert letters(case, lambda item: item.is_met) == ["a", "b", "c", "d", "e", "f"]

    Stay.objects.update(ended="2026-04")
    Stay.objects.create(spell=spell, facility="Ostra", began="2026-04-09", **frame)
    assert missing(case)["h"] == ["the day of a transfer"]


def test_a_day_that_is_known_in_part_is_missing(case):
    a_spell(case, "2026-03", authority="Police")
    assert missing(case)["b"] == ["the day"]


def test_a_release_and_a_death_ask_for_more(case):
    spell = a_spell(case, "2026-03-03", "2026-06")
    assert missing(case)["h"] == ["the day of the release"]

    spell.end = "died"
    spell.save()
    assert missing(case)["g"] == ["an entry in the timeline that tells it"]
    a_development(case, "2026-06-02", "He dies in Ostra", text="The doctor came on the third day.")
    assert missing(case)["g"] == []


def test_the_list_can_be_narrowed_to_what_lacks_an_item(case, now):
    complete = a_case(case.organization, reference="COMPLETE-1", slug="complete")
    complete.person.birth_date = "1994-05-02"
    complete.person.save()
    cases = Case.objects.for_organization(case.organization)

    assert completeness.lacking(cases, letter="a") == [case.pk]
    assert set(completeness.lacking(cases)) == {case.pk, complete.pk}
    assert completeness.lacking(cases, letter="g") == [], "nobody died"

    bruno = signed_in(a_member_of_staff(case.organization))
    shown = bruno.get("/staff/cases/", {"lacks": "a"}).content.decode()
    assert case.reference in shown
    assert complete.reference not in shown
