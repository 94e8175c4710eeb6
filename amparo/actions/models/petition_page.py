from __future__ import annotations

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel

from amparo.actions.models.signed_page import SIGNATORIES_PANEL, SignedPage
from amparo.actions.words import Words


class PetitionPage(SignedPage):
    """A demand that as many as possible put their names under."""

    addressee = models.CharField(
        max_length=200,
        help_text=_("To whom it goes: an office rather than a name, such as: Minister of Justice."),
    )

    template = "actions/petition_page.html"
    taken_template = "actions/signed_taken.html"
    waiting_template = "actions/_waiting_signature.html"
    tally_template = "actions/_signed_tally_words.html"
    is_creatable = True

    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("standfirst"),
        FieldPanel("portrait"),
        FieldPanel("addressee"),
        InlinePanel("demand_list", heading=_("Demands"), label=_("Demand")),
        FieldPanel("body"),
        SIGNATORIES_PANEL,
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

    @classmethod
    def words(cls, number: int = 1) -> Words:
        return signing_words(
            number,
            mail_subject=gettext("Please confirm your signature"),
            call=gettext("Sign the petition"),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext("%(number)s person has signed", "%(number)s people have signed", number)
        return sentence % {"number": intcomma(number)}


def signing_words(number: int, *, mail_subject: str, call: str) -> Words:
    """What petitions and open letters say alike."""
    return Words(
        mail_subject=mail_subject,
        mail_one=gettext("Somebody, we hope you, signed with this address: %(page)s."),
        mail_several=gettext("Somebody, we hope you, signed these with this address:"),
        mail_until=gettext(
            "Your name does not count until you confirm it. Open this page and press the button:"
        ),
        mail_not_you=gettext(
            "If it was not you, do nothing: nothing is counted or shown, and what was typed is removed."
        ),
        confirm_heading=ngettext("Confirm your signature", "Confirm your signatures", number),
        confirm_sentence=ngettext(
            "Press the button and your signature counts.",
            "Press the button and your signatures count.",
            number,
        ),
        confirm_button=gettext("Yes, I sign"),
        confirm_not_you=gettext(
            "It was not you? Close this page. Without your confirmation nothing is counted or shown, and it is all"
            " erased after a week."
        ),
        ask_others=gettext("Ask someone else to sign"),
        ask_others_why=gettext(
            "One name can be overlooked. The best thing you can do now is to ask two friends."
        ),
        call=call,
        closed=gettext("Signing is over. Nothing was stored."),
        too_many=gettext(
            "Many signatures have come from your network in the last hour. Please try again in an hour; nothing was"
            " stored."
        ),
    )
