from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from amparo.actions.models.action_page import ActionPage
from amparo.actions.words import Words
from amparo.content.cards import Card
from amparo.content.insets import Inset

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


class SignUpPage(ActionPage):
    """Sign up for the latest from us: one form, the organization's own questions, and no letter.

    It can be filled in on its own page and, as an inset, in the body of any other. What somebody agreed to reaches the
    ledger when they have confirmed it from their mailbox.
    """

    form_heading = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("Above the form, such as: Get the Wire. Empty: the title of this page."),
    )
    button_text = models.CharField(max_length=40, blank=True, help_text=_("Empty: Sign up."))
    asks_name = models.BooleanField(
        default=True, help_text=_("Ask for first and last name. Both stay optional.")
    )
    asks_postcode = models.BooleanField(
        default=False,
        help_text=_("Ask for the postcode, to invite people to what is near. It stays optional."),
    )
    asks_country = models.BooleanField(default=False, help_text=_("Ask for the country. It stays optional."))
    shows_counter = models.BooleanField(default=False, help_text=_("Show how many have signed up."))

    template = "actions/sign_up_page.html"
    taken_template = "actions/sign_up_taken.html"
    tally_template = "actions/_sign_up_tally_words.html"
    only_asks_to_write: ClassVar[bool] = True
    parent_page_types = ["content.HomePage"]
    subpage_types: list[str] = []
    is_creatable = True

    content_panels = [
        FieldPanel("title"),
        FieldPanel("campaign"),
        FieldPanel("standfirst"),
        FieldPanel("portrait"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("form_heading"),
                FieldPanel("button_text"),
                FieldPanel("asks_name"),
                FieldPanel("asks_postcode"),
                FieldPanel("asks_country"),
            ],
            heading=_("The form"),
        ),
        MultiFieldPanel([FieldPanel("shows_counter"), FieldPanel("goal")], heading=_("The counter")),
        MultiFieldPanel([FieldPanel("thank_you"), FieldPanel("share_text")], heading=_("Afterwards")),
    ]

    @classmethod
    def words(cls, number: int = 1) -> Words:  # noqa: ARG003 - a sign-up is never counted
        return Words(
            mail_subject=gettext("Please confirm that you want to hear from us"),
            mail_one=gettext("Somebody, we hope you, signed up with this address: %(page)s."),
            mail_several=gettext("Somebody, we hope you, signed up for these with this address:"),
            mail_until=gettext(
                "You hear nothing from us until you confirm it. Open this page and press the button:"
            ),
            mail_not_you=gettext(
                "If it was not you, do nothing: we do not write to you, and what was typed is removed."
            ),
            confirm_heading=gettext("Confirm your sign-up"),
            confirm_sentence=gettext("Press the button and you hear from us."),
            confirm_button=gettext("Yes, sign me up"),
            confirm_not_you=gettext(
                "It was not you? Close this page. Without your confirmation we do not write to you, and what was typed"
                " is erased after a week."
            ),
            ask_others=gettext("Ask someone else to join"),
            ask_others_why=gettext(
                "Whoever hears from us in time can act in time. The best thing you can do now is to ask two friends."
            ),
            call=gettext("Sign up"),
            closed=gettext("You cannot sign up here any more. Nothing was stored."),
            too_many=gettext(
                "Many forms have come from your network in the last hour. Please try again in an hour; nothing was"
                " stored."
            ),
            thanks=gettext("From now on you hear from us."),
        )

    def counted(self, number: int) -> str:
        if not number or not self.shows_counter:
            return ""
        sentence = ngettext("%(number)s person has signed up", "%(number)s people have signed up", number)
        return sentence % {"number": intcomma(number)}

    def card(self) -> Card:
        """Something to read: what can be done for somebody stands before it."""
        return Card(title=self.title, text=self.told.text, url=self.url or "")

    def inset(self) -> Inset:
        """The form itself, for the body of another page."""
        from amparo.actions.sign_up_views import inset_of

        return inset_of(self)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.sign_up_views import serve_sign_up_page

        return serve_sign_up_page(request, self)
