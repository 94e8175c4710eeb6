"""What the screens about a list that is brought in have in common: where they hang, and whose list it is."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from amparo.supporters.models import ImportRun

LISTS = (gettext_lazy("Lists brought in"), "staff_lists")


class OneList:
    """Mixin of screens about one list of the user's organizations."""

    find: Any
    kwargs: dict[str, Any]

    @cached_property
    def run(self) -> ImportRun:
        found: ImportRun = self.find(
            ImportRun.objects.select_related("organization", "made_by"), pk=self.kwargs["pk"]
        )
        return found
