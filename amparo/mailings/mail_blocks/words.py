"""Words: text, headings, somebody's own words, and a line between two subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from amparo.content import brace_words
from amparo.mailings.composer.block_kinds import Drawn, MailBlock, mail_blocks
from amparo.mailings.composer.mail_rich_text import FEATURES, in_mail
from amparo.mailings.composer.plain_words import plain_from, underlined

if TYPE_CHECKING:
    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization


@mail_blocks.register("text")
class Words(MailBlock):
    """Paragraphs and lists; figures of the register may be named in braces, and their sources follow below."""

    label = _("Text")
    icon = "pilcrow"
    order = 10

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return blocks.RichTextBlock(features=FEATURES)

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        told = brace_words.tell_html(in_mail(value.source, frame), organization=frame.organization)
        if not strip_tags(told.text).strip():
            return None
        html = frame.draw("mailings/blocks/text.html", html=told.text, notes=told.notes)
        return Drawn(html, "\n\n".join([plain_from(told.text), *told.notes]))

    def complaints(self, value: Any, frame: Frame) -> list[str]:
        return brace_words.wrong_in([value.source], organization=frame.organization)


@mail_blocks.register("heading")
class Heading(MailBlock):
    label = _("Heading")
    icon = "title"
    order = 20

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return blocks.CharBlock(max_length=120)

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        html = frame.draw("mailings/blocks/heading.html", text=value)
        return Drawn(html, underlined(value))


@mail_blocks.register("quote")
class Quote(MailBlock):
    """Somebody's exact words, and who said them."""

    label = _("Quotation")
    icon = "openquote"
    order = 60

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return blocks.StructBlock(
            [
                ("quote", blocks.TextBlock(rows=3, max_length=600)),
                (
                    "attribution",
                    blocks.CharBlock(max_length=200, help_text=_("Who said it, and where or when.")),
                ),
            ]
        )

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        html = frame.draw("mailings/blocks/quote.html", **value)
        return Drawn(html, f"{value['quote']}\n— {value['attribution']}")


@mail_blocks.register("divider")
class Divider(MailBlock):
    label = _("Dividing line")
    icon = "dots-horizontal"
    order = 80

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return blocks.StaticBlock(admin_text=_("A thin line from side to side."))

    def draw(self, value: Any, frame: Frame) -> Drawn | None:  # noqa: ARG002
        return Drawn(frame.draw("mailings/blocks/divider.html"), "* * *")
