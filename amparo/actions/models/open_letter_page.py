from __future__ import annotations

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField

from amparo.actions.models.petition_page import signing_words
from amparo.actions.models.signed_page import SIGNATORIES_PANEL, SignedPage
from amparo.actions.words import Words
from amparo.content.blocks import LetterBlocks
from amparo.kit.mail_text import with_comma


class OpenLetterPage(SignedPage):
    """A letter that is read by everybody: addressee, salutation, text, demands, date, closing, and who signed it."""

    addressee_office = models.CharField(
        max_length=200,
        help_text=_("The office it is written to, such as: Minister of Foreign Affairs of Brennland."),
    )
    addressee_name = models.CharField(
        max_length=160,
        blank=True,
        help_text=_(
            "Who holds the office on the day of the letter, with honorific. Offices change hands: look again."
        ),
    )
    dated = models.DateField(
        null=True, blank=True, help_text=_("The day of the letter. Left empty, it is shown as undated.")
    )
    place = models.CharField(
        max_length=120, blank=True, help_text=_("Where it was written, if that is printed.")
    )
    salutation = models.CharField(max_length=200, help_text=_("Such as: Dear Minister. Without a comma."))
    letter = StreamField(LetterBlocks(), help_text=_("The letter itself. The demands follow it, numbered."))
    closing_text = StreamField(
        LetterBlocks(), blank=True, help_text=_("What comes after the demands, if anything.")
    )
    closing = models.CharField(
        max_length=120, default="", blank=True, help_text=_("Such as: Yours sincerely.")
    )
    demands_lead = models.CharField(
        max_length=200, blank=True, help_text=_("The words before the demands, such as: We ask you to")
    )

    template = "actions/open_letter_page.html"
    taken_template = "actions/signed_taken.html"
    waiting_template = "actions/_waiting_signature.html"
    tally_template = "actions/_signed_tally_words.html"
    is_creatable = True

    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("standfirst"),
        FieldPanel("portrait"),
        MultiFieldPanel(
            [
                FieldPanel("addressee_name"),
                FieldPanel("addressee_office"),
                FieldPanel("place"),
                FieldPanel("dated"),
                FieldPanel("salutation"),
            ],
            heading=_("The head of the letter"),
        ),
        FieldPanel("letter"),
        FieldPanel("demands_lead"),
        InlinePanel("demand_list", heading=_("Demands"), label=_("Demand")),
        FieldPanel("closing_text"),
        FieldPanel("closing"),
        SIGNATORIES_PANEL,
        FieldPanel("body"),
        *SignedPage.signing_panels,
        MultiFieldPanel(
            [
                FieldPanel("hearing"),
                FieldPanel("deadline"),
                FieldPanel("deadline_label"),
                FieldPanel("hard_stop"),
            ],
            heading=_("The hour"),
        ),
        FieldPanel("goal"),
        MultiFieldPanel(
            [FieldPanel("thank_you"), FieldPanel("share_text"), FieldPanel("outcome")],
            heading=_("Afterwards"),
        ),
    ]

    def clean(self) -> None:
        super().clean()
        if self.dated and self.deadline and self.dated > self.deadline.date():
            raise ValidationError(
                {"dated": _("The letter is dated after what it is about. One of the two is wrong.")}
            )

    @property
    def salutation_line(self) -> str:
        return with_comma(self.salutation, language=self.locale.language_code)

    @property
    def closing_line(self) -> str:
        return with_comma(self.closing, language=self.locale.language_code)

    @classmethod
    def words(cls, number: int = 1) -> Words:
        return signing_words(
            number,
            mail_subject=gettext("Please confirm your name under the letter"),
            call=gettext("Sign the letter"),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext("%(number)s person has signed", "%(number)s people have signed", number)
        return sentence % {"number": intcomma(number)}
