"""What this floor tells administrators by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.mailings import (
    breaking,
    own_page_notices,  # noqa: F401 - being imported is what registers them
    troubles,
    trying_mailings,  # noqa: F401
)
from amparo.mailings.models import Breaker, Mailing
from amparo.mailings.registry import NoticeKind, Text, notice_kinds

if TYPE_CHECKING:
    from amparo.mailings.models import Notice


@notice_kinds.register(breaking.TRIPPED)
class BreakerTripped(NoticeKind):
    """Says that confirmation mails wait, and where to look; nothing once somebody has released them."""

    def write(self, notice: Notice) -> Text | None:
        breaker = Breaker.objects.open().filter(pk=notice.subject_id).first()
        if breaker is None:
            return None
        context = {
            "breaker": breaker,
            "waiting": breaking.waiting_behind(breaker),
            "organization": notice.organization,
            "link": settings.BASE_URL + reverse("staff_abuse"),
        }
        return Text(
            _("Confirmation mails are held back"), render_to_string("mailings/mail/breaker.txt", context)
        )


@notice_kinds.register(troubles.PAUSED)
class MailingPaused(NoticeKind):
    """Says that a mailing was paused and why; nothing once somebody has moved it on."""

    def write(self, notice: Notice) -> Text | None:
        paused = Mailing.objects.for_organization(notice.organization).filter(state=Mailing.State.PAUSED)
        mailing = paused.filter(pk=notice.subject_id).first()
        if mailing is None:
            return None
        context = {
            "mailing": mailing,
            "organization": notice.organization,
            "link": settings.BASE_URL + reverse("wagtailadmin_home"),
        }
        return Text(_("A mailing was paused"), render_to_string("mailings/mail/mailing_paused.txt", context))
