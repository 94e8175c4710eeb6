from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.addressed_page import TO_WHOM, AddressedPage, OnlyForBlock
from amparo.actions.models.report import Report
from amparo.actions.models.self_reported import SelfReported, reported_words

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from amparo.actions.words import Words

Said = Report.Said


class ScriptBlock(blocks.StructBlock):
    """One thing to say."""

    text = blocks.TextBlock(
        help_text=_(
            "Short, as it is spoken. {target name}, {target office}, {area}, {deadline} and {days left} are filled in."
        )
    )
    only_for = OnlyForBlock(required=False)

    class Meta:
        icon = "pilcrow"


class TheySayBlock(blocks.StructBlock):
    """What the office may say, and what can be answered."""

    they_say = blocks.CharBlock(label=_("They may say"))
    you_say = blocks.TextBlock(label=_("You can answer"))

    class Meta:
        icon = "comment"


class CallPage(SelfReported, AddressedPage):
    """Call your representative, or a named office: the number, what to say, and how it went."""

    class Days(models.TextChoices):
        WEEKDAYS = "weekdays", _("Monday to Friday")
        SUNDAY_TO_THURSDAY = "sun_thu", _("Sunday to Thursday")
        EVERY_DAY = "every", _("every day")

    script = StreamField(
        [("line", ScriptBlock())], min_num=1, help_text=_("What to say, in the order in which it is said.")
    )
    they_may_say = StreamField(
        [("answer", TheySayBlock())], blank=True, help_text=_("What people are afraid of being asked.")
    )
    hours_from = models.TimeField(
        null=True, blank=True, help_text=_("When the office begins to answer, on its own clock.")
    )
    hours_until = models.TimeField(null=True, blank=True, help_text=_("When it stops."))
    hours_days = models.CharField(max_length=8, choices=Days.choices, default=Days.WEEKDAYS)
    hours_zone = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("The office's time zone, such as Europe/London. Left empty: your organization's."),
    )

    template = "actions/call_page.html"
    taken_template = "actions/reported_taken.html"
    tally_template = "actions/_call_tally_words.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    no_target_sentence = _("Somebody has to be called: choose a legislature or name a post.")
    answers_offered = (Said.SPOKE, Said.MESSAGE, Said.NOBODY, Said.REFUSED, Said.NOT_CALLED)
    question = _("How did it go?")
    afterwards = _("After your call")

    content_panels = [
        *ActionPage.content_panels,
        TO_WHOM,
        MultiFieldPanel(
            [
                FieldPanel("script"),
                FieldPanel("they_may_say"),
                FieldPanel("hours_days"),
                FieldPanel("hours_from"),
                FieldPanel("hours_until"),
                FieldPanel("hours_zone"),
            ],
            heading=_("The call"),
        ),
        FieldPanel("counts_without_address"),
    ]

    @classmethod
    def words(cls, number: int = 1) -> Words:  # noqa: ARG003 - calls are said without their number
        return reported_words(
            mail_subject=gettext("Please confirm your call"),
            mail_one=gettext("Somebody, we hope you, told us of a call with this address: %(page)s."),
            mail_several=gettext("Somebody, we hope you, told us of these calls with this address:"),
            confirm_heading=gettext("Confirm your call"),
            confirm_sentence=gettext("Press the button and your call counts."),
            confirm_button=gettext("Yes, I called"),
            ask_others=gettext("Ask someone else to call"),
            ask_others_why=gettext(
                "A telephone that rings all day is remembered. The best thing you can do now is to ask two friends."
            ),
            call=gettext("Make a call"),
            closed=gettext("This action is over: a call can no longer change it. Nothing was stored."),
            thanks=gettext("You called, and you are counted."),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext("%(number)s person has called", "%(number)s people have called", number)
        return sentence % {"number": intcomma(number)}

    def clean(self) -> None:
        super().clean()
        if (self.hours_from is None) != (self.hours_until is None):
            raise ValidationError({"hours_until": _("Give both hours, or neither.")})
        if self.hours_from and self.hours_until and self.hours_from >= self.hours_until:
            raise ValidationError({"hours_until": _("The office must stop after it began.")})
        if self.hours_zone and self.hours_zone not in available_timezones():
            raise ValidationError(
                {"hours_zone": _("There is no such time zone; it looks like Europe/London.")}
            )
        self.refuse_unknown_merge_fields(
            {
                "script": [str(block.value["text"]) for block in self.script],
                "they_may_say": [str(block.value["you_say"]) for block in self.they_may_say],
            }
        )

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", gettext("The page")), ("call", gettext("The call"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponseBase:
        if mode_name == "call":
            from amparo.actions.other_ways.call_views import preview_call

            return preview_call(request, self, now=timezone.now())
        response: HttpResponseBase = super().serve_preview(request, mode_name)
        return response

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.other_ways.call_views import serve_call_page

        return serve_call_page(request, self)
