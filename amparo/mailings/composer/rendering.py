"""Draw a text of a mailing from its blocks: a whole HTML document for every mail program, and its plain-text twin.

The base is a table 600 pixels wide at most, with every style in its element, since mail programs drop style sheets;
what only a sheet can say (narrow screens, dark mode) stands in one that may be dropped. Nothing is loaded but pictures
from the organization's own site: no font, no pixel, no address that tells a server which reader followed it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING, Any

import css_inline
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from amparo.mailings.composer import plain_words
from amparo.mailings.composer.block_kinds import Drawn, mail_blocks, stream_for
from amparo.mailings.composer.frame import DARK_CARD, Frame
from amparo.mailings.merge_fields import FIELD
from amparo.supporters import linking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from amparo.mailings.models import MailingText

#: Logos keep what is transparent in them.
LOGO = "max-400x120|format-png"
LOGO_WIDTH, LOGO_HEIGHT = 200, 60
#: After the preview text, so that no list of mails fills up with the beginning of the body.
FILLER = "\u00a0\u200c" * 60
SIGNATURE = "-- "
#: The kind of block that may be the title of a mail.
HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Both forms of one text, merge fields in braces."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it is stored: its number from 1, its kind and its value."""

    number: int
    slug: str
    value: Any

    @property
    def label(self) -> str:
        return str(mail_blocks.get(self.slug).label)


def render(text: MailingText, *, raw: Sequence[dict[str, Any]], now: datetime) -> Rendered:
    """Both forms of a text made of these blocks, as everything they show stands now."""
    frame = Frame(text.mailing, text.language, now, variant=text.variant)
    with translation.override(linking.spoken(text.language)):
        drawn = [piece for block in _titled(blocks_of(raw, frame), frame) if (piece := draw(*block))]
        return Rendered(html=_html(text, frame, drawn), text=_plain(frame, drawn))


def blocks_of(raw: Sequence[dict[str, Any]], frame: Frame) -> Iterator[Block]:
    """The stored blocks with their values; kinds that nobody offers any more are not there."""
    known = [block for block in raw if block.get("type") in mail_blocks]
    for number, child in enumerate(stream_for(frame.organization).to_python(known), start=1):
        yield Block(number, child.block_type, child.value)


def _titled(blocks: Iterator[Block], frame: Frame) -> Iterator[tuple[Block, Frame]]:
    """Each block with its frame; the first heading is the title of the mail."""
    level = 1
    for block in blocks:
        if block.slug == HEADING and level == 1:
            yield block, replace(frame, level=1)
            level = 2
        else:
            yield block, frame


def draw(block: Block, frame: Frame) -> Drawn | None:
    """One block; None where what it shows cannot be shown."""
    return mail_blocks.get(block.slug)().draw(block.value, frame)


def _html(text: MailingText, frame: Frame, drawn: Sequence[Drawn]) -> str:
    organization, identity = frame.organization, frame.identity
    logo = identity.logo if identity else None
    whole = render_to_string(
        "mailings/mail.html",
        {
            "frame": frame,
            "subject": text.subject,
            "preview": text.preview,
            "filler": FILLER,
            "at_rules": _sheet("mailings/mail_at_rules.css", frame),
            "home": f"{frame.address}/",
            "logo": frame.picture(logo, spec=LOGO, width=LOGO_WIDTH) if logo else None,
            "pieces": drawn,
            "boilerplate": _paragraphs(organization.boilerplate),
            "address": _paragraphs(organization.postal_address),
            **_standing_words(frame),
        },
    )
    inliner = css_inline.CSSInliner(
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=_sheet("mailings/mail.css", frame),
    )
    # What stands for readers without a name is escaped when it is filled in, and not before.
    return FIELD.sub(lambda field: unescape(field[0]), inliner.inline(whole))


def _plain(frame: Frame, drawn: Sequence[Drawn]) -> str:
    organization, words = frame.organization, _standing_words(frame)
    foot = [
        "\n".join(_paragraphs(organization.boilerplate)),
        words["why"],
        plain_words.link(words["choose"], "{preferences link}"),
        plain_words.link(words["leave"], "{unsubscribe link}"),
        "\n".join([organization.name, *_paragraphs(organization.postal_address), organization.contact_email]),
    ]
    body = plain_words.joined(piece.text for piece in drawn)
    return f"{body}\n\n{SIGNATURE}\n{plain_words.joined(foot)}\n"


def _standing_words(frame: Frame) -> dict[str, str]:
    """What stands below every mail, whatever it is about."""
    named = {"organization": frame.organization.name}
    return {
        "why": _("You get this mail as a supporter of %(organization)s.") % named,
        "choose": _("Choose what you get"),
        "leave": _("Unsubscribe"),
    }


def _sheet(template: str, frame: Frame) -> SafeString:
    """A style sheet in the mail's colours and direction; it holds nothing that anybody typed but a checked colour."""
    drawn = render_to_string(template, {"frame": frame, "dark_card": DARK_CARD})
    return mark_safe(drawn.replace("&quot;", '"'))  # noqa: S308 - see above


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in strip_tags(text).splitlines() if line.strip()]
