from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.record import Record
from amparo.kit.ids import new_id
from amparo.kit.part_dates import PartDateField
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class Source(Record):
    """Where something is known from: a document, a report, somebody who was there.

    Kinds after HURIDOCS micro-thesaurus 16, reliability after 42; their numbers are in `codes.toml`.
    """

    class Kind(models.TextChoices):
        COURT = "court", _("court record")
        OFFICIAL = "official", _("statement of the authorities")
        LAWYER = "lawyer", _("lawyer")
        FAMILY = "family", _("family or friends")
        PERSON = "person", _("the person themselves")
        WITNESS = "witness", _("witness")
        DOCTOR = "doctor", _("medical report")
        RIGHTS_GROUP = "rights-group", _("human rights group")
        UNITED_NATIONS = "un", _("United Nations")
        PRESS = "press", _("press")
        OTHER = "other", _("other")

    class Reliability(models.TextChoices):
        UNKNOWN = "", _("not judged")
        HIGH = "high", _("highly reliable")
        GOOD = "good", _("reliable")
        MIXED = "mixed", _("in part")
        LOW = "low", _("hardly")
        NONE = "none", _("not at all")

    case = models.ForeignKey(
        Case,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sources",
        help_text=_("Empty: a source of figures and laws, about no case."),
    )
    title = SealedTextField(max_plain_length=300)
    publisher = SealedTextField(null=True, blank=True, max_plain_length=200)
    kind = models.CharField(max_length=14, choices=Kind.choices, default=Kind.OTHER)
    reliability = models.CharField(
        max_length=6, choices=Reliability.choices, default=Reliability.UNKNOWN, blank=True
    )
    published = PartDateField()
    url = SealedTextField(null=True, blank=True, max_plain_length=500)
    read_on = models.DateField(null=True, blank=True, help_text=_("When somebody last read it there."))
    archived_sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the copy that you keep."))
    archived_url = SealedTextField(null=True, blank=True, max_plain_length=500)
    is_confidential = models.BooleanField(
        default=False,
        help_text=_("Never named in public: readers are told that there is a source, and no more."),
    )
    link_due_at = models.DateTimeField(
        null=True, editable=False, help_text="When its address is looked at next; empty: at once."
    )
    link_answer = models.CharField(
        max_length=40, blank=True, editable=False, help_text="What its address last answered, such as 404."
    )
    link_failed_on = models.DateField(null=True, editable=False, help_text="The last day of a failure.")
    link_failures = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="On how many days in a row its address failed."
    )

    class Meta:
        indexes = [models.Index(fields=["is_confidential", "link_due_at"], name="sources_by_link_due")]

    def __str__(self) -> str:
        return f"source {self.pk}"

    def look_anew(self) -> None:
        """Forget what its address answered, when it may be another address now."""
        self.link_due_at, self.link_answer, self.link_failed_on, self.link_failures = None, "", None, 0


class Citation(Record):
    """What proves one value: the column of a record, the source, and the passage in it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="citations")
    record_type = models.CharField(max_length=40, help_text="Such as CustodySpell.")
    record_id = models.UUIDField()
    column = models.CharField(max_length=40, blank=True, help_text="Empty: the record as a whole.")
    passage = SealedTextField(null=True, blank=True, max_plain_length=2000)
    page = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["record_type", "record_id"], name="citations_by_record")]

    def __str__(self) -> str:
        return f"citation {self.pk}"


class Claim(Record):
    """What somebody says is so, kept apart from what is established. Statuses after HURIDOCS micro-thesaurus 41."""

    class Stance(models.TextChoices):
        SAYS = "says", _("says so")
        ADMITS = "admits", _("admits it")
        DENIES = "denies", _("denies it")
        OTHERWISE = "otherwise", _("tells it otherwise")

    class Verification(models.TextChoices):
        OPEN = "", _("not checked")
        CONFIRMED = "confirmed", _("confirmed")
        LIKELY = "likely", _("likely")
        POSSIBLE = "possible", _("possible")
        UNLIKELY = "unlikely", _("unlikely")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claims")
    subject = SealedTextField(max_plain_length=200, help_text=_("What it is about, in a few words."))
    value = SealedTextField(max_plain_length=1000, help_text=_("What is said."))
    attributed_to = SealedTextField(max_plain_length=200)
    stance = models.CharField(max_length=10, choices=Stance.choices, default=Stance.SAYS)
    verification = models.CharField(
        max_length=10, choices=Verification.choices, default=Verification.OPEN, blank=True
    )
    dated = PartDateField()

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"claim {self.pk}"


class Figure(Record):
    """A number with unit, day and source, to be used in any text: corrected once, it is corrected everywhere.

    It is about no person, so its words are plain. A figure without a day, or without a source, is not shown to readers.
    """

    key = models.SlugField(max_length=60, help_text=_("How texts name it, such as: held-without-trial."))
    value = models.DecimalField(max_digits=18, decimal_places=4)
    unit = models.CharField(
        max_length=160, help_text=_("What is counted, such as: people held without trial.")
    )
    is_estimate = models.BooleanField(default=False)
    scope = models.CharField(
        max_length=300, blank=True, help_text=_("Of whom or where: what the number is out of.")
    )
    method = models.CharField(max_length=300, blank=True, help_text=_("How it was counted."))
    as_of = PartDateField(help_text=_("The day on which it was true, or the last day of the period."))
    period_from = PartDateField()
    recheck_by = models.DateField(null=True, blank=True, help_text=_("From then on staff are warned."))
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="figures"
    )
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="figures")

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="one_figure_per_key"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_fit_to_print(self) -> bool:
        """Whether it has its day and its source."""
        return bool(self.as_of and self.source_id)


class FigureCorrection(models.Model):
    """What a figure said before it was corrected. Written once; the database refuses to change or remove it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", editable=False)
    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="corrections")
    before = models.JSONField(help_text="Columns that were changed, and what they said before.")
    after = models.JSONField(help_text="The same columns, and what they say since.")
    why = models.CharField(max_length=300)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-corrected_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(why=""), name="a_correction_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class Quotation(Record):
    """Somebody's exact words, with who said them, where and when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="quotations")
    words = SealedTextField(max_plain_length=2000)
    speaker = SealedTextField(max_plain_length=200)
    role = SealedTextField(null=True, blank=True, max_plain_length=200)
    dated = PartDateField()
    is_verbatim = models.BooleanField(default=False, help_text=_("Checked against the source, word by word."))

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"quotation {self.pk}"


class Designation(Record):
    """What a body called the person: prisoner of conscience, political prisoner, arbitrarily detained."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="designations")
    title = models.CharField(max_length=120, help_text=_("Such as: political prisoner."))
    by = models.CharField(max_length=200)
    criteria = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("By which rules, such as: PACE Resolution 1900 (2012), a and e."),
    )
    dated = PartDateField()
    reference = models.CharField(max_length=120, blank=True, help_text=_("Number of the opinion or report."))

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"{self.title} ({self.by})"


class Development(Record):
    """A dated entry on the timeline."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="developments")
    dated = PartDateField(blank=False)
    title = SealedTextField(max_plain_length=200)
    text = SealedTextField(null=True, blank=True, max_plain_length=4000)
    is_news = models.BooleanField(default=False, help_text=_("Told to those who follow the case."))

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"development of {self.dated}"


class Legislation(Record):
    """A law or a bill that matters here, and how far it has come."""

    class Stage(models.TextChoices):
        PROPOSED = "proposed", _("announced")
        INTRODUCED = "introduced", _("before parliament")
        PASSED = "passed", _("passed")
        IN_FORCE = "in-force", _("in force")
        REPEALED = "repealed", _("repealed")
        FAILED = "failed", _("failed")

    name = models.CharField(max_length=300)
    state = models.CharField(max_length=2, help_text=_("ISO 3166, such as FR: the country whose law it is."))
    about = models.CharField(max_length=500, help_text=_("What it does, in a sentence."))
    stage = models.CharField(max_length=12, choices=Stage.choices)
    as_of = PartDateField(blank=False, help_text=_("The day on which it had come this far."))
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="laws")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
