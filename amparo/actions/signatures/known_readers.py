"""Readers of a mailing who come by its button are known, if they wish: one press signs, and nothing is to be confirmed.

What tells readers apart stands behind the `#` of the link, which browsers keep to themselves: opening the page tells
the server nothing about who reads, the page comes out of the cache as for everybody, and no log has a name for it. Only
who presses “sign” sends it along with the form. It came to one mailbox only, so it shows as much as a confirmation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.kit import tokens
from amparo.kit.refusal import Refusal
from amparo.mailings import recipient_tokens
from amparo.mailings.models import Mailing
from amparo.supporters.models import Supporter
from amparo.supporters.rights.whole_person import survivor_of

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import ActionPage

#: The step of a form that is sent in place of names and address, and the field with the token.
STEP = "known"
FIELD = "me"
#: A link in a mail works this long. Mails are passed on and mailboxes change hands; asks are over by then.
LASTS = timedelta(days=60)


class NotKnown(Refusal):
    sentence = _("The link in your mail no longer says who you are. Please fill in the form.")


def reader_behind(token: str, *, page: ActionPage, via: str, now: datetime) -> Supporter:
    """The supporter whom the mailing with the code `via` was written to. Raises `NotKnown`.

    Known are supporters of the page's own organization who once confirmed their address and to whom mail still goes,
    and only by a mailing that began in the last 60 days.
    """
    organization = page.organization
    try:
        pk = tokens.read(recipient_tokens.ASK, token)
    except tokens.BrokenLink:
        raise NotKnown from None
    everybody = Supporter.objects.for_organization(organization)
    written_to = everybody.filter(pk=pk).select_related("merged_into").first()
    # The code of a variant is the mailing's own with a letter behind it (`Mailing.source_of`).
    mailings = Mailing.objects.for_organization(organization).filter(link_source__in=[via, via[:-1]])
    if not via or written_to is None or not mailings.filter(started_at__gte=now - LASTS).exists():
        raise NotKnown
    person = survivor_of(written_to)
    if (
        not everybody.present()
        .filter(pk=person.pk, confirmed_at__isnull=False, unreachable=Supporter.Unreachable.NO)
        .exists()
    ):
        raise NotKnown
    return person


def answers_of(reader: Supporter) -> dict[str, str]:
    """What they would have typed, by the names of the form's fields.

    How somebody wants to appear is not taken from one page to another.
    """
    return {
        "given_name": reader.given_name or "",
        "family_name": reader.family_name or "",
        "email": reader.email or "",
    }
