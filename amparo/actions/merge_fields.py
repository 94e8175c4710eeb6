"""The closed list of words a letter may have filled in. Data, never a language: nothing is looked up,
called or walked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: What each stands for, for the editor's help.
MERGE_FIELDS = {
    "target name": "the name of the person written to, such as Tove Ek",
    "target office": "their office, such as Member of Parliament for Northmarsh",
    "area": "the supporter's constituency",
    "my name": "the supporter's name",
    "deadline": "the date of the hearing",
    "days left": "how many days remain until then",
}
_FIELD = re.compile(r"\{([a-z ]{1,40})\}")


def unknown_fields(text: str) -> list[str]:
    """The words in braces that are not merge fields."""
    return [name for name in _FIELD.findall(text) if name not in MERGE_FIELDS]


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each known field replaced by its value; anything else stays as it is written."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
