"""What staff do with signatures: look at comments, count paper, hang up a poster."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from amparo.actions.models import PaperSheet, Signature
from amparo.actions.signatures import signing
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.signed_pages import a_petition, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def page(organization):
    return a_petition(organization)


@pytest.fixture
def chidi(organization):
    return signed_in(a_member_of_staff(organization, "approver"))


@pytest.fixture
def bruno(organization):
    return signed_in(a_member_of_staff(organization, "editor"))


def test_chidi_reads_a_comment_and_lets_it_be_shown(chidi, page):
    sign(page, shown_as="name", comment="He printed my first book.")
    signature = Signature.objects.get()
    address = f"/staff/signatures/{signature.pk}/"

    assert "He printed my first book." in chidi.get("/staff/signatures/").content.decode()
    assert "He printed my first book." in chidi.get(address).content.decode()
    chidi.post(address, {"decision": "show"})

    assert [one.shown_comment for one in signing.newest_names(page)] == ["He printed my first book."]
    assert "He printed" not in chidi.get("/staff/signatures/").content.decode()


def test_looking_at_a_comment_decides_nothing(chidi, page):
    sign(page, comment="He printed my first book.")
    signature = Signature.objects.get()

    chidi.get(f"/staff/signatures/{signature.pk}/")

    assert Signature.objects.get().approval == "waiting"


def test_an_editor_does_not_read_what_waits(bruno, page):
    sign(page, comment="He printed my first book.")

    assert bruno.get("/staff/signatures/").status_code in {302, 403}
    assert bruno.get(f"/staff/signatures/{Signature.objects.get().pk}/").status_code in {302, 403}


def test_an_unconfirmed_comment_is_nobodys_business_yet(chidi, page):
    sign(page, comment="He printed my first book.", confirm=False)

    assert "He printed" not in chidi.get("/staff/signatures/").content.decode()
    assert chidi.get(f"/staff/signatures/{Signature.objects.get().pk}/").status_code == 404


def test_bruno_counts_paper_and_takes_it_back(bruno, page):
    form = {"number": "40", "collected_on": "2026-11-20", "provenance": "The market in Brennick."}

    bruno.post(f"/staff/signed/{page.pk}/paper/", form)
    sheet = PaperSheet.objects.get()
    shown = bruno.get("/staff/signed/").content.decode()
    assert page.title in shown
    assert "40" in shown
    bruno.get(f"/staff/paper/{sheet.pk}/withdraw/")
    assert PaperSheet.objects.get().withdrawn_at is None
    bruno.post(f"/staff/paper/{sheet.pk}/withdraw/")

    assert PaperSheet.objects.get().withdrawn_at is not None


def test_paper_from_the_future_is_refused_with_a_sentence(bruno, page):
    form = {"number": "40", "collected_on": "2999-01-01", "provenance": "Nowhere yet."}

    answer = bruno.post(f"/staff/signed/{page.pk}/paper/", form)

    assert "has not come yet" in answer.content.decode()
    assert not PaperSheet.objects.exists()


def test_the_poster_is_one_sheet_with_the_title_and_the_address(bruno, page):
    answer = bruno.get(f"/staff/signed/{page.pk}/poster/")

    document = PdfReader(io.BytesIO(answer.content))
    text = " ".join(document.pages[0].extract_text().split())
    assert answer["Content-Type"] == "application/pdf"
    assert len(document.pages) == 1
    assert page.title in text
    assert page.slug in text


def test_only_a_page_that_is_signed_has_a_poster_here(bruno, organization):
    from tests.factories.pages import an_email_page

    letter = an_email_page(organization)

    assert bruno.get(f"/staff/signed/{letter.pk}/poster/").status_code == 404
