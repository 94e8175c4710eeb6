"""What a chunk leaves behind so that it can be undone: who came and as whom, and what stood there before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from amparo.kit import packed_ids, sealing
from amparo.supporters.importing.changes import SEALED
from amparo.supporters.models import ImportChange, ImportChunk

#: Bytes of a digest beside each id in `ImportChunk.created`.
DIGEST = 8
#: Bytes of an id with its digest.
ENTRY = packed_ids.ID + DIGEST
#: What the digest is of, in this order.
DIGESTED = (*SEALED, "country", "language")


def digest_of(texts: Mapping[str, str], *, key: sealing.DataKey) -> bytes:
    """What tells somebody changed since from somebody who was not: a keyed hash of the columns `DIGESTED`."""
    whole = "\0".join(texts[name] for name in DIGESTED)
    return sealing.fingerprint(whole, key=key, purpose="brought in")[:DIGEST]


class Changes(dict[UUID, "Change"]):
    """What one chunk changes, by person."""

    def __init__(self, chunk: ImportChunk) -> None:
        super().__init__()
        self._chunk = chunk

    def of(self, supporter_id: UUID) -> Change:
        """What is changed about this person."""
        return self.setdefault(supporter_id, Change(chunk=self._chunk, supporter_id=supporter_id))


class Change:
    """What one chunk changes about one person."""

    def __init__(self, *, chunk: ImportChunk, supporter_id: UUID) -> None:
        self.chunk = chunk
        self.supporter_id = supporter_id
        self.before: dict[str, str] = {}
        self.after: dict[str, str] = {}
        self.tags: list[str] = []
        self.answers: list[list[Any]] = []

    def texts(self, before: Any, after: dict[str, str]) -> None:
        """Columns that hold `after` now; the first thing that stood there is kept, and the last."""
        for name, text in after.items():
            self.before.setdefault(name, before[name])
            self.after[name] = text

    @property
    def says_anything(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self.after or self.tags or self.answers)

    def row(self, organization_id: UUID) -> ImportChange:
        """As it is kept."""
        return ImportChange(
            organization_id=organization_id,
            chunk=self.chunk,
            supporter_id=self.supporter_id,
            before=json.dumps(self.before),
            after=json.dumps(self.after),
            tags=self.tags,
            answers=self.answers,
        )
