"""A public case in the words and pieces that its page, its card and its calendar are made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from amparo.cases import drawing, prose, public_view, voices
from amparo.cases.chronology import PROLONGED_AFTER, Standing
from amparo.cases.public_view import PublicCase
from amparo.cases.references import references_of
from amparo.kit import part_dates

if TYPE_CHECKING:
    from datetime import date

    from amparo.cases.models import Case
    from amparo.cases.public_view import PublicRecord
    from amparo.cases.references import Reference, References
    from amparo.cases.voices import Said, SpokeUp


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline: a day as far as it is known, and what happened."""

    sorted_by: str
    when: str
    title: str
    text: str = ""
    refs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the page of a case needs."""

    case: PublicCase
    heading: str
    state: str
    standing: str
    held: str
    solitary: str
    age: str
    story: list[str]
    moments: list[Moment]
    hearings: list[Moment]
    picture: drawing.Timeline | None
    quotations: list[Said]
    claims: list[Said]
    designations: list[Said]
    interventions: list[SpokeUp]
    #: The sources, as numbered at the facts; each fact's numbers are in `refs`, under the name of what shows it.
    references: list[Reference]
    refs: dict[str, tuple[int, ...]]
    figures: list[str] = field(default_factory=list)

    @property
    def other_names(self) -> list[str]:
        """The names that the heading does not say already."""
        return [name for name in self.case.names if name.casefold() != self.heading.casefold()]


def shown(case: Case, *, today: date) -> Shown:
    """The case for its page, in the language being read. Raises `NotPublic`."""
    public = public_view.view(case, today=today)
    facts = public.facts
    references = references_of(public, case=case)
    # Sources are numbered as they are met: in the order of the page.
    refs = _refs(public, references)
    return Shown(
        case=public,
        heading=heading_of(public),
        state=_country(public.state),
        standing=standing_in_words(facts.standing),
        held=prose.in_words(facts.held) if facts.is_held and facts.held.most else "",
        solitary=prose.in_words(facts.in_solitary) if facts.in_solitary.most else "",
        age=prose.age_in_words(facts.age) if facts.age else "",
        story=prose.paragraphs(public.story, facts=facts, organization=case.organization),
        moments=moments_of(public, references),
        designations=voices.designations(public, references),
        interventions=voices.interventions(public, references),
        claims=voices.claims(public, references),
        quotations=voices.quotations(public, references),
        hearings=[_hearing(record, references) for record in _coming(public, today=today)],
        picture=drawing.timeline(public, today=today),
        references=references.found,
        refs=refs | _sidebar_refs(public, references),
        figures=prose.figure_notes(public.story, organization=case.organization),
    )


def _refs(public: PublicCase, references: References) -> dict[str, tuple[int, ...]]:
    """The numbers of what stands above the timeline."""
    heading = next(iter(public.of("Case")), None)
    names = [number for record in public.of("PersonName") for number in references.at("PersonName", record)]
    return {
        "names": tuple(sorted(set(names))),
        "summary": references.at("Case", heading, "summary"),
        "story": references.at("Case", heading, "story"),
    }


def _sidebar_refs(public: PublicCase, references: References) -> dict[str, tuple[int, ...]]:
    """The numbers of what stands beside the story."""
    heading = next(iter(public.of("Case")), None)

    def of_all(kind: str, *columns: str) -> tuple[int, ...]:
        found = [number for record in public.of(kind) for number in references.at(kind, record, *columns)]
        return tuple(sorted(set(found)))

    alone = [record for record in public.of("Condition") if record["kind"] == "solitary"]
    solitary = [number for record in alone for number in references.at("Condition", record)]
    return {
        "standing": of_all("CustodySpell", "kind", "end"),
        "held": of_all("CustodySpell", "began", "ended"),
        "solitary": tuple(sorted(set(solitary))),
        "state": references.at("Case", heading, "responsible_state"),
        "age": references.at("Person", public.person, "birth_date"),
    }


def country_of(public: PublicCase) -> str:
    """The state that holds the person, in the language being read; empty where that is not public."""
    return _country(public.state)


def heading_of(public: PublicCase) -> str:
    """The public heading, else the first public name, else that there is a case."""
    return public.title or (public.names[0] if public.names else _("A case without a name"))


def moments_of(public: PublicCase, references: References) -> list[Moment]:
    """Developments, arrests, releases, hearings and verdicts that are public, in the order of their days."""
    found: list[tuple[Moment, str, PublicRecord, tuple[str, ...]]] = [
        (_moment(record["dated"], record["title"], record["text"]), "Development", record, ())
        for record in public.of("Development")
        if record["dated"] and record["title"]
    ]
    for spell in public.of("CustodySpell"):
        if spell["began"]:
            taken = _moment(spell["began"], _("Taken into custody"), spell["authority"])
            found.append(
                (taken, "CustodySpell", spell, ("began", "authority", "kind", "grounds", "ordered_by"))
            )
        if spell["ended"]:
            ended = _moment(spell["ended"], spell.label("end").capitalize())
            found.append((ended, "CustodySpell", spell, ("ended", "end")))
    found += [
        (_moment(verdict["dated"], _verdict(verdict)), "Verdict", verdict, ())
        for verdict in public.of("Verdict")
        if verdict["dated"] and verdict["outcome"]
    ]
    found += [
        (_hearing(record), "Hearing", record, ())
        for record in public.of("Hearing")
        if record["day"] and record["status"] == "held"
    ]
    return [
        replace(moment, refs=references.at(kind, record, *columns))
        for moment, kind, record, columns in sorted(found, key=lambda one: one[0].sorted_by)
    ]


def standing_in_words(standing: Standing | None) -> str:
    """Where somebody stands, in a sentence."""
    return {
        None: "",
        Standing.UNKNOWN: "",
        Standing.HELD: _("In custody"),
        Standing.PRE_TRIAL: _("In custody, waiting for a trial"),
        Standing.ADMINISTRATIVE: _("Held without charge"),
        Standing.SERVING: _("Serving a sentence"),
        Standing.HOUSE_ARREST: _("Under house arrest"),
        Standing.DISAPPEARED: _("Held in secret"),
        Standing.RELEASED: _("Free"),
        Standing.ON_TERMS: _("Released on conditions"),
        Standing.ESCAPED: _("Escaped"),
        Standing.DEPORTED: _("Deported"),
        Standing.DIED: _("Died in custody"),
    }[standing]


def solitary_rule() -> str:
    """What the days alone are measured against."""
    return _(
        "More than %(days)d days in a row are prolonged solitary confinement (Nelson Mandela Rules, 44)."
    ) % {"days": PROLONGED_AFTER}


def calendar_of(case: Case, *, host: str, now: datetime) -> bytes:
    """Public hearings as a calendar (RFC 5545); a cancelled one stays and says so. Raises `NotPublic`."""
    public = public_view.view(case, today=now.date())
    calendar = Calendar()
    calendar.add("prodid", "-//Amparo//Cases//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", heading_of(public))
    revisions = _revisions(case)
    for record in public.of("Hearing"):
        if record["day"]:
            calendar.add_component(
                _event(
                    record,
                    heading=heading_of(public),
                    host=host,
                    revision=revisions.get(record.pk, 0),
                    now=now,
                )
            )
    found: bytes = calendar.to_ical()
    return found


def _event(record: PublicRecord, *, heading: str, host: str, revision: int, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{record.pk}@{host}")
    event.add("dtstamp", now)
    event.add("sequence", revision)
    purpose = record["purpose"] or _("hearing")
    event.add("summary", f"{heading}: {purpose}")
    if record["hour"]:
        start = datetime.combine(record["day"], record["hour"], tzinfo=ZoneInfo(record["time_zone"] or "UTC"))
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(hours=1))
    else:
        event.add("dtstart", record["day"])
    if record["place"]:
        event.add("location", record["place"])
    status = {"cancelled": "CANCELLED", "postponed": "CANCELLED"}.get(record["status"], "CONFIRMED")
    event.add("status", status)
    return event


def _revisions(case: Case) -> dict[Any, int]:
    from amparo.cases.models import Hearing

    rows = Hearing.objects.for_organization(case.organization).filter(proceeding__case=case)
    return dict(rows.values_list("pk", "revision"))


def _coming(public: PublicCase, *, today: date) -> list[PublicRecord]:
    return [
        record
        for record in public.of("Hearing")
        if record["day"] and record["day"] >= today and record["status"] in {"scheduled", ""}
    ]


def _hearing(record: PublicRecord, references: References | None = None) -> Moment:
    text = ", ".join(str(part) for part in (record["purpose"], record["place"]) if part)
    refs = references.at("Hearing", record) if references else ()
    return _moment(record["day"].isoformat(), _("Hearing"), text, refs)


def _verdict(record: PublicRecord) -> str:
    outcome = record.label("outcome").capitalize()
    convicted, total = record["counts_convicted"], record["counts_total"]
    if convicted == "" or record["outcome"] != "convicted":
        return outcome
    if total == "":
        return _("Convicted on %(convicted)d counts") % {"convicted": convicted}
    return _("Convicted on %(convicted)d of %(total)d counts") % {"convicted": convicted, "total": total}


def _moment(dated: str, title: str, text: str = "", refs: tuple[int, ...] = ()) -> Moment:
    when = part_dates.parse(dated).in_words(language=get_language() or "en")
    return Moment(dated, when, title, text, refs)


def _country(code: str) -> str:
    if not code:
        return ""
    return str(Locale.parse(get_language() or "en", sep="-").territories.get(code, code))
