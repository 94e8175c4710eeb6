"""The document of names: a cover letter with demands and counts, organizations, comments, then everybody who is named.

Names are read, laid out and written a thousand at a time, so that a document of any size takes the same memory to draw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.actions.hand_over import bundling, names_of
from amparo.actions.hand_over.bundle_contents import Drawn
from amparo.content.own_address import address_of
from amparo.kit import pdf
from amparo.kit.pdf_joining import Joiner

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.hand_over.bundle_contents import Beat, Write
    from amparo.actions.models import HandOver
    from amparo.actions.models.signature import SignatureQuerySet

#: Names, organizations and comments in a draft.
FEW = 60


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document, and on which page it begins."""

    title: str
    first_page: int


def draw(
    hand_over: HandOver,
    *,
    found: SignatureQuerySet,
    addressee: Addressee,
    write: Write,
    beat: Beat,
    draft: bool = False,
    now: datetime,
) -> Drawn:
    """Write the document of these signatures, in the language of the page. Raises `pdf.CannotDraw`.

    A `draft` has the true figures and only the first names, and says that it is one.
    """
    language = hand_over.page.locale.language_code
    joiner = Joiner(write)
    with translation.override(language):
        figures = names_of.figures(hand_over, found)
        frame = bundling.frame_of(
            hand_over, title=title_of(hand_over, count=figures.total), total=figures.total
        )
        parts = 1 if draft else -(-figures.total // names_of.PART)
        with pdf.renderer(parts=parts) as render:
            sections = _draw_sections(
                hand_over,
                found,
                frame=frame,
                joiner=joiner,
                render=render,
                beat=beat,
                most=FEW if draft else 0,
            )
        context = frame | bundling.cover_context(hand_over, addressee=addressee, now=now)
        context |= {
            "figures": figures,
            "draft": draft,
            "sections": sections,
            "signatories": list(hand_over.page.signatories.all()),
            "paragraphs": _paragraphs(hand_over.names.letter),
            "version": hand_over.names.version,
            "version_address": _version_address(hand_over),
            "counts": [
                {"title": title, "rows": rows}
                for title, rows in (
                    (_("Where they live"), names_of.by_area(found, language=language)),
                    (_("Countries"), names_of.by_country(found)),
                )
                if rows
            ],
        }
        cover = pdf.render(
            render_to_string("actions/bundle/names_cover.html", context),
            stylesheet=bundling.cover_sheet(hand_over),
        )
    joiner.add(cover.pdf, in_front=True)
    joiner.finish(title=frame["title"], language=language)
    return Drawn(joiner.pages, figures.total)


def title_of(hand_over: HandOver, *, count: int) -> str:
    """What the document, and the mail that brings it, is called."""
    return ngettext("%(count)s signature: %(page)s", "%(count)s signatures: %(page)s", count) % {
        "count": intcomma(count),
        "page": hand_over.page.title,
    }


def _draw_sections(
    hand_over: HandOver,
    found: SignatureQuerySet,
    *,
    frame: dict[str, Any],
    joiner: Joiner,
    render: pdf.Render,
    beat: Beat,
    most: int,
) -> list[Section]:
    stylesheet = render_to_string("actions/bundle/bundle.css") + render_to_string("actions/bundle/names.css")
    sections = []
    for kind, title, chosen in (
        ("organizations", _("Organisations that signed"), names_of.for_organizations(found)),
        ("comments", _("What some of them say"), names_of.with_comments(found, hand_over.names)),
        ("names", _("Names"), found.shown().filter(represents=None)),
    ):
        for number, signatures in enumerate(names_of.in_parts(chosen, most=most)):
            beat()
            if not number:
                sections.append(Section(title, joiner.pages + 1))
            context = {"kind": kind, "heading": "" if number else title, "signatures": signatures}
            drawn = render(
                render_to_string("actions/bundle/names.html", frame | context),
                stylesheet=stylesheet,
                first_page=joiner.pages + 1,
            )
            joiner.add(drawn.pdf)
    return sections


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if paragraph]


def _version_address(hand_over: HandOver) -> str:
    version = hand_over.names.version
    if version is None:
        return ""
    return address_of(hand_over.organization) + reverse(
        "letter_version", args=[version.page_id, version.number]
    )
