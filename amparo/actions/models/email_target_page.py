from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from amparo.actions.merge_fields import unknown_fields
from amparo.actions.models.action_page import ActionPage

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

#: WriteToThem's limit for one letter, in characters.
LONGEST_LETTER = 20_000


class OnlyForBlock(blocks.StructBlock):
    """For whom a paragraph is: empty lists mean everybody."""

    parties = blocks.ListBlock(
        blocks.CharBlock(), default=[], required=False, label=_("Only for these parties")
    )
    nations = blocks.ListBlock(
        blocks.CharBlock(), default=[], required=False, label=_("Only in areas whose code begins with")
    )
    flags = blocks.ListBlock(
        blocks.CharBlock(), default=[], required=False, label=_("Only for targets flagged")
    )
    unless_flags = blocks.ListBlock(
        blocks.CharBlock(), default=[], required=False, label=_("Not for targets flagged")
    )


class ParagraphBlock(blocks.StructBlock):
    """One paragraph of the letter, in several wordings of which each supporter gets one."""

    wordings = blocks.ListBlock(blocks.TextBlock(), min_num=1)
    only_for = OnlyForBlock(required=False)

    class Meta:
        icon = "pilcrow"


class ReasonBlock(blocks.StructBlock):
    """A reason the supporter may pick: a prompt for own words, and a sentence for those who cannot find them."""

    label = blocks.CharBlock()
    sentence = blocks.TextBlock()

    class Meta:
        icon = "list-ul"


class ExclusionBlock(blocks.StructBlock):
    """A target not to press: one that already agreed, say."""

    target_key = blocks.CharBlock(help_text=_("Such as uk/commons/E14001063."))
    sentence = blocks.TextBlock(
        help_text=_("What the supporter is told, such as: she signed our letter already. Thank her!")
    )

    class Meta:
        icon = "cross"


class EmailTargetPage(ActionPage):
    """Write to your representative, to named posts, or to both."""

    dataset_slug = models.SlugField(
        max_length=40, blank=True, help_text=_("The country whose postcodes decide, such as uk.")
    )
    legislatures = StreamField(
        [("legislature", blocks.CharBlock(label=_("Legislature")))],
        blank=True,
        help_text=_("Whose members the supporter writes to, such as commons; or house and senate."),
    )
    posts = StreamField(
        [("post", blocks.CharBlock(label=_("Target key")))],
        blank=True,
        help_text=_("Named posts that every supporter writes to, such as uk/minister/…"),
    )
    fallbacks = StreamField(
        [("post", blocks.CharBlock(label=_("Target key")))],
        blank=True,
        help_text=_(
            "Whom to write to when there is nobody for a postcode, or nobody who can be reached by mail."
        ),
    )
    subjects = StreamField([("subject", blocks.CharBlock(max_length=150))], min_num=1)
    paragraphs = StreamField([("paragraph", ParagraphBlock())], min_num=1)
    reasons = StreamField([("reason", ReasonBlock())], blank=True)
    exclusions = StreamField([("exclusion", ExclusionBlock())], blank=True)
    shortest = models.PositiveIntegerField(
        default=140, help_text=_("Characters a letter must have at least.")
    )
    longest = models.PositiveIntegerField(default=8000, help_text=_("Characters a letter may have at most."))

    template = "actions/email_target_page.html"
    parent_page_types = ["content.HomePage"]
    subpage_types: list[str] = []
    is_creatable = True

    content_panels = [
        *ActionPage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("dataset_slug"),
                FieldPanel("legislatures"),
                FieldPanel("posts"),
                FieldPanel("fallbacks"),
                FieldPanel("exclusions"),
            ],
            heading=_("To whom"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("subjects"),
                FieldPanel("paragraphs"),
                FieldPanel("reasons"),
                FieldPanel("shortest"),
                FieldPanel("longest"),
            ],
            heading=_("The letter"),
        ),
    ]

    def clean(self) -> None:
        super().clean()
        if self.legislatures and not self.dataset_slug:
            raise ValidationError({"dataset_slug": _("Say whose postcodes decide, such as uk.")})
        if not self.legislatures and not self.posts:
            raise ValidationError(
                {"legislatures": _("A letter needs a target: choose a legislature or name a post.")}
            )
        if not 0 < self.shortest < self.longest <= LONGEST_LETTER:
            raise ValidationError({"longest": _("The limits must rise, and end at 20,000 characters.")})
        self._refuse_unknown_merge_fields()

    def _refuse_unknown_merge_fields(self) -> None:
        texts = {
            "subjects": [str(block.value) for block in self.subjects],
            "paragraphs": [text for block in self.paragraphs for text in block.value["wordings"]],
        }
        for field, written in texts.items():
            for text in written:
                if unknown := unknown_fields(text):
                    raise ValidationError(
                        {field: _("There is no merge field {%(name)s}.") % {"name": unknown[0]}}
                    )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.views import serve_email_target_page

        return serve_email_target_page(request, self)
