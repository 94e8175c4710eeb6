"""Words in braces, filled in where a page is drawn (see `content/brace_words.py`)."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.utils.safestring import mark_safe

from amparo.content.brace_words import Told, tell, tell_html
from amparo.content.whose import organization_of

register = template.Library()


@register.simple_tag(takes_context=True)
def told(context: template.Context, text: Any, *, whole: bool = False) -> Told:
    """A text of the page with its words filled in: use as `{% told page.introduction as intro %}`.

    What is safe HTML already is told as HTML, anything else as plain text. With `whole` a plain text that names what
    cannot be shown is left out altogether, as somebody's own words have to be.
    """
    html = text.__html__() if hasattr(text, "__html__") else None
    plain = str(text or "") if html is None else html
    organization = organization_of(cast("dict[str, Any]", context.flatten())) if "{" in plain else None
    if organization is None:
        return Told(plain if html is None else mark_safe(html))  # noqa: S308 - it said itself that it is safe
    return (
        tell_html(html, organization=organization)
        if html is not None
        else tell(plain, organization=organization, whole=whole)
    )
