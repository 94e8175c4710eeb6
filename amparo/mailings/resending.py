"""Write again to those who got a mailing and have not acted since: a new draft for a part of the old frozen audience.

Whoever acted, unsubscribed, called the first mail junk, or from whom it came back, gets nothing. Once for a mailing,
unless somebody says that they mean it: the database keeps count (`a_mailing_is_sent_again_once_unless_confirmed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.mailings import targeting
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User


class NotOver(Refusal):
    sentence = _("Wait until this mailing is finished.")


class NobodyIsTold(Refusal):
    sentence = _(
        "This mailing leads to no page of yours on which readers act, so nobody can tell who has not. Copy it instead."
    )


class WrittenAgain(Refusal):
    sentence = _(
        "It was written again already. A third mail about the same thing costs you readers: say that you mean it."
    )


def was_written_again(mailing: Mailing) -> bool:
    """Whether one more mail would be the third about the same thing."""
    return mailing.resend_of_id is not None or mailing.resends.exists()


def write_again(*, mailing: Mailing, name: str, is_meant: bool, by: User | None, now: datetime) -> Mailing:
    """A draft with the same words, and no subject yet. Raises `NotOver`, `NobodyIsTold` and `WrittenAgain`.

    Of several variants it has the one that did better. Who gets it is counted when it begins, like every audience.
    """
    if mailing.state != Mailing.State.FINISHED:
        raise NotOver
    acted = targeting.question_about_takers(mailing)
    if not acted:
        raise NobodyIsTold
    if was_written_again(mailing) and not is_meant:
        raise WrittenAgain
    try:
        with transaction.atomic():
            return composing.copy(
                mailing=mailing,
                name=name,
                by=by,
                now=now,
                as_resend={
                    "resend_of_id": mailing.pk,
                    "leave_out": acted,
                    "variant_shares": {},
                    "is_further_resend": is_meant and was_written_again(mailing),
                },
            )
    except IntegrityError:
        raise WrittenAgain from None


def copy(*, mailing: Mailing, name: str, is_meant: bool, by: User | None, now: datetime) -> Mailing:
    """The same texts, sender and audience as a new draft. Raises `WrittenAgain`.

    A mailing that goes once more to those who have not acted is for them in its copy too, and never for a whole
    segment. The copy is one more mail to the same people about the same thing, which somebody has to mean.
    """
    if mailing.resend_of_id is not None and not is_meant:
        raise WrittenAgain
    return composing.copy(mailing=mailing, name=name, by=by, now=now)
