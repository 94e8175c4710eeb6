from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.signature import PaperSheet

if TYPE_CHECKING:
    from typing import Any

    from django.http.response import HttpResponseBase

#: Where the bar goes next when the page names no goal, or has passed the one it named.
MILESTONES = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
]  # fmt: skip
#: The bar moves on when this part of the way is done, so that there is always some of it left.
MOVES_ON_AT = 0.9


class SignedPage(ActionPage):
    """Abstract parent of what people put their names under: a petition, an open letter."""

    #: A link in a mail may say who it was written to (`known_readers`).
    knows_readers: ClassVar[bool] = True

    shows_names = models.BooleanField(
        default=True,
        help_text=_("Show the names of those who chose to be shown. Whoever chose nothing stays hidden."),
    )
    asks_postcode = models.BooleanField(
        default=False, help_text=_("Ask where people live, to count signatures by area. It stays optional.")
    )
    dataset_slug = models.SlugField(
        max_length=40,
        blank=True,
        help_text=_(
            "Whose postcodes say in which area somebody lives, such as uk. Empty: areas are not counted."
        ),
    )
    legislature = models.CharField(
        max_length=60, blank=True, help_text=_("Whose areas these are, such as commons.")
    )
    asks_country = models.BooleanField(default=False, help_text=_("Ask for the country. It stays optional."))
    asks_comment = models.BooleanField(
        default=True, help_text=_("Let people say why they sign. You read each comment before it is shown.")
    )
    takes_organizations = models.BooleanField(
        default=False,
        help_text=_("Let somebody sign for an organization. You look at each before it is shown."),
    )
    hands_over_on = models.DateField(
        null=True, blank=True, help_text=_("When the names are to be handed over; printed on the page.")
    )

    is_creatable = False
    parent_page_types: ClassVar[list[str]] = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []

    signing_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldPanel("shows_names"),
                FieldPanel("asks_comment"),
                FieldPanel("takes_organizations"),
                FieldPanel("asks_postcode"),
                FieldPanel("dataset_slug"),
                FieldPanel("legislature"),
                FieldPanel("asks_country"),
                FieldPanel("hands_over_on"),
            ],
            heading=_("Signing"),
        ),
    ]

    class Meta:
        abstract = True

    @cached_property
    def on_paper(self) -> int:
        """Signatures collected on paper, as far as staff entered them."""
        sheets = PaperSheet.objects.filter(page_id=self.pk, withdrawn_at__isnull=True)
        return sheets.aggregate(number=Sum("number"))["number"] or 0

    @property
    def signed(self) -> int:
        """How many signed, online and on paper."""
        return self.tally.confirmed + self.on_paper

    @property
    def moving_goal(self) -> int:
        """The goal while it lies ahead, and the next milestone afterwards."""
        if self.goal and self.signed < self.goal:
            return self.goal
        ahead = [milestone for milestone in MILESTONES if self.signed < milestone * MOVES_ON_AT]
        return ahead[0] if ahead else self.signed

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        from amparo.actions.signatures.signing_views import serve_signed_page

        return serve_signed_page(request, self)


class Signatory(Orderable):
    """Somebody whose name stands under the text from the beginning, in the order that staff chose."""

    page = ParentalKey(ActionPage, on_delete=models.CASCADE, related_name="signatories")
    name = models.CharField(max_length=160, help_text=_("A person, or an organization that signs as such."))
    role = models.CharField(max_length=160, blank=True, help_text=_("Such as: National Coordinator."))
    represents = models.CharField(max_length=160, blank=True, help_text=_("For whom, such as: Open Doors."))

    panels = [FieldPanel("name"), FieldPanel("role"), FieldPanel("represents")]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.role, self.represents) if part)


SIGNATORIES_PANEL = InlinePanel(
    "signatories",
    heading=_("First signatories"),
    label=_("Signatory"),
    help_text=_("Shown first, in this order. Enter only people and organizations that agreed to it."),
)
