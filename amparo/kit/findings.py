"""What somebody finds who looks at an installation (`amparo doctor`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: *bad* must be mended, a *note* is worth knowing. `mend` says how."""

    subject: str
    level: Level
    says: str
    mend: str = ""
