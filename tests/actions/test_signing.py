"""Names under a petition or an open letter: counted once, shown only as their owners chose."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from amparo.accounts.models import AuditEntry
from amparo.actions import erasing, one_form
from amparo.actions.models import Action, PaperSheet, Signature
from amparo.actions.models.signed_page import MILESTONES
from amparo.actions.signatures import signing
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, a_site
from tests.factories.people import a_member_of_staff
from tests.factories.signed_pages import a_petition, an_open_letter, approve, counted, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def page(organization):
    return a_petition(organization)


def post(client, page, **fields):
    form = {
        "given-name": "Suzie",
        "family-name": "Kowal",
        "email": "suzie@supporters.example.net",
        "shown-as": "",
        "step": "sign",
    }
    return client.post(
        page.url, {**form, **{name.replace("_", "-"): value for name, value in fields.items()}}
    )


def test_suzie_signs_and_counts_once_she_has_confirmed(client, page):
    assert post(client, page).status_code == 200
    action = Action.objects.get()

    assert action.state == "pending"
    assert counted(page).signed == 0
    assert counted(page).tally.awaiting == 1


def test_whoever_presses_twice_signs_once(client, page):
    post(client, page)
    post(client, page)

    assert Action.objects.count() == 1


def test_a_signature_without_a_name_is_not_taken_and_nothing_typed_is_lost(client, page):
    answer = post(client, page, given_name="", comment="He printed my first book.")

    assert answer.status_code == 422
    assert b"He printed my first book." in answer.content
    assert Action.objects.count() == 0


def test_the_name_appears_as_its_owner_chose(page):
    sign(page, "Suzie", "Kowal", shown_as="name")
    sign(page, "Amina", "Rahal", shown_as="initials")
    sign(page, "Bela", "Toth", shown_as="place", place="Brennick")
    sign(page, "Hidden", "Person")

    shown = [(one.shown_name, one.shown_place) for one in signing.newest_names(page)]

    assert sorted(shown) == [("A. R.", ""), ("Bela Toth", "Brennick"), ("Suzie Kowal", "")]


def test_nobody_is_shown_before_they_confirmed(page):
    sign(page, shown_as="name", confirm=False)

    assert signing.newest_names(page) == []


def test_nobody_is_shown_on_a_page_that_shows_no_names(client, organization):
    page = a_petition(organization, shows_names=False)
    sign(page, shown_as="name")

    assert signing.newest_names(page) == []
    assert client.get(f"/signatures/{page.pk}/1/").status_code == 404


def test_a_comment_waits_until_staff_have_read_it(client, page, organization):
    action = sign(page, shown_as="name", comment="He printed my first book.")
    assert b"He printed" not in client.get(page.url).content

    approve(action, by=a_member_of_staff(organization))

    assert b"He printed my first book." in client.get(page.url).content
    assert AuditEntry.objects.filter(verb="show_signature").exists()


def test_a_comment_that_was_refused_stays_hidden_and_the_name_does_not(page, organization, now):
    action = sign(page, shown_as="name", comment="Buy watches here.")
    signature = Signature.objects.get(action=action)
    signing.decide(signature=signature, show=False, by=a_member_of_staff(organization), now=now)

    (shown,) = signing.newest_names(page)

    assert (shown.shown_name, shown.shown_comment) == ("Suzie Kowal", "")


def test_two_members_of_staff_decide_once(page, organization, now):
    signature = Signature.objects.get(action=sign(page, comment="He printed my first book."))
    bruno = a_member_of_staff(organization)
    signing.decide(signature=signature, show=True, by=bruno, now=now)

    with pytest.raises(signing.AlreadyDecided):
        signing.decide(signature=signature, show=False, by=bruno, now=now)


def test_an_organization_appears_only_once_staff_agreed(page, organization):
    action = sign(page, "Ona", "Veld", shown_as="name", represents="Printers' Union", role="Chair")
    assert signing.newest_names(page) == []

    approve(action, by=a_member_of_staff(organization))

    assert [one.represents for one in signing.newest_names(page)] == ["Printers' Union"]


def test_a_comment_cannot_be_stored_as_needing_no_look(page):
    signature = Signature.objects.get(action=sign(page, comment="He printed my first book."))

    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.filter(pk=signature.pk).update(approval="")


def test_signing_for_ones_role_needs_the_organization(client, organization):
    page = a_petition(organization, takes_organizations=True)

    answer = post(client, page, role="Chair")

    assert answer.status_code == 422
    assert "represents" in answer.context["form"].errors


def test_a_page_asks_for_postcode_and_country_where_its_editor_wants_them(client, organization):
    page = a_petition(organization, asks_postcode=True, asks_country=True)

    shown = client.get(page.url).content.decode()
    post(client, page, postal_code="aa1 1aa", country="FR")

    assert "Liechtenstein" in shown
    assert (Action.objects.get().supporter.country, Action.objects.get().supporter.postal_code) == (
        "FR",
        "AA1 1AA",
    )


def test_where_somebody_lives_is_asked_only_of_those_who_want_it_shown(client, page):
    assert post(client, page, shown_as="place").status_code == 422
    assert post(client, page, shown_as="name").status_code == 200


def test_questions_about_consent_have_no_answer_beforehand_and_need_one(client, organization, page):
    question = a_question(organization)
    shown = client.get(page.url).content.decode()
    name = f"consent-{question.pk.hex}"

    assert name in shown
    assert not [line for line in shown.split("<input") if name in line and "checked" in line.split(">")[0]]
    assert post(client, page).status_code == 422
    assert post(client, page, **{name: "no"}).status_code == 200


def test_a_slip_in_a_common_domain_is_offered_and_never_forced(client, page):
    asked = post(client, page, email="suzie@gmial.com")
    assert b"suzie@gmail.com" in asked.content
    assert Action.objects.count() == 0

    post(client, page, email="suzie@gmial.com", step="as_typed")

    assert Action.objects.get().supporter.email == "suzie@gmial.com"


def test_signatures_on_paper_count_beside_the_others_and_can_be_withdrawn(page, organization, now):
    sign(page)
    bruno = a_member_of_staff(organization)
    details = {"collected_on": now.date(), "provenance": "The market in Brennick; sheets in the office."}
    sheet = signing.enter_paper(page=page, number=40, by=bruno, now=now, **details)
    assert counted(page).signed == 41

    signing.withdraw_paper(sheet=sheet, by=bruno, now=now)

    assert counted(page).signed == 1
    assert PaperSheet.objects.get().withdrawn_at == now
    with pytest.raises(signing.AlreadyDecided):
        signing.withdraw_paper(sheet=sheet, by=bruno, now=now)


def test_signatures_are_not_collected_tomorrow(page, organization, now):
    with pytest.raises(signing.NoSuchDay):
        signing.enter_paper(
            page=page,
            number=3,
            collected_on=now.date() + timedelta(days=1),
            provenance="Nowhere yet.",
            by=a_member_of_staff(organization),
            now=now,
        )


@pytest.mark.parametrize(
    ("goal", "signed", "shown"),
    [(None, 0, 100), (None, 89, 100), (None, 90, 250), (50, 49, 50), (50, 50, 100)],
)
def test_the_goal_moves_on_before_it_is_reached(organization, now, goal, signed, shown):
    page = a_petition(organization, goal=goal)
    page.__dict__["on_paper"] = signed

    assert page.moving_goal == shown


def test_beyond_the_last_milestone_the_bar_is_full(organization):
    page = a_petition(organization)
    page.__dict__["on_paper"] = MILESTONES[-1]

    assert page.moving_goal == MILESTONES[-1]


def test_the_list_of_names_has_pages(client, page, monkeypatch):
    monkeypatch.setattr(signing, "NAMES_ON_A_PAGE", 2)
    for name in ("Ada", "Bela", "Cem"):
        sign(page, name, shown_as="name")

    first, second = (client.get(f"/signatures/{page.pk}/{number}/") for number in (1, 2))

    assert [one.shown_name for one in first.context["signatures"]] == ["Cem Kowal", "Bela Kowal"]
    assert [one.shown_name for one in second.context["signatures"]] == ["Ada Kowal"]
    assert client.get(f"/signatures/{page.pk}/3/").status_code == 404


def test_another_organizations_site_does_not_show_our_names(client, page):
    sign(page, shown_as="name")
    other = a_site(an_organization("other"))

    answer = client.get(f"/signatures/{page.pk}/1/", headers={"host": other.get_site().hostname})

    assert answer.status_code == 404


def test_whoever_is_forgotten_disappears_from_the_page(page, now):
    action = sign(page, shown_as="place", place="Brennick", comment="He printed my first book.")

    erasing.anonymize(supporter=action.supporter, now=now)

    assert signing.newest_names(page) == []
    signature = Signature.objects.get()
    assert (signature.place, signature.comment) == (None, None)


def test_an_open_letter_shows_all_its_parts_in_order(client, organization):
    page = an_open_letter(organization, dated=date(2026, 11, 20), place="Brennick")

    shown = client.get(page.url).content.decode()
    parts = [
        "The Honourable Edda Moss",
        "Minister of Justice of Brennland",
        "20 November 2026",
        "Dear Minister,",
        "held since March",
        "We ask you to",
        "Let a doctor see him.",
        "Yours sincerely,",
        "Ona Veld",
        "Printers",
    ]

    places = [shown.index(part) for part in parts]
    assert places == sorted(places)


def test_an_open_letter_is_not_dated_after_what_it_is_about(organization, now):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="dated after"):
        an_open_letter(organization, deadline=now, dated=now.date() + timedelta(days=2))


def test_the_same_answers_make_the_same_key_for_ten_minutes(page, now):
    answers = [("email", "suzie@supporters.example.net")]

    assert one_form.key_of(page, answers, now=now) == one_form.key_of(
        page, answers, now=now + timedelta(minutes=5)
    )
    assert one_form.key_of(page, answers, now=now) != one_form.key_of(
        page, answers, now=now + timedelta(hours=1)
    )


def test_nobody_signs_once_it_is_over(client, organization, now):
    page = a_petition(organization, hard_stop=now - timedelta(days=400))

    assert post(client, page).status_code == 410
    assert Action.objects.count() == 0
