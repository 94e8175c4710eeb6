from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from amparo.actions.merge_fields import unknown_fields
from amparo.actions.models.action_page import ActionPage

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


class AddressedPage(ActionPage):
    """Abstract parent of what is addressed to targets: those of a postcode, named posts, or both."""

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
    exclusions = StreamField([("exclusion", ExclusionBlock())], blank=True)

    is_creatable = False

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.legislatures and not self.dataset_slug:
            raise ValidationError({"dataset_slug": _("Say whose postcodes decide, such as uk.")})
        if not self.legislatures and not self.posts:
            raise ValidationError({"legislatures": str(self.no_target_sentence)})

    #: Said to an editor who names nobody.
    no_target_sentence = _("Choose a legislature or name a post: somebody has to be addressed.")

    def refuse_unknown_merge_fields(self, texts: dict[str, list[str]]) -> None:
        """Texts by the name of their field. Raises `ValidationError` for words in braces that nothing fills in."""
        for field, written in texts.items():
            for text in written:
                if unknown := unknown_fields(text):
                    raise ValidationError(
                        {field: _("There is no merge field {%(name)s}.") % {"name": unknown[0]}}
                    )


TO_WHOM = MultiFieldPanel(
    [
        FieldPanel("dataset_slug"),
        FieldPanel("legislatures"),
        FieldPanel(
            "posts",
            help_text=_(
                "Named posts that every supporter writes to, such as uk/minister/…. A committee means each of"
                " its members (30 letters at most), and with #chair behind its key whoever chairs it."
            ),
        ),
        FieldPanel("fallbacks"),
        FieldPanel("exclusions"),
    ],
    heading=_("To whom"),
)


class DraftedPage(AddressedPage):
    """Abstract parent of what drafts a letter for its targets, however it gets there."""

    subjects = StreamField([("subject", blocks.CharBlock(max_length=150))], min_num=1)
    paragraphs = StreamField([("paragraph", ParagraphBlock())], min_num=1)
    reasons = StreamField([("reason", ReasonBlock())], blank=True)
    shortest = models.PositiveIntegerField(
        default=140, help_text=_("Characters a letter must have at least.")
    )
    longest = models.PositiveIntegerField(default=8000, help_text=_("Characters a letter may have at most."))

    is_creatable = False
    no_target_sentence = _("A letter needs a target: choose a legislature or name a post.")

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if not 0 < self.shortest < self.longest <= LONGEST_LETTER:
            raise ValidationError({"longest": _("The limits must rise, and end at 20,000 characters.")})
        self.refuse_unknown_merge_fields(
            {
                "subjects": [str(block.value) for block in self.subjects],
                "paragraphs": [text for block in self.paragraphs for text in block.value["wordings"]],
            }
        )


THE_LETTER = MultiFieldPanel(
    [
        FieldPanel("subjects"),
        FieldPanel("paragraphs"),
        FieldPanel("reasons"),
        FieldPanel("shortest"),
        FieldPanel("longest"),
    ],
    heading=_("The letter"),
)
