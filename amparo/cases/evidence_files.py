"""The copies that we keep of sources: taken in as they are, read on record, and handed on only with black boxes.

Originals lie sealed beside the database and are never public. Their SHA-256 is worked out here, so that it can be shown
later that nothing was changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases.models import SourceFile
from amparo.kit import media_types, pdf, redaction, sealing
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.kit.sealed_files import SealedWriter, pieces

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.cases.models import Source
    from amparo.kit.redaction import Box

#: A long judgment as a scan has some 30 MB. What is larger is kept elsewhere, and its SHA-256 here.
MOST_BYTES = 50 * 1024 * 1024


class FileTooLarge(Refusal):
    sentence = _(
        "That is more than %(most)d MB. Keep it elsewhere, and write its SHA-256 down at the source."
    )


class NotAnOriginal(Refusal):
    sentence = _("This is a redacted copy already. Redact the original again instead.")


class FileGone(Refusal):
    sentence = _("The file is not on this server. Put it back from a backup.")


class Altered(Refusal):
    sentence = _("The file is not what it was when it was taken in. Put it back from a backup.")


def take_in(
    *, blocks: Iterable[bytes], name: str, source: Source, told: dict[str, Any], by: User, now: datetime
) -> SourceFile:
    """Keep a file as it is; `told` says who captured it, when, where from and how.

    Raises `FileTooLarge`, `media_types.UnknownType`, and what `redaction.pages_of` raises.
    """
    content = _whole(blocks)
    media_type = media_types.media_type_of(content)
    pages = 1 if media_type == media_types.TEXT else redaction.pages_of(content, media_type=media_type)
    file = SourceFile(source=source, name=name[:200], **told)
    return _keep(file, content, media_type, pages, verb="take_in_file", by=by, now=now)


def read(*, file: SourceFile, by: User, now: datetime) -> bytes:
    """The file as it was taken in; the trail says who read it. Raises `FileGone` and `Altered`."""
    content = _content(file)
    _note("read_file", file, by=by, now=now)
    return content


def page_of(*, file: SourceFile, page: int, by: User, now: datetime) -> bytes:
    """One page as a picture, to draw boxes on. Raises as `read` does, and what `redaction.picture_of` raises."""
    content, media_type = _drawable(file)
    if page == 1:
        _note("read_file", file, by=by, now=now)
    return redaction.picture_of(content, media_type=media_type, page=page)


def redact(
    *, file: SourceFile, boxes: Sequence[Box], pages: Sequence[int], by: User, now: datetime
) -> SourceFile:
    """A copy with black boxes under which there is nothing. The original stays as it is.

    Raises `NotAnOriginal`, and as `read` and `redaction.redacted` do.
    """
    if file.is_redacted:
        raise NotAnOriginal
    content, media_type = _drawable(file)
    copy, kind = redaction.redacted(content, media_type=media_type, boxes=boxes, pages=pages)
    made = SourceFile(
        source=file.source,
        # The name of the original may tell what the boxes hide.
        name=f"redacted-{now:%Y%m%d}-{file.pk.hex[-6:]}{media_types.ENDINGS[kind]}",
        redacted_from=file,
        redaction={
            "pages": list(pages),
            "boxes": [[box.page, box.left, box.top, box.width, box.height] for box in boxes],
        },
    )
    sheets = redaction.pages_of(copy, media_type=kind)
    return _keep(made, copy, kind, sheets, verb="redact_file", by=by, now=now)


def remove(*, file: SourceFile, by: User, now: datetime) -> None:
    """Remove a file, and its redacted copies with it."""
    with transaction.atomic():
        for each in (file, *file.redacted_copies.all()):
            _note("remove_file", each, by=by, now=now)
        file.delete()


def forget_bytes(file: SourceFile) -> None:
    """Its row is being deleted, by whatever way: what lies sealed beside the database goes when that is committed."""
    path = path_of(file.organization_id, file.pk)
    transaction.on_commit(partial(path.unlink, missing_ok=True))


def path_of(organization_id: Any, pk: Any) -> Path:
    """Where the sealed bytes of a file lie."""
    return Path(settings.AMPARO_VAR) / "evidence" / str(organization_id) / f"{pk}.sealed"


def _keep(
    file: SourceFile, content: bytes, media_type: str, pages: int, *, verb: str, by: User, now: datetime
) -> SourceFile:
    file.pk, file.organization = new_id(), file.source.organization
    file.media_type, file.size, file.pages = media_type, len(content), pages
    file.sha256 = hashlib.sha256(content).hexdigest()
    file.entered_by, file.entered_at, file.changed_at = by, now, now
    path = path_of(file.organization_id, file.pk)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = sealing.data_key_for(file.organization_id)
    writer = SealedWriter(path, key=key, aad=_place(file))
    try:
        writer.write(content)
        writer.close()
        with transaction.atomic():
            file.save(force_insert=True)
            _note(verb, file, by=by, now=now)
    except BaseException:
        writer.abandon()
        path.unlink(missing_ok=True)
        raise
    return file


def _content(file: SourceFile) -> bytes:
    key = sealing.data_key_for(file.organization_id)
    try:
        content = b"".join(pieces(path_of(file.organization_id, file.pk), key=key, aad=_place(file)))
    except FileNotFoundError:
        raise FileGone from None
    except sealing.Unsealable:
        raise Altered from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Altered
    return content


def _drawable(file: SourceFile) -> tuple[bytes, str]:
    """A file as something that has pages; text is set as a document first."""
    content = _content(file)
    if file.media_type != media_types.TEXT:
        return content, file.media_type
    html = render_to_string("cases/dossier/text.html", {"text": content.decode("utf-8", errors="replace")})
    sheet = "@page { size: A4; margin: 20mm } pre { white-space: pre-wrap; font-family: inherit; font-size: 10pt }"
    return pdf.render(html, stylesheet=sheet).pdf, media_types.PDF


def _whole(blocks: Iterable[bytes]) -> bytes:
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > MOST_BYTES:
            raise FileTooLarge(most=MOST_BYTES // 1024 // 1024)
    return bytes(content)


def _place(file: SourceFile) -> str:
    return f"{file.organization_id}|evidence|{file.pk}|file"


def _note(verb: str, file: SourceFile, *, by: User, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=file,
        by=by,
        organization=file.organization,
        now=now,
        details={"source": str(file.source_id), "sha256": file.sha256},
    )
