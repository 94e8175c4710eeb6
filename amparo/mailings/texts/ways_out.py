"""How somebody gets out of text messages: by the link in one, or by answering STOP."""

from __future__ import annotations

import re

from django.utils import translation
from django.utils.translation import gettext as _

from amparo.mailings.merge_fields import FIELD
from amparo.supporters import linking

#: Fields that lead to a page with a way out.
LINKS = frozenset({"unsubscribe link", "preferences link"})
#: What people answer: the words that carriers know (CTIA Messaging Principles and Best Practices, 5.1.3, and Twilio's
#: default list), the French ones of the operators' charter (AF2M), and those of Arabic.
STOP_WORDS = frozenset(
    {
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "desist",
        "arret", "arrêt", "arreter", "arrêter", "desabonner", "désabonner", "desinscription", "désinscription",
        "توقف", "قف", "إيقاف", "ايقاف", "إلغاء", "الغاء", "أوقف", "اوقف",
    }
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")
#: Of a longer answer nobody can say whether it means us: “Stop the execution of Ilan Sarr!” does not.
_MOST_WORDS = 2


def means_stop(answer: str) -> bool:
    """Whether somebody asks for no more texts: one such word, or with another before or after it (“please stop”)."""
    words = [word.casefold() for word in _WORDS.findall(answer[:200])]
    return 0 < len(words) <= _MOST_WORDS and (words[0] in STOP_WORDS or words[-1] in STOP_WORDS)


def names_one(words: str, *, takes_answers: bool) -> bool:
    """Whether a text says how to get out: a link of ours, or STOP where the sender is a number that can be answered."""
    if any(found[1] in LINKS for found in FIELD.finditer(words)):
        return True
    return takes_answers and any(word.casefold() in STOP_WORDS for word in _WORDS.findall(words))


def usual_words(*, language: str, takes_answers: bool) -> str:
    """What a new text ends with."""
    with translation.override(linking.spoken(language)):
        if takes_answers:
            return _("To get no more of these, answer STOP.")
        return _("No more of these: {unsubscribe link}")
