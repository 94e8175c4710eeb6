from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.report import Report
from amparo.actions.words import Words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amparo.actions.models.tally import Tally


class SelfReported(models.Model):
    """Abstract part of every page whose readers do the thing themselves and tell us afterwards, if they want to.

    Whoever leaves an address makes an action, which counts once it is confirmed; whoever leaves none is one of
    `without_address`. Neither is ever needed to do the thing.
    """

    if TYPE_CHECKING:
        tally: Tally

    counts_without_address = models.BooleanField(
        default=True,
        help_text=_(
            "Count people who leave no address. They cannot be told apart; turn it off when somebody inflates it."
        ),
    )

    #: What a reader may say came of it, in the order in which it is asked.
    answers_offered: ClassVar[tuple[Report.Said, ...]] = ()
    #: The question above them, and the heading above that.
    question: ClassVar[_StrPromise]
    afterwards: ClassVar[_StrPromise]

    class Meta:
        abstract = True

    @cached_property
    def without_address(self) -> int:
        """How many said that they did it and left no address; 0 where they are not counted."""
        if not self.counts_without_address:
            return 0
        return Report.objects.filter(page_id=self.pk).without_address().counting().people()

    @property
    def done(self) -> int:
        """How many did it, with an address and without."""
        return self.tally.confirmed + self.without_address


def reported_words(**own: str) -> Words:
    """What the pages of this kind say alike, with what each says in its own words."""
    return Words(
        mail_until=gettext("It counts once you confirm it. Open this page and press the button:"),
        mail_not_you=gettext("If it was not you, do nothing: what was typed is removed."),
        confirm_not_you=gettext(
            "It was not you? Close this page. Without your confirmation nothing is counted, and it is all erased after"
            " a week."
        ),
        too_many=gettext(
            "Many forms have come from your network in the last hour. Please try again in an hour; nothing was stored."
        ),
        **own,
    )
