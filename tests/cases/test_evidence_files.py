"""Copies of sources are kept sealed, read on record, and leave only with black boxes under which nothing lies."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from amparo.accounts.models import AuditEntry
from amparo.cases import evidence_files, recording
from amparo.cases.evidence_file_forms import RedactForm
from amparo.cases.models import Source, SourceFile
from amparo.kit import media_types, redaction
from amparo.kit.redaction import Box
from tests.factories.cases import a_case
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db

SECRET = "Kanarek-4711"


def a_picture(text=SECRET) -> bytes:
    """A photograph with a word among what its camera wrote."""
    exif = Image.Exif()
    exif[0x010E] = text
    into = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(into, "JPEG", exif=exif)
    return into.getvalue()


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def source(organization):
    frame = {"organization": organization, "entered_at": NOW, "changed_at": NOW}
    return Source.objects.create(case=a_case(organization), title="Photograph of the gate", **frame)


@pytest.fixture
def editor(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def approver(organization):
    return a_member_of_staff(organization, "approver")


@pytest.fixture
def file(source, editor):
    return evidence_files.take_in(
        blocks=[a_picture()], name="gate.png", source=source, told={"captured_by": "Dana"}, by=editor, now=NOW
    )


def test_a_file_is_what_is_in_it_and_lies_sealed(file, settings):
    (kept,) = list(settings.AMPARO_VAR.rglob("*.sealed"))

    assert (file.media_type, file.pages, file.size) == (media_types.JPEG, 1, len(a_picture()))
    assert file.sha256 == hashlib.sha256(a_picture()).hexdigest()
    assert SECRET.encode() not in kept.read_bytes()
    assert SECRET.encode() in a_picture()


def test_reading_is_on_record_and_gives_back_every_byte(file, approver):
    assert evidence_files.read(file=file, by=approver, now=NOW) == a_picture()

    entry = AuditEntry.objects.get(verb="read_file")
    assert (entry.actor, entry.details["sha256"]) == (approver, file.sha256)


def test_a_file_that_is_altered_or_gone_is_said_to_be(file, approver):
    path = evidence_files.path_of(file.organization_id, file.pk)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(evidence_files.Altered):
        evidence_files.read(file=file, by=approver, now=NOW)
    path.unlink()
    with pytest.raises(evidence_files.FileGone):
        evidence_files.read(file=file, by=approver, now=NOW)


def test_a_redacted_copy_is_a_new_file_and_the_original_stays(file, approver):
    copy = evidence_files.redact(file=file, boxes=[Box(1, 0, 0, 50, 100)], pages=[], by=approver, now=NOW)

    content = evidence_files.read(file=copy, by=approver, now=NOW)
    assert SECRET.encode() not in content
    assert "gate" not in copy.name
    assert (copy.redacted_from, copy.redaction["boxes"]) == (file, [[1, 0, 0, 50, 100]])
    assert evidence_files.read(file=file, by=approver, now=NOW) == a_picture()
    with pytest.raises(evidence_files.NotAnOriginal):
        evidence_files.redact(file=copy, boxes=[], pages=[1], by=approver, now=NOW)


def test_text_is_redacted_as_a_document_of_pictures(source, approver):
    text = evidence_files.take_in(
        blocks=[SECRET.encode()], name="notes.txt", source=source, told={}, by=approver, now=NOW
    )

    copy = evidence_files.redact(file=text, boxes=[Box(1, 0, 0, 100, 50)], pages=[], by=approver, now=NOW)

    content = evidence_files.read(file=copy, by=approver, now=NOW)
    assert (copy.media_type, copy.pages) == (media_types.PDF, 1)
    assert SECRET.encode() not in content
    sheet = Image.open(io.BytesIO(redaction.picture_of(content, media_type=media_types.PDF, page=1)))
    assert max(high for _low, high in sheet.crop((10, 10, 1200, 800)).getextrema()) < 16


def test_what_is_too_large_or_of_no_known_kind_is_refused_and_leaves_nothing(
    source, approver, monkeypatch, settings
):
    told = {"name": "x", "source": source, "told": {}, "by": approver, "now": NOW}
    with pytest.raises(media_types.UnknownType):
        evidence_files.take_in(blocks=[b"\x7fELF\0"], **told)
    monkeypatch.setattr(evidence_files, "MOST_BYTES", 3)
    with pytest.raises(evidence_files.FileTooLarge):
        evidence_files.take_in(blocks=[b"ab", b"cd"], **told)
    assert not SourceFile.objects.exists()
    assert not list(settings.AMPARO_VAR.rglob("*.sealed"))


def test_files_go_with_their_source(file, source, approver, settings, django_capture_on_commit_callbacks):
    evidence_files.redact(file=file, boxes=[], pages=[1], by=approver, now=NOW)
    assert len(list(settings.AMPARO_VAR.rglob("*.sealed"))) == 2

    with django_capture_on_commit_callbacks(execute=True):
        recording.remove(record=source, case=source.case, by=approver, now=NOW)

    assert not list(settings.AMPARO_VAR.rglob("*.sealed"))


@pytest.mark.parametrize(
    ("boxes", "pages", "meant"),
    [
        ("2: 10 25.5 50 4\n\n1:0 0 100 100", "", ([Box(2, 10, 25.5, 50, 4), Box(1, 0, 0, 100, 100)], [])),
        ("", "1-3, 7", ([], [1, 2, 3, 7])),
        ("10 25 50 4", "", None),
        ("2: 10 25 50", "", None),
        ("1: 1 1 1 1", "one", None),
        ("", "", None),
    ],
)
def test_boxes_are_written_as_numbers(boxes, pages, meant):
    form = RedactForm({"boxes": boxes, "pages": pages})

    assert form.is_valid() == (meant is not None)
    if meant:
        assert (form.cleaned_data["boxes"], form.cleaned_data["pages"]) == meant


# --- Screens ------------------------------------------------------------------------------------------------------


def test_bruno_keeps_a_copy_and_chidi_redacts_it_for_him(source, editor, approver):
    bruno, chidi = signed_in(editor), signed_in(approver)
    upload = SimpleUploadedFile("gate.jpg", a_picture(), content_type="text/html")
    form = {"file": upload, "captured_at_0": "2026-11-01", "captured_at_1": "10:00", "captured_by": "Dana"}

    bruno.post(f"/staff/sources/{source.pk}/files/add/", form)

    file = SourceFile.objects.get()
    assert "gate.jpg" in bruno.get(f"/staff/cases/{source.case_id}/files/").content.decode()
    assert file.captured_at.isoformat() == "2026-11-01T10:00:00+00:00"
    shown = bruno.get(f"/staff/files/{file.pk}/").content.decode()
    assert file.sha256 in shown
    assert "Download…" not in shown
    assert bruno.post(f"/staff/files/{file.pk}/download/").status_code in {302, 403}

    assert chidi.get(f"/staff/files/{file.pk}/page/1/")["Content-Type"] == "image/png"
    answer = chidi.post(f"/staff/files/{file.pk}/redact/", {"boxes": "1: 0 0 50 50", "pages": ""})
    copy = file.redacted_copies.get()
    assert answer.url == f"/staff/files/{copy.pk}/"

    fetched = bruno.post(f"/staff/files/{copy.pk}/download/")
    assert fetched["Content-Type"] == "image/jpeg"
    assert fetched["Content-Security-Policy"].startswith("sandbox")
    assert SECRET.encode() not in fetched.content


def test_a_source_that_stays_unnamed_shows_bruno_no_file(file, source, editor, approver):
    Source.objects.update(is_confidential=True)
    bruno = signed_in(editor)

    shown = bruno.get(f"/staff/cases/{source.case_id}/files/").content.decode()

    assert "Photograph of the gate" not in shown
    assert "gate.png" not in shown
    assert bruno.get(f"/staff/files/{file.pk}/").status_code == 404
    assert bruno.get(f"/staff/sources/{source.pk}/files/add/").status_code == 404
    assert signed_in(approver).get(f"/staff/files/{file.pk}/").status_code == 200


def test_pages_and_boxes_that_are_not_there_are_said_to_be(file, approver):
    chidi = signed_in(approver)

    answer = chidi.post(f"/staff/files/{file.pk}/redact/", {"boxes": "3: 0 0 50 50", "pages": ""})

    assert "There is no page 3" in answer.content.decode()
    assert chidi.get(f"/staff/files/{file.pk}/page/3/").status_code == 404
    assert not file.redacted_copies.exists()
