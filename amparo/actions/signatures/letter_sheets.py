"""An open letter on paper: the letter alone, with what it is cited by, as a tagged PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_info

from amparo.actions.signatures import versions
from amparo.content.own_address import address_of, identity_for
from amparo.kit import pdf

if TYPE_CHECKING:
    from amparo.actions.models import LetterVersion, OpenLetterPage

#: Seconds for which a drawn letter is kept at hand; it is drawn in about one.
KEPT = 3600
_PLAIN_ACCENT = "#5b544c"


def drawn(page: OpenLetterPage, version: LetterVersion) -> bytes:
    """The PDF of one version, in the language of the page. Raises `pdf.CannotDraw`."""
    key = f"letter-pdf-{version.pk}-{version.sha256}"
    document: bytes | None = cache.get(key)
    if document is None:
        document = _draw(page, version)
        cache.set(key, document, KEPT)
    return document


def _draw(page: OpenLetterPage, version: LetterVersion) -> bytes:
    language = page.locale.language_code
    identity = identity_for(page.organization)
    with translation.override(language):
        letter = versions.letter_of(page, version.content)
        context = {
            "letter": letter,
            "version": version,
            "organization": page.organization,
            "language": language,
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "version_address": address_of(page.organization)
            + reverse("letter_version", args=[page.pk, version.number]),
            "accent": identity.accent if identity else _PLAIN_ACCENT,
        }
        html = render_to_string("actions/letter/letter.html", context)
        sheet = render_to_string("actions/bundle/bundle.css") + render_to_string(
            "actions/letter/letter.css", context
        )
    return pdf.render(html, stylesheet=sheet).pdf
