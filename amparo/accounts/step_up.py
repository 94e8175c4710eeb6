"""The second factor once more, before what could do the most harm: it has to be at most five minutes old (S11)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_screens import StaffDeed
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SecondFactorTooOld(Refusal):
    sentence = _(
        "Your second factor was asked for more than five minutes ago. Confirm it in another tab, then press the"
        " button again: what you typed is still here."
    )


def is_fresh(request: HttpRequest) -> bool:
    """Whether a passkey or a one-time code was given in this session within the last five minutes.

    Not allauth's own `reauthentication_required`, which is content with the password alone.
    """
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" and record["at"] > since for record in records)


def place_to_confirm(request: HttpRequest, *, then: str) -> str:
    """Where the user gives the second factor again; from there they come back to `then`."""
    has_code = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
    name = "mfa_reauthenticate" if has_code else "mfa_reauthenticate_webauthn"
    return f"{reverse(name)}?{urlencode({'next': then})}"


class SteppedUpDeed(StaffDeed):
    """A deed behind a fresh second factor: asked for before the screen opens, and looked at again on POST."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_fresh(request):
            return HttpResponseRedirect(place_to_confirm(request, then=request.get_full_path()))
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if not is_fresh(self.request):
            form.add_error(None, str(SecondFactorTooOld()))
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stale = not is_fresh(self.request)
        confirm = place_to_confirm(self.request, then=reverse("wagtailadmin_home")) if stale else ""
        return super().get_context_data(**kwargs) | {"confirm": confirm}
