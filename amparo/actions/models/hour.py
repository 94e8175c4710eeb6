from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Reminder(models.Model):
    """That staff were told of something about a page's hour, once: it comes nearer, it moved, it has passed.

    `hour` is the moment it was about, so that a hearing that is moved is reminded of anew.
    """

    class Kind(models.TextChoices):
        TWO_WEEKS = "14", _("14 days before")
        ONE_WEEK = "7", _("7 days before")
        THREE_DAYS = "3", _("3 days before")
        ONE_DAY = "1", _("the day before")
        MOVED = "moved", _("the hearing was moved")
        NO_DAY = "no_day", _("the hearing has no day any more")
        MOVED_LATE = "moved_late", _("the hearing was moved after the page had closed")
        CLOSED = "closed", _("the page closed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="reminders")
    page = models.ForeignKey(ActionPage, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    hour = models.DateTimeField()
    told_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "kind", "hour"], name="staff_are_reminded_of_an_hour_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.page_id}"


class Achievement(models.Model):
    """What those who took part achieved, in staff's words: sent once to those who want news, shown on their own page.

    Nobody gets it before `send_at`, so that it can be taken back; above a number of people a second person agrees.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a second person")
        PLANNED = "planned", _("leaves soon")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        WITHDRAWN = "withdrawn", _("taken back")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="achievements")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="achievements")
    text = models.TextField(max_length=2000)
    state = models.CharField(max_length=9, choices=State.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)
    reached = models.UUIDField(null=True, help_text="The last action whose supporter was thought of.")
    told = models.PositiveIntegerField(default=0, help_text="How many mails were posted.")
    finished_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"],
                condition=~models.Q(state="withdrawn"),
                name="a_page_tells_once_what_was_achieved",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["planned", "sending", "sent"])
                | models.Q(send_at__isnull=False),
                name="what_leaves_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"achievement {self.pk}"
