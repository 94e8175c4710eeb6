"""What to say on the telephone: the lines of a page, filled in for one office, as they are spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.actions import drafting
from amparo.actions.merge_fields import fill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.actions.models import CallPage
    from amparo.targets.finding import Target


def script(*, page: CallPage, target: Target, now: datetime) -> list[str]:
    """The lines for this office, in order. Nobody's name is asked for, so callers read their own into it."""
    values = drafting.values_of(page=page, targets=[target], my_name=_("(your name)"), now=now)
    return [
        fill(str(block.value["text"]), values)
        for block in page.script
        if drafting.fits(target, block.value.get("only_for") or {})
    ]


def answers(*, page: CallPage, targets: Sequence[Target], now: datetime) -> list[tuple[str, str]]:
    """What they may say, each with what can be answered."""
    values = drafting.values_of(page=page, targets=targets, my_name=_("(your name)"), now=now)
    return [
        (str(block.value["they_say"]), fill(str(block.value["you_say"]), values))
        for block in page.they_may_say
    ]
