"""One part of a document laid out as tagged PDF: WeasyPrint with our fonts, our pictures, and nothing from elsewhere.

Knows nothing of Django, so that a process that does nothing else (`pdf_process`) starts quickly.
"""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Before the name of a picture, where an address would stand.
PICTURE = "picture"

_known = threading.local()
# While the interpreter is still whole: what WeasyPrint does when its fonts go needs modules that go last.
atexit.register(_known.__dict__.clear)


class PangoMissing(Exception):  # noqa: N818 - a fact about the machine
    """The library that lays out text is not on this machine; says what was looked for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished part: its bytes, how many pages, and on which of them (from 0) each `id` of the text stands."""

    pdf: bytes
    pages: int
    places: dict[str, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Faces:
    """Our fonts: the style that names them, and the addresses of their files, which are all that may be opened."""

    stylesheet: str
    addresses: frozenset[str]


def lay_out(
    html: str, *, stylesheet: str, first_page: int, pictures: Mapping[str, bytes], faces: Faces
) -> Rendered:
    """One part, its page counter beginning at `first_page`. Raises `PangoMissing`."""
    weasyprint = _weasyprint()
    numbered = f"{stylesheet}\n@page :first {{ counter-reset: page {first_page} }}"
    fetcher = _only_our_own(faces, pictures)
    fonts, known = _fonts_of_this_thread(faces)
    sheet = weasyprint.CSS(string=numbered, font_config=fonts, url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[known, sheet], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    places = {name: number for number, page in enumerate(document.pages) for name in page.anchors}
    return Rendered(document.write_pdf(pdf_variant="pdf/ua-1"), len(document.pages), places)


def _fonts_of_this_thread(faces: Faces) -> tuple[Any, Any]:
    """Our fonts, made known to Pango once: it gives back little of what each time takes, and shares nothing safely."""
    if not hasattr(_known, "fonts"):
        weasyprint = _weasyprint()
        fonts = weasyprint.text.fonts.FontConfiguration()
        known = weasyprint.CSS(
            string=faces.stylesheet, font_config=fonts, url_fetcher=_only_our_own(faces, {})
        )
        _known.fonts = (fonts, known)
    found: tuple[Any, Any] = _known.fonts
    return found


def _weasyprint() -> Any:
    """Loaded when first needed: it asks for libraries that a machine that makes no PDF does not have."""
    try:
        import weasyprint
    except OSError as error:
        raise PangoMissing(str(error).partition(":")[0]) from None
    return weasyprint


def _only_our_own(faces: Faces, pictures: Mapping[str, bytes]) -> Any:
    """A fetcher that opens our fonts, and the pictures it is given, and nothing else, whatever stands in a letter."""
    weasyprint = _weasyprint()

    class OnlyOurOwn(weasyprint.urls.URLFetcher):  # type: ignore[name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _colon, name = url.partition(":")
            if scheme == PICTURE and name in pictures:
                return weasyprint.urls.URLFetcherResponse(url, pictures[name])
            if url not in faces.addresses:
                raise ValueError("Nothing from elsewhere belongs into a document of ours.")
            return super().fetch(url, headers)

    return OnlyOurOwn(allowed_protocols=["file"])
