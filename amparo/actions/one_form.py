"""Actions that are one form on a page which is the same for everybody: sign up, sign.

The page carries no key of its own, so what was typed makes one: a double click, a reload and the Back button are one
deed for ten minutes, and afterwards the database still counts one deed for each person and page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from amparo.kit import addresses, sealing
from amparo.kit.throttle import window_start

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import ActionPage

#: Seconds within which the same form is the same deed.
SAME_DEED = 600


def key_of(page: ActionPage, answers: Sequence[tuple[str, str]], *, now: datetime) -> UUID:
    """The form's key, made of the page, the answers and the time of day. Nothing can be read back from it."""
    parts = [str(page.pk), str(window_start(now, SAME_DEED).timestamp()), *map(str, sorted(answers))]
    return UUID(bytes=sealing.installation_fingerprint("\n".join(parts), purpose="sign-up form")[:16])


def as_suggested(typed: str) -> str:
    """The address with the domain that was probably meant; as it is when there is none."""
    domain = addresses.suggest_domain(typed)
    return f"{typed.rpartition('@')[0]}@{domain}" if domain else typed
