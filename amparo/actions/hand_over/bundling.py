"""The document of a hand-over: a cover letter, where the writers live, and every letter whole, each on its own page.

Letters are laid out a hundred at a time, so that a bundle of any size takes the same memory to draw.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from amparo.actions.hand_over.bundle_contents import Drawn
from amparo.actions.models import Message
from amparo.actions.writing import greeting
from amparo.content.own_address import address_of, identity_for
from amparo.kit import pdf
from amparo.kit.pdf_joining import Joiner
from amparo.targets import finding

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.hand_over.bundle_contents import Beat, Write
    from amparo.actions.models import HandOver
    from amparo.targets.finding import Target

#: Letters laid out at once: some 100 MB, whatever the size of the bundle (bench/hand_over.py).
PART = 100
#: Where the public key is, and how to check a signature.
KEY_PATH = "/.well-known/amparo-signing-key"
_PLAIN_ACCENT = "#5b544c"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One letter as it is printed."""

    number: int
    area: str
    written: datetime
    language: str
    direction: str
    subject: str
    writer: str
    greeting: str
    paragraphs: list[str]
    closing: str
    email: str


@dataclass(slots=True)
class _Area:
    """One line of the contents."""

    name: str
    count: int
    first_page: int


def draw(hand_over: HandOver, *, addressee: Addressee, write: Write, beat: Beat, now: datetime) -> Drawn:
    """Write the document with every letter in this bundle, in the language of its page. Raises `pdf.CannotDraw`."""
    language = hand_over.page.locale.language_code
    joiner = Joiner(write)
    with translation.override(language):
        order = _order(hand_over, language=language)
        frame = frame_of(hand_over, title=title_of(hand_over, count=len(order)), total=len(order))
        with pdf.renderer(parts=-(-len(order) // PART)) as render:
            areas = _draw_letters(
                order, frame=frame, target=addressee.target, joiner=joiner, render=render, beat=beat
            )
        cover = pdf.render(
            render_to_string(
                "actions/bundle/cover.html",
                frame | _cover(hand_over, addressee=addressee, areas=areas, total=len(order), now=now),
            ),
            stylesheet=cover_sheet(hand_over),
        )
    joiner.add(cover.pdf, in_front=True)
    joiner.finish(title=frame["title"], language=language)
    return Drawn(joiner.pages, len(order))


def title_of(hand_over: HandOver, *, count: int) -> str:
    """What the document, and the mail that brings it, is called."""
    return ngettext("%(count)d letter: %(page)s", "%(count)d letters: %(page)s", count) % {
        "count": count,
        "page": hand_over.page.title,
    }


def _order(hand_over: HandOver, *, language: str) -> list[tuple[str, UUID]]:
    """The letters with the names of their areas, area by area; those whose area is not known come last."""
    found = (
        Message.objects.filter(hand_over=hand_over, state=Message.State.BUNDLED, erased_at__isnull=True)
        .order_by("created_at", "pk")
        .values_list("action__area", "pk")
    )
    names: dict[str, str] = {"": ""}
    for area, _pk in found:
        if area not in names:
            names[area] = finding.area_name(area, language=language)
    return sorted(((names[area], pk) for area, pk in found), key=lambda entry: (not entry[0], entry[0]))


def frame_of(hand_over: HandOver, *, title: str, total: int) -> dict[str, Any]:
    """What every part of a document is told."""
    language = hand_over.page.locale.language_code
    return {"title": title, "language": language, "direction": _direction(language), "total": total}


def cover_sheet(hand_over: HandOver) -> str:
    """The style of a cover letter, with the organization's own colour."""
    identity = identity_for(hand_over.organization)
    accent = identity.accent if identity else _PLAIN_ACCENT
    return render_to_string("actions/bundle/bundle.css") + render_to_string(
        "actions/bundle/cover.css", {"accent": accent}
    )


def _draw_letters(
    order: Sequence[tuple[str, UUID]],
    *,
    frame: dict[str, Any],
    target: Target | None,
    joiner: Joiner,
    render: pdf.Render,
    beat: Beat,
) -> list[_Area]:
    """Draw the letters, part by part; on which page each area begins."""
    stylesheet = render_to_string("actions/bundle/bundle.css")
    areas: list[_Area] = []
    for start in range(0, len(order), PART):
        beat()
        sheets = _sheets(order[start : start + PART], start=start, target=target)
        pages = joiner.pages
        drawn = render(
            render_to_string("actions/bundle/letters.html", frame | {"sheets": sheets}),
            stylesheet=stylesheet,
            first_page=pages + 1,
        )
        for sheet in sheets:
            if not areas or areas[-1].name != sheet.area:
                areas.append(_Area(sheet.area, 0, pages + 1 + drawn.places[f"letter-{sheet.number}"]))
            areas[-1].count += 1
        joiner.add(drawn.pdf)
    return areas


def _sheets(chosen: Sequence[tuple[str, UUID]], *, start: int, target: Target | None) -> list[_Sheet]:
    letters = (
        Message.objects.select_related("action__supporter", "organization")
        .filter(pk__in=[pk for _area, pk in chosen])
        .in_bulk()
    )
    return [
        _sheet(letters[pk], number=number, area=area, target=target)
        for number, (area, pk) in enumerate(chosen, start=start + 1)
    ]


def _sheet(letter: Message, *, number: int, area: str, target: Target | None) -> _Sheet:
    """A letter greets whoever holds the office now, as one that leaves by itself does."""
    opening = letter.salutation or ""
    if target is not None and target.holder != letter.target_name:
        opening = greeting(target, language=letter.language)
    body = (letter.body or "").replace("\r\n", "\n").strip()
    return _Sheet(
        number=number,
        area=area,
        written=letter.created_at.astimezone(ZoneInfo(letter.organization.time_zone)),
        language=letter.language,
        direction=_written_direction(body) or _direction(letter.language),
        subject=letter.subject or "",
        writer=letter.action.full_name,
        greeting=opening,
        paragraphs=[paragraph for paragraph in re.split(r"\n\s*\n", body) if paragraph],
        closing=letter.closing or "",
        email=letter.action.supporter.email or "",
    )


def cover_context(hand_over: HandOver, *, addressee: Addressee, now: datetime) -> dict[str, Any]:
    """What stands on every cover letter: from whom, to whom, when, what we ask for, and how it is checked."""
    page, organization = hand_over.page, hand_over.organization
    zone = ZoneInfo(organization.time_zone)
    return {
        "organization": organization,
        "page": page,
        "name": addressee.name,
        "label": addressee.label,
        "made_at": now.astimezone(zone),
        "deadline": page.deadline.astimezone(zone) if page.deadline else None,
        "demands": page.demands,
        "greeting": addressee.greeting,
        "closing": addressee.closing,
        "key_address": address_of(organization) + KEY_PATH,
    }


def _cover(
    hand_over: HandOver, *, addressee: Addressee, areas: Sequence[_Area], total: int, now: datetime
) -> dict[str, Any]:
    for area in areas:
        area.name = area.name or _("Elsewhere, or not said")
    before = Message.objects.filter(
        page=hand_over.page, target_key=hand_over.target_key, state=Message.State.SENT
    ).count()
    return cover_context(hand_over, addressee=addressee, now=now) | {
        "letters": {"total": total, "before": before},
        "pace": settings.AMPARO_LETTERS_PER_TARGET_PER_HOUR,
        "areas": areas,
    }


def _written_direction(text: str) -> str:
    """Which way a text runs: as its first letter does (UAX 9, P2). People write in other languages than they read."""
    for letter in text:
        if (kind := unicodedata.bidirectional(letter)) in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return ""


def _direction(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"
