"""A test letter for the editor, before anybody else sees the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from amparo.accounts.staff_screens import StaffDeed
from amparo.actions.addressing import keys_of
from amparo.actions.models import EmailTargetPage
from amparo.actions.trying import send_trial


class TrialForm(forms.Form):
    """For which supporter the letter is drafted."""

    postal_code = forms.CharField(
        label=gettext_lazy("Postcode"),
        max_length=40,
        help_text=gettext_lazy("The letter is drafted for whoever represents this postcode."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=lambda: settings.LANGUAGES)

    def __init__(self, *args: Any, asks_postcode: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_postcode:
            del self.fields["postal_code"]


class Trial(StaffDeed):
    """Sends the letter of the newest draft to the user's own address."""

    header_icon = "mail"
    form_class = TrialForm
    button = gettext_lazy("Send a test to me")

    @cached_property
    def page(self) -> EmailTargetPage:
        """The page as it was last saved, published or not."""
        found: EmailTargetPage = self.find(EmailTargetPage.objects.all(), pk=self.kwargs["pk"])
        draft: EmailTargetPage = found.get_latest_revision_as_object()
        return draft

    def get_page_title(self) -> str:
        return _("Test letter: %(page)s") % {"page": self.page.get_admin_display_title()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        return [*items[:-1], {"url": self.after(), "label": self.page.get_admin_display_title()}, items[-1]]

    def consequences(self) -> list[str]:
        return [
            _("One mail for each target goes to %(address)s, and to nobody else.")
            % {"address": self.user.email},
            _("Its subject begins with [TEST]. Nothing is stored, counted or confirmed."),
            _("The letter is the one you saved last, whether or not it is published."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "asks_postcode": bool(keys_of(self.page.legislatures))}

    def get_initial(self) -> dict[str, Any]:
        return {"language": get_language() or settings.LANGUAGE_CODE}

    def act(self, form: TrialForm) -> str:
        said = form.cleaned_data
        targets = send_trial(
            page=self.page,
            postal_code=said.get("postal_code", ""),
            to=self.user,
            language=said["language"],
            now=self.now,
        )
        sent = ngettext(
            "Sent: %(count)d test letter, to you.", "Sent: %(count)d test letters, to you.", len(targets)
        )
        return f"{sent % {'count': len(targets)}} {_('Drafted for')}: {'; '.join(targets)}"

    def after(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.kwargs["pk"]])
