"""Sessions of sending by a provider, and what became of each reader."""

from __future__ import annotations

import pytest

from amparo.kit import work
from amparo.mailings import outcomes
from amparo.mailings.delivery import delivering_mailings
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_reader

EVERY = pytest.mark.parametrize("name", ["mailgun", "mailjet", "postmark"])


def readers(doors, *names, **fields) -> dict[str, Supporter]:
    return {
        name: a_reader(doors, name.title(), email=f"{name}@readers.example.net", **fields) for name in names
    }


def send(now) -> work.Result:
    return delivering_mailings.Session(now_source=lambda: now).run()


def bytes_of(mailing) -> dict[str, str]:
    """Each reader's outcome, by first name."""
    found = {}
    for chunk in mailing.chunks.all():
        for person, byte in zip(chunk.people, bytes(chunk.outcomes), strict=True):
            found[Supporter.objects.get(pk=person).given_name] = outcomes.NAMES[byte]
    return found
