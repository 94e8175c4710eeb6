"""What the case register has: a case as readers may see it, and a figure with its day and its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from amparo.cases import figures, prose, public_view, showing
from amparo.cases.models import CasePage, Figure
from amparo.mailings.composer.block_kinds import Drawn, MailBlock, mail_blocks
from amparo.mailings.composer.plain_words import link, underlined

if TYPE_CHECKING:
    from amparo.cases.public_view import PublicCase
    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization

#: A square of which 112 CSS pixels are shown.
FACE = "fill-224x224|format-jpeg|jpegquality-78|bgcolor-ffffff"
FACE_WIDTH = 112


@mail_blocks.register("case")
class CaseCard(MailBlock):
    """A case by its page: only what was cleared for everybody, as it stands on the day the mail is drawn."""

    label = gettext_lazy("Case")
    icon = "user"
    order = 50

    def fields(self, organization: Organization) -> blocks.Block:
        def on_offer() -> list[tuple[str, str]]:
            pages = CasePage.objects.live().filter(case__organization=organization).order_by("title")
            return [
                (str(page.pk), f"{page.title} ({page.locale})") for page in pages.select_related("locale")
            ]

        return blocks.ChoiceBlock(
            choices=on_offer,
            help_text=gettext_lazy("A case with a live page; readers see what is public of it."),
        )

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        page = _page(value, frame)
        found = _public(page, frame) if page else None
        if page is None or found is None:
            return None
        facts = found.facts
        held = prose.in_words(facts.held) if facts.is_held and facts.held.most else ""
        standing = showing.standing_in_words(facts.standing)
        said = " · ".join(filter(None, [standing, held]))
        title, url = showing.heading_of(found), frame.link_to(page)
        image = found.image or None
        html = frame.draw(
            "mailings/blocks/case.html",
            title=title,
            summary=found.summary,
            said=said,
            url=url,
            picture=frame.picture(image, spec=FACE, width=FACE_WIDTH) if image else None,
            alt=image.alt_text if image else "",
        )
        words = "\n".join(filter(None, [underlined(title), said, found.summary]))
        return Drawn(html, f"{words}\n{link(_('The whole story'), url)}")

    def complaints(self, value: Any, frame: Frame) -> list[str]:
        page = _page(value, frame)
        if page is None:
            return [_("The page of a case is gone or not live: the card is left out.")]
        if _public(page, frame) is None:
            return [
                _("Of the case “%(page)s” nothing is public, or it is shown quietly: the card is left out.")
                % {"page": page.title}
            ]
        return []


def _page(value: Any, frame: Frame) -> CasePage | None:
    if not str(value).isdigit():
        return None
    pages = CasePage.objects.live().filter(case__organization=frame.organization)
    return pages.select_related("case__organization", "case__person").filter(pk=value).first()


def _public(page: CasePage, frame: Frame) -> PublicCase | None:
    try:
        found = public_view.view(page.case, today=frame.today)
    except public_view.NotPublic:
        return None
    return found if found.is_listed else None


@mail_blocks.register("figure")
class FigureInMail(MailBlock):
    """A number is never sent without the day it was true and where it comes from."""

    label = gettext_lazy("Figure")
    icon = "order"
    order = 55

    def fields(self, organization: Organization) -> blocks.Block:
        def on_offer() -> list[tuple[str, str]]:
            found = Figure.objects.for_organization(organization).select_related("source")
            return [
                (figure.key, f"{figures.in_words(figure)} ({figure.key})")
                for figure in found
                if figure.is_fit_to_print
            ]

        return blocks.ChoiceBlock(
            choices=on_offer,
            help_text=gettext_lazy("A figure of the register that has its day and its source."),
        )

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        figure = figures.fit_to_print([value], organization=frame.organization).get(value)
        if figure is None:
            return None
        number = intcomma(figures.number_of(figure.value))
        if figure.is_estimate:
            number = _("an estimated %(figure)s") % {"figure": number}
        note = figures.note_of(figure)
        html = frame.draw("mailings/blocks/figure.html", number=number, unit=figure.unit, note=note)
        return Drawn(html, f"{figures.in_words(figure)}\n{note}")

    def complaints(self, value: Any, frame: Frame) -> list[str]:
        if value in figures.fit_to_print([value], organization=frame.organization):
            return []
        return [
            _("The figure “%(key)s” is gone, or has no day or no source: it is left out.") % {"key": value}
        ]
