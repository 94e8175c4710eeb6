from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action import Confirmation
from amparo.cases.models import Case, Development
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Supporter


class CaseFollowingQuerySet(TenantQuerySet["CaseFollowing"]):
    def in_force(self) -> Self:
        """Confirmed, and not ended."""
        return self.filter(since__isnull=False, ended__isnull=True)

    def waiting(self) -> Self:
        """Asked for, and not confirmed yet."""
        return self.filter(since__isnull=True, ended__isnull=True)


class CaseFollowing(models.Model):
    """Somebody wants news of one case: what they agreed to in its exact words, since when, and why it ended.

    It is a consent of its own, for this case and nothing else, and holds from the press of the button in the mail.
    """

    class Why(models.TextChoices):
        PERSON = "person", _("ended by the person")
        UNSUBSCRIBED = "everything", _("unsubscribed from everything")
        NEVER_CONFIRMED = "unconfirmed", _("never confirmed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Supporter, on_delete=models.PROTECT, related_name="case_followings")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followings")
    confirmation = models.ForeignKey(
        Confirmation, on_delete=models.SET_NULL, null=True, related_name="case_followings"
    )
    words = models.TextField(help_text="The question that was answered with yes, word for word.")
    language = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=12, choices=Why.choices, blank=True)

    objects = CaseFollowingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supporter", "case"],
                condition=models.Q(since__isnull=False, ended__isnull=True),
                name="one_following_per_supporter_and_case",
            ),
            models.CheckConstraint(
                condition=models.Q(ended__isnull=True, ended_why="")
                | (models.Q(ended__isnull=False) & ~models.Q(ended_why="")),
                name="an_ended_following_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["case", "since"],
                name="followings_of_case",
                condition=models.Q(since__isnull=False, ended=None),
            )
        ]

    def __str__(self) -> str:
        return f"following {self.pk}"


class CaseNews(models.Model):
    """A development that is told to those who follow its case: once, however often it is cleared again later."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    development = models.OneToOneField(Development, on_delete=models.CASCADE, related_name="told")
    public_at = models.DateTimeField(
        help_text="When readers could see it; whoever follows since later is not told."
    )
    told_at = models.DateTimeField(null=True, help_text="When the last follower's mail was queued.")

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"case news {self.pk}"


class CaseTelling(models.Model):
    """One piece of news for one follower: the row is why nobody is told twice, and what the mail is about."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    following = models.ForeignKey(CaseFollowing, on_delete=models.CASCADE, related_name="tellings")
    news = models.ForeignKey(CaseNews, on_delete=models.CASCADE, related_name="tellings")
    queued_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["following", "news"], name="news_is_told_once_to_each_follower")
        ]

    def __str__(self) -> str:
        return f"telling {self.pk}"
