from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action import Action
from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class ReportQuerySet(TenantQuerySet["Report"]):
    def without_address(self) -> Self:
        return self.filter(action__isnull=True)

    def counting(self) -> Self:
        """Those that say that something was done."""
        return self.exclude(said__in=Report.NOTHING_DONE)

    def people(self) -> int:
        """How many forms they came from: one form may tell of several offices."""
        return self.order_by().aggregate(people=models.Count("key", distinct=True))["people"] or 0


class Report(models.Model):
    """What somebody says came of what they did by themselves: a call, a letter they posted, a partner's action.

    Rows are only added, so that no counter is waited for. One that leads to an action is of a person; one that does
    not is of somebody who left no address, and nothing in it points at anybody.
    """

    class Said(models.TextChoices):
        SPOKE = "spoke", _("I spoke to somebody")
        MESSAGE = "message", _("I left a message")
        NOBODY = "nobody", _("Nobody answered")
        REFUSED = "refused", _("They would not listen")
        NOT_CALLED = "not_called", _("I did not call")
        POSTED = "posted", _("I posted it")
        DONE = "done", _("I did it")
        SHARED = "shared", _("I asked others")

    #: Answers by which nothing was done.
    NOTHING_DONE = frozenset({"not_called"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="reports")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="reports")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, null=True, related_name="reports")
    key = models.UUIDField(help_text="The form's own: a form that comes twice is one.")
    said = models.CharField(max_length=12, choices=Said.choices)
    target_key = models.CharField(max_length=140, blank=True)
    channel = models.CharField(max_length=12, blank=True, help_text="By which means somebody asked others.")
    reported_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "target_key"], name="one_report_per_form_and_target"),
        ]
        indexes = [
            models.Index(
                fields=["page", "said", "key"],
                condition=Q(action__isnull=True),
                name="reports_without_address",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"
