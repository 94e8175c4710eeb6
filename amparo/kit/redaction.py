"""Copies of documents with black boxes, in which nothing lies under the boxes.

Every page becomes a picture, and what is handed on is made of these pictures and of nothing else: no text, no
attachments, no earlier versions, nothing that a camera or a program wrote into the original. The original is only read.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, floor
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from amparo.kit.media_types import IMAGES, JPEG, PDF, PNG
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

#: Dots per inch of a drawn page: small print stays readable, an A4 page is 1240 by 1754 dots.
RESOLUTION = 150
#: No side of a page is drawn longer than this, however large the page says it is.
LONGEST_SIDE = 4000
#: More pages are no single piece of evidence; drawing takes about a tenth of a second each.
MOST_PAGES = 300
#: A photograph of 100 million dots takes 300 MB to open.
MOST_DOTS = 100_000_000
_QUALITY = 80
#: PDFium keeps state of its own that two threads must not touch at once (pypdfium2's manual, "Thread safety").
_one_at_a_time = Lock()


class Undrawable(Refusal):
    sentence = _("This file is damaged, or under a password: it cannot be drawn.")


class TooManyPages(Refusal):
    sentence = _("This document has more than %(most)d pages. Cut it into parts first.")


class TooManyDots(Refusal):
    sentence = _("This picture is too large to be opened. Save it smaller first.")


class NoSuchPage(Refusal):
    sentence = _("There is no page %(page)d: the document has %(pages)d.")


class NothingLeft(Refusal):
    sentence = _("Choose at least one page.")


class NoBox(Refusal):
    sentence = _(
        "A box lies within its page: left and top from 0, width and height above 0, up to 100 per cent."
    )


@dataclass(frozen=True, slots=True)
class Box:
    """What is blackened on a page (from 1), in hundredths of its width and height."""

    page: int
    left: float
    top: float
    width: float
    height: float

    def on(self, picture: Picture) -> tuple[int, int, int, int]:
        """The same in dots, never smaller."""
        across, down = picture.width / 100, picture.height / 100
        return (
            floor(self.left * across),
            floor(self.top * down),
            ceil((self.left + self.width) * across),
            ceil((self.top + self.height) * down),
        )


def pages_of(content: bytes, *, media_type: str) -> int:
    """How many pages a document has; a picture has one. Raises `Undrawable`, `TooManyPages`, `TooManyDots`."""
    if media_type in IMAGES:
        _open(content)
        return 1
    with _document(content) as document:
        return len(document)


def picture_of(content: bytes, *, media_type: str, page: int) -> bytes:
    """One page as a PNG, to draw boxes on. Raises as `pages_of` does, and `NoSuchPage`."""
    if media_type in IMAGES:
        if page != 1:
            raise NoSuchPage(page=page, pages=1)
        return _as_png(_open(content))
    with _document(content) as document:
        _refuse_unknown_page(page, of=len(document))
        return _as_png(_drawn(document, page))


def redacted(
    content: bytes, *, media_type: str, boxes: Sequence[Box], pages: Iterable[int] = ()
) -> tuple[bytes, str]:
    """A copy with these boxes, of these pages or of all: its bytes and their type.

    A picture stays a picture (JPEG, or PNG where it was one); a document becomes a PDF of pictures. Raises as
    `picture_of` does, and `NothingLeft` and `NoBox`.
    """
    for box in boxes:
        _refuse_outside(box)
    if media_type in IMAGES:
        for page in (*pages, *(box.page for box in boxes)):
            _refuse_unknown_page(page, of=1)
        picture = _covered(_open(content), boxes)
        return (_as_png(picture), PNG) if media_type == PNG else (_as_jpeg(picture), JPEG)
    with _document(content) as document:
        chosen = list(dict.fromkeys(pages)) or list(range(1, len(document) + 1))
        for page in (*chosen, *(box.page for box in boxes)):
            _refuse_unknown_page(page, of=len(document))
        sheets = (
            _covered(_drawn(document, page), [box for box in boxes if box.page == page]) for page in chosen
        )
        return _pdf_of_pictures(sheets), PDF


# --- Drawing ------------------------------------------------------------------------------------------------------


@contextmanager
def _document(content: bytes) -> Iterator[Any]:
    import pypdfium2

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            raise Undrawable from None
        try:
            if not len(document):
                raise Undrawable
            if len(document) > MOST_PAGES:
                raise TooManyPages(most=MOST_PAGES)
            document.init_forms()
            yield document
        except pypdfium2.PdfiumError:
            raise Undrawable from None
        finally:
            document.close()


def _drawn(document: Any, page: int) -> Picture:
    sheet = document[page - 1]
    longest = max(*sheet.get_size(), 1)
    scale = min(RESOLUTION / 72, LONGEST_SIDE / longest)
    drawn: Picture = sheet.render(scale=scale).to_pil().convert("RGB")
    sheet.close()
    return drawn


def _open(content: bytes) -> Picture:
    """The picture as it is looked at, upright, and nothing but its dots."""
    with warnings.catch_warnings():
        # We have a limit of our own, and say so in a sentence.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content)) as found:
                if found.width * found.height > MOST_DOTS:
                    raise TooManyDots
                upright = ImageOps.exif_transpose(found)
                dots: Picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            raise Undrawable from None
    clean = Image.new("RGB", dots.size, "white")
    clean.paste(dots, mask=dots.getchannel("A") if dots.mode == "RGBA" else None)
    return clean


def _covered(picture: Picture, boxes: Iterable[Box]) -> Picture:
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        draw.rectangle(box.on(picture), fill="black")
    return picture


def _as_png(picture: Picture) -> bytes:
    return _saved(lambda into: picture.save(into, "PNG"))


def _as_jpeg(picture: Picture) -> bytes:
    return _saved(lambda into: picture.save(into, "JPEG", quality=_QUALITY))


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    into = io.BytesIO()
    save(into)
    return into.getvalue()


def _refuse_unknown_page(page: int, *, of: int) -> None:
    if not 1 <= page <= of:
        raise NoSuchPage(page=page, pages=of)


def _refuse_outside(box: Box) -> None:
    reaches = (box.left + box.width, box.top + box.height)
    if min(box.left, box.top) < 0 or min(box.width, box.height) <= 0 or max(reaches) > 100.01:
        raise NoBox


# --- A PDF that holds pictures and nothing else -------------------------------------------------------------------


def _pdf_of_pictures(pictures: Iterable[Picture]) -> bytes:
    """One picture a page. No library writes it: so there is no title, author, date or program in it."""
    into = io.BytesIO()
    into.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: dict[int, int] = {}
    pages: list[int] = []

    def put(number: int, head: str, stream: bytes | None = None) -> None:
        places[number] = into.tell()
        into.write(f"{number} 0 obj\n{head}\n".encode())
        if stream is not None:
            into.write(b"stream\n" + stream + b"\nendstream\n")
        into.write(b"endobj\n")

    number = 3
    for picture in pictures:
        jpeg = _as_jpeg(picture)
        wide, high = (side * 72 / RESOLUTION for side in picture.size)
        drawing = f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm /P Do Q".encode()
        put(
            number,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:.2f} {high:.2f}] /Contents {number + 1} 0 R"
            f" /Resources << /XObject << /P {number + 2} 0 R >> >> >>",
        )
        put(number + 1, f"<< /Length {len(drawing)} >>", drawing)
        put(
            number + 2,
            f"<< /Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height}"
            f" /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {len(jpeg)} >>",
            jpeg,
        )
        pages.append(number)
        number += 3
    if not pages:
        raise NothingLeft
    kids = " ".join(f"{page} 0 R" for page in pages)
    put(1, "<< /Type /Catalog /Pages 2 0 R >>")
    put(2, f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    start = into.tell()
    into.write(f"xref\n0 {number}\n0000000000 65535 f \n".encode())
    for each in range(1, number):
        into.write(f"{places[each]:010d} 00000 n \n".encode())
    into.write(f"trailer\n<< /Size {number} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return into.getvalue()
