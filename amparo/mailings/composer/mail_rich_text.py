"""The composer's rich text as it stands in a mail: narrowed to a few elements, every address whole."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import nh3
from wagtail.models import Page
from wagtail.rich_text.rewriters import FIND_A_TAG, extract_attrs

if TYPE_CHECKING:
    from amparo.mailings.composer.frame import Frame

#: What the composer offers.
FEATURES = ["bold", "italic", "link", "ol", "ul"]
_TAGS = {"p", "br", "b", "strong", "i", "em", "a", "ul", "ol", "li"}
_SCHEMES = {"https", "http", "mailto", "tel"}


def in_mail(source: str, frame: Frame) -> str:
    """Rich text as it is stored, as the HTML of a mail; a link to a page that is gone loses its address."""

    def opened(found: re.Match[str]) -> str:
        attributes = extract_attrs(found[1])
        if attributes.get("linktype") != "page":
            return found[0]
        page = Page.objects.filter(pk=attributes.get("id") or 0).first()
        return f'<a href="{escape(frame.address_of(frame.twin_of(page)))}">' if page is not None else "<a>"

    return nh3.clean(
        FIND_A_TAG.sub(opened, source),
        tags=_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=lambda _tag, _name, value: frame.marked(frame.absolute(value)),
        url_schemes=_SCHEMES,
        link_rel=None,
    )
