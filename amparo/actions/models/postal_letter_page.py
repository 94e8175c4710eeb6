from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.addressed_page import THE_LETTER, TO_WHOM, DraftedPage
from amparo.actions.models.report import Report
from amparo.actions.models.self_reported import SelfReported, reported_words

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from amparo.actions.words import Words


class PostalLetterPage(SelfReported, DraftedPage):
    """Write a letter on paper: drafted like a mail, printed by the writer, put into a window envelope and posted."""

    postage = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("A hint about stamps, such as: A letter to Vardania costs 1.10 and takes five days."),
    )
    asks_name_and_address = models.BooleanField(
        default=True,
        help_text=_(
            "Offer to print the writer's name and address. They are printed, not kept; the writer may leave them out."
        ),
    )

    template = "actions/postal_letter_page.html"
    taken_template = "actions/reported_taken.html"
    tally_template = "actions/_postal_tally_words.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    answers_offered = (Report.Said.POSTED,)
    question = _("Have you posted it?")
    afterwards = _("After the letter box")

    content_panels = [
        *ActionPage.content_panels,
        TO_WHOM,
        THE_LETTER,
        MultiFieldPanel(
            [
                FieldPanel("postage"),
                FieldPanel("asks_name_and_address"),
                FieldPanel("counts_without_address"),
            ],
            heading=_("The post"),
        ),
    ]

    @classmethod
    def words(cls, number: int = 1) -> Words:  # noqa: ARG003 - said without their number
        return reported_words(
            mail_subject=gettext("Please confirm that you posted a letter"),
            mail_one=gettext("Somebody, we hope you, told us of a letter they posted: %(page)s."),
            mail_several=gettext("Somebody, we hope you, told us of these letters they posted:"),
            confirm_heading=gettext("Confirm that you posted it"),
            confirm_sentence=gettext("Press the button and your letter counts."),
            confirm_button=gettext("Yes, I posted it"),
            ask_others=gettext("Ask someone else to write"),
            ask_others_why=gettext(
                "A letter on paper lies on a desk until somebody picks it up. The best thing you can do now is to ask"
                " two friends."
            ),
            call=gettext("Write a letter on paper"),
            closed=gettext("This action is over: a letter can no longer arrive in time. Nothing was stored."),
            thanks=gettext("You posted your letter, and you are counted."),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext(
            "%(number)s person has posted a letter", "%(number)s people have posted a letter", number
        )
        return sentence % {"number": intcomma(number)}

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.other_ways.postal_views import serve_postal_letter_page

        return serve_postal_letter_page(request, self)
