"""A public case as linked data (schema.org, JSON-LD): names, hearings, claims, and nothing that could do harm.

Whatever is public, these are never in it: health, numbers of documents, family, where somebody is held, and the day
of birth. There is no type for a prisoner or a charge, and no topic of compliance lists is borrowed for one: whoever is
accused of something is not to be taken for somebody who was found out. It is served beside the page and linked from
it, since pages hold no script that is not a file of ours, not even one that is only data.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from amparo.cases import public_view, showing

if TYPE_CHECKING:
    from datetime import date

    from amparo.cases.models import Case
    from amparo.cases.public_view import PublicCase, PublicRecord

#: schema.org, EventStatusType.
_STATUS = {
    "scheduled": "EventScheduled",
    "held": "EventScheduled",
    "postponed": "EventPostponed",
    "cancelled": "EventCancelled",
}


def linked_data(*, case: Case, address: str, today: date) -> dict[str, Any]:
    """The case for programs, at its page's `address`. Raises `public_view.NotPublic`."""
    public = public_view.view(case, today=today)
    page: dict[str, Any] = {
        "@type": "WebPage",
        "@id": address,
        "name": showing.heading_of(public),
        "publisher": {"@type": "Organization", "name": case.organization.name},
    }
    if public.summary:
        page["description"] = public.summary
    person = _person(public, address=address)
    if person:
        page["about"] = {"@id": person["@id"]}
    found = [
        page,
        *([person] if person else []),
        *(_hearing(record, public, address=address) for record in public.of("Hearing") if record["day"]),
        *(_claim(record, address=address) for record in public.of("Claim") if record["value"]),
    ]
    return {"@context": "https://schema.org", "@graph": found}


def _person(public: PublicCase, *, address: str) -> dict[str, Any] | None:
    if not public.names:
        return None
    first, *others = public.names
    found: dict[str, Any] = {"@type": "Person", "@id": f"{address}#person", "name": first}
    if others:
        found["alternateName"] = others
    if public.person is not None:
        found |= {
            name: public.person[column]
            for name, column in (
                ("gender", "gender"),
                ("jobTitle", "occupation"),
                ("nationality", "nationality"),
            )
            if public.person[column]
        }
    return found


def _hearing(record: PublicRecord, public: PublicCase, *, address: str) -> dict[str, Any]:
    start = record["day"].isoformat()
    if record["hour"]:
        zone = ZoneInfo(record["time_zone"] or "UTC")
        start = datetime.combine(record["day"], record["hour"], tzinfo=zone).isoformat()
    status = _STATUS.get(record["status"], "EventScheduled")
    found: dict[str, Any] = {
        "@type": "Event",
        "@id": f"{address}#hearing-{record.pk}",
        "name": record["purpose"] or showing.heading_of(public),
        "startDate": start,
        "eventStatus": f"https://schema.org/{status}",
        "about": {"@id": address},
    }
    if record["place"]:
        found["location"] = {"@type": "Place", "name": record["place"]}
    return found


def _claim(record: PublicRecord, *, address: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "Claim",
        "@id": f"{address}#claim-{record.pk}",
        "text": record["value"],
        "appearance": {"@id": address},
    }
    if record["subject"]:
        found["name"] = record["subject"]
    if record["attributed_to"]:
        # A body or a person: the register does not say which, and neither do we.
        found["author"] = {"@type": "Thing", "name": record["attributed_to"]}
    return found
