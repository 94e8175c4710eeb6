"""Where a reader lives, and nothing else: for actions that need no name and no address of theirs."""

from __future__ import annotations

from typing import Any

from amparo.actions.forms import DetailsForm


class PlaceForm(DetailsForm):
    """The postcode alone; no field at all where every target is a named post."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("given_name", "family_name", "email"):
            del self.fields[name]
