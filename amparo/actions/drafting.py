"""Draft a letter for these targets: a subject, paragraphs chosen for them, and the words around it that stay locked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext

from amparo.actions.merge_fields import fill

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from amparo.actions.models import ActionPage, EmailTargetPage
    from amparo.targets.finding import Target


@dataclass(frozen=True, slots=True)
class Draft:
    subject: str
    body: str


def draft(
    *,
    page: EmailTargetPage,
    targets: Sequence[Target],
    my_name: str,
    key: UUID,
    now: datetime,
    thanks: bool = False,
) -> Draft:
    """The same draft for the same form `key`: which wording of each paragraph a supporter gets is drawn from it.

    Letters that differ are read; a hundred identical ones are filtered. A paragraph that is only for some targets is
    included when it fits every one of them. With `thanks` it is the page's letter to those who agree already.
    """
    # Not a secret: the key only has to give each supporter another draw, and the same one on every step.
    draw = random.Random(key.int)  # noqa: S311
    values = values_of(page=page, targets=targets, my_name=my_name, now=now)
    subjects = [page.thanks_subject] if thanks else [str(block.value) for block in page.subjects]
    subject = draw.choice(subjects)
    paragraphs = [
        draw.choice(list(block.value["wordings"]))
        for block in (page.thanks_paragraphs if thanks else page.paragraphs)
        if all(fits(target, block.value.get("only_for") or {}) for target in targets)
    ]
    return Draft(subject=fill(subject, values), body=fill("\n\n".join(paragraphs), values))


def add_reasons(body: str, reasons: Sequence[str]) -> str:
    """The letter with the picked sentences before its end, each once, however often the form comes back."""
    missing = [reason for reason in reasons if reason not in body]
    return "\n\n".join([body.rstrip(), *missing]) if missing else body


def days_left(moment: datetime | None, *, page: ActionPage, now: datetime) -> int | None:
    """Whole days until `moment`, on the calendar of the place of the page's hour; None without a moment."""
    if moment is None:
        return None
    return (_local(moment, page) - _local(now, page)).days


def _local(moment: datetime, page: ActionPage) -> date:
    return moment.astimezone(ZoneInfo(page.hour_zone or page.organization.time_zone)).date()


def values_of(*, page: ActionPage, targets: Sequence[Target], my_name: str, now: datetime) -> dict[str, str]:
    """What each merge field stands for, for these targets."""
    areas = [target.area_name for target in targets if target.area_name]
    values = {
        "target name": ", ".join(target.holder for target in targets if target.holder),
        "target office": ", ".join(target.label for target in targets),
        "area": areas[0] if areas else "",
        "my name": my_name,
    }
    if page.deadline:
        values["deadline"] = formats.date_format(_local(page.deadline, page), gettext("j F Y"))
        values["days left"] = str(max(days_left(page.deadline, page=page, now=now) or 0, 0))
    return values


def fits(target: Target, only_for: Any) -> bool:
    """Whether a paragraph kept for some parties, nations or flags is for this target."""
    parties, nations = list(only_for.get("parties") or []), list(only_for.get("nations") or [])
    flags, unless = set(only_for.get("flags") or []), set(only_for.get("unless_flags") or [])
    return (
        (not parties or target.party in parties)
        and (not nations or any(target.area_code.startswith(nation) for nation in nations))
        and (not flags or bool(flags & set(target.flags)))
        and not (unless & set(target.flags))
    )
