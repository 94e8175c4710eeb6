"""What this floor fills in for words in braces on pages: {figure:held-without-trial}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.cases import figures
from amparo.cases.models import Figure
from amparo.content.brace_words import Filled, brace_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from amparo.organizations.models import Organization


@brace_words.register(figures.WORD)
class FigureWord:
    """A figure by its key, with its day and its source below the text."""

    @staticmethod
    def fill(names: Collection[str], *, organization: Organization) -> Mapping[str, Filled]:
        found = figures.fit_to_print(names, organization=organization)
        return {
            key: Filled(figures.in_words(figure), figures.note_of(figure)) for key, figure in found.items()
        }

    @staticmethod
    def wrong(name: str, *, organization: Organization) -> str:
        if Figure.objects.for_organization(organization).filter(key=name).exists():
            return _("The figure “%(key)s” has no day or no source: readers do not see what names it.") % {
                "key": name
            }
        return _("There is no figure “%(key)s”: readers do not see what names it.") % {"key": name}
