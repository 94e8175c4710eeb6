"""What a page's body may hold. Each block has a template of its own in `web/templates/web/blocks/`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

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


class BodyBlocks(blocks.StreamBlock):
    heading = blocks.CharBlock(icon="title", template="web/blocks/heading.html")
    paragraph = blocks.RichTextBlock(features=_RICH, template="web/blocks/paragraph.html")
    image = ImageBlock()
    quote = QuoteBlock()
    figure = FigureBlock()
    button = ButtonBlock()
