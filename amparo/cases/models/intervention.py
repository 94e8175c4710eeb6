from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.record import Record
from amparo.kit.part_dates import PartDateField
from amparo.kit.sealed_fields import SealedTextField


class Intervention(Record):
    """Somebody spoke up for the person: who, when, to whom, and what came of it.

    After the intervention format of HURIDOCS (fields 2602–2651) and its micro-thesauri 20, 27, 44 and 45, by our own
    words; the numbers are in `codes.toml`.
    """

    class Party(models.TextChoices):
        PARLIAMENTARIANS = "parliament", _("members of a parliament")
        GOVERNMENT = "government", _("a government")
        UNITED_NATIONS = "un", _("the United Nations")
        INTERNATIONAL = "international", _("another international body")
        ORGANIZATION = "organization", _("an organization")
        PROFESSION = "profession", _("colleagues, a union or a faith")
        PERSON = "person", _("a person")
        OTHER = "other", _("others")

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter")
        QUESTION = "question", _("question in parliament")
        RESOLUTION = "resolution", _("resolution")
        STATEMENT = "statement", _("public statement")
        INQUIRY = "inquiry", _("call for an inquiry")
        REVIEW = "review", _("request to overturn a decision")
        TALKS = "talks", _("talks in private")
        VISIT = "visit", _("visit or trial observed")
        LEGAL = "legal", _("legal help")
        MEDICAL = "medical", _("medical help")
        MONEY = "money", _("financial help")
        OTHER = "other", _("other")

    class Response(models.TextChoices):
        UNKNOWN = "", _("not known")
        GRANTED = "granted", _("agreed to it")
        PROMISED = "promised", _("made a promise")
        DENIED = "denied", _("denied the facts")
        OBSTRUCTED = "obstructed", _("stood in the way")
        ASKED = "asked", _("asked for more")
        TOKEN = "token", _("acknowledged, and no more")
        SILENT = "silent", _("no answer")

    class Impact(models.TextChoices):
        UNKNOWN = "", _("not judged")
        MUCH_BETTER = "much-better", _("much better for the person")
        BETTER = "better", _("better for the person")
        NONE = "none", _("no change")
        WORSE = "worse", _("worse for the person")
        MUCH_WORSE = "much-worse", _("much worse for the person")

    class Status(models.TextChoices):
        GOING_ON = "going-on", _("going on")
        WAITING = "waiting", _("waits for an answer")
        CLOSED = "closed", _("closed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="interventions")
    by_kind = models.CharField(_("who they are"), max_length=14, choices=Party.choices, default=Party.OTHER)
    by = SealedTextField(
        _("who spoke up"), max_plain_length=300, help_text=_("Such as: four senators; the name of a body.")
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    dated = PartDateField()
    addressed_to = SealedTextField(
        null=True, blank=True, max_plain_length=300, help_text=_("Who was asked, by office.")
    )
    people = models.PositiveIntegerField(
        _("how many took part"), null=True, blank=True, help_text=_("Such as 32, for so many members.")
    )
    about = SealedTextField(
        null=True,
        blank=True,
        max_plain_length=1000,
        help_text=_("What they asked or said, in a sentence or two."),
    )
    response = models.CharField(max_length=12, choices=Response.choices, default=Response.UNKNOWN, blank=True)
    impact = models.CharField(max_length=12, choices=Impact.choices, default=Impact.UNKNOWN, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"intervention {self.pk}"
