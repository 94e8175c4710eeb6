"""What is looked for in the register and in what is said in public, so that somebody mends it: cautions.

An upper floor that publishes texts about a case offers them in `public_texts`, and they are read like the case's own;
what it can see by itself it registers in `cautions`. Both stand in an app's `cautions.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from amparo.cases.models import Case
    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that is probably wrong: a sentence for staff, and where it is mended.

    `state` is everything that makes it what it is now. Who dismisses it dismisses that; when the state is another, it
    is another caution.
    """

    kind: str
    sentence: str
    url: str
    state: tuple[str, ...]
    case: Case | None = None

    @property
    def key(self) -> str:
        """Its fingerprint, by which it is dismissed."""
        text = "\x1f".join([self.kind, str(self.case.pk) if self.case else "", *self.state])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: an organization on a day, all its cases or one of them."""

    organization: Organization
    today: date
    cases: tuple[Case, ...]
    of_one_case: bool = False

    def case_of(self, pk: UUID | None) -> Case | None:
        return next((case for case in self.cases if case.pk == pk), None)


@dataclass(frozen=True, slots=True)
class PublicText:
    """A text about a case that readers can read: where it stands, and where staff change it.

    `place` names it in all languages alike, such as page:12; `where` is for the sentence.
    """

    text: str
    place: str
    where: str
    url: str


cautions: Registry[Callable[[Look], Iterable[Caution]]] = Registry("caution")
public_texts: Registry[Callable[[Case], Iterable[PublicText]]] = Registry("source of public texts")
