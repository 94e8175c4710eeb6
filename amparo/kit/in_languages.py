"""One short text in several languages: the organization's own, and the others beside it as far as they were written."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language


def in_language(text: str, others: Mapping[str, str], *, language: str = "") -> str:
    """`text` in the language of the moment, or in `language`; as it is where nobody wrote it in that language."""
    wanted = language or get_language() or ""
    return others.get(wanted) or others.get(wanted.partition("-")[0]) or text
