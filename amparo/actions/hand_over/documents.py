"""The files of hand-overs: kept sealed in pieces, read back piece by piece, mailed, and erased with their texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import slugify

from amparo.actions.hand_over import bundling, names_document
from amparo.actions.models import HandOver, HandOverPiece
from amparo.content.own_address import address_of
from amparo.kit import sealing, signing
from amparo.kit.ids import new_id
from amparo.mailings.plain_mail import Attachment, build_mail

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.supporters.models import Supporter

File = HandOverPiece.File
#: Bytes of one piece: what is in memory at once when a document is written or read.
PIECE = 512 * 1024
#: As long as the letters in it are kept (`erasing.TEXTS_KEPT`).
KEPT = timedelta(days=28)
_MEDIA = {File.PDF: "application/pdf", File.CSV: "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was kept: its bytes and their SHA-256."""

    size: int
    sha256: str


class Keeper:
    """Seals a file piece by piece while it is written, in place of whatever was kept before; `close` ends it."""

    def __init__(self, hand_over: HandOver, *, file: str = File.PDF) -> None:
        self._hand_over, self._file = hand_over, file
        self._key = sealing.data_key_for(hand_over.organization_id)
        self._waiting = bytearray()
        self._digest, self._size, self._number = hashlib.sha256(), 0, 0
        HandOverPiece.objects.filter(hand_over=hand_over, file=file).delete()

    def write(self, content: bytes) -> None:
        self._waiting += content
        while len(self._waiting) >= PIECE:
            self._keep_piece(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]

    def close(self) -> Kept:
        """Keep what is left."""
        if self._waiting:
            self._keep_piece(bytes(self._waiting))
            self._waiting.clear()
        return Kept(self._size, self._digest.hexdigest())

    def _keep_piece(self, content: bytes) -> None:
        pk = new_id()
        HandOverPiece.objects.create(
            id=pk,
            organization=self._hand_over.organization,
            hand_over=self._hand_over,
            file=self._file,
            number=self._number,
            content=sealing.seal_bytes(content, key=self._key, aad=_place(pk)),
        )
        self._digest.update(content)
        self._size += len(content)
        self._number += 1


def keep(*, hand_over: HandOver, content: bytes) -> str:
    """Seal a document that is there as a whole; its SHA-256."""
    keeper = Keeper(hand_over)
    keeper.write(content)
    return keeper.close().sha256


def read(hand_over: HandOver, *, file: str = File.PDF) -> Iterator[bytes]:
    """A file, one piece after another."""
    key = sealing.data_key_for(hand_over.organization_id)
    pieces = HandOverPiece.objects.filter(hand_over=hand_over, file=file).order_by("number")
    for pk, content in pieces.values_list("pk", "content").iterator(chunk_size=1):
        yield sealing.unseal_bytes(bytes(content), key=key, aad=_place(pk))


def size_of_all(hand_over: HandOver) -> int:
    """About how many bytes the files of a bundle have together; never fewer."""
    return PIECE * HandOverPiece.objects.filter(hand_over=hand_over).count()


def signature_file(hand_over: HandOver, *, file: str = File.PDF) -> str:
    """The small text that proves a file."""
    address = address_of(hand_over.organization) + bundling.KEY_PATH
    signature = signing.Signature(hand_over.sha256, hand_over.signature)
    if file == File.CSV:
        signature = signing.Signature(hand_over.names.table_sha256, hand_over.names.table_signature)
    return signature.written(file_name=name_of(hand_over, file=file), key_address=address)


def name_of(hand_over: HandOver, *, file: str = File.PDF) -> str:
    """What a file is called on a disk."""
    return f"{slugify(hand_over.page.slug) or hand_over.of}-{hand_over.pk.hex[-6:]}.{file}"


def files_of(hand_over: HandOver) -> list[str]:
    """The files that a bundle of its kind has."""
    return [File.PDF, File.CSV] if hand_over.of == HandOver.Of.NAMES else [File.PDF]


def as_mail(*, hand_over: HandOver, addressee: Addressee, now: datetime) -> bytes:
    """The one mail that brings a bundle: a short letter of ours, its files, and their signatures."""
    organization = hand_over.organization
    of_names = hand_over.of == HandOver.Of.NAMES
    with translation.override(hand_over.page.locale.language_code):
        context = {
            "organization": organization,
            "page": hand_over.page,
            "hand_over": hand_over,
            "greeting": addressee.greeting,
            "closing": addressee.closing,
            "key_address": address_of(organization) + bundling.KEY_PATH,
        }
        text = render_to_string(f"actions/bundle/{'names_mail' if of_names else 'mail'}.txt", context)
        title_of = names_document.title_of if of_names else bundling.title_of
        subject = title_of(hand_over, count=hand_over.letters)
    return build_mail(
        from_name=organization.sender_name,
        from_address=organization.sender_email,
        to_address=addressee.address,
        to_name=addressee.name,
        reply_to=(organization.name, organization.contact_email),
        subject=subject,
        text=text,
        message_id=str(hand_over.pk),
        headers={
            "X-Campaign-ID": str(hand_over.page.campaign_id),
            "X-Campaign-Organization": organization.name,
        },
        attachments=[attached for file in files_of(hand_over) for attached in _attached(hand_over, file)],
        now=now,
    )


def _attached(hand_over: HandOver, file: str) -> Iterator[Attachment]:
    name = name_of(hand_over, file=file)
    kind = _MEDIA[File(file)].partition(";")[0]
    yield Attachment(name, kind, b"".join(read(hand_over, file=file)))
    yield Attachment(f"{name}.sig.txt", "text/plain", signature_file(hand_over, file=file).encode())


def media_of(file: str) -> str:
    """The media type of a file."""
    return _MEDIA[File(file)]


def forget(*, hand_over: HandOver, now: datetime) -> None:
    """Remove the files; their fingerprints and signatures stay, so that a copy can still be checked."""
    HandOverPiece.objects.filter(hand_over=hand_over).delete()
    HandOver.objects.filter(pk=hand_over.pk).update(erased_at=now)


def forget_old(*, now: datetime) -> int:
    """Remove the documents of bundles whose journey ended 28 days ago; how many."""
    long_ago = now - KEPT
    old = HandOver.objects.exclude(state__in=HandOver.OPEN).filter(
        Q(sent_at__lte=long_ago) | Q(sent_at__isnull=True, created_at__lte=long_ago),
        pieces__isnull=False,
    )
    found = list(old.distinct())
    for hand_over in found:
        forget(hand_over=hand_over, now=now)
    return len(found)


def forget_person(*, supporter: Supporter, now: datetime) -> None:
    """A person is being erased: documents they are in go; one that has not left is made again."""
    # Two questions: in one, every name of a document is set beside every letter and every piece of it.
    with_letters = HandOver.objects.filter(bundled__action__supporter=supporter)
    with_names = HandOver.objects.filter(handed_names__signature__action__supporter=supporter)
    found = {*with_letters.values_list("pk", flat=True), *with_names.values_list("pk", flat=True)}
    theirs = HandOver.objects.filter(pk__in=found, pieces__isnull=False)
    with transaction.atomic():
        for hand_over in theirs.distinct():
            forget(hand_over=hand_over, now=now)
            again = HandOver.objects.filter(pk=hand_over.pk, state=HandOver.State.MADE)
            again.update(state=HandOver.State.PLANNED, next_attempt_at=now)


def _place(pk: UUID) -> str:
    return f"{HandOverPiece._meta.db_table}|{pk}|content"
