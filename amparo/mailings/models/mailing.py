from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.content.models import Campaign
from amparo.kit.ids import new_id
from amparo.organizations import quiet_hours
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Channel, Purpose, Segment

if TYPE_CHECKING:
    from datetime import datetime


class MailingQuerySet(TenantQuerySet["Mailing"]):
    def under_way(self) -> Self:
        """Those whose audience is, or is being, frozen, and that are not over."""
        return self.filter(state__in=[Mailing.State.FREEZING, Mailing.State.SENDING, Mailing.State.PAUSED])

    def due(self, *, now: datetime) -> Self:
        """Those whose hour has come, and that nobody holds back.

        In the quiet hours of their organization none is, but those that leave at each reader's own hour.
        """
        found = self.filter(state=Mailing.State.SCHEDULED, scheduled_at__lte=now).that_may_leave()
        quiet = [organization.pk for organization, where in quiet_hours.quiet_now(now=now).items() if where]
        held = Q(organization__in=quiet, keeps_quiet_hours=True, local_hour__isnull=True)
        return found.exclude(held) if quiet else found

    def by_hand(self) -> Self:
        """Those that staff send, and not what belongs to an automation."""
        return self.filter(use=Mailing.Use.BY_HAND)

    def that_may_leave(self) -> Self:
        """Those that neither their organization nor their campaign pauses."""
        return self.filter(
            Q(campaign__isnull=True) | Q(campaign__sending_paused_at__isnull=True),
            organization__sending_paused_at__isnull=True,
        )


class Mailing(models.Model):
    """One composed message for one audience: what, to whom, how fast, and how far it has come.

    Its state moves by conditional UPDATEs (`mailings.steering`). How many were sent is nowhere written down: it is
    counted from the outcomes of its chunks.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        READY = "ready", _("Ready, waits for approval")
        SCHEDULED = "scheduled", _("Scheduled")
        FREEZING = "freezing", _("The audience is being frozen")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    class Kind(models.TextChoices):
        ALERT = "alert", _("Action alert")
        NEWSLETTER = "newsletter", _("Newsletter")
        DIGEST = "digest", _("Weekly digest")
        INVITATION = "invitation", _("Invitation")
        APPEAL = "appeal", _("Appeal for donations")
        THANKS = "thanks", _("Thanks and next steps")

    class Use(models.TextChoices):
        BY_HAND = "", _("Sent by staff")
        STEP = "step", _("The text of a mail of an automation, never sent itself")
        EDITION = "edition", _("What an automation sends")

    class Unknown(models.TextChoices):
        BY_SIZE = "", _("Send again to large audiences, hold for small ones")
        RESEND = "resend", _("Send again: somebody may get it twice")
        HOLD = "hold", _("Hold: somebody may not get it")

    class Decision(models.TextChoices):
        """Why those who waited for the outcome of a test got the variant that they got."""

        PERSON = "person", _("somebody chose it")
        ACTIONS = "actions", _("most readers acted on it")
        EQUAL = "equal", _("as many acted on another: the first of them")
        FEW = "few", _("too few acted to tell: the first")

    class Urgency(models.IntegerChoices):
        URGENT = 1, _("Urgent")
        ROUTINE = 5, _("Routine")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="mailings")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="mailings")
    name = models.CharField(max_length=120, help_text=_("For staff; readers never see it."))
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ALERT)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.ROUTINE)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.NEWS)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.EMAIL)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, related_name="mailings")
    leave_out = models.JSONField(
        default=dict,
        blank=True,
        help_text=_(
            "A question like a segment's: those for whom it holds, as having acted already, get nothing."
        ),
    )
    sender_name = models.CharField(
        max_length=200, blank=True, help_text=_("Empty: the organization's sender name.")
    )
    link_source = models.SlugField(
        max_length=40,
        blank=True,
        help_text=_("Counted in links, one for the whole mailing and never a person's."),
    )
    unknown_policy = models.CharField(
        max_length=6,
        choices=Unknown.choices,
        default=Unknown.BY_SIZE,
        blank=True,
        help_text=_("What becomes of those to whom it was handed over when the line broke."),
    )
    per_minute = models.PositiveIntegerField(null=True, blank=True, help_text=_("At most so many a minute."))
    per_domain = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("At most so many a minute to the addresses of a domain: {“gmail.com”: 600}."),
    )
    per_day = models.JSONField(
        default=list,
        blank=True,
        help_text=_(
            "A plan to warm up: at most so many on the first day, the second, and so on; then no limit."
        ),
    )
    variant_shares = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("How many of a hundred get each variant; who is left waits for the winner."),
    )
    test_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_(
            "So long after the sample has left it is decided by itself which variant the others get."
        ),
    )
    decide_at = models.DateTimeField(null=True, editable=False)
    winner = models.CharField(max_length=1, blank=True, editable=False)
    winner_because = models.CharField(max_length=8, choices=Decision.choices, blank=True, editable=False)
    hours_to_try = models.PositiveSmallIntegerField(
        default=72, help_text=_("For so long a server that says “later” is asked again.")
    )
    scheduled_at = models.DateTimeField(null=True, blank=True)
    local_day = models.DateField(
        null=True, blank=True, help_text=_("With the hour: it leaves at that hour where each reader is.")
    )
    local_hour = models.TimeField(null=True, blank=True)
    keeps_quiet_hours = models.BooleanField(
        default=True, help_text=_("Whether it waits for the end of the organization's quiet hours.")
    )
    resend_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="resends",
        help_text=_("Goes to those who got that mailing and have not acted since."),
    )
    is_further_resend = models.BooleanField(default=False, editable=False)
    use = models.CharField(max_length=8, choices=Use.choices, default=Use.BY_HAND, blank=True, editable=False)
    step = models.ForeignKey(
        "mailings.AutomationStep",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="mailings",
        help_text=_("The mail of an automation that it belongs to."),
    )
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    ready_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    approved_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, editable=False)
    trouble = models.CharField(max_length=300, blank=True, editable=False)
    claimed_by = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["finished", "stopped"], finished_at__isnull=False)
                | ~Q(state__in=["finished", "stopped"]),
                name="a_mailing_that_is_over_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "ready"]) | Q(segment__isnull=False) | Q(use="edition"),
                name="a_mailing_that_leaves_has_an_audience",
            ),
            models.CheckConstraint(
                condition=Q(use="", step__isnull=True)
                | Q(use="step", step__isnull=False, state="draft")
                | Q(use="edition", step__isnull=False),
                name="an_automations_text_is_never_sent_itself",
            ),
            models.UniqueConstraint(fields=["step"], condition=Q(use="step"), name="one_text_for_each_step"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "ready"])
                | Q(scheduled_at__isnull=False, approved_at__isnull=False),
                name="a_mailing_that_leaves_was_approved_for_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(unknown_policy__in=["", "hold", "resend"]),
                name="unknown_recipients_have_a_policy",
            ),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gt=0),
                name="a_throttle_lets_something_out",
            ),
            models.CheckConstraint(
                condition=Q(local_day__isnull=True, local_hour__isnull=True)
                | Q(local_day__isnull=False, local_hour__isnull=False),
                name="a_local_hour_is_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(keeps_quiet_hours=True) | Q(urgency=1),
                name="only_what_is_urgent_leaves_in_quiet_hours",
            ),
            models.CheckConstraint(
                condition=Q(keeps_quiet_hours=True) | ~Q(channel=Channel.SMS),
                name="a_text_message_keeps_quiet_hours",
            ),
            models.UniqueConstraint(
                fields=["resend_of"],
                condition=Q(is_further_resend=False),
                name="a_mailing_is_sent_again_once_unless_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["scheduled_at"], name="mailings_due", condition=Q(state="scheduled")),
            models.Index(
                fields=["urgency", "id"],
                name="mailings_under_way",
                condition=Q(state__in=["freezing", "sending", "paused"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def source_of(self, variant: str) -> str:
        """The code in the links of a variant: the mailing's own for the first, with the variant's letter for others."""
        return f"{self.link_source}{variant}" if self.link_source and variant != "a" else self.link_source

    @property
    def is_urgent(self) -> bool:
        return self.urgency == self.Urgency.URGENT

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.FINISHED, self.State.STOPPED}
