"""Pictures: with who made them and what they show, and from our own site, so that nobody else learns who reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from amparo.mailings.composer.block_kinds import Drawn, MailBlock, mail_blocks
from amparo.mailings.composer.frame import WIDTH

if TYPE_CHECKING:
    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization

#: Twice as wide as shown; JPEG, since Outlook shows neither WebP nor AVIF.
SPEC = f"max-{2 * WIDTH}x{4 * WIDTH}|format-jpeg|jpegquality-72|bgcolor-ffffff"


@mail_blocks.register("image")
class Image(MailBlock):
    label = gettext_lazy("Picture")
    icon = "image"
    order = 30

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return blocks.StructBlock(
            [
                ("image", ImageChooserBlock()),
                (
                    "alt_text",
                    blocks.CharBlock(
                        required=False,
                        max_length=300,
                        help_text=gettext_lazy(
                            "What it shows, for readers who cannot see it or whose program shows no pictures. Empty:"
                            " what is kept with the picture."
                        ),
                    ),
                ),
                ("caption", blocks.CharBlock(required=False, max_length=200)),
            ]
        )

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        image = value["image"]
        if image is None:
            return None
        alt = value["alt_text"] or image.alt_text
        below = " · ".join(
            filter(None, [value["caption"], _("Picture: %(credit)s") % {"credit": image.credit}])
        )
        html = frame.draw(
            "mailings/blocks/image.html",
            picture=frame.picture(image, spec=SPEC, width=WIDTH),
            alt=alt,
            below=below,
        )
        return Drawn(html, f"[{alt}]\n{below}", bleeds=True)

    def complaints(self, value: Any, frame: Frame) -> list[str]:  # noqa: ARG002
        image = value["image"]
        if image is None:
            return [_("A picture was deleted: choose another one.")]
        if not (value["alt_text"] or image.alt_text).strip():
            return [
                _("The picture “%(title)s” has no description for readers who cannot see it.")
                % {"title": image.title}
            ]
        return []
