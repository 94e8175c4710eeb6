"""What is wrong with the files of a target source: one row at a time, or altogether."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Severity = Literal["error", "warning"]

#: How many problems of one reason in one file are kept in full. Beyond that they are only counted: a table of
#: two million rows with the wrong separator would otherwise fill the memory with two million complaints.
KEPT_PER_REASON = 2_000

#: The longest piece of a file that is repeated in a problem, in characters.
LONGEST_VALUE = 120


class UnreadableSource(Refusal):
    """A file that a source needs is missing, damaged, too large or not what it should be: nothing is loaded.

    Raise it with `file=` (the name inside the folder) and `why=` (the rest of the sentence, without a full
    stop).
    """

    sentence = _("%(file)s cannot be read: %(why)s.")

    @property
    def file(self) -> str:
        """The name of the file, as the folder or archive has it."""
        return str(self.context.get("file", ""))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the files something stands. `line` counts from 1 and includes the heading; None is the whole file."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person should look at.

    An *error* means that the row, or the field named in the reason, was refused and left out. A *warning*
    means that what could be read was kept, and says what is odd about it.
    """

    file: str
    line: int | None
    reason: str
    value: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        where = str(Place(self.file, self.line))
        return f"{where}: {self.reason}" + (f" ({self.value})" if self.value else "")


class ProblemLog:
    """Every problem met while reading, in the order it was met.

    Counts are always complete; the problems themselves are kept up to `KEPT_PER_REASON` of one reason in
    one file.
    """

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self._counts: Counter[tuple[Severity, str, str]] = Counter()

    def error(self, place: Place, reason: str, value: object = "") -> None:
        """Say that a row, or the part of it named in `reason`, was refused."""
        self._add("error", place, reason, value)

    def warning(self, place: Place, reason: str, value: object = "") -> None:
        """Say that something was kept although it is odd."""
        self._add("warning", place, reason, value)

    def _add(self, severity: Severity, place: Place, reason: str, value: object) -> None:
        key = (severity, place.file, reason)
        self._counts[key] += 1
        if self._counts[key] <= KEPT_PER_REASON:
            self._kept.append(Problem(place.file, place.line, reason, shorten(value), severity))

    def extend(self, other: ProblemLog) -> None:
        """Take over what another log has, counts included."""
        self._kept.extend(other)
        self._counts.update(other.counts)

    def clear(self) -> None:
        """Forget everything: the file is about to be read again."""
        self._kept.clear()
        self._counts.clear()

    @property
    def counts(self) -> Counter[tuple[Severity, str, str]]:
        """How often each (severity, file, reason) was met, including those not kept in full."""
        return self._counts

    @property
    def errors(self) -> int:
        """How many things were refused."""
        return sum(count for (severity, _file, _reason), count in self._counts.items() if severity == "error")

    @property
    def warnings(self) -> int:
        """How many things were kept although odd."""
        return sum(
            count for (severity, _file, _reason), count in self._counts.items() if severity == "warning"
        )

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    def __len__(self) -> int:
        return self.errors + self.warnings

    def __bool__(self) -> bool:
        # A log without problems is still a log: never let `log or other` pick another one.
        return True


def merge(logs: Iterable[ProblemLog]) -> ProblemLog:
    """One log with everything in `logs`, in their order."""
    merged = ProblemLog()
    for log in logs:
        merged.extend(log)
    return merged


def shorten(value: object) -> str:
    """A piece of a file as it may be repeated to a person: text only, visible characters only, not too long.

    Anything but text and numbers is named by its kind: a file may hold a structure that is enormous once
    written out.
    """
    if not isinstance(value, str | int | float):
        return type(value).__name__
    text = value if isinstance(value, str) else str(value)
    shown = "".join(letter if letter.isprintable() else "·" for letter in text[: LONGEST_VALUE + 1])
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…"
