"""What the screens about mailings have in common: whose they are, and where one stands in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from amparo.accounts.staff_screens import StaffDeed, StaffScreen
from amparo.mailings.composer.languages import name_of
from amparo.mailings.models import Mailing, MailingText
from amparo.mailings.progress import Progress, progress
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

MAILINGS = (_("Mailings"), "staff_mailings")


class OneMailing(StaffScreen):
    """A screen about one mailing of the user's organizations."""

    header_icon = "mail"
    above = (MAILINGS,)

    @cached_property
    def mailing(self) -> Mailing:
        found: Mailing = self.find(
            Mailing.objects.select_related("organization", "campaign"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return self.mailing.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        address = reverse("staff_mailing", args=[self.mailing.pk])
        return [*items[:-1], {"url": address, "label": self.mailing.name}, items[-1]]


class MailingDeed(OneMailing, StaffDeed):
    """Something that is done with one mailing."""

    def after(self) -> str:
        return reverse("staff_mailing", args=[self.mailing.pk])


class SteeringDeed(MailingDeed):
    """One step of a mailing. Whether it is in the state for it, the verb knows, and says so."""

    @cached_property
    def came(self) -> Progress:
        return progress(self.mailing)

    def get_page_title(self) -> str:
        return str(self.page_title)


class OneText(OneMailing):
    """A screen about one text of a mailing; the address names the text. One of another channel is not found."""

    channel: ClassVar[Channel | None] = Channel.EMAIL

    @cached_property
    def text(self) -> MailingText:
        texts = MailingText.objects.select_related("mailing__organization", "mailing__campaign", "body")
        if self.channel is not None:
            texts = texts.filter(mailing__channel=self.channel)
        found: MailingText = self.find(texts, pk=self.kwargs["pk"])
        return found

    @cached_property
    def mailing(self) -> Mailing:
        return self.text.mailing

    @property
    def text_name(self) -> str:
        return text_name(self.text, among=self.mailing.texts.all())


def text_name(text: MailingText, *, among: Iterable[MailingText]) -> str:
    """The language of a text, and its variant where there are several."""
    several = any(other.variant != text.variant for other in among)
    return f"{name_of(text.language)} {text.variant}" if several else name_of(text.language)
