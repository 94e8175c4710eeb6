"""Try a page out: the letter as it would leave, sent to nobody but the editor who asked, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.actions import addressing, drafting, writing
from amparo.kit.ids import new_id
from amparo.kit.refusal import Refusal
from amparo.kit.smtp import DeliveryFailure
from amparo.mailings.plain_mail import build_mail
from amparo.mailings.transport import mail_server

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.actions.addressing import Addressee, Addressing
    from amparo.actions.models import EmailTargetPage


class NobodyToWriteTo(Refusal):
    sentence = gettext_lazy("Nobody can be written to for this postcode. %(why)s")


class TestNotSent(Refusal):
    __test__ = False  # the name is not a test's
    sentence = gettext_lazy("The mail server did not take the test letter: %(why)s")


def send_trial(
    *, page: EmailTargetPage, postal_code: str, to: User, language: str, now: datetime
) -> list[str]:
    """Draft the page's letter for this postcode and send it to `to`; the targets it is drafted for, in words.

    Where the postcode lies in several areas the first is taken. Raises `NobodyToWriteTo`, `TestNotSent` and, for what
    is no postcode, `MalformedPostcode`.
    """
    addressees = _addressees(page=page, postal_code=postal_code, language=language, now=now)
    key = new_id()
    targets = [addressee.target for addressee in addressees]
    draft = drafting.draft(page=page, targets=targets, my_name=_name(to), key=key, now=now)
    for addressee in addressees:
        _send(page, addressee, draft, to=to, language=language, now=now)
    return [_described(addressee) for addressee in addressees]


def _addressees(
    *, page: EmailTargetPage, postal_code: str, language: str, now: datetime
) -> Sequence[Addressee]:
    found = _address(page, postal_code, "", language, now)
    if found.answer is not None and found.answer.choices:
        found = _address(page, postal_code, found.answer.choices[0].area_code, language, now)
    if not found.addressees:
        asks = found.answer.sentence if found.answer is not None else ""
        raise NobodyToWriteTo(why=found.sentence or asks)
    return found.addressees


def _address(page: EmailTargetPage, postal_code: str, area: str, language: str, now: datetime) -> Addressing:
    return addressing.address(
        page=page, postal_code=postal_code, area=area, fallback="", language=language, now=now
    )


def _send(
    page: EmailTargetPage,
    addressee: Addressee,
    draft: drafting.Draft,
    *,
    to: User,
    language: str,
    now: datetime,
) -> None:
    target = addressee.target
    letter = writing.whole_text(
        salutation=target.salutation(language),
        body=draft.body,
        closing=writing.closing(formula=target.closing(language), full_name=_name(to)),
    )
    mail = build_mail(
        from_name=page.organization.sender_name,
        from_address=page.organization.sender_email,
        to_address=to.email,
        subject=f"[TEST] {draft.subject}",
        text=f"{_preface(addressee)}\n\n{letter}",
        message_id=str(new_id()),
        headers={"Auto-Submitted": "auto-generated"},
        now=now,
    )
    try:
        mail_server().send(
            mail,
            envelope_from=page.organization.sender_email,
            recipient=to.email,
            before_data=lambda: None,
        )
    except DeliveryFailure as failure:
        raise TestNotSent(why=str(failure)) from None


def _preface(addressee: Addressee) -> str:
    return _("This is a test, and nobody but you received it. The letter would go to: %(target)s") % {
        "target": _described(addressee)
    }


def _described(addressee: Addressee) -> str:
    target = addressee.target
    way = target.address if target.channel == "email" else _("through the office's own form")
    return ", ".join(part for part in (target.holder, target.label, way) if part)


def _name(user: User) -> str:
    return user.get_full_name() or _("A Supporter")
