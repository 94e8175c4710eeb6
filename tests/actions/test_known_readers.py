"""Suzie comes from a mail, and one press signs; nobody else's link does, and no old one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from amparo.actions.models import Action, Confirmation, Signature
from amparo.actions.signatures import known_readers
from amparo.kit import tokens
from amparo.mailings import recipient_tokens
from amparo.mailings.composer import rendering
from amparo.mailings.models import Mailing, Notice
from amparo.supporters.models import Supporter
from tests.factories.composed import a_button, a_draft
from tests.factories.mailings import a_mailing, a_reader
from tests.factories.organizations import an_organization
from tests.factories.signed_pages import a_petition, an_open_letter

pytestmark = pytest.mark.django_db

VIA = "m-0123abcd"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def suzie(organization):
    return a_reader(organization, "Suzie", family_name="Storm", email="suzie@example.org")


@pytest.fixture(autouse=True)
def mailing(organization, now):
    return a_mailing(organization, link_source=VIA, started_at=now - timedelta(days=2))


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def token_of(reader):
    return tokens.make(recipient_tokens.ASK, reader.pk)


@pytest.fixture
def client():
    return Client(headers={"host": "open-doors.test"})


def press(client, page, reader, **more):
    return client.post(page.url, {"step": "known", "me": token_of(reader), "via": VIA, **more})


def test_one_press_signs_and_nothing_is_to_be_confirmed(client, organization, suzie):
    page = a_petition(organization)

    response = press(client, page, suzie)

    assert response.status_code == 200
    assert "Thank you, <bdi>Suzie</bdi>" in response.text
    (action,) = Action.objects.all()
    assert (action.state, action.supporter_id, action.via) == ("confirmed", suzie.pk, VIA)
    assert Signature.objects.get(action=action).shown_as == Signature.ShownAs.NOBODY
    assert not Notice.objects.exists()
    assert not Confirmation.objects.exists()


def test_pressing_again_is_thanked_again_and_counted_once(client, organization, suzie, monkeypatch, now):
    page = a_petition(organization)
    press(client, page, suzie)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(hours=1))

    assert "Thank you, <bdi>Suzie</bdi>" in press(client, page, suzie).text
    states = Action.objects.order_by("taken_at").values_list("state", flat=True)
    assert list(states) == ["confirmed", "superseded"]


def test_the_version_that_was_read_is_the_one_that_is_signed(client, organization, suzie):
    page = an_open_letter(organization)
    shown = client.get(f"{page.url}?via={VIA}").text
    assert 'name="version" value="1"' in shown.partition("data-known")[2].partition("</form>")[0]

    press(client, page, suzie, version="1")

    assert Signature.objects.get().version.number == 1


def test_a_letter_that_was_changed_while_she_read_is_not_signed_unread_and_says_so(
    client, organization, suzie
):
    page = an_open_letter(organization)

    response = press(client, page, suzie, version="7")

    assert response.status_code == 422
    assert "The letter was changed while you were reading" in response.text
    assert 'value="suzie@example.org"' in response.text
    assert not Action.objects.exists()


def test_who_has_no_last_name_with_us_is_asked_for_it(client, organization):
    mina = a_reader(organization, "Mina", family_name="", email="mina@example.org")

    response = press(client, a_petition(organization), mina)

    assert response.status_code == 422
    assert "Please add what is missing." in response.text
    assert 'value="Mina"' in response.text
    assert not Action.objects.exists()


def test_whoever_was_merged_since_signs_as_the_person_they_are(client, organization, suzie):
    twin = a_reader(organization, "Suze", email="suze@example.org")
    Supporter.objects.filter(pk=twin.pk).update(merged_into=suzie)

    press(client, a_petition(organization), twin)

    assert Action.objects.get().supporter_id == suzie.pk


def test_readers_of_a_second_subject_are_known_too(client, organization, suzie):
    press(client, a_petition(organization), suzie, via=f"{VIA}b")

    assert Action.objects.get().via == f"{VIA}b"


def an_older_mailing(mailing, suzie, now):
    Mailing.objects.filter(pk=mailing.pk).update(started_at=now - timedelta(days=61))


def nobody_confirmed(mailing, suzie, now):
    Supporter.objects.filter(pk=suzie.pk).update(confirmed_at=None)


def mail_that_came_back(mailing, suzie, now):
    Supporter.objects.filter(pk=suzie.pk).update(unreachable="bounced")


def somebody_erased(mailing, suzie, now):
    nothing = dict.fromkeys(
        ("given_name", "family_name", "email", "email_fingerprint", "postal_code", "postal_address")
    )
    Supporter.objects.filter(pk=suzie.pk).update(anonymized_at=now, agreed_to=0, **nothing)


@pytest.mark.parametrize(
    "happens", [an_older_mailing, nobody_confirmed, mail_that_came_back, somebody_erased]
)
def test_who_cannot_be_known_any_more_gets_the_form(client, organization, suzie, mailing, now, happens):
    happens(mailing, suzie, now)

    response = press(client, a_petition(organization), suzie)

    assert response.status_code == 422
    assert str(known_readers.NotKnown.sentence) in response.text
    assert "suzie@" not in response.text
    assert not Action.objects.exists()


def test_mallory_signs_for_nobody_with_another_organizations_link_or_a_made_up_one(client, organization, now):
    elsewhere = an_organization(name="Elsewhere", slug="elsewhere")
    a_mailing(elsewhere, link_source="m-ffffffff", started_at=now)
    dana = a_reader(elsewhere, "Dana", email="dana@example.org")
    page = a_petition(organization)

    for answers in (
        {"me": token_of(dana), "via": VIA},
        {"me": token_of(dana), "via": "m-ffffffff"},
        {"me": tokens.make("me", dana.pk), "via": VIA},
        {"me": "", "via": ""},
    ):
        assert client.post(page.url, {"step": "known", **answers}).status_code == 422
    assert not Action.objects.exists()


def test_a_mail_says_who_it_was_written_to_where_no_server_is_sent_it(organization, now):
    page = a_petition(organization)
    text = a_draft(organization, a_button(page, "Sign for Ilan"))
    source = text.mailing.link_source

    drawn = rendering.render(text, raw=[a_button(page, "Sign for Ilan")], now=now)

    assert f"?via={source}#me={{my token}}" in drawn.html
    assert f"?via={source}#me={{my token}}" in drawn.text
