"""One petition with many signatures, and the making of its hand-over; run with a site's own environment.

python -m bench._names fill 100000      as many confirmed signatures, in bulk; a hand-over of all is planned
python -m bench._names make             the worker's step; the most memory it took, and what came of it
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Any

import django

from bench import _memory

#: Rows in one INSERT.
AT_ONCE = 2_000
FIRST = ("Suzie", "Amina", "أمينة", "Bela", "Жанна", "Dana", "Ilan", "Ona")
LAST = ("Kowal", "Rahal", "رحال", "Toth", "Белова", "Veld", "Sarr", "Moss")
PLACES = ("Brennick", "Saltmarsh", "Upper Ferry", "حلب")
SHOWN = ("name", "place", "initials", "name", "")


def fill(number: int) -> dict[str, Any]:
    """Signatures as if as many people had signed and confirmed; one in five does not want to be named."""
    from django.utils import timezone

    from amparo.actions.hand_over import planning_names
    from tests.factories.organizations import an_organization
    from tests.factories.people import a_member_of_staff
    from tests.factories.signed_pages import a_petition

    now, organization = timezone.now(), an_organization()
    page = a_petition(organization, title="A judge for Ilan Sarr", slug="ilan")
    for start in range(0, number, AT_ONCE):
        _sign(page, range(start, min(start + AT_ONCE, number)), now=now)
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    wish = planning_names.Wish(office="Minister of Justice", reach="all")
    hand_over = planning_names.propose(page=page, wish=wish, by=bruno, now=now)
    planning_names.agree(hand_over=hand_over, by=chidi, now=now)
    return {"names": number}


def _sign(page: Any, numbers: range, *, now: Any) -> None:
    from uuid import uuid4

    from amparo.actions.models import Action, Signature
    from amparo.supporters.identity import fingerprint_of
    from amparo.supporters.models import Supporter

    people, actions, signatures = [], [], []
    for at in numbers:
        given, family = FIRST[at % len(FIRST)], f"{LAST[at // 8 % len(LAST)]} {at}"
        email = f"signer-{at}@supporters.example.net"
        person = Supporter(
            organization=page.organization,
            given_name=given,
            family_name=family,
            email=email,
            email_fingerprint=fingerprint_of(email, organization=page.organization),
            country=("NO", "FR", "GB", "")[at % 4],
            created_at=now,
        )
        action = Action(
            organization=page.organization,
            page_id=page.pk,
            supporter=person,
            key=uuid4(),
            state="confirmed",
            given_name=given,
            family_name=family,
            language="en",
            taken_at=now,
            confirmed_at=now - timedelta(seconds=1),
        )
        shown_as = SHOWN[at % len(SHOWN)]
        signature = Signature(
            organization=page.organization,
            page_id=page.pk,
            action=action,
            shown_as=shown_as,
            place=PLACES[at % len(PLACES)] if shown_as == "place" else None,
            signed_at=now,
        )
        people.append(person)
        actions.append(action)
        signatures.append(signature)
    Supporter.objects.bulk_create(people)
    Action.objects.bulk_create(actions)
    Signature.objects.bulk_create(signatures)


def make() -> dict[str, Any]:
    """What the worker does with the hand-over that is due."""
    from django.utils import timezone

    from amparo.actions.hand_over import handing_over
    from amparo.actions.models import HandOver

    began = time.monotonic()
    with _memory.watched() as peak:
        (hand_over,) = handing_over.claim(limit=1, now=timezone.now())
        handing_over.make(hand_over=hand_over, now=timezone.now())
    made = HandOver.objects.select_related("names").get()
    assert made.state == "made", made.reason
    return {
        "own": peak.own,
        "ours": peak.ours,
        "resident": peak.resident,
        "seconds": time.monotonic() - began,
        "pages": made.sheets,
        "bytes": made.size,
        "table": made.names.table_size,
        "names": made.letters,
    }


def main(words: list[str]) -> int:
    """Do what the first word says and print what came of it as JSON."""
    django.setup()
    print(json.dumps(fill(int(words[1])) if words[0] == "fill" else make()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
