"""Countries and languages by name, in the language of whoever reads (Unicode's CLDR, by way of babel)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

#: Codes of CLDR that are no country: unions, and stand-ins for what is not known.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
#: Languages in which supporters may be written to: those spoken by many, and those of small groups in exile.
_LANGUAGES = (
    "af am ar az be bg bn bs ca ckb cs cy da de dv el en eo es et eu fa fi fr ga gl gu ha he hi hr hu hy"
    " id ig is it ja ka kk km kn ko ku ky lo lt lv mg mk ml mn mr ms mt my ne nl nb nn om pa pl ps pt ro"
    " ru rw sd si sk sl so sq sr su sv sw ta te tg th ti tk tl tr tt ug uk ur uz vi xh yo zh zu"
)


def countries() -> list[tuple[str, str]]:
    """Codes of ISO 3166 and names, in the order of the names."""
    return list(_sorted_countries(get_language() or "en"))


def languages() -> list[tuple[str, str]]:
    """Codes of ISO 639 and names, in the order of the names."""
    return list(_sorted_languages(get_language() or "en"))


def country_name(code: str) -> str:
    """What a country is called; the code itself for one that CLDR does not know."""
    return str(_locale(get_language() or "en").territories.get(code, code))


def language_name(code: str) -> str:
    """What a language is called; the code itself for one that CLDR does not know."""
    return str(_locale(get_language() or "en").languages.get(code.replace("-", "_"), code))


@lru_cache(maxsize=32)
def _sorted_countries(language: str) -> tuple[tuple[str, str], ...]:
    names = _locale(language).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRIES]
    return tuple(sorted(found, key=lambda pair: _sort_key(pair[1])))


@lru_cache(maxsize=32)
def _sorted_languages(language: str) -> tuple[tuple[str, str], ...]:
    names = _locale(language).languages
    found = [(code, str(names.get(code, code))) for code in _LANGUAGES.split()]
    return tuple(sorted(found, key=lambda pair: _sort_key(pair[1])))


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _sort_key(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()
