from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class Purpose(models.TextChoices):
    """What an organization may write for."""

    NEWS = "news", _("News and action alerts")
    FUNDRAISING = "fundraising", _("Fundraising")
    EVENTS = "events", _("Invitations to events")
    PARTNER = "partner", _("Sharing with a named partner")
    DISCLOSURE = "disclosure", _("Passing this letter, with name and address, to the one it is written to")


class Channel(models.TextChoices):
    """By which means."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    PHONE = "phone", _("Telephone")
    POST = "post", _("Post")


class LegalBasis(models.TextChoices):
    """Why the law lets an organization write; which of them holds where is said in `supporters/rules/`."""

    EXPLICIT_CONSENT = "explicit", _("Explicit consent")
    SOFT_OPT_IN = "soft-opt-in", _("Soft opt-in")
    LEGITIMATE_INTEREST = "legitimate", _("Legitimate interest")
    IMPORTED = "imported", _("Consent given elsewhere, brought in with its evidence")


class Origin(models.TextChoices):
    """By what door an answer came."""

    FORM = "form", _("A form, confirmed from the mailbox")
    PREFERENCES = "preferences", _("The preference centre")
    ONE_CLICK = "one-click", _("The unsubscribe button of a mail")
    REPLY = "reply", _("STOP, as an answer to a text message")
    IMPORT = "import", _("A list that was brought in")
    STAFF = "staff", _("Staff, as asked by the person")
    COMPLAINT = "complaint", _("Marked as junk by the reader")
    UNDONE = "undone", _("An import or a merge that was undone")
    LAPSED = "lapsed", _("The time for which the law lets it hold was over")


class ConsentWording(models.Model):
    """The exact words of one consent question, in one language; a changed wording is a new version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="consent_wordings")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    partner = models.CharField(
        max_length=200, blank=True, help_text=_("Whom details would be shared with, by name.")
    )
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField(default=1)
    text = models.TextField()
    retired_at = models.DateTimeField(null=True, help_text="From then on no form asks it.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purpose", "channel", "partner", "language", "version"],
                name="one_text_per_version_of_a_wording",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose="partner") ^ models.Q(partner=""),
                name="sharing_names_its_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ConsentRecord(models.Model):
    """One line of the ledger: yes or no, for one purpose on one channel, to exactly this wording.

    Append-only: the database refuses updates and deletes, and only `supporters.consent` (for lists, `consent_in_bulk`)
    writes here. The present answer is the last line. A line without a wording is an answer nobody was asked for (the
    button of a mail program), or one that was given elsewhere and says so in `evidence`. No network address is kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.DO_NOTHING, related_name="+")
    supporter = models.ForeignKey("supporters.Supporter", on_delete=models.DO_NOTHING, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    partner = models.CharField(max_length=200, blank=True)
    granted = models.BooleanField()
    wording = models.ForeignKey(ConsentWording, on_delete=models.DO_NOTHING, null=True, related_name="+")
    legal_basis = models.CharField(
        max_length=16, choices=LegalBasis.choices, default=LegalBasis.EXPLICIT_CONSENT
    )
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.FORM)
    source = models.CharField(max_length=200, help_text=_("The page on which the question was answered."))
    evidence = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("When and how an imported answer was given; never a network address."),
    )
    given_on = models.DateField(
        null=True, help_text=_("When it was said, where that was before it was written here.")
    )
    recorded_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted=False) | models.Q(wording__isnull=False) | ~models.Q(evidence=""),
                name="a_yes_names_its_wording_or_its_evidence",
            ),
        ]
        indexes = [
            models.Index(
                fields=["supporter", "purpose", "channel", "-recorded_at"], name="ledger_by_supporter"
            ),
            # Who agreed since the last look: asked once a minute by each welcome series that is on.
            models.Index(
                fields=["organization", "recorded_at"],
                condition=models.Q(granted=True),
                name="ledger_by_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.channel}: {'yes' if self.granted else 'no'}"
