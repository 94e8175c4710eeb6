"""The dossier of a case as PDF: a public one with what readers may see, and an internal one, marked on every page.

The public one is drawn from the same pieces as the page, so that it cannot hold more. The internal one is drawn from
the register itself, with the columns that whoever asked for it may read.
"""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases import chronology, drawing, prose, public_view, publishing, register, showing
from amparo.cases.models import CasePage, Clearance
from amparo.cases.public_view import PublicCase, PublicFacts, PublicRecord
from amparo.cases.screens import label_of, said_of
from amparo.content.own_address import address_of
from amparo.kit import pdf
from amparo.kit.published import published_stamp
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import date, datetime

    from amparo.accounts.models import User
    from amparo.cases.models import Case

#: As long as a calendar of hearings may be kept; anything published in between makes another one.
KEPT_SECONDS = 300
#: The portrait on paper, some three centimetres wide.
_PORTRAIT = "fill-480x600|format-jpeg|jpegquality-80"
_one_at_a_time = Lock()


class NothingPublic(Refusal):
    sentence = _("Nothing of this case is public, so there is no public dossier.")


def public(*, case: Case, language: str, today: date) -> bytes:
    """What readers may see of the case, as of `today`. Raises `NothingPublic` and `pdf.CannotDraw`."""
    with translation.override(language):
        try:
            shown = showing.shown(case, today=today)
        except public_view.NotPublic:
            raise NothingPublic from None
        page = CasePage.objects.live().public().filter(case=case).first()
        context = _frame(case, title=shown.heading, language=language, today=today) | {
            "shown": shown,
            "solitary_rule": showing.solitary_rule(),
            "address": page.full_url if page else address_of(case.organization),
        }
        pictures = _portrait(shown.case.image)
        html = render_to_string("cases/dossier/public.html", context | {"has_portrait": bool(pictures)})
    return pdf.render(html, stylesheet=_stylesheet(), pictures=pictures).pdf


def public_kept(*, case: Case, language: str, today: date) -> bytes:
    """The same, drawn once for all who ask until something is published, or five minutes. Raises as `public` does."""
    key = _key(case, language=language, today=today)
    found: bytes | None = cache.get(key)
    if found is None:
        # Drawing takes a second of one core: whoever asks meanwhile waits for the first.
        with _one_at_a_time:
            found = cache.get(key)
            if found is None:
                found = public(case=case, language=language, today=today)
                cache.set(key, found, KEPT_SECONDS)
    return found


def internal(*, case: Case, language: str, restricted: bool, by: User, now: datetime) -> bytes:
    """Everything of the case that `by` may read; the trail says who took it. Raises `pdf.CannotDraw`."""
    today = now.date()
    with translation.override(language):
        present = chronology.present_of(case, today=today)
        everything = _everything(case)
        context = _frame(case, title=case.reference, language=language, today=today) | {
            "present": present,
            "held": prose.in_words(present.held) if present.held.most else "",
            "solitary": prose.in_words(present.in_solitary) if present.in_solitary.most else "",
            "age": prose.age_in_words(present.age) if present.age else "",
            "standing": showing.standing_in_words(present.standing),
            "sections": _sections(case, restricted=restricted),
            "shown": {"picture": drawing.timeline(everything, today=today)},
            "taken_by": by.get_full_name() or by.email,
            "restricted": restricted,
        }
        html = render_to_string("cases/dossier/internal.html", context)
    drawn = pdf.render(html, stylesheet=_stylesheet()).pdf
    audit.record(
        verb="take_dossier",
        subject=case,
        by=by,
        organization=case.organization,
        now=now,
        details={"language": language, "restricted": restricted},
    )
    return drawn


def _frame(case: Case, *, title: str, language: str, today: date) -> dict[str, Any]:
    return {
        "title": title,
        "organization": case.organization,
        "language": language,
        "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "today": today,
    }


def _stylesheet() -> str:
    return render_to_string("cases/dossier/dossier.css")


def _portrait(image: Any) -> dict[str, bytes]:
    if not image:
        return {}
    with image.get_rendition(_PORTRAIT).file.open("rb") as file:
        return {"portrait": file.read()}


def _key(case: Case, *, language: str, today: date) -> str:
    told = f"{case.pk}|{language}|{today}|{published_stamp()}"
    return f"dossier-{hashlib.sha256(told.encode()).hexdigest()}"


# --- The register itself -------------------------------------------------------------------------------------------


def _sections(case: Case, *, restricted: bool) -> list[dict[str, Any]]:
    public_now = {
        (one.record_type, one.record_id, one.column)
        for one in Clearance.objects.for_organization(case.organization).in_force().filter(case=case)
    }
    found = []
    for kind in register.KINDS.values():
        columns = [column for column in kind.columns if restricted or not column.restricted]
        # What a source that stays unnamed says is for approvers, as restricted columns are.
        rows = [
            _cells(kind, record, columns, public_now)
            for record in kind.records_of(case)
            if restricted or not publishing.is_confidential(record)
        ]
        rows = [row for row in rows if row]
        if rows:
            found.append({"title": kind.plural, "rows": rows})
    return found


def _cells(
    kind: register.Kind, record: Any, columns: list[register.Column], public_now: set[tuple[str, Any, str]]
) -> list[dict[str, Any]]:
    return [
        {
            "label": label_of(kind, column.name),
            "value": said,
            "is_public": (kind.name, record.pk, column.name) in public_now,
        }
        for column in columns
        if (said := said_of(record, column.name)) and column.name != "record_id"
    ]


def _everything(case: Case) -> PublicCase:
    """The whole case in the form that the timeline is drawn from."""
    rows = {
        name: [_whole(kind, record) for record in kind.records_of(case)]
        for name, kind in register.KINDS.items()
        if name in {"CustodySpell", "Condition", "Hearing"}
    }
    return PublicCase(
        names=[], title="", summary="", story="", state="", image=None, person=None, facts=PublicFacts(), records=rows
    )  # fmt: skip


def _whole(kind: register.Kind, record: Any) -> PublicRecord:
    return PublicRecord(record.pk, {column.name: getattr(record, column.name) for column in kind.columns}, {})
