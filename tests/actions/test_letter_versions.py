"""What was signed stays readable as it stood: versions of an open letter, each with those who signed it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.actions import supporter_record
from amparo.actions.models import Action, LetterVersion, Signature
from amparo.actions.signatures import versions
from tests.factories.organizations import an_organization
from tests.factories.signed_pages import an_open_letter, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_open_letter(an_organization(), title="A letter for Ilan", slug="ilan")


def change(page, text="<p>Ilan Sarr has been held since March. He is ill.</p>"):
    page.letter = [("paragraph", text)]
    page.save_revision().publish()
    return versions.current(page)


def form(**fields):
    typed = {
        "given-name": "Suzie",
        "family-name": "Kowal",
        "email": "suzie@supporters.example.net",
        "shown-as": "",
        "step": "sign",
    }
    return {**typed, **{name.replace("_", "-"): value for name, value in fields.items()}}


def test_before_anybody_signed_a_letter_has_one_version_whatever_is_changed(page):
    change(page)

    (version,) = LetterVersion.objects.all()
    assert version.number == 1
    assert "He is ill" in str(version.content["letter"])


def test_publishing_the_same_letter_again_makes_no_version(page):
    sign(page, version=versions.current(page))
    page.standfirst = "Another sentence beside the letter."
    page.save_revision().publish()

    assert LetterVersion.objects.count() == 1


def test_a_change_after_the_first_signature_makes_a_version_and_the_first_stays_as_it_was(client, page):
    first = versions.current(page)
    sign(page, "Suzie", version=first)
    second = change(page)
    sign(page, "Amina", version=second)
    sign(page, "Bela", version=second)

    before, now = (client.get(f"/open-letters/{page.pk}/{number}/").content.decode() for number in (1, 2))

    assert (second.number, versions.signed(first), versions.signed(second)) == (2, 1, 2)
    assert "He is ill" not in before
    assert "He is ill" in now
    assert "This is how it stood before" in before
    assert "This is how it stood before" not in now
    assert "2 people signed it" in before


def test_whoever_signs_signs_the_version_that_was_before_their_eyes(client, page):
    shown = client.get(page.url).content.decode()
    answer = client.post(page.url, form(version=1))

    assert 'name="version" value="1"' in shown
    assert Signature.objects.get().version.number == 1
    assert "You sign version 1" in answer.content.decode()


def test_a_letter_that_was_changed_meanwhile_is_not_signed_unread(client, page):
    sign(page, "Amina", version=versions.current(page))
    change(page)

    refused = client.post(page.url, form(version=1))
    assert refused.status_code == 422
    assert "changed while you were reading" in refused.content.decode()
    assert Action.objects.count() == 1

    client.post(page.url, form(version=2))
    assert Signature.objects.get(action__given_name__isnull=False, version__number=2)


def test_a_signer_sees_on_their_own_page_what_they_signed(page):
    action = sign(page, version=versions.current(page))

    (deed,) = supporter_record.actions_of(action.supporter)

    assert "version 1" in deed.title
    assert deed.url == f"/open-letters/{page.pk}/1/"


def test_a_version_is_cited_under_an_address_that_stays(client, page):
    shown = client.get(page.url).content.decode()

    assert "Open letter to Minister of Justice of Brennland" in shown
    assert f"/open-letters/{page.pk}/1/" in shown


def test_what_was_never_published_or_is_somebody_elses_is_not_there(client, page):
    assert client.get(f"/open-letters/{page.pk}/2/").status_code == 404
    page.unpublish()
    assert client.get(f"/open-letters/{page.pk}/1/").status_code == 404


def test_a_letter_can_be_printed(client, page):
    answer = client.get(f"/open-letters/{page.pk}/1.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_two_who_publish_the_same_make_one_version(page, now):
    first = versions.keep(page, now=now)
    second = versions.keep(page, now=now + timedelta(minutes=1))

    assert first.pk == second.pk
