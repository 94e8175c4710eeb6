"""In which languages mailings are written: those in which the words around every mail are, too."""

from __future__ import annotations

from django.conf import settings

from amparo.kit import names


def choices() -> list[tuple[str, str]]:
    """Codes and names, as staff choose one."""
    return [(code, name_of(code)) for code, _name in settings.LANGUAGES]


def name_of(code: str) -> str:
    """A language's name in the language of the screen, with a capital; the code itself where nobody knows it."""
    found = names.language_name(code)
    return found[:1].upper() + found[1:] if found else code
