from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.report import Report
from amparo.actions.models.self_reported import SelfReported, reported_words

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from amparo.actions.words import Words


class PartnerPage(SelfReported, ActionPage):
    """Take a partner's action on the partner's own site, told beforehand what happens there."""

    partner = models.CharField(max_length=160, help_text=_("The organization whose action it is."))
    partner_url = models.URLField(
        max_length=500, help_text=_("The address of its action. It must begin with https://.")
    )
    what_is_met = models.TextField(
        max_length=1000,
        help_text=_(
            "What the reader meets there: what is asked, in which language, how long it takes, whether it needs"
            " a script."
        ),
    )
    what_becomes_of_data = models.TextField(
        max_length=1000,
        help_text=_("What the partner does with what people type there, as its privacy notice says it."),
    )
    partner_privacy_url = models.URLField(
        max_length=500, blank=True, help_text=_("The partner's privacy notice.")
    )

    template = "actions/partner_page.html"
    taken_template = "actions/reported_taken.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    answers_offered = (Report.Said.DONE,)
    question = _("Have you done it?")
    afterwards = _("Afterwards")

    content_panels = [
        *ActionPage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("partner"),
                FieldPanel("partner_url"),
                FieldPanel("what_is_met"),
                FieldPanel("what_becomes_of_data"),
                FieldPanel("partner_privacy_url"),
            ],
            heading=_("The partner's action"),
        ),
        FieldPanel("counts_without_address"),
    ]

    @classmethod
    def words(cls, number: int = 1) -> Words:  # noqa: ARG003 - said without their number
        return reported_words(
            mail_subject=gettext("Please confirm that you took part"),
            mail_one=gettext(
                "Somebody, we hope you, told us with this address that they took part: %(page)s."
            ),
            mail_several=gettext("Somebody, we hope you, told us with this address that they took part:"),
            confirm_heading=gettext("Confirm that you took part"),
            confirm_sentence=gettext("Press the button and you are counted."),
            confirm_button=gettext("Yes, I took part"),
            ask_others=gettext("Ask someone else to take part"),
            ask_others_why=gettext(
                "Each person counts. The best thing you can do now is to ask two friends."
            ),
            call=gettext("Take part"),
            closed=gettext("This action is over. Nothing was stored."),
            thanks=gettext("You took part, and you are counted."),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext("%(number)s person has taken part", "%(number)s people have taken part", number)
        return sentence % {"number": intcomma(number)}

    def clean(self) -> None:
        super().clean()
        for name in ("partner_url", "partner_privacy_url"):
            if (address := getattr(self, name)) and not address.startswith("https://"):
                raise ValidationError({name: _("Send nobody to an address without https://.")})

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.other_ways.partner_views import serve_partner_page

        return serve_partner_page(request, self)
