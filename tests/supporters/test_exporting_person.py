"""Amina asks what is kept about her, and gets all of it (guarantee P6)."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.db import models

from amparo.accounts.models import AuditEntry
from amparo.kit.personal_data import Declaration, Who, declarations
from amparo.kit.sealed_fields import SealedTextField
from amparo.supporters import consent, identity, wordings
from amparo.supporters.models import Channel, OtherAddress, Purpose, Supporter
from amparo.supporters.rights.exporting_person import export_person, exported
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina():
    return a_supporter(an_organization())


def in_json(supporter, now):
    return json.loads(export_person(supporter=supporter, now=now).as_json())


def test_the_fields_of_the_export_are_the_fields_of_the_registry(amina, now):
    export = export_person(supporter=amina, now=now)
    found = {section.declaration.label: {use.name for use in section.uses} for section in export.sections}
    withheld = {
        f"{declaration.label}.{use.name}"
        for declaration in declarations(Who.SUPPORTER)
        for use in declaration.uses
        if use.withheld
    }
    for declaration in declarations(Who.SUPPORTER):
        columns = {field.name for field in declaration.model._meta.concrete_fields}
        mine = {name.rpartition(".")[2] for name in withheld if name.startswith(f"{declaration.label}.")}
        assert found[declaration.label] == columns - mine, declaration.label
    # Whoever of the staff wrote, settled or answered is somebody else (Art. 15(4)), and so is who got the same mailing.
    assert withheld == {
        "actions.Answer.looked_at_by",
        "mailings.AudienceChunk.ids",
        "mailings.AudienceChunk.outcomes",
        "mailings.AudienceChunk.variants",
        "supporters.Note.written_by",
        "supporters.Complaint.answered_by",
        "targets.MistakeReport.settled_by",
    }


def a_row_of_canaries(declaration):
    """A row with a word of its own in each column of text, and in what its references stand for; and those words."""
    row, planted = declaration.model(), set()
    for use in exported(declaration):
        field = row._meta.get_field(use.name)
        word = f"canary-{declaration.label}-{use.name}".lower()
        path = declaration.readable(use.name)
        if path:
            other = field.related_model(pk=field.related_model._meta.pk.get_default() or 1)
            setattr(other, path.rpartition(".")[2], word)
            setattr(row, use.name, other)
        elif isinstance(field, models.CharField | models.TextField | SealedTextField) and not field.choices:
            setattr(row, use.name, word)
        else:
            continue
        planted.add(word)
    return row, planted


def test_a_canary_in_each_personal_text_is_found_in_each_form(amina, now, monkeypatch):
    rows = {each.label: a_row_of_canaries(each) for each in declarations(Who.SUPPORTER)}
    monkeypatch.setattr(Declaration, "rows_of", lambda self, _person: [rows[self.label][0]])
    planted = set().union(*(words for _row, words in rows.values()))
    assert len(planted) > 50
    export = export_person(supporter=amina, now=now)
    archive = zipfile.ZipFile(io.BytesIO(export.as_csv_zip()))
    tables = "".join(archive.read(name).decode() for name in archive.namelist())
    for text in (export.as_json(), export.as_html(), tables):
        assert [word for word in sorted(planted) if word not in text] == []


def test_it_holds_the_ledger_with_the_words_that_were_asked(amina, now):
    wording = wordings.word(
        organization=amina.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    consent.record(supporter=amina, answers={wording.pk: True}, source="/write/", now=now)

    (line,) = in_json(amina, now)["data"]["supporters.ConsentRecord"]["rows"]
    assert line["wording"]["words"] == "May we write to you?"
    assert line["granted"] is True


def test_merged_records_and_other_addresses_are_in_it(amina, now):
    other = a_supporter(amina.organization, given_name="Mina", email="mina@example.org")
    Supporter.objects.filter(pk=other.pk).update(merged_into=amina)
    OtherAddress.objects.create(
        organization=amina.organization,
        supporter=amina,
        email="third@example.org",
        fingerprint=identity.fingerprint_of("third@example.org", organization=amina.organization),
        added_at=now,
    )
    other.refresh_from_db()
    for named in (amina, other):
        data = in_json(named, now)["data"]
        assert [row["given_name"] for row in data["supporters.Supporter"]["rows"]] == ["Amina", "Mina"]
        assert data["supporters.OtherAddress"]["rows"][0]["email"] == "third@example.org"


def test_it_says_which_offices_have_a_letter(amina, now):
    page = an_email_page(amina.organization)
    a_letter(page, action=an_action(page, supporter=amina, now=now), state="sent", now=now)

    assert in_json(amina, now)["passed_on_to"][0]["address"] == "minister@justice.example.org"
    assert "minister@justice.example.org" in export_person(supporter=amina, now=now).as_html()


def test_nothing_of_anybody_else_is_in_it(amina, now):
    suzie = a_supporter(amina.organization, given_name="Suzie")
    a_letter(an_email_page(amina.organization), body="Suzie wrote this", now=now)
    elsewhere = a_supporter(an_organization("lamp-light"))

    text = export_person(supporter=amina, now=now).as_json()
    assert "Suzie" not in text
    assert str(suzie.pk) not in text
    assert str(elsewhere.pk) not in text


def test_the_page_needs_nothing_else_and_speaks_her_language(amina, now):
    Supporter.objects.filter(pk=amina.pk).update(language="ar")
    amina.refresh_from_db()
    page = export_person(supporter=amina, now=now).as_html()

    assert 'dir="rtl"' in page
    assert "<script" not in page
    assert "http" not in page
    assert "First name" not in page


def test_no_cell_of_the_tables_is_a_formula(amina, now):
    amina.given_name = "=HYPERLINK(1)"
    amina.save()
    archive = zipfile.ZipFile(io.BytesIO(export_person(supporter=amina, now=now).as_csv_zip()))
    (row,) = csv.DictReader(io.StringIO(archive.read("supporters.Supporter.csv").decode("utf-8-sig")))
    assert row["given_name"] == "'=HYPERLINK(1)"
    assert "contents.csv" in archive.namelist()


def test_asking_leaves_a_trace(amina, now):
    export_person(supporter=amina, now=now)
    assert AuditEntry.objects.get(verb="export_person").subject_id == str(amina.pk)
