"""Documents as PDF: our own fonts, the pictures that were given, and nothing from elsewhere."""

from __future__ import annotations

import base64
import io

from django.contrib.staticfiles import finders
from pypdf import PdfReader

from amparo.kit import pdf


def test_every_font_has_the_blank_between_words():
    """Pango leaves a blank in the font of the word before it; where that has none, words run into one another."""
    from fontTools.ttLib import TTFont

    for path in pdf.FONTS.values():
        assert 0x20 in TTFont(finders.find(path)).getBestCmap(), path


def test_a_picture_that_was_given_is_drawn_and_no_other_is_fetched():
    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    )
    html = '<html lang="en"><title>x</title><img src="picture:{}" alt="A dot">'

    def images(name):
        drawn = PdfReader(io.BytesIO(pdf.render(html.format(name), stylesheet="", pictures={"dot": dot}).pdf))
        return len(drawn.pages[0].images)

    assert (images("dot"), images("other")) == (1, 0)
