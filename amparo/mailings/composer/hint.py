"""A hint for staff: what to look at before a mailing is sent, how grave it is, and where to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    #: It must not leave like this.
    GRAVE = "grave"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Hint:
    """One sentence for staff, and the screen on which it can be mended (empty where there is none)."""

    code: str
    sentence: str
    grade: Grade = Grade.ADVICE
    where: str = ""
    mend_at: str = ""

    @property
    def is_grave(self) -> bool:
        return self.grade is Grade.GRAVE
