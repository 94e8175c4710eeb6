from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.mailings.models.automation import Automation, AutomationStep
from amparo.mailings.models.mailing import Mailing
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Supporter


class EnrolmentQuerySet(TenantQuerySet["Enrolment"]):
    def waiting(self) -> Self:
        return self.filter(state=Enrolment.State.WAITING)


class Enrolment(models.Model):
    """One person in one series: which mail they get next and when, or why they get none any more."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for the next mail")
        FINISHED = "finished", _("Got the last mail")
        STOPPED = "stopped", _("Stopped")

    class Stopped(models.TextChoices):
        """Why; the first that holds."""

        GONE = "gone", _("erased, anonymised, or merged with somebody")
        SUPPRESSED = "suppressed", _("on the suppression list")
        WITHDRAWN = "withdrawn", _("took their yes back")
        PAUSED = "paused", _("asked for a pause")
        LESS_OFTEN = "less_often", _("want to hear from us less often")
        DONE = "done", _("did already what is asked")
        OVER = "over", _("what is asked is over")
        LATE = "late", _("the mail would have come two weeks late")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="enrolments")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="enrolments")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    stopped = models.CharField(max_length=10, choices=Stopped.choices, blank=True, default="")
    step = models.ForeignKey(
        AutomationStep, on_delete=models.PROTECT, null=True, related_name="waiting", help_text="The next."
    )
    next_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["automation", "supporter"], name="one_enrolment_per_person"),
            models.CheckConstraint(
                condition=Q(state="waiting", step__isnull=False, next_at__isnull=False, ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="who_is_enrolled_waits_or_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(state="stopped") ^ Q(stopped=""), name="who_is_stopped_is_so_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["automation", "step", "next_at"],
                name="enrolments_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["ended_at"], name="enrolments_over", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class StepMail(models.Model):
    """That somebody was handed to the senders for one step: at most once, whatever happens.

    `mailing` and `snapshot` say in which part of which audience; what became of the mail stands there.
    """

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="mails")
    step = models.ForeignKey(AutomationStep, on_delete=models.PROTECT, related_name="mails")
    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="step_mails")
    snapshot = models.PositiveIntegerField()
    handed_on_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="each_step_is_mailed_to_a_person_once")
        ]
        indexes = [models.Index(fields=["mailing", "snapshot"], name="step_mails_by_snapshot")]

    def __str__(self) -> str:
        return f"mail {self.pk}"
