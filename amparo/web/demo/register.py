"""The demonstration's case in the register: kept by Bruno, cleared for readers by Chidi, and shown on a page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from amparo.cases import publishing, recording
from amparo.cases.models import (
    Case,
    CasePage,
    Charge,
    ChargeUpdate,
    CustodySpell,
    Development,
    Figure,
    Hearing,
    Legislation,
    Proceeding,
    PublicationConsent,
    SafetyCheck,
    Source,
    Stay,
)
from amparo.cases.register import kind_of
from amparo.web.demo import evidence as demo_evidence

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.cases.models.record import Record
    from amparo.content.models import Campaign, HomePage
    from amparo.web.demo.texts import Days


def add_case(
    home: HomePage,
    words: dict[str, Any],
    days: Days,
    *,
    campaign: Campaign,
    asks: User,
    agrees: User,
    now: datetime,
) -> None:
    """Mira's case, with everything cleared that her page shows."""
    case = recording.open_case(
        organization=campaign.organization, reference=words["reference"], name=words["name"], by=asks, now=now
    )
    case.slug, case.campaign = words["slug"], campaign
    case.title, case.summary, case.story = words["title"], words["summary"], words["story"].strip()
    case.responsible_state = ""
    recording.change(record=case, columns=["title", "summary", "story"], case=case, by=asks, now=now)
    records = _records(case, words, days, by=asks, now=now)
    evidence = demo_evidence.add(case, words, days, records=records, by=asks, now=now)
    _figure(case, words, days, now=now)
    recording.check_safety(
        case=case,
        answers=json.dumps({name: "–" for name, _question in SafetyCheck.QUESTIONS}),
        by=agrees,
        now=now,
    )
    consent = PublicationConsent(
        giver=words["consent_giver"],
        capacity=PublicationConsent.Capacity.FAMILY,
        scopes=["name", "place", "law", "words"],
        way=words["consent_way"],
        given_on=days.arrested + timedelta(days=30),
    )
    recording.record_consent(consent=consent, case=case, by=asks, now=now)
    for record, columns in [
        (case, ["title", "summary", "story"]),
        (case.person.names.get(), ["text"]),
        *records,
        *evidence,
    ]:
        _publish(record, columns, case=case, words=words, consent=consent, asks=asks, agrees=agrees, now=now)
    page = CasePage(title=words["page_title"], slug=words["slug"], case=case)
    home.add_child(instance=page)
    page.save_revision().publish()


def _records(
    case: Case, words: dict[str, Any], days: Days, *, by: User, now: datetime
) -> list[tuple[Record, list[str]]]:
    """What happened, record by record, each with the columns that readers see."""
    spell = CustodySpell(
        case=case,
        began=days.arrested.isoformat(),
        kind=CustodySpell.Kind.PRE_TRIAL,
        authority=words["authority"],
        grounds=words["grounds"],
    )
    stay = Stay(spell=spell, facility=words["facility"], began=days.arrested.isoformat())
    proceeding = Proceeding(case=case, court=words["court"], court_kind=Proceeding.Court.CIVILIAN)
    charge = Charge(proceeding=proceeding, text=words["charge"])
    update = ChargeUpdate(charge=charge, dated=days.arrested.isoformat(), status=ChargeUpdate.Status.PENDING)
    hearing = Hearing(
        proceeding=proceeding,
        day=days.hearing.date(),
        hour=days.hearing.time(),
        place=words["court"],
        purpose=words["hearing"],
    )
    developments = [
        Development(
            case=case,
            dated=(days.today - timedelta(days=int(entry["days_ago"]))).isoformat(),
            title=entry["title"],
            text=entry.get("text"),
        )
        for entry in words["development"]
    ]
    for record in [spell, stay, proceeding, charge, update, hearing, *developments]:
        recording.add(record=record, case=case, by=by, now=now)
    return [
        (spell, ["began", "ended", "kind", "authority"]),
        (hearing, ["day", "hour", "time_zone", "place", "purpose", "status"]),
        *((development, ["dated", "title", "text"]) for development in developments),
    ]


def _figure(case: Case, words: dict[str, Any], days: Days, *, now: datetime) -> None:
    frame: dict[str, Any] = {"organization": case.organization, "entered_at": now, "changed_at": now}
    source = Source.objects.create(title=words["figure_source"], kind=Source.Kind.RIGHTS_GROUP, **frame)
    law = words["law"]
    Legislation.objects.create(
        name=law["name"],
        state=law["state"],
        about=law["about"],
        stage=Legislation.Stage.INTRODUCED,
        as_of=days.listed.isoformat(),
        source=Source.objects.create(title=law["source"], kind=Source.Kind.OFFICIAL, **frame),
        **frame,
    )
    Figure.objects.create(
        key="teachers-and-journalists",
        value=31,
        unit=words["figure_unit"],
        as_of=days.listed.isoformat(),
        recheck_by=days.today + timedelta(days=90),
        source=source,
        **frame,
    )


def _publish(
    record: Record,
    columns: list[str],
    *,
    case: Case,
    words: dict[str, Any],
    consent: PublicationConsent,
    asks: User,
    agrees: User,
    now: datetime,
) -> None:
    for column in columns:
        needed = kind_of(record).column(column).scope
        clearance = publishing.ask(
            record=record,
            column=column,
            reason=words["reason"],
            consent=consent if needed else None,
            case=case,
            by=asks,
            now=now,
        )
        publishing.agree(clearance=clearance, by=agrees, now=now)
