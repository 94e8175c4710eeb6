"""Names as a table (CSV): for whoever gets them with every name as its owner chose, and for us with what was signed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from amparo.actions.hand_over import documents, names_of
from amparo.actions.models import HandOverPiece, NamesBundle
from amparo.kit import signing
from amparo.kit.tables import writing

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from amparo.actions.hand_over.bundle_contents import Write
    from amparo.actions.models import HandOver, Signature

#: Rows that are a table of their own while they are written down, one part after another.
PART = 500


def make(hand_over: HandOver) -> None:
    """Write the addressee's table, and sign it."""
    keeper = documents.Keeper(hand_over, file=HandOverPiece.File.CSV)
    with translation.override(hand_over.page.locale.language_code):
        _write(_public_rows(hand_over), keeper.write)
    kept = keeper.close()
    signature = signing.sign(kept.sha256)
    NamesBundle.objects.filter(hand_over=hand_over).update(
        table_size=kept.size, table_sha256=signature.sha256, table_signature=signature.proof
    )


def everything(hand_over: HandOver) -> Iterator[bytes]:
    """The table for our own record: who signed, under their full names, whatever they chose to show.

    E-mail addresses and postcodes are not in it; lists of those leave through exports alone, with all that guards them.
    """
    waiting: list[bytes] = []
    rows = _all_rows(hand_over)
    while part := _some(rows):
        _write(part, waiting.append)
        yield b"".join(waiting)
        waiting.clear()


def _public_rows(hand_over: HandOver) -> Iterator[list[str]]:
    yield [_("Number"), _("Name"), _("Place"), _("Organisation"), _("Role"), _("Comment"), _("Signed")]
    found, number = names_of.members(hand_over), 0
    with_comments = names_of.with_comments(found, hand_over.names)
    for part in names_of.in_parts(found):
        ids = [signature.pk for signature in part]
        named = set(found.shown().filter(pk__in=ids).values_list("pk", flat=True))
        said = set(with_comments.filter(pk__in=ids).values_list("pk", flat=True))
        for signature in part:
            number += 1
            yield [
                str(number),
                *_public_cells(signature, named=signature.pk in named, said=signature.pk in said),
            ]


def _public_cells(signature: Signature, *, named: bool, said: bool) -> list[str]:
    cells = [""] * 4
    if named:
        cells = [
            signature.shown_name,
            signature.shown_place,
            signature.represents or "",
            signature.role or "",
        ]
    return [*cells, signature.shown_comment if said else "", f"{signature.signed_at:%Y-%m-%d}"]


def _all_rows(hand_over: HandOver) -> Iterator[list[str]]:
    yield [
        "number", "first_name", "last_name", "shown_as", "place", "organization", "role", "comment", "looked_at",
        "area", "country", "signed", "confirmed", "supporter",
    ]  # fmt: skip
    number = 0
    for part in names_of.in_parts(names_of.members(hand_over)):
        for signature in part:
            number += 1
            action = signature.action
            yield [
                str(number),
                action.given_name or "",
                action.family_name or "",
                signature.shown_as or "nobody",
                signature.place or "",
                signature.represents or "",
                signature.role or "",
                signature.comment or "",
                signature.approval,
                action.area,
                action.supporter.country,
                signature.signed_at.isoformat(timespec="seconds"),
                action.confirmed_at.isoformat(timespec="seconds") if action.confirmed_at else "",
                str(action.supporter_id),
            ]


def _some(rows: Iterator[list[str]]) -> list[list[str]]:
    return [row for _number, row in zip(range(PART), rows, strict=False)]


class _Sink(io.RawIOBase):
    """As much of a file as a table is written to."""

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        content = bytes(data)
        self._write(content)
        return len(content)


def _write(rows: Iterable[list[str]], write: Write) -> None:
    writing.write_csv(rows, into=_Sink(write), byte_order_mark=False)
