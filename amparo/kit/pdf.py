"""Long documents as tagged PDF, in any script: rendered in parts, which `pdf_joining` joins.

A part is all that is laid out at once, so the memory for it does not grow with the document; those of long documents
are laid out in processes of their own (`pdf_process`). Nothing is ever written to a disk here, and nothing is fetched
but our own fonts.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

from amparo.kit import pdf_layout
from amparo.kit.pdf_layout import PICTURE, PangoMissing, Rendered
from amparo.kit.pdf_process import LayoutProcess
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FAMILY", "FONTS", "PICTURE", "CannotDraw", "Render", "Rendered", "render", "renderer"]

#: Our own fonts, each under a family of its own: WeasyPrint goes down the list until one has the letter.
FONTS = {
    "Ours Latin": "fonts/noto-sans-latin.woff2",
    "Ours Accents": "fonts/noto-sans-latin-accents.woff2",
    "Ours Extended": "fonts/noto-sans-latin-ext.woff2",
    "Ours Cyrillic": "fonts/noto-sans-cyrillic.woff2",
    "Ours Arabic": "fonts/noto-sans-arabic.woff2",
    "Ours Hebrew": "fonts/noto-sans-hebrew.woff2",
}
#: What a document says instead of a family, and becomes the list of ours and whatever the machine has beside them.
FAMILY = ", ".join([*(f'"{name}"' for name in FONTS), '"Noto Sans"', "sans-serif"])


class CannotDraw(Refusal):
    """Pango, which lays out the text, is not installed; `docs/host/install.md` says how."""

    sentence = _("PDFs cannot be made on this machine: the library Pango is missing (%(why)s).")


class Render(Protocol):
    """Lays out one part, as `render` does."""

    def __call__(
        self, html: str, *, stylesheet: str, first_page: int = 1, pictures: Mapping[str, bytes] | None = None
    ) -> Rendered: ...


def render(
    html: str, *, stylesheet: str, first_page: int = 1, pictures: Mapping[str, bytes] | None = None
) -> Rendered:
    """Lay out one part, here and now. Its page counter begins at `first_page`. Raises `CannotDraw`.

    `pictures` are what the text may show: their bytes by name, for `<img src="picture:NAME">`.
    """
    try:
        return pdf_layout.lay_out(
            html, stylesheet=stylesheet, first_page=first_page, pictures=pictures or {}, faces=_faces()
        )
    except PangoMissing as error:
        raise CannotDraw(why=str(error)) from None


@contextmanager
def renderer(*, parts: int) -> Iterator[Render]:
    """What lays out each of so many parts: `render` for a single one, for more a process beside ours.

    Starting a process takes a second, which a short document is not worth. Its errors are `pdf_process.LayoutBroke`.
    """
    if parts <= 1:
        yield render
        return
    with LayoutProcess(_faces()) as process:

        def render_aside(
            html: str, *, stylesheet: str, first_page: int = 1, pictures: Mapping[str, bytes] | None = None
        ) -> Rendered:
            try:
                return process.lay_out(
                    html, stylesheet=stylesheet, first_page=first_page, pictures=pictures or {}
                )
            except PangoMissing as error:
                raise CannotDraw(why=str(error)) from None

        yield render_aside


@cache
def _faces() -> pdf_layout.Faces:
    found = {name: finders.find(path) for name, path in FONTS.items()}
    addresses = {name: Path(path).as_uri() for name, path in found.items() if isinstance(path, str)}
    faces = [
        f'@font-face {{ font-family: "{name}"; src: url("{address}") }}'
        for name, address in addresses.items()
    ]
    sheet = "\n".join(faces) + f"\nhtml {{ font-family: {FAMILY} }}\n"
    return pdf_layout.Faces(sheet, frozenset(addresses.values()))
