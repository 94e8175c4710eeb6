"""How much of a letter is the supporter's own: a hint to them and a figure for staff, never a gate.

Identical letters count for less with an office, but forbidding copied text shuts out people who are ill or disabled
(mysociety/writetothem 367). The browser's `letter.js` counts in the same way.
"""

from __future__ import annotations

import re

#: A word is borrowed when it lies in a run of this many words that also stands in the draft.
RUN = 4
_WORD = re.compile(r"[^\W_]+")


def own_words(text: str, *, draft: str) -> int:
    """Per cent of the words of `text`, from 0 to 100, that are not in a run of four that stands in `draft` too."""
    words = _words(text)
    if not words:
        return 0
    drafted = _words(draft)
    runs = {tuple(drafted[i : i + RUN]) for i in range(len(drafted) - RUN + 1)}
    borrowed = [False] * len(words)
    for i in range(len(words) - RUN + 1):
        if tuple(words[i : i + RUN]) in runs:
            borrowed[i : i + RUN] = [True] * RUN
    return round(100 * borrowed.count(False) / len(words))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
