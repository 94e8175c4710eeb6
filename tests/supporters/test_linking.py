"""Whoever lost their link gets a new one; nobody else learns anything (guarantee S9), and nobody is flooded."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import linking, suppression
from amparo.supporters.models import LinkRequest, OtherAddress, Supporter, Suppression
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    found = an_organization()
    a_site(found)
    return found


@pytest.fixture
def suzie(organization):
    found = a_supporter(organization, given_name="Suzie", email="suzie@example.org")
    Supporter.objects.filter(pk=found.pk).update(confirmed_at=NOW)
    return Supporter.objects.get(pk=found.pk)


def ask(organization, email, *, now=NOW, network="192.0.2.1", **how):
    linking.ask_for_link(
        organization=organization,
        email=email,
        language=how.pop("language", "en"),
        network=network,
        proof="",
        trapped=how.pop("trapped", False),
        now=now,
    )


def work(now=NOW):
    run_line("links", now_source=lambda: now)


def mailed():
    return sorted(notice.recipient for notice in Notice.objects.all())


def test_suzie_gets_her_link(mail_server, organization, suzie):
    ask(organization, "Suzie@Example.org")
    work()
    assert mailed() == ["suzie@example.org"]

    run_line("notices", now_source=lambda: NOW)

    (mail,) = mail_server.to("suzie@example.org")
    assert linking.url_of(suzie) in mail.get_content()
    assert "Suzie" not in mail.get_content()
    assert "List-Unsubscribe" not in mail


def test_nobody_else_is_written_to(organization):
    a_supporter(organization, given_name="Amina", email="amina@example.net")

    for email in ("nobody@example.org", "amina@example.net"):
        ask(organization, email)
    work()

    assert mailed() == []
    assert LinkRequest.objects.filter(handled_at__isnull=True).count() == 0


def test_an_earlier_address_leads_to_the_one_in_use(organization, suzie):
    from amparo.supporters.identity import fingerprint_of

    OtherAddress.objects.create(
        organization=organization,
        supporter=suzie,
        email="old@example.org",
        fingerprint=fingerprint_of("old@example.org", organization=organization),
        added_at=NOW,
    )

    ask(organization, "old@example.org")
    work()

    assert mailed() == ["suzie@example.org"]


@pytest.mark.parametrize(
    ("reason", "is_mailed"),
    [
        (Suppression.Reason.UNSUBSCRIBED, True),
        (Suppression.Reason.COMPLAINED, False),
        (Suppression.Reason.BOUNCED, False),
        (Suppression.Reason.LAW, False),
    ],
)
def test_who_unsubscribed_can_still_reach_their_data_and_other_suppressed_addresses_are_left_alone(
    organization, suzie, reason, is_mailed
):
    suppression.suppress(
        organization=organization, email="suzie@example.org", reason=reason, source="", now=NOW
    )

    ask(organization, "suzie@example.org")
    work()

    assert bool(mailed()) is is_mailed


def test_one_mail_a_day_however_often_anybody_asks(organization, suzie):
    for hour in range(5):
        ask(organization, "suzie@example.org", now=NOW + timedelta(hours=hour), network=f"192.0.2.{hour}")
        work(NOW + timedelta(hours=hour))
    assert len(mailed()) == 1

    ask(organization, "suzie@example.org", now=NOW + timedelta(days=1))
    work(NOW + timedelta(days=1))
    assert len(mailed()) == 2


def test_mallory_cannot_use_up_suzies_day_by_asking_where_nobody_knows_her(organization, suzie):
    """Found while building: one row for an address and a day, whichever organization was asked."""
    ask(an_organization("lamp-light"), "suzie@example.org", network="192.0.2.66")
    ask(organization, "suzie@example.org")
    work()

    assert mailed() == ["suzie@example.org"]


def test_the_address_goes_as_soon_as_it_was_looked_up(organization):
    ask(organization, "nobody@example.org")
    assert LinkRequest.objects.get().email == "nobody@example.org"

    work()

    assert LinkRequest.objects.get().email is None
    assert linking.forget_old(now=NOW + timedelta(days=3)) == 1


def test_a_network_that_asks_too_often_is_told_so_and_others_are_not(organization):
    for number in range(linking.WITHOUT_PROOF.count):
        ask(organization, f"a{number}@example.org")

    with pytest.raises(linking.TooManyLinksAsked):
        ask(organization, "b@example.org")
    ask(organization, "b@example.org", network="198.51.100.7")


def test_mallorys_robot_is_answered_and_nothing_is_kept(client, organization):
    answer = client.post(reverse("my_link"), {"email": "suzie@example.org", "website": "x"})

    assert answer.status_code == 303
    assert LinkRequest.objects.count() == 0


def test_what_is_no_address_is_kept_on_the_form(client, organization):
    answer = client.post(reverse("my_link"), {"email": "suzie at example.org"})

    assert answer.status_code == 422
    assert "suzie at example.org" in answer.content.decode()


# --- S9 -------------------------------------------------------------------------------------------


def test_s9_the_answer_and_the_work_are_the_same_for_known_unknown_and_suppressed(
    client, organization, suzie
):
    suppression.suppress(
        organization=organization,
        email="amina@example.org",
        reason=Suppression.Reason.COMPLAINED,
        source="",
        now=NOW,
    )
    client.get(reverse("my_link"))
    seen = []
    for number, email in enumerate(("suzie@example.org", "nobdy@example.org", "amina@example.org")):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(
                reverse("my_link"), {"email": email}, REMOTE_ADDR=f"192.0.2.{number}", follow=True
            )
        statements = [re.sub(r'"s\d+_x\d+"', "", query["sql"].split("(")[0])[:60] for query in queries]
        seen.append((answer.status_code, answer.redirect_chain, answer.content, statements))

    assert len(statements) > 3
    assert seen[0] == seen[1] == seen[2]


def test_s9_no_time_tells_who_is_known(organization, suzie):
    """Medians over pairs, taken in turn so that whatever else the machine does meets both alike."""
    took = {"suzie@example.org": [], "nobdy@example.org": []}
    for number in range(150):
        for email, times in took.items():
            LinkRequest.objects.all().delete()
            begun = time.perf_counter()
            ask(organization, email, network=f"2001:db8:{number:x}::1")
            times.append(time.perf_counter() - begun)

    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) < 0.005
