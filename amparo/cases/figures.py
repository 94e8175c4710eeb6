"""Figures: numbers with unit, day and source, named by their key in any text, and corrected in one place.

A correction is kept beside what the figure said before, who changed it and why; that record is only ever added to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from amparo.accounts import audit
from amparo.cases.models import Case, Figure, FigureCorrection
from amparo.content.brace_words import named_on_pages
from amparo.kit import part_dates
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from wagtail.models import Page

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: What stands before the colon in texts.
WORD = "figure"
_IN_A_TEXT = re.compile(r"\{figure:\s*([\w-]+)\s*\}")
#: What a correction may change. The key stays: texts name the figure by it.
COLUMNS = (
    "value",
    "unit",
    "is_estimate",
    "scope",
    "method",
    "as_of",
    "period_from",
    "recheck_by",
    "source",
)


class KeyTaken(Refusal):
    sentence = gettext_lazy("There is a figure with this key already.")


class NothingChanged(Refusal):
    sentence = gettext_lazy("Nothing is different from before.")


def add(*, figure: Figure, organization: Organization, by: User, now: datetime) -> None:
    """A new figure, to be named in texts. Raises `KeyTaken`."""
    figure.organization, figure.entered_at, figure.changed_at = organization, now, now
    try:
        with transaction.atomic():
            figure.save(force_insert=True)
            audit.record(verb="add_figure", subject=figure, by=by, organization=organization, now=now)
    except IntegrityError:
        raise KeyTaken from None
    # A text may have named it before it was there.
    transaction.on_commit(note_publication)


def correct(*, figure: Figure, why: str, by: User, now: datetime) -> FigureCorrection:
    """Write a changed figure: every page that names it says the new number from now on. Raises `NothingChanged`.

    What is as it was, but looked at again, is corrected too: then its day to be looked at changes.
    """
    with transaction.atomic():
        before = Figure.objects.select_for_update().get(pk=figure.pk)
        changed = [column for column in COLUMNS if _plain(before, column) != _plain(figure, column)]
        if not changed:
            raise NothingChanged
        figure.changed_at = now
        figure.save(update_fields=[*changed, "changed_at"])
        correction = FigureCorrection.objects.create(
            organization=figure.organization,
            figure=figure,
            before={column: _plain(before, column) for column in changed},
            after={column: _plain(figure, column) for column in changed},
            why=why,
            corrected_by=by,
            corrected_at=now,
        )
        audit.record(
            verb="correct_figure",
            subject=figure,
            by=by,
            organization=figure.organization,
            now=now,
            details={"columns": changed},
        )
        transaction.on_commit(note_publication)
    return correction


def _plain(figure: Figure, column: str) -> Any:
    """What a column says, as it is kept in a correction; a source by its number, for its title is sealed."""
    if column == "source":
        return str(figure.source_id) if figure.source_id else None
    value = getattr(figure, column)
    if isinstance(value, Decimal):
        return number_of(value)
    return value.isoformat() if isinstance(value, date) else value


# --- In texts -----------------------------------------------------------------------------------------------------


def fit_to_print(keys: Collection[str], *, organization: Organization) -> dict[str, Figure]:
    """Those figures that readers may see: they have their day and their source."""
    if not keys:
        return {}
    found = Figure.objects.for_organization(organization).filter(key__in=keys).select_related("source")
    return {figure.key: figure for figure in found if figure.is_fit_to_print}


def in_words(figure: Figure) -> str:
    """The number with its unit, said as an estimate where it is one."""
    said = f"{intcomma(number_of(figure.value))} {figure.unit}"
    return _("an estimated %(figure)s") % {"figure": said} if figure.is_estimate else said


def number_of(value: Decimal) -> str:
    """A number without the noughts behind its last digit: 99.74, 4900."""
    return f"{value.normalize():f}"


def as_of(figure: Figure, *, language: str) -> str:
    """The day on which it was true, or the span it is about."""
    until = part_dates.parse(figure.as_of).in_words(language=language)
    if not figure.period_from:
        return until
    return f"{part_dates.parse(figure.period_from).in_words(language=language)} – {until}"


def note_of(figure: Figure) -> str:
    """The line below a text that names it: what is counted, when it was true, and who says so."""
    source = figure.source
    # A source that was written down for a case is told as far as that case's page tells it, and not here.
    hidden = source is None or source.is_confidential or source.case_id is not None
    title = _("a source that we do not name") if hidden or source is None else source.title
    return _("%(figure)s: as of %(day)s. Source: %(source)s") % {
        "figure": figure.unit,
        "day": as_of(figure, language=get_language() or "en"),
        "source": title,
    }


def keys_in(text: str) -> set[str]:
    """The keys of the figures that a text names."""
    return set(_IN_A_TEXT.findall(text))


# --- Where they are used ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a figure is named: cases by their story, public or not, and live pages."""

    cases: list[Case] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.cases) + len(self.pages)


def uses(*, organization: Organization) -> dict[str, Uses]:
    """Where each figure is named, by its key."""
    found: dict[str, Uses] = {}
    for case in Case.objects.for_organization(organization).only("organization", "reference", "story"):
        for key in keys_in(case.story or ""):
            found.setdefault(key, Uses()).cases.append(case)
    for (word, key), pages in named_on_pages(organization=organization).items():
        if word == WORD:
            found.setdefault(key, Uses()).pages.extend(pages)
    return found
