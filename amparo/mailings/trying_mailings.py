"""Send a text to staff as a reader would get it: marked, to staff of the organization alone, and counted nowhere.

It goes as a notice, so that it is sent at least once and no mailing holds it up; its bytes are made by the way that
mailings leave by.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.accounts.models import User
from amparo.kit.refusal import Refusal
from amparo.mailings.models import MailingText
from amparo.mailings.posting import post_notice
from amparo.mailings.previewing import letter_for, reader_of
from amparo.mailings.registry import NoticeKind, WholeMail, notice_kinds

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from amparo.mailings.models import Notice
    from amparo.organizations.models import Organization

KIND = "mailing_test"
#: Stands before the subject, in every language, so that a filter can find it.
MARK = "[Test]"


class NotStaff(Refusal):
    sentence = _("A test goes to staff of this organization, and to nobody else.")


def staff_of(organization: Organization) -> list[User]:
    """Everybody who has a role here and may sign in."""
    found = User.objects.filter(staff_roles__organization=organization, is_active=True)
    return list(found.order_by("email").distinct())


def send_test(*, text: MailingText, to: Collection[User], by: User, now: datetime) -> int:
    """Queue the text for these members of staff; how many mails. Raises `NotStaff`."""
    allowed = {user.pk for user in staff_of(text.organization)}
    if not to or any(user.pk not in allowed for user in to):
        raise NotStaff
    with transaction.atomic():
        for user in to:
            post_notice(
                organization=text.organization,
                kind=KIND,
                subject_id=text.pk,
                # One text may be tried many times, by several at once.
                ordinal=secrets.randbelow(2**31),
                recipient=user.email,
                language=text.language,
                now=now,
            )
        audit.record(
            verb="send_test_mailing",
            subject=text.mailing,
            by=by,
            organization=text.organization,
            now=now,
            details={"language": text.language, "variant": text.variant, "people": len(to)},
        )
    return len(to)


@notice_kinds.register(KIND)
class TriedMailing(NoticeKind):
    """The mail as a reader gets it who is called as the member of staff is."""

    def write(self, notice: Notice) -> WholeMail | None:
        text = (
            MailingText.objects.select_related("mailing__organization").filter(pk=notice.subject_id).first()
        )
        user = User.objects.filter(email=notice.recipient, is_active=True).first()
        if text is None or user is None or user not in staff_of(text.organization):
            return None
        text.subject = f"{MARK} {text.subject}"[:200]
        letter = letter_for(
            text,
            mailing=text.mailing,
            reader=reader_of(user.first_name, user.last_name),
            address=user.email,
            now=notice.created_at,
        )
        return WholeMail(letter.body.removesuffix(b".\r\n"))
