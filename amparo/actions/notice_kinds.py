"""The mails supporters receive about their letters. Each in their language; each names only their own deeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.actions import confirming, telling
from amparo.actions.models import Confirmation, Message
from amparo.actions.taking import CONFIRM
from amparo.mailings.registry import NoticeKind, Text, notice_kinds

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Notice


@notice_kinds.register(CONFIRM)
class ConfirmAction(NoticeKind):
    """Asks whether it was really you; lists everything that waits at this link."""

    def write(self, notice: Notice) -> Text | None:
        confirmation = Confirmation.objects.filter(pk=notice.subject_id, closed_at__isnull=True).first()
        actions = confirming.waiting_actions(confirmation) if confirmation else []
        if confirmation is None or not actions:
            return None
        link = settings.BASE_URL + reverse("confirm", args=[confirming.link_for(confirmation.pk)])
        context = {"actions": actions, "link": link, "organization": notice.organization}
        return Text(_("Please confirm your letter"), render_to_string("actions/mail/confirm.txt", context))

    def after_sending(self, notice: Notice, *, now: datetime) -> None:
        confirming.mail_left(confirmation_id=notice.subject_id, now=now)


class _AboutOneLetter(NoticeKind):
    template = ""

    def subject(self) -> str:
        raise NotImplementedError

    def write(self, notice: Notice) -> Text | None:
        message = Message.objects.select_related("page", "action").filter(pk=notice.subject_id).first()
        if message is None:
            return None
        context = {
            "message": message,
            "organization": notice.organization,
            "name": message.action.given_name or "",
        }
        return Text(self.subject(), render_to_string(self.template, context))


@notice_kinds.register(telling.LETTER_FAILED)
class LetterFailed(_AboutOneLetter):
    template = "actions/mail/failed.txt"

    def subject(self) -> str:
        return _("Your letter could not be delivered")


@notice_kinds.register(telling.LETTER_BOUNCED)
class LetterBounced(_AboutOneLetter):
    template = "actions/mail/failed.txt"

    def subject(self) -> str:
        return _("Your letter came back")


@notice_kinds.register(telling.LETTERS_SENT)
class LettersSent(NoticeKind):
    """Says once, when the last of an action's letters has left, what became of each."""

    def write(self, notice: Notice) -> Text | None:
        messages = list(Message.objects.select_related("page", "action").filter(action=notice.subject_id))
        if not messages:
            return None
        action = messages[0].action
        link = settings.BASE_URL + reverse("letters", args=[confirming.status_link_for(action.pk)])
        context = {"messages": messages, "action": action, "organization": notice.organization, "link": link}
        return Text(_("Your letter is on its way"), render_to_string("actions/mail/sent.txt", context))
