"""The rows of a source that somebody should look at, as a table and as a summary."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from amparo.targets.models import Dataset
    from amparo.targets.problems import ProblemLog

COLUMNS = ("file", "line", "severity", "reason", "value")

#: Reasons named in the summary, the most frequent first.
MOST_REASONS = 10


def write_problems(stream: TextIO, *, log: ProblemLog | None, dataset: Dataset) -> None:
    """Every problem, a row each. Without a log, because nothing was read anew, those kept with the version.

    Where a reason was met too often to keep every row, a last row says how many more there are.
    """
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    kept: list[dict[str, Any]] = (
        [{name: getattr(problem, name) for name in COLUMNS} for problem in log]
        if log is not None
        else dataset.problems
    )
    for problem in kept:
        table.writerow([problem[name] for name in COLUMNS])
    if log is None:
        if more := dataset.problem_count - len(kept):
            table.writerow(["", "", "", f"and {more} more", ""])
        return
    shown = Counter((problem.severity, problem.file, problem.reason) for problem in log)
    for (severity, file, reason), count in log.counts.items():
        if more := count - shown[severity, file, reason]:
            table.writerow([file, "", severity, f"{reason}: {more} more", ""])


def summarize(*, log: ProblemLog | None, dataset: Dataset) -> Iterable[str]:
    """A line for each of the most frequent reasons."""
    if log is not None:
        counts: Counter[tuple[str, str, str]] = Counter(dict(log.counts))  # type: ignore[arg-type]
    else:
        counts = Counter((kept["severity"], kept["file"], kept["reason"]) for kept in dataset.problems)
    for (severity, file, reason), count in counts.most_common(MOST_REASONS):
        yield f"  {count:>6,} × {severity}: {reason} ({file})"
    if len(counts) > MOST_REASONS:
        yield f"  and {len(counts) - MOST_REASONS} further reasons"
