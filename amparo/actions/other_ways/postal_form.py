"""Who writes a letter on paper, and from where: printed, and forgotten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.actions.forms import StandardForm
from amparo.actions.other_ways.postal_addresses import Sender
from amparo.kit import addresses
from amparo.kit.names import countries


def _line(label: Any, autocomplete: str, *, longest: int, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"}),
        **more,
    )


class SenderForm(StandardForm):
    """Name and address of the writer; each may be left empty. The names differ from those of the first page's form."""

    full_name = _line(_("Your name"), "name", longest=120)
    address_line1 = _line(_("Street and number"), "address-line1", longest=120)
    address_line2 = _line(_("Flat, floor, care of"), "address-line2", longest=120)
    postal_code = _line(_("Postcode"), "postal-code", longest=20)
    city = _line(_("Town or city"), "address-level2", longest=80)
    region = _line(_("State or region"), "address-level1", longest=80)
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=forms.Select(attrs={"autocomplete": "country"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", ""), *countries()]  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        return f"sender-{field_name.replace('_', '-')}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return {name: addresses.one_line(str(value), 120) for name, value in cleaned.items()}

    def sender(self) -> Sender:
        """What is printed."""
        typed = self.cleaned_data
        return Sender(
            full_name=typed["full_name"],
            street="\n".join(line for line in (typed["address_line1"], typed["address_line2"]) if line),
            postal_code=typed["postal_code"].upper(),
            city=typed["city"],
            region=typed["region"],
            country=typed["country"],
        )
