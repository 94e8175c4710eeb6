"""Carries from form to form by which means the link came that somebody followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html

from amparo.actions import attribution

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def via_input(context: dict[str, Any]) -> SafeString | str:
    """A hidden input with the code behind the page's address, or from the form before; nothing without one."""
    request = context.get("request")
    if request is None:
        return ""
    code = attribution.via_of(request.POST) or attribution.via_of(request.GET)
    if not code:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', attribution.NAME, code)
