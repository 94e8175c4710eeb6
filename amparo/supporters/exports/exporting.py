"""Exports of lists: ask for one, approve or refuse it, fetch its file, end it. `export_making.py` makes them."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import bell
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal
from amparo.kit.sealing import Unsealable
from amparo.kit.tables.writing import MOST_ROWS_IN_XLSX
from amparo.supporters import choosing, consent
from amparo.supporters.exports import export_files
from amparo.supporters.exports.export_columns import FOR_PARTNERS, in_order, offered
from amparo.supporters.models import ExportRequest, Supporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet

LINE = "exports"
#: With more people than these, somebody else has to agree (guarantee S11).
SECOND_PERSON_ABOVE = 500
#: As many characters as `ExportRequest.reason` holds.
LONGEST_REASON = 500
State, Reach, Form = ExportRequest.State, ExportRequest.Reach, ExportRequest.Form


class NobodyChosen(Refusal):
    sentence = _("Nobody is on that list.")


class NothingAboutThem(Refusal):
    sentence = _("Choose at least one column.")


class ReasonMissing(Refusal):
    sentence = _("Say what the list is for. It is kept with the export.")


class NotForPartners(Refusal):
    sentence = _(
        "A list for a partner holds what people agreed to share: name, e-mail address, country and language."
    )


class TooLongForXlsx(Refusal):
    sentence = _("An XLSX file holds at most 1,048,575 people. Choose CSV.")


class OwnExport(Refusal):
    sentence = _("You asked for this list yourself. Somebody else has to approve it.")


class AnsweredAlready(Refusal):
    sentence = _("This has been answered already, or its time is over.")


class FileGone(Refusal):
    sentence = _("The file is not there any more. Ask for the list again.")


def people(
    *,
    organization: Organization,
    chosen: Mapping[str, Any],
    reach: str,
    agreed_to: int = 0,
    partner: str = "",
    now: datetime,
) -> SupporterQuerySet:
    """Who is on such a list, at this moment."""
    found = choosing.select(organization=organization, chosen=chosen, now=now)
    if reach == Reach.EVERYBODY:
        return found
    found = found.filter(unreachable=Supporter.Unreachable.NO)
    if reach == Reach.PARTNER:
        return consent.who_shares_with(found, partner=partner)
    return found.agreed(agreed_to).awake(now=now) if reach == Reach.AGREED else found


def people_of(export: ExportRequest, *, now: datetime) -> SupporterQuerySet:
    """Who is on the list that was asked for."""
    return people(
        organization=export.organization,
        chosen=export.chosen,
        reach=export.reach,
        agreed_to=export.agreed_to,
        partner=export.partner,
        now=now,
    )


@transaction.atomic
def ask(
    *,
    organization: Organization,
    chosen: Mapping[str, Any],
    reach: str,
    columns: Sequence[str],
    form: str,
    reason: str,
    by: User,
    now: datetime,
    agreed: str = "",
    partner: str = "",
    byte_order_mark: bool = True,
) -> ExportRequest:
    """Ask for a list. Up to 500 people it is made at once; above that it waits for somebody else.

    `agreed` is the code of a standing question, such as `news/email`, where only those who agreed are meant. Raises
    `NobodyChosen`, `NothingAboutThem`, `ReasonMissing`, `NotForPartners` and `TooLongForXlsx`.
    """
    export = ExportRequest(
        organization=organization,
        asked_by=by,
        asked_at=now,
        reason=reason.strip()[:LONGEST_REASON],
        chosen=choosing.frozen(chosen),
        reach=reach,
        agreed_to=choosing.bit_of(agreed),
        partner=partner,
        form=form,
        byte_order_mark=byte_order_mark,
        columns=in_order(set(columns) & {name for name, _label in offered(organization)}),
        due_at=now,
        expires_at=now + ExportRequest.KEPT_FOR,
    )
    _refuse_unfit(export)
    export.rows = people_of(export, now=now).count()
    if not export.rows:
        raise NobodyChosen
    if form == Form.XLSX and export.rows > MOST_ROWS_IN_XLSX:
        raise TooLongForXlsx
    export.state = State.WAITING if export.rows > SECOND_PERSON_ABOVE else State.QUEUED
    export.save(force_insert=True)
    note("ask_export", export, by=by, now=now, columns=export.columns, reach=reach, form=form)
    transaction.on_commit(partial(bell.ring, LINE))
    return export


@transaction.atomic
def approve(*, export: ExportRequest, by: User, now: datetime) -> None:
    """Let a list be made that somebody else asked for. Raises `OwnExport` and `AnsweredAlready`."""
    if export.asked_by_id == by.pk:
        raise OwnExport
    waiting = _row(export).filter(state=State.WAITING, expires_at__gt=now, rows=export.rows)
    if not transition(
        waiting.exclude(asked_by=by),
        values={
            "state": State.QUEUED,
            "approved_by": by,
            "approved_at": now,
            "approved_rows": export.rows,
            "due_at": now,
        },
    ):
        raise AnsweredAlready
    note("approve_export", export, by=by, now=now)
    transaction.on_commit(partial(bell.ring, LINE))


@transaction.atomic
def refuse(*, export: ExportRequest, by: User, now: datetime) -> None:
    """Say no to a list that waits for a second person, or take one's own wish back. Raises `AnsweredAlready`."""
    if not transition(_row(export).filter(state=State.WAITING), values={"state": State.REFUSED}):
        raise AnsweredAlready
    note("withdraw_export" if export.asked_by_id == by.pk else "refuse_export", export, by=by, now=now)


def fetch(*, export: ExportRequest, by: User, now: datetime) -> Iterator[bytes]:
    """The file, for whoever asked for it and nobody else; each time leaves a trace. Raises `FileGone`."""
    if export.asked_by_id != by.pk:
        raise FileGone
    with transaction.atomic():
        ready = _row(export).filter(state=State.READY, expires_at__gt=now)
        if not transition(ready, values={"downloads": F("downloads") + 1}):
            raise FileGone
        try:
            contents = export_files.read(export)
            # Read now, so that a file that is gone or damaged is said before anything was promised.
            first = next(contents)
        except (OSError, Unsealable, StopIteration):
            raise FileGone from None
        note("download_export", export, by=by, now=now)
    return chain([first], contents)


@transaction.atomic
def end(*, export: ExportRequest, by: User | None, now: datetime) -> bool:
    """Delete the file, because its time is over or somebody says so; False when it was gone already."""
    open_still = _row(export).filter(state__in=[State.READY, State.WAITING])
    ended = transition(open_still, values={"state": State.EXPIRED, "expires_at": now})
    if ended:
        note("end_export", export, by=by, now=now)
        transaction.on_commit(partial(export_files.remove, export))
    return ended


def note(verb: str, export: ExportRequest, *, by: User | None, now: datetime, **details: Any) -> None:
    """One entry in the trail: numbers and codes, never the reason's words."""
    audit.record(
        verb=verb,
        subject=export,
        by=by,
        organization=export.organization,
        now=now,
        details={"rows": export.rows, **details},
    )


def _refuse_unfit(export: ExportRequest) -> None:
    if not export.columns:
        raise NothingAboutThem
    if not export.reason:
        raise ReasonMissing
    if export.reach == Reach.AGREED and not export.agreed_to:
        raise NobodyChosen
    if export.reach == Reach.PARTNER and not set(export.columns) <= set(FOR_PARTNERS):
        raise NotForPartners


def _row(export: ExportRequest) -> Any:
    return ExportRequest.objects.filter(pk=export.pk)
