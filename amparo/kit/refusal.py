"""The anticipated no: a refusal that says, to the person who meets it, what happened and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Refusal(Exception):  # noqa: N818 - named as a fact, not as an error: nothing went wrong in the program
    """What a verb raises when the answer is no and the person asking should hear why.

    A subclass stands beside the verb that raises it and is named as a fact (`AlreadySigned`). Its `sentence`
    may be translated lazily and may hold named places, `%(name)s`, which are filled from the context given
    when raising. Never put personal data into the context: a refusal may be logged.
    """

    sentence: ClassVar[_StrOrPromise] = _("That cannot be done.")

    def __init__(self, sentence: _StrOrPromise | None = None, **context: object) -> None:
        super().__init__()
        self.own_sentence = sentence
        self.context = context

    def __str__(self) -> str:
        sentence = str(self.sentence if self.own_sentence is None else self.own_sentence)
        return sentence % self.context if self.context else sentence
