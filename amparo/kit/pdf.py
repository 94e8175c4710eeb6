"""Long documents as tagged PDF, in any script: rendered in parts, which `pdf_joining` joins.

A part is all that is laid out at once, so the memory for it does not grow with the document. Nothing is ever written to
a disk here, and nothing is fetched but our own fonts.
"""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Our own fonts, each under a family of its own: WeasyPrint goes down the list until one has the letter.
FONTS = {
    "Ours Latin": "fonts/noto-sans-latin.woff2",
    "Ours Accents": "fonts/noto-sans-latin-accents.woff2",
    "Ours Extended": "fonts/noto-sans-latin-ext.woff2",
    "Ours Cyrillic": "fonts/noto-sans-cyrillic.woff2",
    "Ours Arabic": "fonts/noto-sans-arabic.woff2",
    "Ours Hebrew": "fonts/noto-sans-hebrew.woff2",
}
#: Before the name of a picture, where an address would stand.
PICTURE = "picture"
#: What a document says instead of a family, and becomes the list of ours and whatever the machine has beside them.
FAMILY = ", ".join([*(f'"{name}"' for name in FONTS), '"Noto Sans"', "sans-serif"])


_known = threading.local()
# While the interpreter is still whole: what WeasyPrint does when its fonts go needs modules that go last.
atexit.register(_known.__dict__.clear)


class CannotDraw(Refusal):
    """Pango, which lays out the text, is not installed; `docs/host/install.md` says how."""

    sentence = _("PDFs cannot be made on this machine: the library Pango is missing (%(why)s).")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished part: its bytes, how many pages, and on which of them (from 0) each `id` of the text stands."""

    pdf: bytes
    pages: int
    places: dict[str, int] = field(repr=False)


def render(
    html: str, *, stylesheet: str, first_page: int = 1, pictures: Mapping[str, bytes] | None = None
) -> Rendered:
    """Lay out one part. Its page counter begins at `first_page`. Raises `CannotDraw`.

    `pictures` are what the text may show: their bytes by name, for `<img src="picture:NAME">`.
    """
    weasyprint = _weasyprint()
    numbered = f"{stylesheet}\n@page :first {{ counter-reset: page {first_page} }}"
    fetcher = _only_our_own(pictures or {})
    fonts, faces = _fonts_of_this_thread()
    sheet = weasyprint.CSS(string=numbered, font_config=fonts, url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[faces, sheet], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    places = {name: number for number, page in enumerate(document.pages) for name in page.anchors}
    return Rendered(document.write_pdf(pdf_variant="pdf/ua-1"), len(document.pages), places)


def _fonts_of_this_thread() -> tuple[Any, Any]:
    """Our fonts, made known to Pango once: it gives back little of what each time takes, and shares nothing safely."""
    if not hasattr(_known, "fonts"):
        weasyprint = _weasyprint()
        fonts = weasyprint.text.fonts.FontConfiguration()
        faces = weasyprint.CSS(string=_font_faces(), font_config=fonts, url_fetcher=_only_our_own({}))
        _known.fonts = (fonts, faces)
    found: tuple[Any, Any] = _known.fonts
    return found


def _weasyprint() -> Any:
    """Loaded when first needed: it asks for libraries that a machine that makes no PDF does not have."""
    try:
        import weasyprint
    except OSError as error:
        raise CannotDraw(why=str(error).partition(":")[0]) from None
    return weasyprint


@cache
def _font_faces() -> str:
    faces = []
    for name, path in FONTS.items():
        found = finders.find(path)
        if isinstance(found, str):
            faces.append(f'@font-face {{ font-family: "{name}"; src: url("{Path(found).as_uri()}") }}')
    return "\n".join(faces) + f"\nhtml {{ font-family: {FAMILY} }}\n"


def _only_our_own(pictures: Mapping[str, bytes]) -> Any:
    """A fetcher that opens our fonts, and the pictures it is given, and nothing else, whatever stands in a letter."""
    weasyprint = _weasyprint()
    allowed = {
        Path(found).as_uri() for path in FONTS.values() if isinstance(found := finders.find(path), str)
    }

    class OnlyOurOwn(weasyprint.urls.URLFetcher):  # type: ignore[name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _colon, name = url.partition(":")
            if scheme == PICTURE and name in pictures:
                return weasyprint.urls.URLFetcherResponse(url, pictures[name])
            if url not in allowed:
                raise ValueError("Nothing from elsewhere belongs into a document of ours.")
            return super().fetch(url, headers)

    return OnlyOurOwn(allowed_protocols=["file"])
