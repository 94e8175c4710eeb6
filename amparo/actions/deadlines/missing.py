"""What is missing before a page's hour, in sentences for staff: in their reminders and on their screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.actions import addressing, pacing
from amparo.actions.models import AddressedPage, HandOver, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amparo.actions.models import ActionPage


def sentences(page: ActionPage, *, now: datetime) -> list[str]:
    """Goal not reached, letters that wait, bundles not planned, offices that changed hands. `page` is specific."""
    return [*_goal(page), *_letters(page, now=now), *_changed_hands(page, now=now)]


def _goal(page: ActionPage) -> Iterator[str]:
    if page.goal and page.done < page.goal:
        yield _("Took part so far: %(done)s. You hoped for %(goal)s.") % {
            "done": intcomma(page.done),
            "goal": intcomma(page.goal),
        }


def _letters(page: ActionPage, *, now: datetime) -> Iterator[str]:
    plan = pacing.plan(page=page, now=now)
    if plan.waiting:
        yield ngettext(
            "%(number)s letter waits in the queue.", "%(number)s letters wait in the queue.", plan.waiting
        ) % {"number": intcomma(plan.waiting)}
    planned = set(HandOver.objects.filter(page=page.pk).values_list("target_key", flat=True))
    left = sum(target.bundled for target in plan.targets if target.target_key not in planned)
    if left:
        yield ngettext(
            "%(number)s letter cannot leave by itself in time, and no bundle is made for it yet.",
            "%(number)s letters cannot leave one by one in time, and no bundle is made for them yet.",
            left,
        ) % {"number": intcomma(left)}
    held = Message.objects.filter(page=page.pk, state=Message.State.HELD).count()
    if held:
        yield ngettext(
            "%(number)s letter is held and waits for somebody to decide.",
            "%(number)s letters are held and wait for somebody to decide.",
            held,
        ) % {"number": intcomma(held)}


def _changed_hands(page: ActionPage, *, now: datetime) -> Iterator[str]:
    """Named posts whose holder is not the one that the first letters were written to, or that nobody holds."""
    if not isinstance(page, AddressedPage):
        return
    for target in addressing.named_targets(page=page, now=now):
        if not target.holder:
            yield _("Nobody is known to hold this office: %(office)s.") % {"office": target.label}
            continue
        first = (
            Message.objects.filter(page=page.pk, target_key=target.key)
            .exclude(target_name="")
            .order_by("created_at")
            .values_list("target_name", flat=True)
            .first()
        )
        if first and first != target.holder:
            yield _("%(office)s changed hands: it was %(was)s, and is %(now)s.") % {
                "office": target.label,
                "was": first,
                "now": target.holder,
            }
