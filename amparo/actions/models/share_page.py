from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel

from amparo.actions import attribution, sharing
from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.report import Report
from amparo.actions.models.self_reported import SelfReported, reported_words

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from amparo.actions.words import Words


class SharePage(SelfReported, ActionPage):
    """Ask others: ready messages with links to another action, for each way that people talk to one another."""

    shared = models.ForeignKey(
        ActionPage,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The action that others are asked to take. Left empty: this page itself."),
    )
    message = models.TextField(
        max_length=700,
        help_text=_("For WhatsApp, Signal, Telegram and e-mail. The link is put behind it."),
    )
    short_message = models.CharField(
        max_length=240,
        blank=True,
        help_text=_("For Mastodon and Bluesky, which allow less. Left empty: the title of the action."),
    )
    mail_subject = models.CharField(
        max_length=120, blank=True, help_text=_("Left empty: the title of the action.")
    )

    template = "actions/share_page.html"
    taken_template = "actions/reported_taken.html"
    tally_template = "actions/_share_tally_words.html"
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = True
    answers_offered = (Report.Said.SHARED,)
    question = _("Have you asked somebody?")
    afterwards = _("Afterwards")

    content_panels = [
        *ActionPage.content_panels,
        MultiFieldPanel(
            [
                PageChooserPanel("shared", page_type="actions.ActionPage"),
                FieldPanel("message"),
                FieldPanel("short_message"),
                FieldPanel("mail_subject"),
            ],
            heading=_("What is shared"),
        ),
        FieldPanel("counts_without_address"),
    ]

    @property
    def what_is_shared(self) -> ActionPage:
        """The action that the links lead to: the one that was chosen as long as it is live."""
        return self.shared if self.shared is not None and self.shared.live else self

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        address = self.what_is_shared.full_url or ""
        return context | {"ways": sharing.ways_of(self), "device_url": attribution.link(address, "device")}

    @classmethod
    def words(cls, number: int = 1) -> Words:  # noqa: ARG003 - said without their number
        return reported_words(
            mail_subject=gettext("Please confirm that you asked others"),
            mail_one=gettext(
                "Somebody, we hope you, told us with this address that they asked others: %(page)s."
            ),
            mail_several=gettext("Somebody, we hope you, told us with this address that they asked others:"),
            confirm_heading=gettext("Confirm that you asked others"),
            confirm_sentence=gettext("Press the button and you are counted."),
            confirm_button=gettext("Yes, I asked others"),
            ask_others=gettext("Ask more people"),
            ask_others_why=gettext(
                "People act when somebody they know asks them. The best thing you can do now is to ask two more."
            ),
            call=gettext("Ask others"),
            closed=gettext("This action is over. Nothing was stored."),
            thanks=gettext("You asked others, and you are counted."),
        )

    def counted(self, number: int) -> str:
        if not number:
            return ""
        sentence = ngettext(
            "%(number)s person has asked others", "%(number)s people have asked others", number
        )
        return sentence % {"number": intcomma(number)}

    def clean(self) -> None:
        super().clean()
        if self.shared is not None and self.shared.organization_id != self.organization_id:
            raise ValidationError({"shared": _("This page belongs to another organization.")})

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.other_ways.share_views import serve_share_page

        return serve_share_page(request, self)
