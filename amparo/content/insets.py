"""How a page draws its form inside another page, so that a lower floor never reaches up for it.

A page type that can be filled in elsewhere has a method `inset()`; its form posts to the page's own address, which also
shows what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail.models import Page


@dataclass(frozen=True, slots=True)
class Inset:
    """A template that draws the form, and what it needs. Without one, the page is shown as a link."""

    template: str
    context: Mapping[str, Any]


#: Forms that an upper floor puts under pages of a lower one: each takes a page, and answers for those it knows. Offered
#: in an app's `added_forms.py`.
added_forms: Registry[Callable[[Page], Inset | None]] = Registry("form under other pages")


def added_to(page: Page) -> list[Inset]:
    """What upper floors put under `page`, in the language being read."""
    found = (form(page) for _slug, form in added_forms.items())
    return [inset for inset in found if inset is not None]


def can_be_inset(page: Page) -> bool:
    """Whether pages of this kind draw a form inside others."""
    return hasattr(page.specific_class, "inset")


def inset_of(page: Page) -> Inset | None:
    """The form of `page`, in the language being read; None when it is not live."""
    twin = page.localized.specific
    if not twin.live or not hasattr(twin, "inset"):
        return None
    found: Inset = twin.inset()
    return found
