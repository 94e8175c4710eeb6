"""What staff should look at before a text message is sent: how a reader gets out, who it is from, what it costs."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from amparo.mailings.composer.hint import Grade, Hint
from amparo.mailings.texts import costing, counting, senders, ways_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amparo.mailings.composer.frame import Frame
    from amparo.mailings.models import Mailing, MailingText

#: Telephones join ten parts; Twilio takes 1,600 characters.
MOST_PARTS = 10
_URL = re.compile(r"https?://[^\s<>{}]+")
#: Signs of typography, and those of a telephone's alphabet that say the same.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
                        "•": "-", "\u00a0": " ", "\u202f": " ", "œ": "oe", "Œ": "OE"})  # fmt: skip


def pages_in(words: str, frame: Frame) -> list[Page]:
    """The pages of the organization's own site whose addresses stand in these words."""
    ours = {_bare(url) for url in _URL.findall(words) if frame.is_ours(url)}
    if not ours or frame.identity is None:
        return []
    slugs = {url.rpartition("/")[2] for url in ours}
    found = Page.objects.live().descendant_of(frame.identity.site.root_page).filter(slug__in=slugs)
    return [page for page in found.select_related("locale") if _bare(frame.address_of(page)) in ours]


def _bare(url: str) -> str:
    """An address without what follows the page in it, or stands behind it in a sentence."""
    return url.partition("#")[0].partition("?")[0].rstrip("/.,;:!)")


def of_mailing(mailing: Mailing) -> Iterator[Hint]:
    """What is about the organization."""
    organization = mailing.organization
    profile = reverse("staff_organization", args=[organization.pk])
    if senders.sender_of(organization) is None:
        yield Hint(
            "no-number",
            _(
                "There is no number from which this organization sends texts. Whoever looks after the server sets it."
            ),
            Grade.GRAVE,
        )
    if organization.quiet_from is None:
        yield Hint(
            "no-quiet-hours",
            _(
                "Your organization has no quiet hours. A text message rings beside a bed: say when none may leave."
            ),
            Grade.GRAVE,
            mend_at=profile,
        )


def of_text(text: MailingText) -> Iterator[Hint]:
    """What is about one text."""
    at = reverse("staff_text_message", args=[text.pk])
    sender = senders.sender_of(text.mailing.organization)
    words = text.text
    if not words.strip():
        yield Hint("no-words", _("Nothing is written in it yet."), Grade.GRAVE, mend_at=at)
        return
    takes_answers = sender is not None and sender.takes_answers
    if not ways_out.names_one(words, takes_answers=takes_answers):
        yield Hint(
            "no-way-out",
            _(
                "It does not say how to get no more of these: write {unsubscribe link}, or that they may answer STOP."
            )
            if takes_answers
            else _("It does not say how to get no more of these: write {unsubscribe link}."),
            Grade.GRAVE,
            mend_at=at,
        )
    longest = max(length.parts for length in costing.lengths_of(text).values())
    if longest > MOST_PARTS:
        yield Hint(
            "too-long",
            _("It has up to %(parts)d parts. Telephones put at most %(most)d together: shorten it.")
            % {"parts": longest, "most": MOST_PARTS},
            Grade.GRAVE,
            mend_at=at,
        )
    if text.mailing.organization.name.casefold() not in words.casefold():
        yield Hint(
            "nobody-said",
            _("It does not say who it is from. A number alone says nothing: begin with “%(name)s”.")
            % {"name": text.mailing.organization.name},
            mend_at=at,
        )
    yield from _about_letters(words, at=at)


def _about_letters(words: str, *, at: str) -> Iterator[Hint]:
    """Letters that could be written otherwise and make each message dearer."""
    length, plain = counting.measure(words), _plainly(words)
    if not length.is_wide or not counting.is_narrow(plain):
        return
    cheaper = counting.measure(plain)
    if cheaper.parts < length.parts:
        yield Hint(
            "dear-letters",
            _(
                "Because of %(letters)s a part holds 67 letters instead of 153. Written without, it has %(fewer)d"
                " instead of %(parts)d."
            )
            % {
                "letters": " ".join(counting.wide_letters(words)[:8]),
                "fewer": cheaper.parts,
                "parts": length.parts,
            },
            mend_at=at,
        )


def _plainly(words: str) -> str:
    """The same without signs of typography, and without accents that a telephone's alphabet lacks."""
    return "".join(
        letter if counting.is_narrow(letter) else unicodedata.normalize("NFD", letter)[0]
        for letter in words.translate(_PLAIN)
    )
