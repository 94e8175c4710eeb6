"""What is kept of those a mailing went to: what they are told when they ask, and what is left once they are erased."""

from __future__ import annotations

import json

import pytest

from amparo.kit.personal_data import declaration_of
from amparo.mailings import personal_data
from amparo.mailings.models import AudienceChunk, DeliveryFailure
from amparo.supporters.models import Origin, Supporter
from amparo.supporters.rights import erasure
from amparo.supporters.rights.exporting_person import export_person
from amparo.supporters.rights.whole_person import person_made_of
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def suzie():
    return a_reader(an_organization())


@pytest.fixture
def chunk(suzie, now):
    """A mailing to Suzie and Amina, which did not reach Suzie."""
    a_reader(suzie.organization, given_name="Amina")
    frozen(a_mailing(suzie.organization))
    chunk = AudienceChunk.objects.get()
    for place, pk in enumerate(chunk.people):
        DeliveryFailure.objects.create(
            mailing=chunk.mailing, chunk=chunk, position=place, outcome="f", at=now,
            reason="mailbox full" if pk == suzie.pk else "no such user",
        )  # fmt: skip
    return chunk


def test_suzie_is_told_of_mailings_to_her_and_of_nobody_else_in_them(suzie, chunk, now):
    stranger = a_reader(suzie.organization, given_name="Dana")

    told = export_person(supporter=suzie, now=now).as_json()

    found = json.loads(told)["data"]
    (row,) = found["mailings.AudienceChunk"]["rows"]
    assert row["mailing"]["words"] == "alert"
    assert not row.keys() & {"ids", "outcomes", "variants"}
    assert [row["reason"] for row in found["mailings.DeliveryFailure"]["rows"]] == ["mailbox full"]
    amina = next(pk for pk in chunk.people if pk != suzie.pk)
    for form in (str(amina), amina.hex):
        assert form not in told
    declaration = declaration_of("mailings.AudienceChunk")
    assert list(declaration.rows_of(person_made_of([stranger]))) == []


def test_once_suzie_is_erased_her_number_in_it_names_nobody(suzie, chunk, now):
    erasure.erase(supporter=suzie, by=None, origin=Origin.PREFERENCES, now=now)

    chunk.refresh_from_db()
    assert suzie.pk in chunk.people
    left = Supporter.objects.get(pk=suzie.pk)
    assert (left.given_name, left.email, left.email_fingerprint) == (None, None, None)
    assert {failure.reason for failure in personal_data._failures(person_made_of([left]))} == {"mailbox full"}
