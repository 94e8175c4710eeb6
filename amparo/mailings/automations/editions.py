"""What a step sends: copies of its text, each an ordinary mailing that the senders know how to send once to each.

The text that staff write is never sent itself. A copy is drawn as everything it shows stands now, and used for as long
as that stays so: when a case is withdrawn or a figure corrected, a new edition begins, and nobody gets the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from amparo.kit.ids import new_id
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing, MailingText

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from amparo.mailings.models import AutomationStep

State, Use = Mailing.State, Mailing.Use
#: Parts of one edition's audience at most; its number has to fit its column.
MOST_SNAPSHOTS = 1_000


def text_of(step: AutomationStep) -> Mailing:
    """The mailing that holds a step's texts."""
    return Mailing.objects.select_related("organization", "campaign").get(step=step, use=Use.STEP)


def edition_for(*, step: AutomationStep, now: datetime) -> Mailing | None:
    """What the step sends now; None while somebody holds its mails back, by pausing or stopping the last edition.

    Whoever stopped one starts again by switching the automation off and on.
    """
    written = text_of(step)
    composing.draw_anew(mailing=written, now=now)
    last = Mailing.objects.filter(step=step, use=Use.EDITION).order_by("-created_at", "-pk").first()
    if last is not None:
        began = step.automation.on_since
        if last.state == State.PAUSED:
            return None
        if last.state == State.STOPPED and (began is None or last.created_at >= began):
            return None
        if last.state != State.STOPPED and _says(last) == _says(written) and not _is_full(last):
            return last
    with transaction.atomic():
        fresh = begin_edition(step=step, written=written, now=now)
        MailingText.objects.bulk_create(
            MailingText(
                organization_id=text.organization_id,
                mailing=fresh,
                language=text.language,
                variant=text.variant,
                subject=text.subject,
                preview=text.preview,
                html=text.html,
                text=text.text,
                changed_at=now,
            )
            for text in written.texts.all()
        )
    return fresh


def begin_edition(*, step: AutomationStep, written: Mailing, now: datetime) -> Mailing:
    """An edition without words and readers yet. It counts as approved by whoever switched the automation on."""
    automation = step.automation
    return Mailing.objects.create(
        id=new_id(),
        organization=written.organization,
        campaign=written.campaign,
        name=written.name,
        kind=written.kind,
        purpose=written.purpose,
        channel=written.channel,
        use=Use.EDITION,
        step=step,
        state=State.SENDING,
        sender_name=written.sender_name,
        link_source=written.link_source,
        # Once at most: who may have it already is held for a person to look at.
        unknown_policy=Mailing.Unknown.HOLD,
        approved_by=automation.switched_on_by,
        approved_at=automation.on_since or now,
        scheduled_at=now,
        started_at=now,
        created_at=now,
        changed_at=now,
    )


def _is_full(edition: Mailing) -> bool:
    last: int | None = edition.chunks.aggregate(last=Max("snapshot"))["last"]
    return (last or 0) >= MOST_SNAPSHOTS


def _says(mailing: Mailing) -> set[tuple[str, ...]]:
    texts: Iterable[MailingText] = mailing.texts.all()
    head = (mailing.sender_name, mailing.kind, str(mailing.campaign_id or ""))
    return {
        (*head, each.language, each.variant, each.subject, each.preview, each.html, each.text)
        for each in texts
    }
