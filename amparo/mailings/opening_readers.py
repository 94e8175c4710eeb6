"""Unseal some readers of a chunk and make their mails, all of them at once and only just before they leave.

Asked by the thread of the connections: it unseals with keys that were found before, and asks the database nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from amparo.kit import tokens
from amparo.mailings.compiling import is_address
from amparo.mailings.merge_fields import Readers
from amparo.supporters import linking
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amparo.mailings.compiling import CompiledText, Letter
    from amparo.organizations.models import Organization

    Unseal = Callable[[Sequence[bytes], Sequence[bytes | None]], list[str | None]]


class SealedReader(NamedTuple):
    """One row, as it is stored: the id as 32 hexadecimal digits, and sealed columns.

    `email` is plain where somebody had to look at it already.
    """

    id: str
    email: bytes | str
    given_name: bytes | None
    family_name: bytes | None
    language: str


class ReaderOpener:
    """Opens readers of one organization. Made where the database may be asked for the key."""

    def __init__(self, organization: Organization) -> None:
        self.emails, self._given_names, self._family_names = (
            _unsealer(name, organization) for name in ("email", "given_name", "family_name")
        )
        self._unsubscribe = tokens.maker(linking.UNSUBSCRIBE)

    def mails(
        self, waiting: Sequence[tuple[int, SealedReader, CompiledText]], *, chunk: int
    ) -> dict[int, tuple[str, Letter]]:
        """Address and mail by position; who is not in it cannot be read, or has no address that works."""
        by_text: dict[CompiledText, list[tuple[int, SealedReader]]] = defaultdict(list)
        for position, sealed, text in waiting:
            by_text[text].append((position, sealed))
        found: dict[int, tuple[str, Letter]] = {}
        for text, sealed_ones in by_text.items():
            found |= self._mails(text, sealed_ones, chunk=chunk)
        return found

    def _mails(
        self, text: CompiledText, waiting: Sequence[tuple[int, SealedReader]], *, chunk: int
    ) -> dict[int, tuple[str, Letter]]:
        rows = [sealed for _position, sealed in waiting]
        places = [dashed(row.id) for row in rows]
        emails = self._opened_emails(rows, places)
        given = self._given_names(places, [row.given_name for row in rows])
        family = self._family_names(places, [row.family_name for row in rows])
        good = [
            (position, bytes.fromhex(row.id), email, first, last)
            for (position, row), email, first, last in zip(waiting, emails, given, family, strict=True)
            if email is not None and first is not None and last is not None and is_address(email)
        ]
        if not good:
            return {}
        positions, ids, addresses, firsts, lasts = zip(*good, strict=True)
        readers = Readers(ids, firsts, lasts, self._unsubscribe(ids))
        letters = text.letters(
            readers, [address.encode("ascii") for address in addresses], chunk=chunk, positions=positions
        )
        return dict(zip(positions, zip(addresses, letters, strict=True), strict=True))

    def _opened_emails(self, rows: Sequence[SealedReader], places: Sequence[bytes]) -> list[str | None]:
        sealed = [None if isinstance(row.email, str) else row.email for row in rows]
        opened = self.emails(places, sealed)
        return [
            row.email if isinstance(row.email, str) else email
            for row, email in zip(rows, opened, strict=True)
        ]


def dashed(id: str) -> bytes:
    """A row's id as it stands in what its columns are sealed for."""
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}".encode("ascii")


def _unsealer(name: str, organization: Organization) -> Unseal:
    unsealer: Unseal = Supporter._meta.get_field(name).unsealer_of_many(organization.pk)  # type: ignore[union-attr]
    return unsealer
