"""Mailings, their texts and their audiences."""

from __future__ import annotations

from amparo.kit.ids import new_id
from amparo.mailings import freezing
from amparo.mailings.models import Mailing, MailingText
from amparo.organizations.models import Organization
from amparo.supporters import consent
from amparo.supporters.models import Segment, Supporter
from tests.factories.moments import NOW
from tests.factories.people import a_supporter

AGREED = consent.bit("news", "email")


def a_reader(organization: Organization, given_name="Suzie", *, now=NOW, **fields) -> Supporter:
    """A supporter who confirmed and agreed to news by e-mail."""
    columns = {
        name: fields.pop(name)
        for name in ("agreed_to", "unreachable", "paused_until", "frequency", "merged_into")
        if name in fields
    }
    reader = a_supporter(organization, given_name=given_name, now=now, **fields)
    Supporter.objects.filter(pk=reader.pk).update(**{"agreed_to": AGREED, "confirmed_at": now, **columns})
    reader.refresh_from_db()
    return reader


def a_segment(organization: Organization, question=None, *, name="Everybody", now=NOW) -> Segment:
    return Segment.objects.create(
        organization=organization, name=name, question=question or {"all": []}, created_at=now, changed_at=now
    )


def a_mailing(
    organization: Organization, *, texts=("en",), state=Mailing.State.SCHEDULED, now=NOW, **fields
) -> Mailing:
    """An approved mailing to everybody, whose hour has come."""
    segment = fields.pop("segment", None) or Segment.objects.filter(organization=organization).first()
    mailing = Mailing.objects.create(
        organization=organization,
        segment=segment or a_segment(organization),
        name=fields.pop("name", "Write to the minister"),
        state=state,
        scheduled_at=now,
        approved_at=now,
        created_at=now,
        changed_at=now,
        **fields,
    )
    for language in texts:
        a_text(mailing, language)
    return mailing


def a_text(mailing: Mailing, language="en", variant="a", *, now=NOW, **fields) -> MailingText:
    fields.setdefault("subject", "Ilan Sarr has a hearing")
    fields.setdefault("text", "Dear {first name|friend},\n\nplease write today.\n\n{unsubscribe link}\n")
    fields.setdefault(
        "html",
        "<!doctype html><html><body><p>Dear {first name|friend},</p><p>please write today.</p>"
        '<p><a href="{unsubscribe link}">Unsubscribe</a></p></body></html>',
    )
    return MailingText.objects.create(
        id=new_id(),
        organization=mailing.organization,
        mailing=mailing,
        language=language,
        variant=variant,
        changed_at=now,
        **fields,
    )


def frozen(mailing: Mailing, *, now=NOW) -> Mailing:
    """The same mailing with its audience frozen, being sent."""
    (claimed,) = freezing.claim(limit=1, now=now)
    freezing.freeze(mailing=claimed, now=now)
    mailing.refresh_from_db()
    return mailing
