"""Versions of an open letter: what was signed stays readable as it stood, whatever becomes of the page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.dateparse import parse_date

from amparo.actions.models import ActionPage, LetterVersion, OpenLetterPage, Signature
from amparo.kit.ids import new_id
from amparo.kit.mail_text import with_comma

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

_TEXTS = ("title", "addressee_office", "addressee_name", "place", "salutation", "closing", "demands_lead")
_STREAMS = ("letter", "closing_text")


@dataclass(frozen=True, slots=True)
class Letter:
    """An open letter as it is read: of the page as it is now, or of a version."""

    title: str
    addressee_name: str
    addressee_office: str
    place: str
    dated: date | None
    salutation_line: str
    letter: Any
    demands_lead: str
    demands: Sequence[str]
    closing_text: Any
    closing_line: str
    signatories: Sequence[tuple[str, str, str]]


def keep(page: OpenLetterPage, *, now: datetime) -> LetterVersion:
    """The version that the page shows now; a new one when the letter changed since somebody signed."""
    content = content_of(page)
    mark = _mark_of(content)
    with transaction.atomic():
        # The page's row is the lock: two who publish at once follow each other.
        ActionPage.objects.select_for_update().filter(pk=page.pk).first()
        last = current(page)
        if last is not None and last.sha256 == mark:
            return last
        if last is not None and not Signature.objects.filter(version=last).exists():
            last.content, last.sha256, last.made_at = content, mark, now
            last.save(update_fields=["content", "sha256", "made_at"])
            return last
        return LetterVersion.objects.create(
            id=new_id(),
            organization_id=page.organization_id,
            page_id=page.pk,
            number=last.number + 1 if last else 1,
            content=content,
            sha256=mark,
            made_at=now,
        )


def current(page: ActionPage) -> LetterVersion | None:
    """The newest version of a letter; None of what is no letter."""
    return LetterVersion.objects.filter(page=page.pk).order_by("-number").first()


def content_of(page: OpenLetterPage) -> dict[str, Any]:
    """What the letter says, as it is kept."""
    content: dict[str, Any] = {name: getattr(page, name) for name in _TEXTS}
    for name in _STREAMS:
        stream = getattr(page, name)
        content[name] = stream.stream_block.get_prep_value(stream) if stream else []
    content["dated"] = page.dated.isoformat() if page.dated else ""
    content["demands"] = [str(demand) for demand in page.demands]
    content["signatories"] = [[one.name, one.role, one.represents] for one in page.signatories.all()]
    return content


def letter_of(page: OpenLetterPage, content: dict[str, Any] | None = None) -> Letter:
    """The letter of the page, or as `content` has it."""
    content = content_of(page) if content is None else content
    language = page.locale.language_code
    letter, closing_text = (
        OpenLetterPage._meta.get_field(name).stream_block.to_python(content[name]) for name in _STREAMS
    )
    return Letter(
        title=content["title"],
        addressee_name=content["addressee_name"],
        addressee_office=content["addressee_office"],
        place=content["place"],
        dated=parse_date(content["dated"]) if content["dated"] else None,
        salutation_line=with_comma(content["salutation"], language=language),
        letter=letter,
        demands_lead=content["demands_lead"],
        demands=content["demands"],
        closing_text=closing_text,
        closing_line=with_comma(content["closing"], language=language),
        signatories=[(name, role, represents) for name, role, represents in content["signatories"]],
    )


def signed(version: LetterVersion) -> int:
    """How many signed this version, and confirmed it."""
    return Signature.objects.counted().filter(version=version, action__is_test=False).count()


def _mark_of(content: dict[str, Any]) -> str:
    """The same for the same words: the ids that Wagtail gives to blocks do not count."""
    return hashlib.sha256(json.dumps(_without_ids(content), sort_keys=True).encode()).hexdigest()


def _without_ids(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _without_ids(value) for key, value in found.items() if key != "id"}
    if isinstance(found, list):
        return [_without_ids(item) for item in found]
    return found
