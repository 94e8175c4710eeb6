"""Questions that are asked about everybody look each person up, and never read the whole ledger for each of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.organizations.models import Jurisdiction
from amparo.supporters import consent
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Channel, Purpose, Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter
from tests.supporters.test_exporting import say_yes

pytestmark = pytest.mark.django_db
NEWS = {"purpose": Purpose.NEWS, "channel": Channel.EMAIL}


def scans_of(deed):
    """What SQLite would read from end to end for the questions about the ledger that the deed asks."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    about = [query["sql"] for query in asked.captured_queries if "consentrecord" in query["sql"]]
    assert about
    scans = []
    for question in about:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {question}")
            steps = [row[3] for row in cursor.fetchall()]
        scans += [step for step in steps if step.startswith("SCAN") or "(purpose=?" in step]
    return scans


@pytest.mark.sqlite_only
def test_what_ran_out_is_found_by_each_persons_own_lines(now):
    organization = an_organization(jurisdiction=Jurisdiction.CANADA)
    assert scans_of(lambda: consent.end_what_ran_out(organization=organization, now=now)) == []


@pytest.mark.sqlite_only
def test_a_first_yes_is_found_by_each_persons_own_lines(now):
    organization = an_organization()
    assert (
        scans_of(lambda: list(consent.first_agreements(organization=organization, since=now, **NEWS))) == []
    )


def test_who_said_yes_before_under_a_record_that_was_merged_says_no_first_yes_again(now):
    suzie, susan, amina = (
        a_supporter(an_organization(), email=f"{name}@example.org") for name in ("suzie", "susan", "amina")
    )
    for person, when in ((susan, now), (suzie, now + timedelta(days=2)), (amina, now + timedelta(days=2))):
        say_yes(person, now=when)
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now + timedelta(days=3))

    found = consent.first_agreements(organization=an_organization(), since=now + timedelta(days=1), **NEWS)
    assert [line.supporter_id for line in found] == [amina.pk]


def test_the_last_word_on_sharing_counts_under_whichever_record_it_was_said(now):
    suzie, susan, amina = (
        a_supporter(an_organization(), email=f"{name}@example.org") for name in ("suzie", "susan", "amina")
    )
    asked = {"purpose": Purpose.PARTNER, "partner": "Lantern Trust"}
    say_yes(suzie, now=now, **asked)
    say_yes(amina, now=now, **asked)
    say_yes(susan, granted=False, now=now + timedelta(days=1), **asked)
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now + timedelta(days=2))

    shares = consent.who_shares_with(Supporter.objects.present(), partner="Lantern Trust")
    assert [person.pk for person in shares] == [amina.pk]
