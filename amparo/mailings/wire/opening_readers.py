"""Unseal some readers of a chunk and make their mails, all of them at once and only just before they leave.

Asked by the thread of the connections: it unseals with keys that were found before, and asks the database nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from amparo.kit import tokens
from amparo.mailings.merge_fields import Readers
from amparo.supporters import linking
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amparo.mailings.wire.destinations import Compiled, Destination
    from amparo.organizations.models import Organization

    Unseal = Callable[[Sequence[bytes], Sequence[bytes | None]], list[str | None]]


class SealedReader(NamedTuple):
    """One row, as it is stored: the id as 32 hexadecimal digits, and sealed columns.

    `address` is where its message goes, plain where somebody had to look at it already.
    """

    id: str
    address: bytes | str
    given_name: bytes | None
    family_name: bytes | None
    language: str


class ReaderOpener:
    """Opens one organization's readers for one kind of destination. Made where the key may be asked for."""

    def __init__(self, organization: Organization, destination: Destination) -> None:
        self._is_address = destination.is_address
        self.addresses, self._given_names, self._family_names = (
            _unsealer(name, organization) for name in (destination.column, "given_name", "family_name")
        )
        self._unsubscribe = tokens.maker(linking.UNSUBSCRIBE)

    def mails(
        self, waiting: Sequence[tuple[int, SealedReader, Compiled]], *, chunk: int
    ) -> dict[int, tuple[str, Any]]:
        """Address and mail by position; who is not in it cannot be read, or has no address that works."""
        by_text: dict[Compiled, list[tuple[int, SealedReader]]] = defaultdict(list)
        for position, sealed, text in waiting:
            by_text[text].append((position, sealed))
        found: dict[int, tuple[str, Any]] = {}
        for text, sealed_ones in by_text.items():
            found |= self._mails(text, sealed_ones, chunk=chunk)
        return found

    def _mails(
        self, text: Compiled, waiting: Sequence[tuple[int, SealedReader]], *, chunk: int
    ) -> dict[int, tuple[str, Any]]:
        rows = [sealed for _position, sealed in waiting]
        places = [dashed(row.id) for row in rows]
        opened = self._opened(rows, places)
        given = self._given_names(places, [row.given_name for row in rows])
        family = self._family_names(places, [row.family_name for row in rows])
        is_address = self._is_address
        good = [
            (position, bytes.fromhex(row.id), address, first, last)
            for (position, row), address, first, last in zip(waiting, opened, given, family, strict=True)
            if address is not None and first is not None and last is not None and is_address(address)
        ]
        if not good:
            return {}
        positions, ids, addresses, firsts, lasts = zip(*good, strict=True)
        readers = Readers(ids, firsts, lasts, self._unsubscribe(ids))
        letters = text.letters(
            readers, [address.encode("ascii") for address in addresses], chunk=chunk, positions=positions
        )
        return dict(zip(positions, zip(addresses, letters, strict=True), strict=True))

    def _opened(self, rows: Sequence[SealedReader], places: Sequence[bytes]) -> list[str | None]:
        sealed = [None if isinstance(row.address, str) else row.address for row in rows]
        opened = self.addresses(places, sealed)
        return [
            row.address if isinstance(row.address, str) else address
            for row, address in zip(rows, opened, strict=True)
        ]


def dashed(id: str) -> bytes:
    """A row's id as it stands in what its columns are sealed for."""
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}".encode("ascii")


def _unsealer(name: str, organization: Organization) -> Unseal:
    unsealer: Unseal = Supporter._meta.get_field(name).unsealer_of_many(organization.pk)  # type: ignore[union-attr]
    return unsealer
