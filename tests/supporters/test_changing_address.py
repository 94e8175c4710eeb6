"""Suzie moves to another mailbox: it counts once the new one answers, and the old one can stop it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from amparo.kit import tokens
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import changing_address, linking, suppression
from amparo.supporters.identity import find
from amparo.supporters.models import AddressChange, OtherAddress, Supporter, Suppression
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db

NEW = "suzie.new@example.net"


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


def wish(supporter, email=NEW, *, now=NOW):
    changing_address.request_change(supporter=supporter, email=email, now=now)
    return AddressChange.objects.filter(supporter=supporter, closed_at__isnull=True).first()


def confirm(change, *, now=NOW):
    changing_address.confirm(token=changing_address.token_for(change), now=now)


def test_nothing_changes_until_the_new_mailbox_answers(mail_server, organization, suzie):
    change = wish(suzie)
    run_line("notices", now_source=lambda: NOW)

    (asked,) = mail_server.to(NEW)
    (told,) = mail_server.to("suzie@example.org")
    assert f"/me/address/{changing_address.token_for(change)}/" in asked.get_content()
    assert "Suzie" not in asked.get_content(), "it may reach a stranger"
    assert NEW not in told.get_content()
    assert tokens.make(linking.ME, suzie.pk) in told.get_content()
    suzie.refresh_from_db()
    assert suzie.email == "suzie@example.org"


def test_confirmed_it_is_hers_and_the_old_one_is_still_recognised(organization, suzie):
    confirm(wish(suzie))

    suzie.refresh_from_db()
    assert suzie.email == NEW
    assert OtherAddress.objects.get().email == "suzie@example.org"
    for email in (NEW, "suzie@example.org"):
        assert find(organization=organization, email=email) == suzie
    assert AddressChange.objects.get().email is None


def test_pressing_twice_is_pressing_once(client, suzie):
    change = wish(suzie, now=NOW)
    place = reverse("my_address", args=[changing_address.token_for(change)])

    answers = [client.post(place, follow=True) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("From now on we write to you at this address" in answer.content.decode() for answer in answers)
    assert OtherAddress.objects.count() == 1


def test_opening_the_link_changes_nothing(client, suzie):
    change = wish(suzie)

    shown = client.get(reverse("my_address", args=[changing_address.token_for(change)]))

    assert "s•••@example.net" in shown.content.decode()
    assert AddressChange.objects.get().confirmed_at is None


def test_back_to_an_earlier_address(organization, suzie):
    confirm(wish(suzie))
    suzie.refresh_from_db()

    confirm(wish(suzie, "suzie@example.org", now=NOW + timedelta(days=1)), now=NOW + timedelta(days=1))

    suzie.refresh_from_db()
    assert suzie.email == "suzie@example.org"
    assert OtherAddress.objects.get().email == NEW


def test_the_old_mailbox_can_stop_it(client, suzie):
    change = wish(suzie)

    client.post(reverse("my_page", args=[tokens.make(linking.ME, suzie.pk)]), {"deed": "keep_address"})

    with pytest.raises(changing_address.ChangeExpired):
        confirm(change)
    assert AddressChange.objects.get().email is None


def test_a_week_later_the_link_is_too_old_and_the_address_is_gone(client, suzie):
    change = wish(suzie)
    later = NOW + timedelta(days=7)

    with pytest.raises(changing_address.ChangeExpired):
        confirm(change, now=later)
    assert changing_address.forget_old(now=later) == 1
    assert AddressChange.objects.get().email is None


def test_asking_tells_nothing_about_whose_address_it_is(client, organization, suzie):
    a_supporter(organization, given_name="Amina", email="amina@example.net")
    place = reverse("my_page", args=[tokens.make(linking.ME, suzie.pk)])

    answers = [
        client.post(place, {"deed": "address", "email": email}, follow=True)
        for email in ("amina@example.net", "akina@example.net")
    ]

    assert answers[0].status_code == answers[1].status_code == 200
    strip = [answer.content.decode().split("</details>")[0] for answer in answers]
    assert [len(answer.content) for answer in answers] == [len(answer.content) for answer in answers][::-1]
    assert strip[0] == strip[1]
    kinds = list(Notice.objects.order_by("created_at", "kind").values_list("kind", flat=True))
    assert kinds == ["address_asked", "confirm_address"] * 2


@pytest.mark.parametrize("how", ["record", "other address"])
def test_an_address_of_another_record_is_said_only_to_who_has_its_mailbox(client, organization, suzie, how):
    amina = a_supporter(organization, given_name="Amina", email="amina@example.net")
    if how == "other address":
        confirm(wish(amina, "amina.new@example.net"))
    change = wish(suzie, "amina@example.net")

    answer = client.post(reverse("my_address", args=[changing_address.token_for(change)]))

    assert answer.status_code == 409
    assert "another record" in answer.content.decode()
    assert "Amina" not in answer.content.decode()
    suzie.refresh_from_db()
    assert suzie.email == "suzie@example.org"


def test_the_address_she_has_is_no_change(suzie):
    with pytest.raises(changing_address.SameAddress):
        wish(suzie, " Suzie@EXAMPLE.org ")


def test_the_same_wish_twice_is_one(suzie):
    assert wish(suzie) == wish(suzie)
    assert Notice.objects.filter(kind="confirm_address").count() == 1


def test_mallory_cannot_flood_mailboxes_from_one_page(suzie):
    for number in range(changing_address.TRIES.count):
        wish(suzie, f"victim{number}@example.net")

    with pytest.raises(changing_address.TooManyTries):
        wish(suzie, "victim9@example.net")


def test_a_mailbox_gets_one_such_mail_a_day_whoever_asks(organization, suzie):
    amina = a_supporter(organization, given_name="Amina", email="amina@example.net")

    wish(suzie)
    wish(amina)

    assert Notice.objects.filter(kind="confirm_address").count() == 1


def test_a_suppressed_mailbox_is_not_written_to(mail_server, organization, suzie):
    suppression.suppress(
        organization=organization, email=NEW, reason=Suppression.Reason.COMPLAINED, source="", now=NOW
    )
    wish(suzie)

    run_line("notices", now_source=lambda: NOW)

    assert mail_server.to(NEW) == []


def test_who_unsubscribed_from_everything_stays_so_at_the_new_address(organization, suzie):
    suppression.suppress(
        organization=organization,
        email="suzie@example.org",
        reason=Suppression.Reason.UNSUBSCRIBED,
        source="",
        now=NOW,
    )

    confirm(wish(suzie))

    suzie.refresh_from_db()
    assert suzie.unreachable == Supporter.Unreachable.SUPPRESSED
    assert suppression.is_suppressed(organization=organization, email=NEW)


def test_an_altered_link_says_nothing(client, suzie):
    change = wish(suzie)
    right = changing_address.token_for(change)
    altered = right[:-1] + ("a" if right[-1] != "a" else "b")

    answers = [client.post(reverse("my_address", args=[token])) for token in (altered, "x")]

    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.content for answer in answers}) == 1
