"""The kinds of automation: one class each, registered in `automation_kinds.py` of the app that knows what it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from django.utils.html import escape

from amparo.kit.registry import Registry
from amparo.mailings.models import Mailing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django import forms
    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import Automation
    from amparo.organizations.models import Organization

#: Kind of block and its value, as the composer stores it.
Block = tuple[str, str]


def in_words(*sentences: str) -> Block:
    """A text of some paragraphs."""
    return "text", "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


class AutomationKind(ABC):
    """One kind: what it follows from, what staff choose for it, and what is done when its turn comes."""

    label: ClassVar[_StrOrPromise]
    #: What it does, to whom and how often, in one or two sentences for staff.
    explains: ClassVar[_StrOrPromise]
    #: Mails in a row at most; 0 where staff write no text.
    most_steps: ClassVar[int] = 1
    #: What its mails are called, which decides whose consent they need.
    mailing_kind: ClassVar[Mailing.Kind] = Mailing.Kind.NEWSLETTER

    def fields(self, organization: Organization) -> Mapping[str, forms.Field]:  # noqa: ARG002
        """What staff choose: form fields by the columns of `Automation` that they fill."""
        return {}

    def lacks(self, automation: Automation) -> str:  # noqa: ARG002
        """Why it cannot be switched on, as a sentence; empty when it can."""
        return ""

    def first_words(self, organization: Organization) -> tuple[str, Sequence[Block]]:  # noqa: ARG002
        """Subject and blocks that a new text begins with, in the language that is active."""
        return "", ()

    @abstractmethod
    def run(self, automation: Automation, *, now: datetime) -> int:
        """Do what is due; to how many people something goes. Called again after a kill, and then does the rest."""

    def numbers(self, automation: Automation) -> Sequence[tuple[_StrOrPromise, int]]:  # noqa: ARG002
        """What became of it, in counts."""
        return ()


automation_kinds: Registry[type[AutomationKind]] = Registry("kind of automation")


def kind_of(automation: Automation) -> AutomationKind:
    """What an automation is. Raises `NotRegistered` for a kind that nobody offers any more."""
    return automation_kinds.get(automation.kind)()
