"""Under a black box there is nothing, and nothing that a camera or a program wrote stays in the copy."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from amparo.kit import media_types, redaction
from amparo.kit.redaction import Box

SECRET, OPEN = "Kanarek-4711", "This may be read"


@pytest.fixture(scope="module")
def document():
    """Two pages with text, a title, and an attachment, as a program writes them."""
    writer = PdfWriter()
    for text in (SECRET, OPEN):
        page = writer.add_blank_page(595, 842)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 40 Tf 60 700 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": SECRET})
    writer.add_attachment("notes.txt", SECRET.encode())
    into = io.BytesIO()
    writer.write(into)
    return into.getvalue()


@pytest.fixture(scope="module")
def photograph():
    """A picture of two colours with the place where it was taken, a comment, and turned by its camera."""
    picture = Image.new("RGB", (200, 100), "white")
    picture.paste("red", (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 46.0, 0.0), 3: "E", 4: (35.0, 14.0, 0.0)})
    exif[0x010E] = SECRET
    into = io.BytesIO()
    picture.save(into, "JPEG", exif=exif, comment=SECRET.encode())
    return into.getvalue()


def everything_in(pdf: bytes) -> bytes:
    """The bytes, and every stream of them unpacked."""
    reader = PdfReader(io.BytesIO(pdf))
    streams = [
        found.get_data()
        for number in range(1, len(reader.xref[0]) + 1)
        if hasattr(found := reader.get_object(number), "get_data") and found.get("/Subtype") != "/Image"
    ]
    return pdf + b"".join(streams)


def test_the_text_is_in_the_original(document):
    """So that what the next test looks for could be found."""
    assert SECRET in PdfReader(io.BytesIO(document)).pages[0].extract_text()
    assert SECRET.encode() in everything_in(document)


def test_text_under_a_box_is_nowhere_in_the_copy(document):
    copy, media_type = redaction.redacted(document, media_type=media_types.PDF, boxes=[Box(1, 5, 5, 90, 20)])

    whole, reader = everything_in(copy), PdfReader(io.BytesIO(copy))
    assert media_type == media_types.media_type_of(copy) == media_types.PDF
    for text in (SECRET, OPEN, "Kanarek", "notes.txt"):
        assert text.encode() not in whole
        assert text.encode("utf-16-be") not in whole
    assert [page.extract_text() for page in reader.pages] == ["", ""]
    assert (reader.metadata, reader.attachments) == (None, {})


def test_under_the_box_every_dot_is_black_and_beside_it_the_page_is_as_it_was(document):
    copy, _type = redaction.redacted(document, media_type=media_types.PDF, boxes=[Box(1, 5, 10, 90, 15)])

    covered, other = (
        Image.open(io.BytesIO(redaction.picture_of(copy, media_type=media_types.PDF, page=page)))
        for page in (1, 2)
    )
    box = Box(1, 6, 11, 88, 13).on(covered)
    assert max(high for _low, high in covered.crop(box).getextrema()) < 16
    assert min(low for low, _high in covered.crop((0, 600, 1240, 1700)).getextrema()) > 240
    assert min(low for low, _high in other.getextrema()) < 60


def test_only_the_chosen_pages_are_in_the_copy(document):
    copy, _type = redaction.redacted(document, media_type=media_types.PDF, boxes=[], pages=[2])

    assert redaction.pages_of(copy, media_type=media_types.PDF) == 1


def test_a_picture_loses_where_it_was_taken_and_stands_upright(photograph):
    assert SECRET.encode() in photograph
    assert Image.open(io.BytesIO(photograph)).getexif().get_ifd(0x8825)

    copy, media_type = redaction.redacted(
        photograph, media_type=media_types.JPEG, boxes=[Box(1, 0, 0, 100, 40)]
    )

    found = Image.open(io.BytesIO(copy))
    assert (media_type, found.size) == (media_types.JPEG, (100, 200))
    assert (dict(found.getexif()), found.info.get("comment")) == ({}, None)
    assert SECRET.encode() not in copy
    assert b"Exif" not in copy
    assert max(found.getpixel((50, 20))) < 16
    assert found.getpixel((50, 90))[0] > 200


@pytest.mark.parametrize(
    ("boxes", "pages", "refusal"),
    [
        ([Box(3, 0, 0, 10, 10)], [], redaction.NoSuchPage),
        ([], [0], redaction.NoSuchPage),
        ([Box(1, -1, 0, 10, 10)], [], redaction.NoBox),
        ([Box(1, 0, 0, 0, 10)], [], redaction.NoBox),
        ([Box(1, 60, 0, 50, 10)], [], redaction.NoBox),
    ],
)
def test_what_lies_outside_is_refused(document, boxes, pages, refusal):
    with pytest.raises(refusal):
        redaction.redacted(document, media_type=media_types.PDF, boxes=boxes, pages=pages)


def test_what_is_damaged_locked_or_too_large_is_refused_with_a_sentence(document, photograph, monkeypatch):
    with pytest.raises(redaction.Undrawable):
        redaction.pages_of(b"%PDF-1.7\nnothing", media_type=media_types.PDF)
    with pytest.raises(redaction.Undrawable):
        redaction.pages_of(photograph[:60], media_type=media_types.JPEG)
    locked = PdfWriter(clone_from=PdfReader(io.BytesIO(document)))
    locked.encrypt("secret", algorithm="AES-256")
    into = io.BytesIO()
    locked.write(into)
    with pytest.raises(redaction.Undrawable):
        redaction.pages_of(into.getvalue(), media_type=media_types.PDF)
    monkeypatch.setattr(redaction, "MOST_PAGES", 1)
    monkeypatch.setattr(redaction, "MOST_DOTS", 10)
    with pytest.raises(redaction.TooManyPages):
        redaction.pages_of(document, media_type=media_types.PDF)
    with pytest.raises(redaction.TooManyDots):
        redaction.pages_of(photograph, media_type=media_types.JPEG)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", media_types.PNG),
        (b"\xff\xd8\xff\xe0", media_types.JPEG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", media_types.WEBP),
        (b"%PDF-1.4", media_types.PDF),
        ("Ein Brief.\r\nرسالة".encode(), media_types.TEXT),
    ],
)
def test_a_file_is_what_is_in_it(content, media_type):
    assert media_types.media_type_of(content) == media_type


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x7fELF\x01\x01\x00", "é".encode("latin-1")])
def test_anything_else_is_refused(content):
    with pytest.raises(media_types.UnknownType):
        media_types.media_type_of(content)
