"""Write the words of a text message, and try them on a telephone of one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.accounts.models import AuditEntry
from amparo.kit.refusal import Refusal
from amparo.kit.smtp.failures import DeliveryFailure
from amparo.mailings import outcomes
from amparo.mailings.composer import compose_checks, composing
from amparo.mailings.models import MailingText
from amparo.mailings.previewing import reader_of
from amparo.mailings.texts import filling, senders
from amparo.mailings.texts.providers import OneText, provider

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User

#: Characters of a text, with its fields in braces.
LONGEST = 1600
#: Tests that one member of staff sends within an hour: each costs, and goes to a number that nobody confirmed.
TESTS, WITHIN = 10, timedelta(hours=1)
#: Stands before a test, in every language.
MARK = "[Test]"
_TRIED = "send_test_text"


class TooManyTests(Refusal):
    sentence = _("You sent %(most)d tests within an hour. Please wait before you send another.")


class TestNotTaken(Refusal):
    __test__ = False
    sentence = _("The provider did not take the test: %(why)s")


def write(*, text: MailingText, words: str, seen: datetime | None, by: User | None, now: datetime) -> None:
    """Save the words. `seen` is when the writer last saw them changed.

    Raises `compose_checks.UnknownField`, `composing.ChangedMeanwhile` and `composing.NoDraft`.
    """
    tidied = filling.tidied(words)[:LONGEST]
    compose_checks.check_fields([tidied])
    with transaction.atomic():
        composing.hold(text.mailing, now=now)
        same = MailingText.objects.filter(pk=text.pk)
        if not (same.filter(changed_at=seen) if seen else same).update(text=tidied, changed_at=now):
            raise composing.ChangedMeanwhile
        text.text, text.changed_at = tidied, now
        audit.record(
            verb="write_mailing_text",
            subject=text.mailing,
            by=by,
            organization=text.organization,
            now=now,
            details={"language": text.language, "variant": text.variant},
        )


def send_test(*, text: MailingText, number: str, by: User, now: datetime) -> None:
    """Send the text to one number, in E.164, which is written down nowhere. It is counted nowhere, either.

    Raises `compiling.CannotCompile`, `TooManyTests` and `TestNotTaken`.
    """
    filled = filling.compile_text(text, mailing=text.mailing)
    sender = senders.sender_of(text.organization)
    assert sender is not None, "it was compiled for a sender"
    with transaction.atomic():
        tried = AuditEntry.objects.filter(verb=_TRIED, actor=by, recorded_at__gt=now - WITHIN)
        if tried.count() >= TESTS:
            raise TooManyTests(most=TESTS)
        audit.record(
            verb=_TRIED,
            subject=text.mailing,
            by=by,
            organization=text.organization,
            now=now,
            details={"language": text.language},
        )
    words = f"{MARK} {filled.body_for(reader_of(by.first_name, by.last_name))}"
    try:
        verdict = provider().hand_over(OneText(to=number, sender=sender.name, words=words))
    except DeliveryFailure as failure:
        raise TestNotTaken(why=failure.reason) from None
    if verdict.outcome != outcomes.SENT:
        raise TestNotTaken(why=verdict.reason)
