"""Words in braces in a case's story, worked out anew for each reader: days held, ages, figures. A closed list.

A paragraph that names something which is not public, not known, or a figure without its day and source, is left out:
better a paragraph less than a gap, or a number that nobody can check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.cases import figures
from amparo.content.brace_words import wrong_in
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from amparo.cases.chronology import Span
    from amparo.cases.models import Figure
    from amparo.cases.public_view import PublicFacts
    from amparo.organizations.models import Organization

_WORD = re.compile(r"\{([^{}\n]{1,80})\}")
FIGURE = f"{figures.WORD}:"


class UnknownWord(Refusal):
    sentence = gettext_lazy(
        "There is no {%(word)s}. In braces you can write: %(known)s, and figure: with the key of a figure."
    )


def in_words(span: Span) -> str:
    """So many days, as a sentence has them: at least the least of them."""
    number = intcomma(span.least)
    if span.is_exact:
        return ngettext("%(number)s day", "%(number)s days", span.least) % {"number": number}
    return ngettext("at least %(number)s day", "at least %(number)s days", span.least) % {"number": number}


def age_in_words(age: tuple[int, int]) -> str:
    """Two ages where the day of birth leaves both open."""
    least, most = age
    return str(least) if least == most else _("%(least)d or %(most)d") % {"least": least, "most": most}


#: What may stand in braces, and how it is worked out of what is public; None where it is not.
WORDS: Mapping[str, Callable[[PublicFacts], str | None]] = {
    "days held": lambda facts: in_words(facts.held) if facts.held.most else None,
    "days in solitary": lambda facts: in_words(facts.in_solitary) if facts.in_solitary.most else None,
    "age": lambda facts: age_in_words(facts.age) if facts.age else None,
}


def check(text: str) -> None:
    """Raises `UnknownWord` for the first word in braces that is not in the list."""
    for word in _WORD.findall(text):
        if word not in WORDS and not word.startswith(FIGURE):
            raise UnknownWord(word=word, known=", ".join(f"{{{known}}}" for known in WORDS))


def paragraphs(text: str, *, facts: PublicFacts, organization: Organization) -> list[str]:
    """The story, paragraph by paragraph, with its words filled in."""
    found_figures = _figures(text, organization=organization)
    found = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        filled = _filled(paragraph.strip(), facts=facts, found_figures=found_figures)
        if filled:
            found.append(filled)
    return found


def _filled(paragraph: str, *, facts: PublicFacts, found_figures: Mapping[str, Figure]) -> str:
    complete = True

    def fill(match: re.Match[str]) -> str:
        nonlocal complete
        word = match.group(1)
        if word.startswith(FIGURE):
            figure = found_figures.get(word.removeprefix(FIGURE).strip())
            said = figures.in_words(figure) if figure else None
        else:
            said = WORDS[word](facts) if word in WORDS else match.group(0)
        complete = complete and said is not None
        return said or ""

    filled = _WORD.sub(fill, paragraph)
    return filled if complete else ""


def figure_notes(text: str, *, organization: Organization) -> list[str]:
    """Where the figures come from that a text names and that are fit to print, a line each."""
    return [figures.note_of(figure) for figure in _figures(text, organization=organization).values()]


def wrong_figures(text: str, *, organization: Organization) -> list[str]:
    """A sentence for each figure of a text that readers will not see."""
    return wrong_in([text], organization=organization)


def _figures(text: str, *, organization: Organization) -> dict[str, Figure]:
    keys = [word.removeprefix(FIGURE).strip() for word in _WORD.findall(text) if word.startswith(FIGURE)]
    return figures.fit_to_print(keys, organization=organization)
