"""What receivers think of a sender, on one screen: what stands in the DNS, and what came of the last mailings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffPage
from amparo.kit.dns import NoAnswer, Resolver
from amparo.mailings import deliverability
from amparo.mailings.screens import receivers_answers
from amparo.mailings.screens.mailing_screens import MAILINGS
from amparo.mailings.screens.sending_forms import SelectorForm
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from amparo.mailings.deliverability import Finding


class Senders(StaffPage):
    """Of which organization; whoever looks after one alone is there at once."""

    least_role = Role.APPROVER
    above = (MAILINGS,)
    header_icon = "mail"
    page_title = gettext_lazy("What receivers think of us")
    template_name = "mailings/staff/senders.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if len(self.organizations) == 1:
            return Deliverability.as_view()(request, pk=self.organizations[0].pk)
        return super().dispatch(request, *args, **kwargs)


class Deliverability(StaffPage):
    """SPF, DKIM, DMARC, the mail server's name, one-click unsubscribing: in plain words, when somebody asks."""

    least_role = Role.APPROVER
    above = (MAILINGS,)
    header_icon = "mail"
    page_title = gettext_lazy("What receivers think of us")
    template_name = "mailings/staff/deliverability.html"

    @cached_property
    def organization(self) -> Organization:
        rows = Organization.objects.filter(pk__in=[each.pk for each in self.organizations])
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("look") == "yes"
        form = SelectorForm(self.request.GET if asked else None)
        return super().get_context_data(**kwargs) | {
            "organization": self.organization,
            "form": form,
            "findings": self._findings(form) if asked else None,
            "answers": receivers_answers.lately(self.organization, now=self.now),
        }

    def _findings(self, form: SelectorForm) -> list[Finding]:
        selector = form.cleaned_data["selector"] if form.is_valid() else ""
        try:
            names = Resolver()
        except NoAnswer:
            says = _("This machine has no DNS that could be asked.")
            return [deliverability.Finding("DNS", "unknown", says)]
        return deliverability.examine(self.organization, names=names, selector=selector)
