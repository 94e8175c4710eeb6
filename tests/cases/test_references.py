"""Readers see at each public fact which sources prove it, and of the sources what was cleared of them."""

from __future__ import annotations

import pytest

from amparo.cases import citing, public_view, publishing, recording, showing
from amparo.cases.models import Citation, Clearance, PublicationConsent, Source
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_citation,
    a_publication_consent,
    a_safety_check,
    a_source,
    a_spell,
    an_intervention,
    publish,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db

CANARY = "Kanarek-4711"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization, summary="A printer, held without trial.")


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def clear(organization, case, bruno):
    chidi = a_member_of_staff(organization, "approver")
    a_safety_check(case, by=chidi)
    consent = a_publication_consent(case.person, *PublicationConsent.Scope.values)

    def _clear(record, *columns):
        publish(record, *columns, case=case, asked_by=bruno, agreed_by=chidi, consent=consent)

    return _clear


@pytest.fixture
def spell(case, clear):
    clear(case, "title")
    spell = a_spell(case, "2026-03-03", authority="Prison service")
    clear(spell, "began", "ended")
    return spell


def shown(case, now):
    return showing.shown(case, today=now.date())


def test_a_cited_fact_has_its_number_and_the_source_its_line(client, case, clear, organization, spell, now):
    source = a_source(
        organization,
        case=case,
        url="https://courier.example/printer",
        read_on=now.date(),
        archived_url="https://archive.example/1",
        publisher="Courier Press",
    )
    clear(source, "title", "url", "read_on", "archived_url")
    citation = a_citation(source, spell, "began", passage="Taken at dawn.", page="4")
    clear(citation, "passage")

    page = client.get(a_case_page(case).url).content.decode()

    (moment,) = shown(case, now).moments
    assert moment.refs == (1,)
    assert '<li id="source-1">' in page
    assert 'href="#source-1"' in page
    assert "Printer taken" in page
    assert "https://courier.example/printer" in page
    assert "read on 22 November 2026" in page
    assert "https://archive.example/1" in page
    assert "Taken at dawn." in page
    # Neither of these was cleared.
    assert "Courier Press" not in page
    assert "page 4" not in page


def test_a_confidential_source_is_a_source_known_to_us_and_no_more(client, case, organization, spell):
    source = a_source(organization, case=case, title=CANARY, publisher=CANARY, is_confidential=True)
    a_citation(source, spell, "began", passage=CANARY, page="4")

    page = client.get(a_case_page(case).url).content.decode()

    assert "A source known to us" in page
    assert CANARY not in page


def test_nothing_of_a_confidential_source_is_ever_cleared(case, clear, organization, spell):
    source = a_source(organization, case=case, is_confidential=True)
    citation = a_citation(source, spell, "began", passage=CANARY)

    for record, column in ((source, "title"), (citation, "passage")):
        with pytest.raises(publishing.NeverPublic):
            clear(record, column)


def test_a_source_that_becomes_confidential_leaves_the_page_with_what_is_cited_from_it(
    case, clear, organization, spell, bruno, now
):
    source = a_source(organization, case=case, title=CANARY)
    citation = a_citation(source, spell, "began", passage=CANARY)
    clear(source, "title")
    clear(citation, "passage")
    assert shown(case, now).references[0].title == CANARY

    # Even before anybody took the clearances back.
    Source.objects.filter(pk=source.pk).update(is_confidential=True)
    assert shown(case, now).references[0].title == ""

    source.is_confidential = True
    recording.change(record=source, columns=["is_confidential"], case=case, by=bruno, now=now)
    states = Clearance.objects.filter(record_type__in=["Source", "Citation"]).values_list("state", flat=True)
    assert set(states) == {"withdrawn"}


def test_a_citation_of_what_is_not_public_leaves_no_trace(client, case, clear, organization, spell):
    source = a_source(organization, case=case, title=CANARY)
    clear(source, "title")
    a_citation(source, spell, "authority")

    page = client.get(a_case_page(case).url).content.decode()

    assert CANARY not in page
    assert "Sources" not in page


def test_sources_that_readers_are_not_told_are_one_line(case, organization, spell, now):
    for title in ("Her mother", "Her lawyer"):
        a_citation(a_source(organization, case=case, title=title, is_confidential=True), spell)
    a_citation(a_source(organization, case=case, title="Not cleared yet"), spell)

    (reference,) = shown(case, now).references

    assert reference.title == ""
    assert reference.number == 1


def test_numbers_follow_the_page(case, clear, organization, spell, now):
    spoke = an_intervention(case)
    clear(spoke, "by", "kind")
    later, first = (a_source(organization, case=case, title=title) for title in ("Later", "First"))
    for source in (later, first):
        clear(source, "title")
    a_citation(later, spoke)
    a_citation(first, spell, "began")

    found = shown(case, now)

    assert [(one.number, one.title) for one in found.references] == [(1, "First"), (2, "Later")]
    assert found.interventions[0].refs == (2,)
    assert found.refs["held"] == (1,)


def test_an_address_that_is_no_link_is_none(case, clear, organization, spell, now):
    source = a_source(organization, case=case, url="javascript:alert(1)")
    clear(source, "title", "url")
    a_citation(source, spell)

    assert shown(case, now).references[0].url == ""


def test_a_source_is_cited_for_what_can_be_proved(case, organization, spell, bruno, now):
    source = a_source(organization, case=case)
    citing.cite(
        source=source, record=spell, column="began", passage="", page="", case=case, by=bruno, now=now
    )

    assert Citation.objects.get().column == "began"
    elsewhere = a_source(organization, case=a_case(organization, reference="B", slug="b"))
    for wrong in (
        {"source": elsewhere},
        {"column": "release_terms"},
        {"column": "nothing"},
        {"record": source, "column": "title"},
    ):
        with pytest.raises(citing.NotCited):
            citing.cite(
                **({"source": source, "record": spell, "column": "began"} | wrong),
                passage="",
                page="",
                case=case,
                by=bruno,
                now=now,
            )


def test_columns_without_a_source_are_told():
    some = [Citation(column="began")]
    assert citing.unproven(["began", "ended"], citations=some) == ["ended"]
    assert citing.unproven(["began", "ended"], citations=[Citation(column="")]) == []


def test_what_is_removed_takes_its_citations_along(case, organization, bruno, now):
    from tests.factories.cases import a_hearing

    hearing = a_hearing(case, now.date())
    source = a_source(organization, case=case)
    a_citation(source, hearing)
    kept = a_citation(source, case, "title")

    recording.remove(record=hearing.proceeding, case=case, by=bruno, now=now)

    assert list(Citation.objects.all()) == [kept]


def test_a_case_without_a_name_says_no_words_of_its_sources(case, clear, organization, spell, bruno, now):
    source = a_source(organization, case=case, title=f"About {CANARY}")
    clear(source, "title")
    a_citation(source, spell)
    clear(case, "responsible_state")
    publishing.change_aftermath(case=case, to="renamed", by=bruno, now=now)

    assert shown(case, now).references[0].title == ""
    assert public_view.view(case, today=now.date()).of("Source") == []
