from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.actions.models.message import Message
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Supporter


class AnswerQuerySet(TenantQuerySet["Answer"]):
    def shown(self) -> Self:
        """Answers that staff summed up for readers and chose to show."""
        return self.filter(kind=Answer.Kind.YES, is_shown=True)


class Answer(models.Model):
    """What a supporter tells us came of one letter: an answer, none, or a machine's. The last word counts.

    `text` is what the office wrote, as the supporter passed it on; it is shown to nobody outside unless they agreed,
    in the words that `agreed_words` keeps, and staff chose to. `public_summary` is the staff's own sentence.
    """

    class Kind(models.TextChoices):
        YES = "yes", _("Yes, they answered")
        NO = "no", _("No, not yet")
        AUTOMATIC = "automatic", _("Only an automatic reply")

    class Substance(models.TextChoices):
        """What it comes to, in the judgement of staff."""

        UNREAD = "", _("not read yet")
        AGREES = "agrees", pgettext_lazy("an answer", "agrees")
        PARTLY = "partly", pgettext_lazy("an answer", "agrees in part")
        NOTHING = "nothing", pgettext_lazy("an answer", "commits to nothing")
        PASSED_ON = "passed-on", pgettext_lazy("an answer", "passed it on")
        DECLINES = "declines", pgettext_lazy("an answer", "declines")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="answers")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="answer")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    summary = SealedTextField(null=True, max_plain_length=1000)
    text = SealedTextField(null=True, max_plain_length=8000)
    answered_on = models.DateField(null=True)
    agreed_words = models.TextField(
        blank=True, help_text="The question about showing the text, word for word, where it was answered yes."
    )
    agreed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    substance = models.CharField(
        max_length=9, choices=Substance.choices, default=Substance.UNREAD, blank=True
    )
    public_summary = models.CharField(max_length=600, blank=True)
    is_shown = models.BooleanField(default=False)
    shows_text = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True)
    looked_at_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_shown=False) | ~models.Q(public_summary=""),
                name="an_answer_is_shown_with_its_summary",
            ),
            models.CheckConstraint(
                condition=models.Q(shows_text=False) | models.Q(agreed_at__isnull=False, is_shown=True),
                name="the_text_of_an_answer_is_shown_by_consent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "recorded_at"],
                name="answers_to_read",
                condition=models.Q(kind="yes", looked_at=None),
            ),
            models.Index(
                fields=["organization", "recorded_at"],
                name="answers_shown",
                condition=models.Q(is_shown=True),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class NoQuestions(models.Model):
    """A supporter does not want to be asked again whether they were answered."""

    supporter = models.OneToOneField(
        Supporter, on_delete=models.CASCADE, primary_key=True, related_name="no_questions"
    )
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"no questions for {self.supporter_id}"
