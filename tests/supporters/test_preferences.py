"""Suzie's own page: what she sees there, and what each button does."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from amparo.accounts.models import AuditEntry
from amparo.kit import tokens
from amparo.supporters import consent, identity, linking, suppression, wordings
from amparo.supporters.models import (
    Channel,
    Complaint,
    ConsentRecord,
    Merge,
    Origin,
    Purpose,
    Supporter,
    Suppression,
)
from amparo.supporters.own_pages import preferences
from tests.factories.letters import a_letter, an_action
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question, an_email_page
from tests.factories.people import a_supporter
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def page(organization):
    return an_email_page(organization)


@pytest.fixture
def wording(organization):
    return wordings.word(
        organization=organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you about Ilan?",
    )


@pytest.fixture
def suzie(organization, page):
    found = a_supporter(
        organization,
        given_name="Suzie",
        family_name="Okafor",
        email="suzie@example.org",
        postal_code="EX1 2AB",
    )
    Supporter.objects.filter(pk=found.pk).update(confirmed_at=NOW)
    found.refresh_from_db()
    return found


#: The pages ask the clock: what happened before has to lie before it.
LAST_MONTH = timezone.now() - timedelta(days=30)


def agree(supporter, wording, *, now=LAST_MONTH):
    consent.record(supporter=supporter, answers={wording.pk: True}, source="/write/", now=now)


def place_of(supporter):
    return reverse("my_page", args=[tokens.make(linking.ME, supporter.pk)])


def do(client, supporter, deed, **fields):
    answer = client.post(place_of(supporter), {"deed": deed, **fields}, follow=True)
    supporter.refresh_from_db()
    return answer


def said(answer):
    found = re.search(r'<p class="said"[^>]*>(.*?)</p>', answer.content.decode())
    return found.group(1) if found else ""


# --- What she sees --------------------------------------------------------------------------------


def test_suzie_sees_who_she_is_what_she_agreed_to_and_what_became_of_her_letter(client, suzie, wording, page):
    agree(suzie, wording)
    a_letter(page, action=an_action(page, supporter=suzie), state="sent", target_name="Tove Ek")

    shown = client.get(place_of(suzie)).content.decode()

    for words in ("Suzie Okafor", "s•••@example.org", "May we write to you about Ilan?", "You said yes"):
        assert words in shown
    assert "22 November 2026" in shown
    assert page.title in shown
    assert "Tove Ek, Minister of Justice" in shown
    assert "The office&#x27;s mail server accepted it." in shown
    assert "suzie@example.org" not in shown


def test_the_page_is_kept_by_nobody(client, suzie):
    answer = client.get(place_of(suzie))

    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_the_words_she_agreed_to_stay_when_the_question_changes(client, organization, suzie, wording):
    agree(suzie, wording)
    wordings.word(
        organization=organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you about everything?",
    )

    shown = client.get(place_of(suzie)).content.decode()

    assert "about Ilan?" in shown
    assert "about everything?" not in shown


def test_the_link_of_a_record_that_was_merged_leads_to_the_person(client, organization, suzie):
    double = a_supporter(organization, given_name="Susan", email="susan@example.net")
    Supporter.objects.filter(pk=double.pk).update(merged_into=suzie)
    Merge.objects.create(organization=organization, survivor=suzie, absorbed=double, merged_at=NOW)

    assert "Suzie Okafor" in client.get(place_of(double)).content.decode()


def test_what_a_merged_record_signed_is_hers(client, organization, suzie, page):
    double = a_supporter(organization, given_name="Susan", email="susan@example.net")
    an_action(page, supporter=double)
    Supporter.objects.filter(pk=double.pk).update(merged_into=suzie)

    assert page.title in client.get(place_of(suzie)).content.decode()


def test_a_used_up_or_altered_link_says_nothing(client, suzie):
    gone = a_supporter(suzie.organization, given_name="Gone", email="gone@example.net")
    Supporter.objects.filter(pk=gone.pk).update(
        given_name=None, family_name=None, email=None, email_fingerprint=None, postal_code=None,
        postal_address=None, anonymized_at=NOW,
    )  # fmt: skip
    right = tokens.make(linking.ME, suzie.pk)
    altered = right[:-1] + ("a" if right[-1] != "a" else "b")
    tried = [
        reverse("my_page", args=[altered]),
        reverse("my_page", args=["x"]),
        reverse("my_page", args=[tokens.make(linking.UNSUBSCRIBE, suzie.pk)]),
        reverse("my_page", args=[tokens.make(linking.ME, uuid4())]),
        place_of(gone),
    ]

    answers = [client.get(place) for place in tried] + [
        client.post(place, {"deed": "stop"}) for place in tried
    ]

    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.content for answer in answers}) == 1
    assert b"Suzie" not in answers[0].content


# --- What she agreed to ---------------------------------------------------------------------------


def test_she_takes_back_what_she_agreed_to(client, suzie, wording):
    agree(suzie, wording)

    answer = do(client, suzie, "take_back", what="news-email")

    assert said(answer) == "You took your agreement back. We no longer write to you about this."
    assert suzie.agreed_to == 0
    last = consent.ledger_of(suzie)[0]
    assert (last.granted, last.origin, last.source) == (False, Origin.PREFERENCES, "/me/")


def test_a_double_click_writes_one_line(client, suzie, wording):
    agree(suzie, wording)
    for _time in range(2):
        do(client, suzie, "take_back", what="news-email")
    assert len(consent.ledger_of(suzie)) == 2

    for _time in range(2):
        do(client, suzie, "give", what="news-email")
    assert len(consent.ledger_of(suzie)) == 3


def test_she_agrees_to_the_words_that_are_shown(client, suzie, wording):
    do(client, suzie, "give", what="news-email")

    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.EMAIL)
    assert consent.ledger_of(suzie)[0].wording == wording


def test_taking_back_takes_no_more_steps_than_giving(client, suzie, wording):
    """GDPR, Article 7(3): as easy to withdraw as to give. A step is a button that has to be pressed."""

    def forms_with(deed):
        shown = client.get(place_of(suzie)).content.decode()
        forms = re.findall(r"<form.*?</form>", shown, re.DOTALL)
        return [form for form in forms if f'value="{deed}"' in form]

    (to_give,) = forms_with("give")
    do(client, suzie, "give", what="news-email")
    (to_take_back,) = forms_with("take_back")

    steps_to_give, steps_to_withdraw = (
        form.count("<button") + form.count('type="text"') + form.count("<details")
        for form in (to_give, to_take_back)
    )
    assert steps_to_withdraw == steps_to_give == 1


def test_a_partner_is_named_and_taken_back_by_itself(client, organization, suzie, wording):
    agree(suzie, wording)
    shared = wordings.word(
        organization=organization,
        purpose=Purpose.PARTNER,
        channel=Channel.EMAIL,
        partner="Lamp and Light",
        language="en",
        text="May we pass your address to Lamp and Light?",
    )
    agree(suzie, shared)
    shown = client.get(place_of(suzie)).content.decode()
    assert "Sharing with Lamp and Light, by e-mail" in shown
    slug = re.search(r'value="(partner-email-\w+)"', shown).group(1)

    do(client, suzie, "take_back", what=slug)

    answers = {key: last.granted for key, last in consent.present_answers(suzie).items()}
    assert answers == {("news", "email", ""): True, ("partner", "email", "Lamp and Light"): False}


def test_mallory_cannot_answer_a_question_nobody_asks(client, suzie):
    answer = do(client, suzie, "give", what="fundraising-phone")

    assert answer.status_code == 422
    assert "not asked any more" in answer.content.decode()
    assert consent.ledger_of(suzie) == []


def test_she_unsubscribes_from_everything(client, suzie, wording):
    agree(suzie, wording)

    do(client, suzie, "stop")
    answer = do(client, suzie, "stop")

    assert "unsubscribed from everything" in said(answer)
    assert suzie.agreed_to == 0
    assert suzie.unreachable == Supporter.Unreachable.SUPPRESSED
    (row,) = Suppression.objects.all()
    assert row.reason == Suppression.Reason.UNSUBSCRIBED
    assert [line.origin for line in consent.ledger_of(suzie)] == [Origin.PREFERENCES, Origin.FORM]


def test_her_yes_afterwards_ends_that(client, suzie, wording):
    do(client, suzie, "stop")

    do(client, suzie, "give", what="news-email")

    assert suzie.unreachable == ""
    assert not suppression.is_suppressed(organization=suzie.organization, email="suzie@example.org")


def test_her_yes_does_not_end_what_was_not_hers(client, suzie, wording):
    suppression.suppress(
        organization=suzie.organization,
        email="suzie@example.org",
        reason=Suppression.Reason.COMPLAINED,
        source="",
        now=NOW,
    )

    do(client, suzie, "give", what="news-email")

    assert suzie.unreachable == Supporter.Unreachable.COMPLAINED


# --- How often, pause, details --------------------------------------------------------------------


def test_she_hears_once_a_week(client, suzie):
    for _time in range(2):
        do(client, suzie, "frequency", frequency="weekly")

    assert suzie.frequency == Supporter.Frequency.WEEKLY
    assert AuditEntry.objects.filter(verb="set_own_frequency").count() == 1


def test_an_invented_frequency_is_refused_and_says_why(client, suzie):
    answer = client.post(place_of(suzie), {"deed": "frequency", "frequency": "hourly"})

    assert answer.status_code == 422
    assert Supporter.objects.get().frequency == Supporter.Frequency.ALL


def test_she_pauses_for_a_month_and_ends_it(client, suzie):
    preferences.pause(supporter=suzie, now=NOW)
    preferences.pause(supporter=suzie, now=NOW + timedelta(days=3))
    suzie.refresh_from_db()
    assert suzie.paused_until == NOW + timedelta(days=30)
    assert not Supporter.objects.awake(now=NOW).exists()

    do(client, suzie, "resume")

    assert suzie.paused_until is None


def test_a_pause_that_is_over_can_begin_again(suzie):
    preferences.pause(supporter=suzie, now=NOW)
    preferences.pause(supporter=suzie, now=NOW + timedelta(days=40))
    suzie.refresh_from_db()

    assert suzie.paused_until == NOW + timedelta(days=70)


def test_she_corrects_her_name_and_reads_arabic_from_now_on(client, suzie):
    answer = do(
        client, suzie, "details",
        **{"given-name": "Suzanne", "family-name": "Okafor", "postal-code": "ex2 9zz", "language": "ar"},
    )  # fmt: skip

    assert (suzie.given_name, suzie.postal_code, suzie.language) == ("Suzanne", "EX2 9ZZ", "ar")
    assert answer.redirect_chain[0][0].startswith("/ar/me/")
    entry = AuditEntry.objects.get(verb="change_own_details")
    assert entry.details == {"fields": ["given_name", "language", "postal_code"]}


def test_somebody_brought_in_with_a_language_the_site_does_not_speak_keeps_it(client, suzie):
    Supporter.objects.filter(pk=suzie.pk).update(language="de")
    assert "Deutsch" in client.get(place_of(suzie)).content.decode()

    answer = do(client, suzie, "details", **{"given-name": "Suzi", "language": "de"})

    assert answer.status_code == 200
    assert (suzie.given_name, suzie.language) == ("Suzi", "de")
    assert "/de/" not in linking.url_of(suzie)


def test_she_gives_her_number_then_says_yes_to_texts_and_takes_the_number_back(client, organization, suzie):
    asked = a_question(organization, channel=Channel.SMS, text="May we text you when it matters?")
    answer = client.post(place_of(suzie), {"deed": "give", "what": "news-sms"})
    assert "We do not know your telephone number yet" in answer.content.decode()
    assert not ConsentRecord.objects.filter(wording=asked).exists()

    mine = {"given-name": "Suzie", "family-name": "Okafor", "postal-code": "", "language": "en"}
    wrong = client.post(place_of(suzie), {"deed": "details", **mine, "phone": "my old one"})
    assert wrong.status_code == 422
    assert "my old one" in wrong.content.decode()
    do(client, suzie, "details", **mine, phone="+44 1632 960001")
    assert suzie.phone == "+441632960001"
    assert bytes(suzie.phone_fingerprint) == identity.phone_fingerprint_of(
        "+441632960001", organization=organization
    )
    do(client, suzie, "give", what="news-sms")
    assert ConsentRecord.objects.get(wording=asked).granted
    do(client, suzie, "details", **mine)
    assert suzie.phone == "+441632960001"

    do(client, suzie, "details", **mine, phone="")
    assert (suzie.phone, suzie.phone_fingerprint) == (None, None)


def test_another_postcode_forgets_the_area_it_no_longer_says(client, organization):
    amina = a_supporter(organization, area="exa/NM")

    do(
        client, amina, "details",
        **{"given-name": "Amina", "family-name": "Rahal", "postal-code": "EX9 9XX", "language": "en"},
    )  # fmt: skip

    assert amina.area == ""


def test_another_postcode_is_found_anew(client, organization):
    alvenia()
    amina = a_supporter(organization, postal_code="1001", country="XA", area="alvenia/N1")

    do(
        client, amina, "details",
        **{"given-name": "Amina", "family-name": "Rahal", "postal-code": "1003", "language": "en"},
    )  # fmt: skip

    assert amina.area == "alvenia/N2"


def test_a_name_with_a_link_is_refused_and_kept_on_the_form(client, suzie):
    answer = client.post(
        place_of(suzie),
        {"deed": "details", "given-name": "https://x.example", "language": "en"},
    )

    assert answer.status_code == 422
    assert "https://x.example" in answer.content.decode()
    assert Supporter.objects.get().given_name == "Suzie"


# --- Complaints -----------------------------------------------------------------------------------


def test_she_complains_once_however_often_she_clicks(client, suzie):
    key = str(uuid4())
    for _time in range(2):
        answer = do(client, suzie, "complain", key=key, text="You wrote to me twice.")

    assert "by when we answer" in said(answer)
    complaint = Complaint.objects.get()
    assert complaint.text == "You wrote to me twice."
    shown = client.get(place_of(suzie)).content.decode()
    assert "You wrote to me twice." in shown
    assert f"We answer by {date_format(complaint.received_at + timedelta(days=30), 'j F Y')}" in shown


def test_a_stuck_key_is_told_to_wait(client, suzie):
    for _time in range(5):
        do(client, suzie, "complain", key=str(uuid4()), text="Again.")

    answer = do(client, suzie, "complain", key=str(uuid4()), text="Again.")

    assert answer.status_code == 422
    assert Complaint.objects.count() == 5


# --- Nothing without the button -------------------------------------------------------------------


def test_a_deed_that_nobody_knows_changes_nothing(client, suzie):
    assert client.post(place_of(suzie), {"deed": "promote"}).status_code == 200
    assert AuditEntry.objects.count() == 0


def test_there_is_no_personal_data_in_any_address(client, suzie, wording):
    for deed, fields in (
        ("give", {"what": "news-email"}),
        ("address", {"email": "suzie.new@example.net"}),
        ("complain", {"key": str(uuid4()), "text": "My name is Suzie Okafor"}),
    ):
        answer = client.post(place_of(suzie), {"deed": deed, **fields})
        assert answer.status_code == 303
        assert re.fullmatch(r"/me/[a-z2-7]{48}/\?done=\w+", answer["Location"])


# --- A copy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("json", "application/json", b"{"),
        ("csv", "application/zip", b"PK"),
        ("html", "text/html", b"<!doctype"),
    ],
)
def test_she_takes_her_data_with_her(client, suzie, wording, form, kind, begins):
    agree(suzie, wording)

    answer = client.post(reverse("my_data", args=[tokens.make(linking.ME, suzie.pk)]), {"as": form})

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data.')
    assert "no-store" in answer["Cache-Control"]
    assert answer.content[:20].lower().startswith(begins.lower())
    if form != "csv":
        assert b"suzie@example.org" in answer.content


def test_opening_the_address_of_a_copy_takes_none(client, suzie):
    place = reverse("my_data", args=[tokens.make(linking.ME, suzie.pk)])

    assert client.get(place).status_code == 405
    assert client.post(place, {"as": "xml"}).status_code == 303
    assert client.post(reverse("my_data", args=["x"]), {"as": "json"}).status_code == 410


# --- Being erased ---------------------------------------------------------------------------------


def erase(client, token):
    return client.post(reverse("my_erasure", args=[token]), {"deed": "erase"})


def test_she_is_erased_in_two_steps_that_say_what_goes_and_what_stays(client, suzie, wording, page):
    agree(suzie, wording)
    an_action(page, supporter=suzie)
    token = tokens.make(linking.ME, suzie.pk)
    place = reverse("my_erasure", args=[token])
    assert place in client.get(place_of(suzie)).content.decode()

    shown = client.get(place).content.decode()
    assert "What goes" in shown
    assert "What stays" in shown
    client.post(place)
    suzie.refresh_from_db()
    assert suzie.anonymized_at is None, "without the button nothing is erased"

    answer = erase(client, token)

    assert answer.status_code == 303
    assert answer["Location"] == "/me/erased/"
    suzie.refresh_from_db()
    assert (suzie.email, suzie.given_name, suzie.agreed_to) == (None, None, 0)
    assert client.get(place_of(suzie)).status_code == 410
    assert consent.ledger_of(suzie)[0].origin == Origin.PREFERENCES


def test_a_second_click_on_erase_arrives_where_the_first_did(client, suzie):
    token = tokens.make(linking.ME, suzie.pk)

    answers = [erase(client, token) for _time in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/me/erased/")] * 2


def test_the_link_of_a_merged_record_erases_the_person(client, organization, suzie):
    double = a_supporter(organization, given_name="Susan", email="susan@example.net")
    Supporter.objects.filter(pk=double.pk).update(merged_into=suzie)

    erase(client, tokens.make(linking.ME, double.pk))

    assert Supporter.objects.filter(anonymized_at__isnull=False).count() == 2


def test_mallory_suppresses_nobody_by_wishing_for_their_address_and_being_erased(client, organization, suzie):
    """Found while building: a wish for an address counted as an address of one's own when it came to erasing."""
    mallory = a_supporter(organization, given_name="Mallory", email="mallory@example.net")
    do(client, mallory, "address", email="suzie@example.org")

    erase(client, tokens.make(linking.ME, mallory.pk))

    assert not suppression.is_suppressed(organization=organization, email="suzie@example.org")
    assert suppression.is_suppressed(organization=organization, email="mallory@example.net")
