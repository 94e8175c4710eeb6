"""What a text message costs, in parts: for readers with a name, without one, and with one in other letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from amparo.mailings.previewing import reader_of
from amparo.mailings.texts.counting import Length, measure
from amparo.mailings.texts.filling import FilledText

if TYPE_CHECKING:
    from amparo.mailings.models import MailingText

#: Who a text is measured for. A given name of ten letters is longer than nine of ten.
NAMES: Final = {"named": ("Alexandria", "Example"), "nameless": ("", ""), "wide": ("Γιώργος", "Παράδειγμα")}


def lengths_of(text: MailingText) -> dict[str, Length]:
    """How long it is for each of `NAMES`."""
    filled = FilledText(text, mailing=text.mailing)
    return {who: measure(filled.body_for(reader_of(*name))) for who, name in NAMES.items()}
