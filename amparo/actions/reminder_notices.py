"""The mail that reminds of a link: what waits there, until when, and that nothing has to be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.actions import confirming
from amparo.actions.followers import following
from amparo.actions.models import Confirmation
from amparo.actions.reminding import REMIND
from amparo.content.own_address import address_of
from amparo.mailings.registry import NoticeKind, Text, notice_kinds
from amparo.mailings.unsubscribing import choices_url

if TYPE_CHECKING:
    from amparo.mailings.models import Notice


@notice_kinds.register(REMIND)
class Remind(NoticeKind):
    """Nothing once the link was used or has ended."""

    def write(self, notice: Notice) -> Text | None:
        now = timezone.now()
        confirmation = Confirmation.objects.filter(
            pk=notice.subject_id, closed_at__isnull=True, expires_at__gt=now
        ).first()
        actions = confirming.waiting_actions(confirmation) if confirmation else []
        if confirmation is None or not actions:
            return None
        begun = [(action.page.title, action.organization.name) for action in actions]
        begun += [
            (following.heading(one.case, today=now.date()), one.organization.name)
            for one in following.waiting_at(confirmation)
        ]
        ours = next((one for one in actions if one.organization_id == notice.organization_id), None)
        context = {
            "begun": begun,
            "until": confirmation.expires_at,
            "link": address_of(notice.organization)
            + reverse("confirm", args=[confirming.link_for(confirmation.pk)]),
            "organization": notice.organization,
            "choices": choices_url(
                ours.supporter if ours else None, recipient=notice.recipient, language=notice.language
            ),
        }
        return Text(
            _("Reminder: you have not confirmed yet"), render_to_string("actions/mail/remind.txt", context)
        )
