"""What staff fill in about an automation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_forms import OrganizationChoice
from amparo.mailings.automations.registry import automation_kinds, kind_of
from amparo.mailings.models.automation import MOST_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.mailings.models import Automation, AutomationStep
    from amparo.organizations.models import Organization


class NewAutomationForm(forms.Form):
    """What a new automation is."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For you and your colleagues; readers never see it.")
    )
    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (slug, format_html("<span><b>{}</b><br>{}</span>", kind.label, kind.explains))
            for slug, kind in automation_kinds.items()
        ]
        self.fields["organization"] = OrganizationChoice(organizations)


class AutomationForm(forms.Form):
    """Its name, and what its kind lets staff choose."""

    name = forms.CharField(label=_("Name"), max_length=120)

    def __init__(self, *args: Any, automation: Automation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(kind_of(automation).fields(automation.organization))


class DaysForm(forms.Form):
    """After how many days a mail comes."""

    days = forms.IntegerField(
        label=_("Days after the mail before"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=3,
    )

    def __init__(self, *args: Any, step: AutomationStep | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step is not None and step.number == 1:
            self.fields["days"] = forms.IntegerField(
                label=_("Days after what it follows from"),
                min_value=0,
                max_value=MOST_DAYS,
                help_text=_("0: within minutes."),
            )
