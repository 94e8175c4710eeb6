from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.addressed_page import THE_LETTER, TO_WHOM, DraftedPage, ParagraphBlock
from amparo.actions.words import Words

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


class EmailTargetPage(DraftedPage):
    """Write to your representative, to named posts, or to both."""

    thanks_subject = models.CharField(max_length=150, blank=True)
    thanks_paragraphs = StreamField(
        [("paragraph", ParagraphBlock())],
        blank=True,
        help_text=_(
            "Offered to supporters whose representative supports all of the campaign's demands on this page already."
            " Left empty, they are told so and asked whether they want to write all the same."
        ),
    )

    template = "actions/email_target_page.html"
    taken_template = "actions/letter_taken.html"
    waiting_template = "actions/_waiting_letters.html"
    tally_template = "actions/_letter_tally_words.html"
    parent_page_types = ["content.HomePage"]
    subpage_types: list[str] = []
    is_creatable = True

    content_panels = [
        *ActionPage.content_panels,
        TO_WHOM,
        THE_LETTER,
        MultiFieldPanel(
            [FieldPanel("thanks_subject"), FieldPanel("thanks_paragraphs")],
            heading=_("Thanks to those who agree already"),
        ),
    ]

    @classmethod
    def words(cls, number: int = 1) -> Words:
        return Words(
            mail_subject=gettext("Please confirm your letter"),
            mail_one=gettext("Somebody, we hope you, wrote a letter with this address: %(page)s."),
            mail_several=gettext("Somebody, we hope you, wrote these letters with this address:"),
            mail_until=gettext("Nothing is sent until you confirm it. Open this page and press the button:"),
            mail_not_you=gettext(
                "If it was not you, do nothing: the letter will not be sent, and what was typed is removed."
            ),
            confirm_heading=ngettext("Confirm your letter", "Confirm your letters", number),
            confirm_sentence=ngettext(
                "Press the button and your letter goes on its way.",
                "Press the button and your %(number)s letters go on their way.",
                number,
            )
            % {"number": number},
            confirm_button=ngettext("Yes, send my letter", "Yes, send my letters", number),
            confirm_not_you=gettext(
                "You did not write this? Close this page. Without your confirmation nothing is sent, and it is all"
                " erased after a week."
            ),
            ask_others=gettext("Ask someone else to write"),
            ask_others_why=gettext(
                "Each letter from a different person counts. The best thing you can do now is to ask two friends."
            ),
            call=gettext("Write a letter"),
            closed=gettext(
                "This action is over: letters can no longer arrive in time. Nothing was sent or stored."
            ),
            too_many=gettext(
                "Many letters have come from your network in the last hour. Please try again in an hour; nothing was"
                " sent."
            ),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext("%(number)s person has written", "%(number)s people have written", number)
        return sentence % {"number": intcomma(number)}

    def clean(self) -> None:
        super().clean()
        if self.thanks_paragraphs and not self.thanks_subject:
            raise ValidationError({"thanks_subject": _("A letter of thanks needs a subject.")})
        wordings = [text for block in self.thanks_paragraphs for text in block.value["wordings"]]
        self.refuse_unknown_merge_fields(
            {"thanks_subject": [self.thanks_subject], "thanks_paragraphs": wordings}
        )

    @property
    def has_thanks(self) -> bool:
        """Whether there is a letter for those who agree already."""
        return bool(self.thanks_subject and self.thanks_paragraphs)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.views import serve_email_target_page

        return serve_email_target_page(request, self)
