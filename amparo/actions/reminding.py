"""Remind those who began and did not confirm: twice at most, about the same link, and never once they have confirmed.

A reminder is about what its reader began, and asks for nothing else, so it needs no consent; and because somebody else
may have typed the address, it counts to what may be mailed to an address (`mailings.posting`). An address that never
confirmed anything may get three such mails in 30 days: it is reminded once, so that one is left for whoever begins
again themselves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Action, Confirmation, ConfirmationReminder
from amparo.actions.taking import KNOWN_FOR, may_be_asked
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.mailings import posting
from amparo.mailings.automations.registry import AutomationKind
from amparo.mailings.models import Notice
from amparo.supporters import identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import Automation

#: The kind of notice.
REMIND = "remind_to_confirm"
#: How long before its end a link is reminded of: it works for seven days from the first mail, so two days after that,
#: and five.
TIMES = {1: timedelta(days=5), 2: timedelta(days=2)}
#: A link that ends sooner is not worth a mail.
STILL_WORKS = timedelta(hours=12)
#: Between two reminders, whenever the first could leave.
APART = timedelta(days=2)
#: Links in one pass; the next is a minute later.
AT_ONCE = 500


class ReminderToConfirm(AutomationKind):
    """It has no text of staff's: a reminder that says more than the first mail would be an advertisement."""

    label = _("Reminder to confirm")
    explains = _(
        "To those who began and did not press the button in the mail: two days later and, where the address is known to"
        " be theirs, once more after five. Never more than twice, and never once they have confirmed."
    )
    most_steps = 0

    def run(self, automation: Automation, *, now: datetime) -> int:
        reminded = 0
        for number in TIMES:
            for pk in list(due(automation, number=number, now=now).values_list("pk", flat=True)[:AT_ONCE]):
                reminded += remind(automation, confirmation_id=pk, number=number, now=now)
        return reminded

    def numbers(self, automation: Automation) -> Sequence[tuple[_StrOrPromise, int]]:
        notices = Notice.objects.for_organization(automation.organization).filter(kind=REMIND).order_by()
        counted = dict(notices.values_list("state").annotate(Count("pk")))
        return [
            (_("Sent"), counted.get(Notice.State.SENT, 0)),
            (_("Waiting"), counted.get(Notice.State.QUEUED, 0) + counted.get(Notice.State.SENDING, 0)),
            (_("Not sent, because they had confirmed meanwhile or the address refused it"),
             counted.get(Notice.State.FAILED, 0)),
        ]  # fmt: skip


def due(automation: Automation, *, number: int, now: datetime) -> QuerySet[Confirmation]:
    """Open links, begun since it is on, whose time for the reminder of this number has come."""
    begun = Action.objects.for_organization(automation.organization).pending()
    begun = begun.filter(confirmation=OuterRef("pk"), taken_at__gte=automation.on_since, is_test=False)
    there = ConfirmationReminder.objects.filter(confirmation=OuterRef("pk"))
    found = Confirmation.objects.filter(
        Exists(begun),
        ~Exists(there.filter(number=number)),
        closed_at__isnull=True,
        expires_at__lte=now + TIMES[number],
        expires_at__gt=now + STILL_WORKS,
    )
    if number > 1:
        found = found.filter(Exists(there.filter(number=number - 1, decided_at__lte=now - APART)))
    return found.order_by("expires_at", "pk")


def remind(automation: Automation, *, confirmation_id: UUID, number: int, now: datetime) -> bool:
    """Decide about one reminder, once: queue it, or leave it out where the address had its share."""
    with transaction.atomic():
        still_open = Confirmation.objects.filter(pk=confirmation_id, closed_at__isnull=True)
        if not still_open.update(opened_at=F("opened_at")):
            return False
        row = ConfirmationReminder(
            id=new_id(), confirmation_id=confirmation_id, number=number, decided_at=now
        )
        if not insert_if_new(row):
            return False
        confirmation = still_open.get()
        mark = bytes(confirmation.address_mark)
        known = Confirmation.objects.filter(address_mark=mark, used_at__gte=now - KNOWN_FOR).exists()
        if number > 1 and not known:
            return False
        found = _whose(automation, confirmation)
        if found is None:
            return False
        action, email = found
        if not may_be_asked(
            action.supporter, email=email, only_to_write=action.page.specific.only_asks_to_write
        ):
            return False
        if posting.allow_confirmation_mail(address_mark=mark, known=known, now=now) is None:
            return False
        posting.post_notice(
            organization=automation.organization,
            kind=REMIND,
            subject_id=confirmation.pk,
            ordinal=number,
            recipient=email,
            language=action.language,
            urgency=4,
            to_stranger=not known,
            now=now,
        )
    return True


def _whose(automation: Automation, confirmation: Confirmation) -> tuple[Action, str] | None:
    """The organization's oldest action that waits at the link, and the address that it was taken with."""
    waiting = (
        Action.objects.for_organization(automation.organization).pending().filter(confirmation=confirmation)
    )
    action = (
        waiting.filter(is_test=False).select_related("supporter", "page").order_by("taken_at", "pk").first()
    )
    if action is None:
        return None
    mark = bytes(confirmation.address_mark)
    for email in identity.addresses_of(action.supporter):
        if identity.installation_mark_of(email) == mark:
            return action, email
    return None
