"""Amina writes on paper: the PDF with its address in the window, and nothing of hers kept."""

from __future__ import annotations

import io
import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from amparo.actions.models import Action, PostalLetterPage, Report
from amparo.actions.other_ways import postal_addresses, postal_pdf
from amparo.actions.other_ways.postal_addresses import Sender
from amparo.organizations.models import Jurisdiction
from tests.factories.doing_pages import a_postal_letter_page
from tests.factories.organizations import an_organization
from tests.factories.pages import LETTER
from tests.factories.targets import alvenia

AMINA = {
    "sender-full-name": "Amina Rahal",
    "sender-address-line1": "12 Secret Lane",
    "sender-postal-code": "10117",
    "sender-city": "Berlin",
    "sender-country": "DE",
}


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ({"country": "DE"}, ["Suzie", "12 Quay", "10117 BERLIN"]),
        ({"country": "GB"}, ["Suzie", "12 Quay", "BERLIN", "10117"]),
        ({"country": "US", "region": "NY"}, ["Suzie", "12 Quay", "BERLIN, NY 10117"]),
        ({"country": "AE"}, ["Suzie", "12 Quay", "BERLIN", "10117"]),
        ({"country": ""}, ["Suzie", "12 Quay", "10117 Berlin"]),
        ({"country": "XV"}, ["Suzie", "12 Quay", "10117 Berlin"]),
    ],
)
def test_the_lines_of_an_address_stand_as_its_country_orders_them_and_none_is_lost(typed, lines):
    sender = Sender(full_name="Suzie", street="12 Quay", postal_code="10117", city="Berlin", **typed)
    assert [line.casefold() for line in sender.lines] == [line.casefold() for line in lines]


def office(address, name="Ebba Roan\nMinister of the Interior"):
    return SimpleNamespace(
        ways=lambda kind: [SimpleNamespace(value=address)],
        envelope=lambda language: name,
        holder="",
        label="",
    )


def test_an_envelope_names_the_country_abroad_alone_in_capitals_and_last():
    target = office("Ministry of the Interior\n4 Long Quay\nBrennick")
    abroad = postal_addresses.envelope_of(target, language="en", home="DE", country="FR")
    assert abroad == [
        "Ebba Roan",
        "Minister of the Interior",
        "Ministry of the Interior",
        "4 Long Quay",
        "Brennick",
        "FRANCE",
    ]
    assert postal_addresses.envelope_of(target, language="en", home="FR", country="FR")[-1] == "Brennick"


def test_an_address_on_one_line_is_taken_apart_and_a_long_one_keeps_its_end():
    target = office("Ministry, House 1, Stair 2, Room 3, Long Quay 4, Old Town, 1001 Brennick")
    lines = postal_addresses.envelope_of(target, language="en", home="DE", country="FR")
    assert len(lines) == postal_addresses.MOST_LINES
    assert (lines[0], lines[-2:]) == ("Ebba Roan", ["1001 Brennick", "FRANCE"])


@pytest.mark.parametrize(
    ("jurisdiction", "paper"),
    [
        (Jurisdiction.UNITED_STATES, postal_pdf.US_10),
        (Jurisdiction.CANADA, postal_pdf.US_10),
        (Jurisdiction.UK, postal_pdf.DIN_5008_B),
        (Jurisdiction.GERMANY_AUSTRIA, postal_pdf.DIN_5008_B),
    ],
)
def test_the_paper_is_that_of_the_organizations_country(jurisdiction, paper):
    assert postal_pdf.paper_for(jurisdiction) is paper


def places(pdf, word):
    """Where `word` begins on the first page, in millimetres from the upper left corner."""
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    found = []

    def visit(text, frame, place, _font, _size):
        if word in text:
            across, up = place[4] * frame[0] + frame[4], place[5] * frame[3] + frame[5]
            found.append((across / 72 * 25.4, (float(page.mediabox.height) - up) / 72 * 25.4))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize("paper", [postal_pdf.DIN_5008_B, postal_pdf.US_10], ids=["din", "us"])
def test_the_address_stands_in_the_window_and_the_letter_below_it(paper):
    letter = postal_pdf.PaperLetter(["Ebba Roan", "Minister", "Brennick"], "Dear Minister,", LETTER, "Yours,")
    drawn = postal_pdf.draw(
        letters=[letter],
        subject="Judge",
        sender=Sender("Amina"),
        on=date(2026, 11, 22),
        language="en",
        paper=paper,
    )
    ((left, top),) = places(drawn, "Brennick")
    assert paper.left - 0.5 <= left <= paper.left + 5
    assert paper.top < top <= paper.top + paper.height
    ((_left, text_top),) = places(drawn, "Dear Minister,")
    assert text_top > paper.top + paper.height


def test_a_letter_in_arabic_runs_from_right_to_left():
    letter = postal_pdf.PaperLetter(["الوزير"], "سيدي الوزير،", "أكتب إليك بشأن إيلان سار.", "مع الاحترام")
    assert letter.direction == "rtl"
    with translation.override("ar"):
        drawn = postal_pdf.draw(
            letters=[letter],
            subject="إيلان",
            sender=Sender("أمينة"),
            on=date(2026, 11, 22),
            language="ar",
            paper=postal_pdf.DIN_5008_B,
        )
    reader = PdfReader(io.BytesIO(drawn))
    assert reader.trailer["/Root"]["/Lang"] == "ar"
    assert len(reader.pages) == 1


@pytest.fixture
def page(db):
    alvenia()
    return a_postal_letter_page(an_organization())


def post(page, **fields):
    return Client(headers={"host": "open-doors.test"}).post(page.url, fields)


def letter_in(response):
    return re.search(r"<textarea[^>]*>([^<]*)</textarea>", response.content.decode())[1].strip()


def test_amina_gets_her_letter_as_a_pdf_and_nothing_of_hers_is_kept(page):
    composed = post(page, step="details")
    body = "I am a printer too. " + letter_in(composed)
    written = {"subject": "Ilan Sarr", "body": body, **AMINA}

    shown = post(page, step="preview", **written)
    text = shown.content.decode()
    assert "12 Secret Lane" in text
    assert "4 Long Quay" in text
    assert "A letter to Alvenia costs two crowns." in text

    drawn = post(page, step="pdf", **written)
    assert drawn.headers["Content-Type"] == "application/pdf"
    assert drawn.headers["Cache-Control"] == "private, no-store"
    words = PdfReader(io.BytesIO(drawn.content)).pages[0].extract_text()
    for word in (
        "I am a printer too.",
        "Amina Rahal",
        "12 Secret Lane",
        "10117 BERLIN",
        "4 Long Quay",
        "Berlin, ",
    ):
        assert word in words, word
    assert not everything_in_the_database("Secret Lane")


def everything_in_the_database(word):
    """The tables in which a word stands anywhere."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(word in str(value) for row in cursor.fetchall() for value in row):
                found.append(table)
    return found


def test_a_letter_that_is_too_short_is_given_back_with_everything_typed(page):
    refused = post(page, step="pdf", subject="Ilan", body="Free him.", **AMINA)
    assert refused.status_code == 422
    assert "12 Secret Lane" in refused.content.decode()


def test_having_posted_it_counts(page):
    shown = post(page, step="preview", subject="Ilan", body=LETTER)
    key = re.search(r'name="key" value="([^"]+)"', shown.content.decode())[1]
    post(page, step="said", key=key)
    assert Report.objects.get().said == "posted"
    assert PostalLetterPage.objects.get().done == 1
    assert not Action.objects.exists()
