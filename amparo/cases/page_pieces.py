"""What this floor draws inside pages: laws and bills, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel import Locale
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from amparo.cases.models import Legislation
from amparo.content.insets import Inset
from amparo.content.pieces import page_pieces
from amparo.kit import part_dates

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Law:
    """One law as readers see it."""

    name: str
    about: str
    stage: str
    as_of: str
    country: str
    source: str
    url: str


@page_pieces.register("laws")
class Laws:
    """The organization's laws and bills, of one country or of all. One without a source is not shown."""

    label: _StrOrPromise = gettext_lazy("Laws and bills")

    @staticmethod
    def draw(*, organization: Organization, narrowed_to: str) -> Inset | None:
        rows = Legislation.objects.for_organization(organization).filter(source__isnull=False)
        if narrowed_to.strip():
            rows = rows.filter(state=narrowed_to.strip().upper())
        found = [_law(each) for each in rows.select_related("source").order_by("state", "name")]
        return Inset("cases/_laws.html", {"laws": found}) if found else None


def _law(law: Legislation) -> Law:
    language = get_language() or "en"
    source = law.source
    # A source that was written down for a case is told as far as that case's page tells it, and not here.
    named = source is not None and not source.is_confidential and source.case_id is None
    url = (source.url or "") if named and source else ""
    return Law(
        name=law.name,
        about=law.about,
        stage=law.get_stage_display(),
        as_of=part_dates.parse(law.as_of).in_words(language=language),
        country=str(Locale.parse(language, sep="-").territories.get(law.state, "")),
        source=source.title if named and source else _("a source that we do not name"),
        url=url if url.startswith(("https://", "http://")) else "",
    )
