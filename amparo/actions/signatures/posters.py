"""A sheet to hang up: the case in a sentence, and the page's address as a code that a telephone reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_info

from amparo.actions import attribution
from amparo.kit import pdf

if TYPE_CHECKING:
    from amparo.actions.models import ActionPage


def draw(page: ActionPage) -> bytes:
    """One page of A4 as PDF, in the page's language. Raises `pdf.CannotDraw`."""
    language = page.locale.language_code
    address = page.full_url or ""
    # Level M stands a quarter hour of rain and a fold (ISO/IEC 18004: 15 % of it may be unreadable).
    code = segno.make(attribution.link(address, "poster"), error="m", micro=False)
    with translation.override(language):
        context = {
            "page": page,
            "address": address.partition("://")[2].rstrip("/"),
            # Drawn by segno out of black squares; the address is only in their pattern.
            "code": mark_safe(code.svg_inline(scale=10, border=0, omitsize=True)),  # noqa: S308
            "language": language,
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "organization": page.organization,
        }
        html = render_to_string("actions/poster/poster.html", context)
        sheet = render_to_string("actions/poster/poster.css", context)
    return pdf.render(html, stylesheet=sheet).pdf
