"""The draft of a data protection impact assessment (GDPR Art. 35(7)): what the program knows, and what is left to say.

Political opinions of many people are processed, so an assessment is due (Art. 35(3)(b)). What may happen is what
docs/safety/threats.md expects; docs/safety/dpia.md shows the whole draft.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from amparo.kit.personal_data import rules
from amparo.supporters.models import Supporter
from amparo.supporters.records import Record, about, groups

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may happen to people, what it would do to them, what meets it, and what is left."""

    what: str
    harm: str
    meets: str
    left: str


RISKS = (
    Risk(
        "A copy of the database or of a backup gets into strange hands.",
        "It shows who stood up for whom: people may be watched, dismissed, refused entry or arrested.",
        "Names, addresses and letters are sealed; the key file is kept elsewhere; short retention.",
        "Counts, areas, moments and the ledger by number can be read. Staff names can.",
    ),
    Risk(
        "A running server is taken over.",
        "Everything that is not erased yet can be read, and mail sent in the organization's name.",
        "Few dependencies, pinned by hash; second factors; no upload is ever run; texts go after 28 days.",
        "The keys are in its memory: this is not prevented, only made small.",
    ),
    Risk(
        "A colleague takes a list out, or sends it to the wrong person.",
        "As with a copy of the database, for the people on that list.",
        "Exports are asked for with a reason, sealed, expire, name their maker by an invented row, and need a second"
        " person when they are large; every one stands in the audit trail.",
        "Somebody who may read can copy by hand.",
    ),
    Risk(
        "Somebody signs or writes with another person's name and address.",
        "That person seems to hold an opinion that is not theirs.",
        "Nothing counts or leaves before a link in the mailbox was used.",
        "Somebody who reads that mailbox.",
    ),
    Risk(
        "An office passes a letter on, or loses it.",
        "The writer's name, address and opinion are known to more people than they chose.",
        "The writer is told beforehand what the letter discloses and to whom; an address only where the office asks.",
        "A letter that has left is out of our hands.",
    ),
    Risk(
        "Somebody is written to who did not agree, or not any more.",
        "Annoyance; for people who share a mailbox or a telephone, exposure.",
        "An append-only ledger, one click to leave, suppression by keyed marks that no import passes.",
        "Mail that is under way when they leave.",
    ),
    Risk(
        "Somebody erased comes back from a backup.",
        "A promise is broken, and they are written to.",
        "Tombstones beside the database are replayed before anything is served or sent.",
        "Backups themselves hold them until they are deleted: keep those no longer than promised.",
    ),
)


def make(*, organization: Organization, now: datetime) -> Record:
    """The draft: description, necessity, risks and measures as the program knows them, and questions for people."""
    people = Supporter.objects.for_organization(organization).present().count()
    return Record(
        "dpia",
        about(organization, now=now)
        | {
            "people": people,
            "groups": groups(),
            "time_limits": [
                {"what": str(rule.says), "days": rule.kept.days} for _name, rule in rules.items()
            ],
            "risks": [asdict(risk) for risk in RISKS],
        },
    )
