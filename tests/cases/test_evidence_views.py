"""Bruno cites sources, keeps figures and laws; what is confidential is for approvers alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from amparo.cases import figures, page_pieces, recording
from amparo.cases.models import Citation, Figure, FigureCorrection, Legislation, Source
from tests.factories.cases import a_case, a_citation, a_development, a_figure, a_law, a_source, a_spell
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db

CANARY = "Kanarek-4711"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization)


@pytest.fixture
def staff(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def bruno(staff):
    return signed_in(staff)


@pytest.fixture
def chidi(organization):
    return signed_in(a_member_of_staff(organization, "approver"))


def at(case, *parts):
    return "/".join(["/staff/cases", str(case.pk), *map(str, parts), ""])


def said(response):
    return response.content.decode()


# --- Citing -------------------------------------------------------------------------------------------------------


def test_bruno_adds_a_source_to_the_case_and_cites_it_for_a_column(bruno, case):
    bruno.post(at(case, "Source", "add", case.pk), {"title": "The Courier, 4 March", "kind": "press"})
    source = Source.objects.get()
    spell = a_spell(case, "2026-03-03")

    form = said(bruno.get(at(case, "CustodySpell", spell.pk, "cite") + "?column=began"))
    assert "The Courier, 4 March" in form
    assert '<option value="began" selected' in form
    bruno.post(
        at(case, "CustodySpell", spell.pk, "cite"),
        {"source": source.pk, "column": "began", "passage": "Taken at dawn.", "page": "4"},
    )

    citation = Citation.objects.get()
    assert (citation.column, citation.passage, citation.page) == ("began", "Taken at dawn.", "4")
    screen = said(bruno.get(at(case)))
    assert "1 citation" in screen
    assert "Taken at dawn." in screen
    assert "Cited for: Time in custody: began" in screen


def test_the_screen_says_which_public_columns_nothing_proves(bruno, case, organization, staff):
    from tests.factories.cases import a_safety_check, publish

    agrees = a_member_of_staff(organization, "approver", email="agrees@example.org")
    a_safety_check(case, by=agrees)
    spell = a_spell(case, "2026-03-03")
    publish(spell, "began", "ended", case=case, asked_by=staff, agreed_by=agrees)
    a_citation(a_source(organization, case=case), spell, "began")

    screen = said(bruno.get(at(case)))

    assert "Public, and nothing proves it yet" in screen
    assert f"{at(case, 'CustodySpell', spell.pk, 'cite')}?column=ended" in screen
    assert f"{at(case, 'CustodySpell', spell.pk, 'cite')}?column=began" not in screen


def test_a_confidential_source_is_withheld_from_editors_in_every_place(bruno, chidi, case, organization):
    source = a_source(organization, case=case, title=CANARY, publisher=CANARY, is_confidential=True)
    development = a_development(case, "2026-03-03", "Arrest")
    citation = a_citation(source, development, passage=CANARY)

    assert CANARY in said(chidi.get(at(case)))
    for url in (at(case), at(case, "Development", development.pk, "cite")):
        assert CANARY not in said(bruno.get(url))
    for record in ("Source", source), ("Citation", citation):
        for deed in ("publish", "remove"):
            assert bruno.get(at(case, record[0], record[1].pk, deed)).status_code == 404
    assert bruno.get(at(case, "Source", source.pk)).status_code == 404


def test_citations_are_written_from_the_record_they_prove(bruno, case, organization):
    source = a_source(organization, case=case)

    assert bruno.get(at(case, "Citation", "add", source.pk)).status_code == 404
    assert bruno.get(at(case, "Source", source.pk, "cite")).status_code == 404


# --- Figures ------------------------------------------------------------------------------------------------------


def test_bruno_adds_a_figure_and_is_told_what_it_lacks(bruno, organization):
    answer = bruno.post(
        "/staff/cited-figures/add/",
        {"organization": organization.pk, "key": "held", "value": "31", "unit": "people"},
        follow=True,
    )

    figure = Figure.objects.get()
    assert not figure.is_fit_to_print
    assert "its day or its source is missing" in said(answer)
    again = bruno.post(
        "/staff/cited-figures/add/",
        {"organization": organization.pk, "key": "held", "value": "32", "unit": "people"},
    )
    assert "already" in said(again)


def test_a_correction_reaches_every_text_and_what_was_said_before_stays(
    bruno, case, organization, staff, now
):
    case.story = "One of {figure:held}."
    case.save()
    figure = a_figure(organization)
    address = f"/staff/cited-figures/{figure.pk}/"
    form = {
        "value": "32",
        "unit": figure.unit,
        "as_of": "2026-11",
        "source": figure.source_id,
        "why": "A new list.",
    }
    assert "1 text names it" in said(bruno.get(f"{address}correct/"))

    bruno.post(f"{address}correct/", form)

    assert figures.in_words(Figure.objects.get()) == "32 people held without trial"
    correction = FigureCorrection.objects.get()
    assert (correction.before, correction.after) == (
        {"value": "31", "as_of": "2026-10"},
        {"value": "32", "as_of": "2026-11"},
    )
    assert correction.corrected_by == staff
    screen = said(bruno.get(address))
    assert "A new list." in screen
    assert "<del>31</del>" in screen
    assert case.reference in screen
    assert "Nothing is different" in said(bruno.post(f"{address}correct/", form))
    assert "32 people held without trial" in said(bruno.get("/staff/cited-figures/"))


def test_the_record_of_corrections_cannot_be_rewritten(organization, staff, now):
    figure = a_figure(organization)
    figure.value = Decimal(32)
    correction = figures.correct(figure=figure, why="A new list.", by=staff, now=now)

    for deed in (
        lambda: FigureCorrection.objects.update(why="Nothing."),
        lambda: FigureCorrection.objects.filter(pk=correction.pk).delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            deed()
    assert connection.vendor in {"sqlite", "postgresql"}
    assert FigureCorrection.objects.get().why == "A new list."


def test_the_teller_of_a_story_is_told_which_figures_nobody_sees(bruno, case, organization):
    a_figure(organization, as_of="")
    form = {"reference": case.reference, "slug": case.slug, "title": "Ilan Sarr", "aftermath": "shown"}

    answer = bruno.post(
        at(case, "Case", case.pk), {**form, "story": "One of {figure:held} and {figure:none}."}, follow=True
    )

    assert "“held” has no day or no source" in said(answer)
    assert "There is no figure “none”" in said(answer)


# --- Shared sources and laws --------------------------------------------------------------------------------------


def test_bruno_keeps_a_law_and_readers_see_it_with_its_source(bruno, organization):
    bruno.post(
        "/staff/sources/add/", {"organization": organization.pk, "title": "Gazette 12", "kind": "official"}
    )
    source = Source.objects.get()
    law = {
        "name": "Press Bill",
        "state": "fr",
        "about": "Licences.",
        "stage": "introduced",
        "as_of": "2026-10",
    }
    bruno.post("/staff/laws/add/", {**law, "organization": organization.pk})
    assert page_pieces.Laws.draw(organization=organization, narrowed_to="") is None
    kept = Legislation.objects.get()

    bruno.post(f"/staff/laws/{kept.pk}/", {**law, "source": source.pk})

    (shown,) = page_pieces.Laws.draw(organization=organization, narrowed_to="FR").context["laws"]
    assert (shown.name, shown.country, shown.stage, shown.as_of, shown.source) == (
        "Press Bill",
        "France",
        "before parliament",
        "October 2026",
        "Gazette 12",
    )
    assert page_pieces.Laws.draw(organization=organization, narrowed_to="DE") is None
    assert "still names this source" in said(bruno.post(f"/staff/sources/{source.pk}/remove/"))
    bruno.post(f"/staff/laws/{kept.pk}/remove/")
    bruno.post(f"/staff/sources/{source.pk}/remove/")
    assert not Source.objects.exists()


def test_a_shared_source_that_stays_unnamed_is_no_editors_and_no_readers(bruno, chidi, organization):
    source = a_source(organization, title=CANARY, is_confidential=True)
    a_law(organization, source=source)
    a_figure(organization, source=source)

    for url in ("/staff/sources/", "/staff/cited-figures/"):
        assert CANARY not in said(bruno.get(url))
        assert CANARY in said(chidi.get(url))
    assert bruno.get(f"/staff/sources/{source.pk}/").status_code == 404
    (shown,) = page_pieces.Laws.draw(organization=organization, narrowed_to="").context["laws"]
    assert shown.source == "a source that we do not name"


def test_a_source_of_a_case_is_none_of_the_shared_ones(bruno, case, organization, staff, now):
    source = a_source(organization, case=case)

    assert bruno.get(f"/staff/sources/{source.pk}/").status_code == 404
    source.url = "https://courier.example/2"
    source.link_failures = 3
    recording.change(record=source, columns=["url"], case=case, by=staff, now=now)
    assert Source.objects.get().link_failures == 0
