"""Bruno writes a text message: one box, how many parts it has, what is missing, a preview, a test on his telephone."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.urls import reverse
from wagtail.models import Page

from amparo.accounts.models import AuditEntry, Role
from amparo.mailings import resending, steering, targeting
from amparo.mailings.composer import composing, hints, text_composing
from amparo.mailings.composer.compose_checks import UnknownField
from amparo.mailings.composer.frame import Frame
from amparo.mailings.models import Mailing
from amparo.mailings.screens import mailing_report, text_costs
from amparo.organizations.models import Organization
from amparo.supporters.models import Channel
from tests.factories.composed import a_draft
from tests.factories.mailings import a_segment
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.signed_pages import a_petition
from tests.factories.texts import WORDS, a_number, a_text_mailing, a_text_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization(quiet_from=time(21), quiet_until=time(8), time_zone="Europe/London")


@pytest.fixture
def bruno(doors):
    user = a_member_of_staff(doors, Role.EDITOR, email="bruno@example.org")
    user.first_name = "Bruno"
    user.save()
    return user


@pytest.fixture
def browser(bruno):
    return signed_in(bruno)


def begun(doors, now, **words):
    return composing.begin(
        **{
            "organization": doors,
            "name": "Hearing tomorrow",
            "kind": Mailing.Kind.ALERT,
            "campaign": None,
            "language": "en",
            "channel": Channel.SMS,
            "by": None,
            "now": now,
        }
        | words
    )


def codes(text, now) -> dict[str, bool]:
    return {hint.code: hint.is_grave for hint in hints.of_text(text, now=now)}


def place(name, row):
    return reverse(name, args=[row.pk])


def test_a_new_text_says_who_it_is_from_and_how_to_get_out(doors, provider, now):
    text = begun(doors, now).texts.get()
    assert text.text == f"{doors.name}: \nTo get no more of these, answer STOP."
    assert codes(text, now) == {}


def test_where_nobody_can_answer_a_link_leads_out(doors, provider, now, settings):
    settings.AMPARO_SMS_SENDERS = {"": "Open Doors"}
    text = begun(doors, now).texts.get()
    assert text.text.endswith("No more of these: {unsubscribe link}")
    assert codes(text, now) == {}
    text_composing.write(text=text, words=f"{doors.name} asks you. Answer STOP.", seen=None, by=None, now=now)
    assert codes(text, now)["no-way-out"]


def test_it_is_begun_in_the_language_of_its_readers(doors, provider, now):
    french = begun(doors, now, language="fr", name="Fr").texts.get()
    arabic = begun(doors, now, language="ar", name="Ar").texts.get()
    assert "STOP" in french.text
    assert "STOP" in arabic.text
    assert len({french.text, arabic.text}) == 2


def test_texts_are_offered_where_a_number_is_set_up(doors, provider, browser, settings):
    screen = reverse("staff_mailing_new")
    assert "Text message" in browser.get(screen).content.decode()
    settings.AMPARO_SMS_PROVIDER = "none"
    assert "Text message" not in browser.get(screen).content.decode()
    told = {"name": "By text", "kind": "alert", "language": "en", "channel": "sms", "organization": doors.pk}
    browser.post(screen, told)
    assert Mailing.objects.get().channel == "email"
    with pytest.raises(composing.NoTexts):
        begun(doors, None)


def test_an_organization_without_a_number_sends_none(doors, provider, browser, bruno, settings):
    settings.AMPARO_SMS_SENDERS = {"lamp-light": "+441632960001"}
    told = {"name": "By text", "kind": "alert", "language": "en", "channel": "sms", "organization": doors.pk}
    assert "Text message" not in browser.get(reverse("staff_mailing_new")).content.decode()
    other = Organization.objects.get(pk=an_organization("lamp-light").pk)
    bruno.staff_roles.create(organization=other, role=Role.EDITOR)
    answer = browser.post(reverse("staff_mailing_new"), told)
    assert "no number" in answer.content.decode()
    assert not Mailing.objects.exists()


def test_bruno_writes_one_and_sees_its_parts_and_what_is_missing(doors, provider, browser, now):
    told = {"name": "By text", "kind": "alert", "language": "en", "channel": "sms", "organization": doors.pk}
    answer = browser.post(reverse("staff_mailing_new"), told, follow=True)
    text = Mailing.objects.get(channel="sms").texts.get()
    assert answer.redirect_chain[-1][0] == place("staff_text_message", text)
    said = answer.content.decode()
    assert "Nothing to mend." in said
    assert "1 part" in said
    assert 'name="subject"' not in said

    long = f"{doors.name}: " + "Please write to the minister today. " * 6
    answer = browser.post(
        place("staff_text_message", text),
        {"words": long, "seen": text.changed_at.isoformat()},
        follow=True,
    )
    said = answer.content.decode()
    assert "It has 2 parts." in said
    assert "how to get no more of these" in said
    text.refresh_from_db()
    assert text.text == long.strip()


def test_what_somebody_else_saved_is_not_lost(doors, provider, browser, now):
    text = begun(doors, now).texts.get()
    text_composing.write(
        text=text, words="Chidi was here", seen=None, by=None, now=now + timedelta(seconds=1)
    )
    told = {"words": "Bruno too", "seen": now.isoformat()}
    assert "Somebody else saved" in browser.post(place("staff_text_message", text), told).content.decode()
    text.refresh_from_db()
    assert text.text == "Chidi was here"


def test_words_in_braces_that_nobody_fills_in_are_refused(doors, provider, now):
    text = begun(doors, now).texts.get()
    with pytest.raises(UnknownField):
        text_composing.write(text=text, words="Dear {frist name}", seen=None, by=None, now=now)
    with pytest.raises(UnknownField):
        text_composing.write(text=text, words="{figure:held} are held", seen=None, by=None, now=now)


def test_what_was_handed_on_is_not_written_on(doors, provider, now):
    mailing = a_text_mailing(doors)
    with pytest.raises(composing.NoDraft):
        text_composing.write(text=mailing.texts.get(), words="Other", seen=None, by=None, now=now)


@pytest.mark.parametrize(
    ("words", "code", "grave"),
    [
        ("", "no-words", True),
        ("Open Doors: please write", "no-way-out", True),
        ("Open Doors: {unsubscribe link} " + "x" * 1550, "too-long", True),
        ("please write, or answer STOP", "nobody-said", False),
        ("Open Doors: " + "it’s " * 16 + "STOP", "dear-letters", False),
        ("Open Doors: {name}, answer STOP", "no-fall-back", False),
    ],
)
def test_what_to_look_at(doors, provider, now, words, code, grave):
    doors.name = "Open Doors"
    doors.save()
    text = begun(doors, now).texts.get()
    text.mailing.organization, text.text = doors, words
    assert codes(text, now)[code] is grave


def test_arabic_is_not_called_dear(doors, provider, now):
    text = begun(doors, now).texts.get()
    text.text = "جلسة إيلان سار غدا " * 5 + "STOP"
    assert "dear-letters" not in codes(text, now)


def test_texts_wait_for_quiet_hours_to_be_set_and_keep_them(doors, provider, now):
    mailing = begun(doors, now)
    mailing.segment = a_segment(doors)
    mailing.urgency = Mailing.Urgency.URGENT
    mailing.save()
    a_text_reader(doors)
    Organization.objects.update(quiet_from=None, quiet_until=None)
    with pytest.raises(steering.NotFit, match="no quiet hours"):
        steering.make_ready(mailing=Mailing.objects.get(), by=None, now=now)
    Organization.objects.update(quiet_from=time(21), quiet_until=time(8))
    mailing = Mailing.objects.get()
    steering.make_ready(mailing=mailing, by=None, now=now)
    with pytest.raises(steering.TextsKeepQuietHours):
        steering.approve(
            mailing=mailing, at=now, quiet_hours_broken_because="the hearing is at six", by=None, now=now
        )
    steering.approve(mailing=mailing, at=now, by=None, now=now)
    assert mailing.keeps_quiet_hours


def test_the_form_offers_no_way_around_quiet_hours(doors, provider, now):
    mailing = a_text_mailing(doors, state=Mailing.State.READY, urgency=1)
    a_text_reader(doors)
    chidi = signed_in(a_member_of_staff(doors, Role.APPROVER, email="chidi@example.org"))
    said = chidi.get(place("staff_mailing_approve", mailing)).content.decode()
    assert "in_quiet_hours" not in said
    assert "all the same" not in said
    urgent = a_draft(doors).mailing
    Mailing.objects.filter(pk=urgent.pk).update(state="ready", urgency=1, segment=mailing.segment)
    assert "in_quiet_hours" in chidi.get(place("staff_mailing_approve", urgent)).content.decode()


def test_screens_of_mails_are_not_found_for_texts_and_the_other_way_round(doors, provider, browser, now):
    message, mail = begun(doors, now).texts.get(), a_draft(doors)
    for name in (
        "staff_mailing_text",
        "staff_mailing_preview",
        "staff_mailing_document",
        "staff_mailing_test",
    ):
        assert browser.get(place(name, message)).status_code == 404, name
        assert browser.get(place(name, mail)).status_code == 200, name
    for name in ("staff_text_message", "staff_text_message_preview", "staff_text_message_test"):
        assert browser.get(place(name, mail)).status_code == 404, name
        assert browser.get(place(name, message)).status_code == 200, name


def test_the_screen_of_the_mailing_leaves_out_what_a_text_has_not(doors, provider, browser, now):
    a_text_reader(doors)
    mailing = begun(doors, now)
    Mailing.objects.filter(pk=mailing.pk).update(segment=a_segment(doors))
    said = browser.get(place("staff_mailing", mailing)).content.decode()
    assert "Text message" in said
    assert "+441632960000" in said
    assert "About one part in all" in said
    assert "Subject" not in said
    assert place("staff_text_message", mailing.texts.get()) in said
    assert 'name="sender_name"' not in browser.get(place("staff_mailing_change", mailing)).content.decode()
    assert 'name="per_domain"' not in browser.get(place("staff_mailing_pace", mailing)).content.decode()
    assert 'name="variant"' not in browser.get(place("staff_mailing_text_add", mailing)).content.decode()
    answer = browser.post(place("staff_mailing_pace", mailing), {"per_minute": "60"}, follow=True)
    assert "It is saved." in answer.content.decode()
    told = {"name": "Other", "kind": "alert"}
    assert (
        "It is saved."
        in browser.post(place("staff_mailing_change", mailing), told, follow=True).content.decode()
    )
    answer = browser.post(place("staff_mailing_text_add", mailing), {"language": "fr"}, follow=True)
    assert "Write it." in answer.content.decode()
    french = mailing.texts.get(language="fr")
    browser.post(place("staff_mailing_text_remove", french))
    assert not mailing.texts.filter(language="fr").exists()


def test_a_copy_has_the_same_words(doors, provider, now):
    mailing = begun(doors, now)
    twin = composing.copy(mailing=mailing, name="Again", by=None, now=now)
    assert (twin.channel, twin.texts.get().text) == ("sms", mailing.texts.get().text)


def test_what_it_costs_in_all_is_counted_by_language(doors, provider, now):
    mailing = begun(doors, now)
    Mailing.objects.filter(pk=mailing.pk).update(segment=a_segment(doors))
    french = composing.add_text(mailing=mailing, language="fr", variant="a", by=None, now=now)
    text_composing.write(text=french, words="x" * 300 + " STOP", seen=None, by=None, now=now)
    a_text_reader(doors, "Suzie", phone=a_number(1))
    a_text_reader(doors, "Amina", phone=a_number(2), language="fr")
    a_text_reader(doors, "Dana", phone=a_number(3), language="fr")
    mailing.refresh_from_db()
    assert text_costs.cost_of(mailing, now=now) == text_costs.Cost(parts=5, people=3)


def test_a_preview_is_made_as_it_would_leave(doors, provider, now):
    text = begun(doors, now).texts.get()
    text_composing.write(text=text, words=WORDS, seen=None, by=None, now=now)
    suzie = a_text_reader(doors, "Suzie", email="suzie@example.org")
    chidi = signed_in(a_member_of_staff(doors, Role.APPROVER, email="chidi@example.org"))
    said = chidi.get(place("staff_text_message_preview", text)).content.decode()
    assert "Dear Robin, Ilan Sarr" in said
    assert "Dear friend, Ilan Sarr" in said
    said = chidi.post(place("staff_text_message_preview", text), {"who": suzie.phone}).content.decode()
    assert "Dear Suzie, Ilan Sarr" in said
    assert AuditEntry.objects.filter(verb="look_up_supporter").exists()
    said = chidi.post(place("staff_text_message_preview", text), {"who": "no@example.org"}).content.decode()
    assert "Nobody of this organization" in said


def test_who_sees_no_names_previews_nobody(doors, provider, browser, now):
    text = begun(doors, now).texts.get()
    suzie = a_text_reader(doors, "Suzie")
    assert browser.post(place("staff_text_message_preview", text), {"who": suzie.phone}).status_code == 404


def test_a_test_goes_to_one_number_and_is_written_down_without_it(doors, provider, browser, bruno, now):
    text = begun(doors, now).texts.get()
    text_composing.write(text=text, words=WORDS, seen=None, by=None, now=now)
    answer = browser.post(place("staff_text_message_test", text), {"number": "+44 7700 900123"}, follow=True)
    assert "on its way" in answer.content.decode()
    assert provider.said_to("+447700900123")[0].startswith("[Test] Dear Bruno, Ilan Sarr")
    entry = AuditEntry.objects.get(verb="send_test_text")
    assert "7700" not in str(entry.details)
    answer = browser.post(place("staff_text_message_test", text), {"number": "12"})
    assert "telephone number" in answer.content.decode()
    assert len(provider.took) == 1


def test_a_test_that_the_provider_does_not_take_says_why(doors, provider, browser, now):
    text = begun(doors, now).texts.get()
    provider.moods["everybody"] = (400, 21211, "The 'To' number +447700900123 is not a valid phone number")
    answer = browser.post(place("staff_text_message_test", text), {"number": "+447700900123"})
    assert "did not take the test" in answer.content.decode()
    assert "(number) is not a valid" in answer.content.decode()


def test_tests_are_few(doors, provider, bruno, now):
    text = begun(doors, now).texts.get()
    for _one in range(text_composing.TESTS):
        text_composing.send_test(text=text, number=a_number(9), by=bruno, now=now)
    with pytest.raises(text_composing.TooManyTests):
        text_composing.send_test(text=text, number=a_number(9), by=bruno, now=now)
    text_composing.send_test(text=text, number=a_number(9), by=bruno, now=now + timedelta(hours=2))
    assert len(provider.took) == text_composing.TESTS + 1


@pytest.mark.pages
def test_those_who_acted_on_the_page_it_leads_to_are_left_out_and_it_is_written_again(doors, provider, now):
    petition = a_petition(doors)
    mailing = begun(doors, now)
    text = mailing.texts.get()
    address = Frame(mailing, "en", now).address_of(petition)
    words = f"Open Doors: sign ({address}?via={mailing.link_source}#me={{my token}}). Answer STOP to end."
    text_composing.write(text=text, words=words, seen=None, by=None, now=now)
    assert hints.asks_of(mailing) == [Page.objects.get(pk=petition.pk)]
    assert targeting.question_about_takers(mailing)["pages"] == [str(petition.pk)]
    text_composing.write(
        text=text, words="Read https://elsewhere.example/x STOP", seen=None, by=None, now=now
    )
    assert hints.asks_of(mailing) == []

    text_composing.write(text=text, words=words, seen=None, by=None, now=now)
    Mailing.objects.filter(pk=mailing.pk).update(
        state="finished", segment=a_segment(doors), scheduled_at=now, approved_at=now, finished_at=now
    )
    mailing.refresh_from_db()
    again = resending.write_again(mailing=mailing, name="Again", is_meant=False, by=None, now=now)
    assert (again.channel, again.resend_of, again.texts.get().text) == ("sms", mailing, words)


def test_a_report_compares_texts_with_texts(doors, provider, browser, now):
    mailing = a_text_mailing(doors)
    Mailing.objects.update(state="finished", finished_at=now, started_at=now)
    mailing.refresh_from_db()
    assert "Called junk" not in [figure.name for figure in mailing_report.figures(mailing)]
    said = browser.get(place("staff_mailing", mailing)).content.decode()
    assert "who read a text" in said
