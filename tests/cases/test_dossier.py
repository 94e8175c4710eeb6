"""The dossier: the public one holds what the page holds, the internal one says on every page that it is internal."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from amparo.accounts.models import AuditEntry
from amparo.cases import dossier
from amparo.cases.models import Case, Contact, Source
from amparo.kit.published import note_publication
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_development,
    a_safety_check,
    a_spell,
    publish,
)
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 22)


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    """A case of which the heading and one time in custody are public, and nothing else."""
    frame = {"organization": organization, "entered_at": NOW, "changed_at": NOW}
    case = a_case(organization, internal_note="Kanarek-note")
    asks, agrees = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    a_safety_check(case, by=agrees)
    spell = a_spell(case, "2026-11-12")
    publish(case, "title", case=case, asked_by=asks, agreed_by=agrees)
    publish(spell, "began", "ended", case=case, asked_by=asks, agreed_by=agrees)
    a_development(case, "2026-03-03", "Kanarek-development")
    Contact.objects.create(case=case, role="mother", name="Kanarek-mother", **frame)
    Source.objects.create(case=case, title="Kanarek-unnamed", is_confidential=True, **frame)
    return case


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_public_one_holds_what_readers_may_see_as_of_its_day(case):
    pdf = dossier.public(case=case, language="en", today=DAY)

    (text,) = pages(pdf)
    assert "Ilan Sarr, printer" in text
    assert "10 days" in text
    assert "22 November 2026" in text
    assert "Kanarek" not in text
    assert PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"] == "en"


def test_there_is_none_of_a_case_that_is_not_public(organization):
    with pytest.raises(dossier.NothingPublic):
        dossier.public(case=a_case(organization), language="en", today=DAY)


@pytest.mark.parametrize(
    ("restricted", "told", "withheld"),
    [
        (True, ["Kanarek-note", "Kanarek-development", "Kanarek-mother", "Kanarek-unnamed"], []),
        (False, ["Kanarek-note", "Kanarek-development"], ["Kanarek-mother", "Kanarek-unnamed"]),
    ],
)
def test_the_internal_one_holds_what_its_reader_may_read_and_says_so_on_every_page(
    case, organization, restricted, told, withheld
):
    for number in range(12):
        a_development(case, "2026-03-04", f"Something of a day {number}")
    chidi = a_member_of_staff(organization, "approver")

    found = pages(dossier.internal(case=case, language="en", restricted=restricted, by=chidi, now=NOW))

    assert len(found) > 1
    assert all("Internal: not for publication" in page for page in found)
    for word in told:
        assert any(word in page for page in found), word
    for word in withheld:
        assert not any(word in page for page in found), word
    entry = AuditEntry.objects.get(verb="take_dossier")
    assert (entry.actor, entry.details) == (chidi, {"language": "en", "restricted": restricted})


def test_it_is_drawn_once_until_something_is_published(case, monkeypatch):
    drawn = []
    monkeypatch.setattr(dossier, "public", lambda **what: drawn.append(what) or b"pdf")
    stamps = iter([1, 1, 2, 2])
    monkeypatch.setattr(dossier, "published_stamp", lambda: next(stamps))
    days = [DAY, DAY, DAY, date(2026, 11, 23)]

    for day in days:
        assert dossier.public_kept(case=case, language="en", today=day) == b"pdf"

    assert [what["today"] for what in drawn] == [DAY, DAY, date(2026, 11, 23)]


def test_readers_get_it_from_the_page_and_not_when_the_page_was_removed(client, case, monkeypatch):
    monkeypatch.setattr(dossier, "public_kept", lambda **_what: b"%PDF")
    page = a_case_page(case)
    address = f"/cases/{page.pk}/dossier.pdf"

    assert f'href="{address}"' in client.get(page.url).content.decode()
    answer = client.get(address)
    assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF")
    assert "X-Robots-Tag" not in answer

    Case.objects.update(aftermath=Case.Aftermath.QUIET)
    note_publication()
    assert client.get(address)["X-Robots-Tag"] == "noindex"
    monkeypatch.undo()
    Case.objects.update(aftermath=Case.Aftermath.REMOVED)
    note_publication()
    assert client.get(address).status_code == 404
