"""A letter on paper, laid out its address in the window of an envelope; drawn, handed out, never kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from amparo.kit import pdf
from amparo.organizations.models import Jurisdiction

if TYPE_CHECKING:
    from datetime import date

    from amparo.actions.other_ways.postal_addresses import Sender


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper and where the window of its usual envelope lies on it, in millimetres from its upper left."""

    size: str
    left: float
    top: float
    width: float
    height: float
    #: Where the writer's own address stands, and where the letter begins.
    sender_top: float
    text_top: float
    #: Where it is folded, from the upper edge.
    folds: tuple[float, ...]


#: DIN 5008:2020, form B: the address field 85 by 45 mm, 20 mm from the left and 45 mm from above, of which the lower
#: 27.3 mm are for the receiver, written 5 mm in; it shows in the windows of DL, C6/5 and C5. Folded at 105 and 210 mm.
DIN_5008_B = Paper("A4", 25, 62.7, 80, 27.3, 20, 98.5, (105, 210))
#: A US #10 envelope (9½ by 4⅛ in): window 4½ by 1⅛ in, ⅞ in from the left and ½ in from below (USPS DMM 601.6.3). A
#: letter folded in three stands on the envelope's lower edge with 0.46 in of play, so the window shows what lies
#: between 2.04 and 3.17 in from its upper edge.
US_10 = Paper("letter", 25.4, 53.3, 90, 26, 15, 95, (93.1, 186.3))


def paper_for(jurisdiction: str) -> Paper:
    """What an organization's supporters print on, by its country."""
    american = {Jurisdiction.UNITED_STATES, Jurisdiction.CANADA}
    return US_10 if jurisdiction in american else DIN_5008_B


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """One letter to one office."""

    envelope: Sequence[str]
    greeting: str
    body: str
    closing: str

    @property
    def paragraphs(self) -> list[str]:
        return [part for part in re.split(r"\n\s*\n", self.body.strip()) if part]

    @property
    def direction(self) -> str:
        """Which way it runs: as its first letter does (UAX 9, P2)."""
        for letter in self.body:
            if (kind := unicodedata.bidirectional(letter)) in {"L", "R", "AL"}:
                return "ltr" if kind == "L" else "rtl"
        return ""


def draw(
    *,
    letters: Sequence[PaperLetter],
    subject: str,
    sender: Sender,
    on: date,
    language: str,
    paper: Paper,
) -> bytes:
    """All letters as one document, each beginning on a page of its own. Raises `pdf.CannotDraw`."""
    place = sender.city
    written = formats.date_format(on, _("j F Y"))
    context = {
        "letters": letters,
        "subject": subject,
        "sender": sender,
        "dated": f"{place}, {written}" if place else written,
        "language": language,
        "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "paper": paper,
    }
    return pdf.render(
        render_to_string("actions/postal/letters.html", context),
        stylesheet=render_to_string("actions/postal/letters.css", context),
    ).pdf
