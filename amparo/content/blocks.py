"""What a page's body may hold. Each block has a template of its own in `web/templates/web/blocks/`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from amparo.content import pieces
from amparo.content.insets import can_be_inset, inset_of
from amparo.content.whose import organization_of

_RICH = ["bold", "italic", "link", "ol", "ul"]


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock()
    caption = blocks.CharBlock(required=False)

    class Meta:
        icon = "image"
        template = "web/blocks/image.html"


class QuoteBlock(blocks.StructBlock):
    quote = blocks.TextBlock()
    attribution = blocks.CharBlock(help_text=_("Who said it, and where or when."))

    class Meta:
        icon = "openquote"
        template = "web/blocks/quote.html"


class FigureBlock(blocks.StructBlock):
    """A number is never shown without the day it was true and where it comes from."""

    value = blocks.CharBlock()
    unit = blocks.CharBlock(help_text=_("What is counted, such as: days in solitary confinement."))
    as_of = blocks.DateBlock(help_text=_("The day on which this was true."))
    source = blocks.CharBlock()
    source_url = blocks.URLBlock(required=False)

    class Meta:
        icon = "order"
        template = "web/blocks/figure.html"


class ButtonBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=60)
    page = blocks.PageChooserBlock(required=False)
    url = blocks.URLBlock(required=False)

    class Meta:
        icon = "link"
        template = "web/blocks/button.html"


class SignUpBlock(blocks.StructBlock):
    """The form of another page, such as a sign-up page, to be filled in where the reader is."""

    page = blocks.PageChooserBlock(help_text=_("The page whose form is shown, such as a sign-up page."))

    class Meta:
        icon = "mail"
        label = _("Sign-up form")
        template = "web/blocks/sign_up.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not can_be_inset(cleaned["page"]):
            said = ValidationError(_("Choose a page whose form can be filled in elsewhere: a sign-up page."))
            raise blocks.StructBlockValidationError(block_errors={"page": said})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        inset = inset_of(value["page"]) if value.get("page") else None
        return context | {"inset": inset} | (dict(inset.context) if inset else {})


class PieceBlock(blocks.StructBlock):
    """What an upper floor draws from its own records, such as laws and bills with their stage."""

    what = blocks.ChoiceBlock(choices=pieces.on_offer)
    heading = blocks.CharBlock(required=False)
    narrowed_to = blocks.CharBlock(
        required=False, max_length=60, help_text=_("Such as FR, for one country; empty for all.")
    )

    class Meta:
        icon = "folder-open-inverse"
        label = _("From the register")
        template = "web/blocks/piece.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        organization = organization_of(parent_context or {})
        what = value.get("what")
        piece = None
        if organization is not None and what in pieces.page_pieces:
            piece = pieces.page_pieces.get(what).draw(
                organization=organization, narrowed_to=value.get("narrowed_to") or ""
            )
        return context | {"piece": piece} | (dict(piece.context) if piece else {})


class BodyBlocks(blocks.StreamBlock):
    heading = blocks.CharBlock(icon="title", template="web/blocks/heading.html")
    paragraph = blocks.RichTextBlock(features=_RICH, template="web/blocks/paragraph.html")
    image = ImageBlock()
    quote = QuoteBlock()
    figure = FigureBlock()
    button = ButtonBlock()
    sign_up = SignUpBlock()
    piece = PieceBlock()


class LetterBlocks(blocks.StreamBlock):
    """What an open letter is made of: words, and figures with their day and source."""

    paragraph = blocks.RichTextBlock(
        features=["bold", "italic", "link"], template="web/blocks/paragraph.html"
    )
    quote = QuoteBlock()
    figure = FigureBlock()
