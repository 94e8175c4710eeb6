"""A mailing for the site under test; run with the site's own environment.

python -m tests.faults.mailings 500 hold     to so many readers, due now, with that policy for the unknown
python -m tests.faults.mailings 500 hold 5   at most five a minute
"""

from __future__ import annotations

import json
import sys

import django


def start(number: int, policy: str, per_minute: int | None = None) -> dict[str, str]:
    """Each reader's address by the digits of their id."""
    from django.db import transaction
    from django.utils import timezone

    from amparo.mailings.models import Mailing
    from amparo.organizations.models import Organization
    from tests.factories.mailings import a_mailing, a_reader

    now = timezone.now()
    organization = Organization.objects.get()
    readers = {}
    with transaction.atomic():
        for at in range(number):
            email = f"reader{at}@readers.example.net"
            readers[a_reader(organization, "Suzie", email=email, now=now).pk.hex] = email
        mailing = a_mailing(
            organization,
            unknown_policy=policy,
            texts=(),
            state=Mailing.State.READY,
            now=now,
            hours_to_try=9,
            per_minute=per_minute,
        )
        mailing.texts.create(
            organization=organization,
            language="en",
            subject="Write",
            text="Dear {first name},\n",
            changed_at=now,
        )
        Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.SCHEDULED)
    return readers


def main(words: list[str]) -> int:
    """Print what came of it as JSON."""
    django.setup()
    print(json.dumps(start(int(words[0]), words[1], *map(int, words[2:]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
