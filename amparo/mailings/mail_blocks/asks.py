"""What readers are asked to do: a button that leads to a page of ours, or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from amparo.mailings.composer.block_kinds import Drawn, MailBlock, mail_blocks
from amparo.mailings.composer.plain_words import link

if TYPE_CHECKING:
    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization


class ButtonFields(blocks.StructBlock):
    """One of the two addresses, and not both."""

    text = blocks.CharBlock(
        max_length=60, help_text=gettext_lazy("What happens: “Write to the minister”, and not “Click here”.")
    )
    page = blocks.PageChooserBlock(
        required=False,
        help_text=gettext_lazy("A page that asks for something; readers get it in their language."),
    )
    url = blocks.URLBlock(
        required=False, label=gettext_lazy("Or an address elsewhere"), help_text="https://…"
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        to_page_or_address(cleaned, is_needed=True)
        return cleaned


def to_page_or_address(cleaned: Any, *, is_needed: bool) -> None:
    """Raises `StructBlockValidationError` where there are both of the two addresses, or none and one is needed."""
    page, url = bool(cleaned["page"]), bool(cleaned["url"])
    if (page and url) or (is_needed and not (page or url)):
        said = ValidationError(_("Choose a page, or write an address: one of the two."))
        raise StructBlockValidationError(block_errors={"page": said})


@mail_blocks.register("button")
class Button(MailBlock):
    label = gettext_lazy("Button to an ask")
    icon = "link"
    order = 40
    asks = True

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return ButtonFields()

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        page, url = value["page"], value["url"]
        if page is None and not url:
            return None
        address = frame.link_to(page) if page is not None else frame.marked(url)
        html = frame.draw("mailings/blocks/button.html", text=value["text"], url=address)
        return Drawn(html, link(value["text"], address))

    def complaints(self, value: Any, frame: Frame) -> list[str]:
        if value["page"] is None:
            return [] if value["url"] else [_("The page behind a button was deleted: choose another one.")]
        page = frame.twin_of(value["page"]).specific
        takes_actions = getattr(page, "takes_actions", None)
        if page.live and takes_actions is not None and not takes_actions(now=frame.now):
            return [_("“%(page)s” is over: nobody can take part any more.") % {"page": page.title}]
        return []
