"""The weekly digest: one mail a week for those who chose it, with the alerts that they were spared for it.

Who is told of which alert is worked out by one statement, a person to a row (`DigestReader`), so that nobody gets two.
People who missed the same alerts get the same mail. Whoever missed nothing gets nothing.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.kit import bell
from amparo.kit.inserting import insert_if_new, insert_selected
from amparo.mailings import audience, freezing, frozen_people, steering
from amparo.mailings.automations import editions
from amparo.mailings.automations.registry import AutomationKind, in_words
from amparo.mailings.compiling import choose_text
from amparo.mailings.composer import composing, rendering
from amparo.mailings.composer.block_kinds import mail_blocks
from amparo.mailings.models import Automation, DigestIssue, DigestReader, Mailing, MailingText
from amparo.supporters.models import Channel, Purpose, Supporter
from amparo.supporters.segmentation import segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrOrPromise

    from amparo.mailings.automations.registry import Block
    from amparo.mailings.models import AutomationStep
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet

#: More is no digest: of more alerts in a week the newest are told of.
MOST_ALERTS = 8
A_WEEK = timedelta(days=7)
#: A digest that could not leave for so long after its hour is left out, and its alerts are told of a week later.
TOO_LATE = timedelta(days=2)
#: How far a digest looks back at most, after weeks in which there was none.
LOOKS_BACK = timedelta(days=21)
#: More than there can be of one organization.
_EVERYBODY = 2**31


class Digest(AutomationKind):
    """One mail a week."""

    label = gettext_lazy("Weekly digest")
    explains = gettext_lazy(
        "To those who chose “one digest a week”: the alerts and newsletters of the week that they were spared for it,"
        " each with its subject, its first words and its buttons. Who missed nothing gets nothing."
    )
    mailing_kind = Mailing.Kind.DIGEST

    def fields(self, organization: Organization) -> Mapping[str, forms.Field]:
        return {
            "weekday": forms.TypedChoiceField(
                label=gettext_lazy("Day"), choices=Automation.Weekday.choices, coerce=int
            ),
            "hour": forms.IntegerField(
                label=gettext_lazy("Hour"),
                min_value=0,
                max_value=23,
                help_text=gettext_lazy("From 0 to 23, by your clock (%(zone)s).")
                % {"zone": organization.time_zone},
            ),
        }

    def first_words(self, organization: Organization) -> tuple[str, Sequence[Block]]:
        named = {"organization": organization.name}
        return _("This week at %(organization)s") % named, [
            in_words(
                _("Dear {first name|friend},"), _("This is what we wrote to others this week, in one mail.")
            )
        ]

    def run(self, automation: Automation, *, now: datetime) -> int:
        at = hour_before(automation, now=now)
        if automation.on_since is None or at < automation.on_since or at < now - TOO_LATE:
            return 0
        step = automation.steps.get()
        step.automation = automation
        with transaction.atomic():
            return _issue(automation, step, at=at, now=now)

    def numbers(self, automation: Automation) -> Sequence[tuple[_StrOrPromise, int]]:
        issues = list(automation.issues.all()[:52])
        return [
            (gettext_lazy("Weeks with a digest, of the last 52"), sum(1 for issue in issues if issue.people)),
            (
                gettext_lazy("Mails in the last of them"),
                next((one.people for one in issues if one.people), 0),
            ),
        ]


def hour_before(automation: Automation, *, now: datetime) -> datetime:
    """The last moment, up to now, that was its weekday and hour by the organization's clock."""
    here = now.astimezone(ZoneInfo(automation.organization.time_zone))
    day = here.date() - timedelta(days=(here.weekday() - automation.weekday) % 7)
    at = datetime.combine(day, time(automation.hour), tzinfo=here.tzinfo)
    if at > here:
        at = datetime.combine(day - A_WEEK, time(automation.hour), tzinfo=here.tzinfo)
    return at.astimezone(now.tzinfo)


def alerts_to_tell_of(automation: Automation, *, since: datetime, now: datetime) -> list[Mailing]:
    """What went out since then to people who want every message, the newest last, as many as fit.

    Urgent alerts reached everybody. Appeals and invitations have another purpose, to which its readers may not have
    agreed; and what was stopped was a mistake.
    """
    found = Mailing.objects.for_organization(automation.organization).filter(
        use=Mailing.Use.BY_HAND,
        channel=Channel.EMAIL,
        purpose=Purpose.NEWS,
        started_at__gt=since,
        started_at__lte=now,
        state__in=[Mailing.State.SENDING, Mailing.State.PAUSED, Mailing.State.FINISHED],
        segment__isnull=False,
        resend_of__isnull=True,
    )
    found = found.exclude(kind=Mailing.Kind.DIGEST).exclude(urgency=Mailing.Urgency.URGENT)
    newest = list(
        found.select_related("organization", "segment").order_by("-started_at", "-pk")[:MOST_ALERTS]
    )
    return newest[::-1]


def spared(alert: Mailing, *, now: datetime) -> SupporterQuerySet:
    """Those who would have got this alert but for wanting one digest a week, and who did not act on it since."""
    weekly = audience.those_who_match(mailing=alert, now=now).filter(frequency=Supporter.Frequency.WEEKLY)
    return weekly.filter(~frozen_people.were_in(alert))


# --- One issue ------------------------------------------------------------------------------------


def _issue(automation: Automation, step: AutomationStep, *, at: datetime, now: datetime) -> int:
    """This week's issue, once: the insert decides between two workers. To how many it goes."""
    week = at.date() - timedelta(days=at.weekday())
    last = automation.issues.order_by("-week").first()
    since = max(last.looked_until if last else now - A_WEEK, now - LOOKS_BACK)
    row = DigestIssue(automation=automation, week=week, looked_until=now, alerts=0, people=0)
    if not insert_if_new(row):
        return 0
    issue = automation.issues.get(week=week)
    alerts = alerts_to_tell_of(automation, since=since, now=now)
    if not alerts:
        return 0
    people = _choose_readers(issue, alerts, automation.organization, now=now)
    DigestIssue.objects.filter(pk=issue.pk).update(alerts=len(alerts), people=people)
    groups = issue.readers.order_by().values_list("alerts").annotate(Count("pk")).order_by("alerts")
    for mask, _number in list(groups):
        told = [alert for place, alert in enumerate(alerts) if mask >> place & 1]
        edition = _edition(step, told, now=now)
        theirs = issue.readers.filter(alerts=mask)
        freezing.append_snapshot(
            mailing=edition, people=Supporter.objects.filter(pk__in=theirs.values("supporter")), now=now
        )
    transaction.on_commit(partial(bell.ring, steering.LINE))
    return people


def _choose_readers(
    issue: DigestIssue, alerts: Sequence[Mailing], organization: Organization, *, now: datetime
) -> int:
    """Write down who is told of which alerts: a bit for each, by one statement; how many people."""
    bits = [
        Case(
            When(Q(pk__in=spared(alert, now=now).values("pk")), then=Value(1 << place)),
            default=Value(0),
            output_field=IntegerField(),
        )
        for place, alert in enumerate(alerts)
    ]
    told = sum(bits[1:], start=bits[0])
    people = (
        Supporter.objects.for_organization(organization)
        .present()
        .filter(
            segments.may_be_written_to(Purpose.NEWS, Channel.EMAIL, now=now),
            frequency=Supporter.Frequency.WEEKLY,
            email_fingerprint__isnull=False,
        )
    )
    with segments.room_to_count():
        return insert_selected(
            DigestReader,
            people.annotate(told=told).filter(told__gt=0),
            limit=_EVERYBODY,
            issue=issue.pk,
            supporter=F("pk"),
            alerts=F("told"),
        )


def _edition(step: AutomationStep, alerts: Sequence[Mailing], *, now: datetime) -> Mailing:
    """The mail for those who missed these alerts, in every language in which there is something to say."""
    written = editions.text_of(step)
    edition = editions.begin_edition(step=step, written=written, now=now)
    openings = list(written.texts.select_related("body"))
    texts = {alert.pk: list(alert.texts.select_related("body")) for alert in alerts}
    languages = {text.language for text in openings} | {
        text.language for ours in texts.values() for text in ours
    }
    usual = edition.organization.locale
    for language in sorted(languages):
        opening = choose_text(openings, language=language, variant=composing.FIRST, usual=usual)
        assert opening is not None
        raw = list(composing.blocks_for(opening))
        for alert in alerts:
            text = choose_text(
                texts[alert.pk], language=language, variant=alert.winner or composing.FIRST, usual=usual
            )
            raw += _told_in_short(text) if text is not None else []
        drawn = MailingText(
            organization=edition.organization,
            mailing=edition,
            language=language,
            subject=opening.subject,
            preview=opening.preview,
            changed_at=now,
        )
        both = rendering.render(drawn, raw=raw, now=now)
        drawn.html, drawn.text = both.html, both.text
        drawn.save(force_insert=True)
    return edition


def _told_in_short(text: MailingText) -> list[dict[str, Any]]:
    """An alert in a digest: its subject, what it says in a sentence, and every button to an ask."""
    blocks = composing.blocks_for(text)
    asks = [block for block in blocks if block["type"] in mail_blocks and mail_blocks.get(block["type"]).asks]
    summary = [dict(zip(("type", "value"), in_words(text.preview), strict=True))] if text.preview else []
    return [{"type": rendering.HEADING, "value": text.subject}, *summary, *asks]
