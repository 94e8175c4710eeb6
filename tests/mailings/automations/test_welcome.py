"""Newcomers get each mail of the welcome series once, in their language, and none after they have left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from amparo.accounts.models import AuditEntry
from amparo.mailings import steering
from amparo.mailings.automations import arranging, editions, line, numbers, series
from amparo.mailings.automations.registry import kind_of
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Automation, Enrolment, Mailing, StepMail
from amparo.organizations.pausing import pause_organization
from amparo.supporters import consent
from amparo.supporters.models import Origin, Supporter
from amparo.supporters.rights import erasure
from tests.factories.automations import an_automation, take_turn
from tests.factories.composed import WORDS
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def subscribes(doors, name, *, now, origin=Origin.FORM, **fields) -> Supporter:
    """Somebody says yes to news by e-mail."""
    person = a_supporter(
        doors, given_name=name, email=f"{name.lower()}@readers.example.net", now=now, **fields
    )
    Supporter.objects.filter(pk=person.pk).update(confirmed_at=now)
    consent.record(supporter=person, answers={a_question(doors).pk: True}, source="/", origin=origin, now=now)
    person.refresh_from_db()
    return person


def leaves(person, *, now) -> None:
    consent.withdraw(supporter=person, origin=Origin.ONE_CLICK, source="mail", now=now)


def why(person) -> str:
    return Enrolment.objects.get(supporter=person).stopped


def test_suzie_gets_the_welcome_in_arabic_and_the_second_mail_three_days_later(doors, post, now):
    automation = an_automation(doors, days=(0, 3))
    subscribes(doors, "Suzie", language="ar", now=now + MINUTE)

    take_turn(now + 2 * MINUTE)
    (first,) = post(now + 3 * MINUTE)["suzie"]
    assert first["Subject"] == "أهلًا بكم، الرسالة 1"
    assert "/unsubscribe/" in first["List-Unsubscribe"]
    assert "/me/" in first.get_body(["plain"]).get_content()

    take_turn(now + 2 * DAY)
    assert len(post(now + 2 * DAY)["suzie"]) == 1
    for again in range(3):
        take_turn(now + 3 * DAY + (5 + again) * MINUTE)
    _first, second = post(now + 3 * DAY + 10 * MINUTE)["suzie"]
    assert second["Subject"] == "أهلًا بكم، الرسالة 2"
    assert [(str(label), number) for label, number in kind_of(automation).numbers(automation)] == [
        ("Enrolled", 1),
        ("Wait for the next mail", 0),
        ("Got the last mail", 1),
        ("Stopped", 0),
    ]
    step = automation.steps.first()
    assert numbers.of_step(step, now=now + 4 * DAY).came.sent == 1


def test_amina_unsubscribes_after_the_first_mail_and_gets_no_second(doors, post, now):
    automation = an_automation(doors, days=(0, 3))
    amina = subscribes(doors, "Amina", now=now)
    take_turn(now + MINUTE)
    assert len(post(now + MINUTE)["amina"]) == 1

    leaves(amina, now=now + DAY)
    take_turn(now + DAY + MINUTE)
    assert why(amina) == "withdrawn"
    take_turn(now + 4 * DAY)
    assert len(post(now + 4 * DAY)["amina"]) == 1
    assert [(str(label), number) for label, number in numbers.stopped_by_reason(automation)] == [
        ("took their yes back", 1)
    ]


def test_who_withdraws_between_the_turn_and_the_sending_gets_nothing(doors, post, now):
    an_automation(doors)
    amina = subscribes(doors, "Amina", now=now)
    take_turn(now + MINUTE)
    leaves(amina, now=now + MINUTE)
    assert post(now + 2 * MINUTE) == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unreachable": "bounced"}, "suppressed"),
        ({"paused_until": timedelta(days=30)}, "paused"),
        ({"frequency": "weekly"}, "less_often"),
    ],
)
def test_whoever_may_not_or_would_not_be_written_to_is_stopped(doors, now, change, reason):
    an_automation(doors, days=(0, 3))
    suzie = subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    change = {name: now + value if isinstance(value, timedelta) else value for name, value in change.items()}
    Supporter.objects.filter(pk=suzie.pk).update(**change)
    take_turn(now + DAY)
    assert why(suzie) == reason


def test_only_newcomers_are_enrolled(doors, now):
    before = subscribes(doors, "Before", now=now - DAY)
    an_automation(doors, now=now)
    consent.record(supporter=before, answers={a_question(doors).pk: True}, source="/", now=now)  # acts again
    brought_in = a_supporter(doors, given_name="Listed", email="listed@readers.example.net", now=now)
    consent.append(
        [
            consent.line(
                supporter=brought_in, purpose="news", channel="email", granted=True, origin=Origin.IMPORT,
                source="list.csv", evidence="signed up at a stall on 3 May", now=now,
            )
        ]
    )  # fmt: skip
    subscribes(an_organization("others"), "Stranger", now=now)
    a_supporter(doors, given_name="Silent", email="silent@readers.example.net", now=now)
    newcomer = subscribes(doors, "Suzie", now=now)

    take_turn(now + MINUTE)
    assert [row.supporter_id for row in Enrolment.objects.all()] == [newcomer.pk]


def test_a_worker_killed_between_enrolling_and_handing_on_loses_and_doubles_nothing(
    doors, post, now, monkeypatch
):
    an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    move_on = series._move_on

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(series, "_move_on", killed)
    with pytest.raises(KeyboardInterrupt):
        take_turn(now + MINUTE)
    assert (Enrolment.objects.count(), StepMail.objects.count(), AudienceChunk.objects.count()) == (1, 0, 0)

    monkeypatch.setattr(series, "_move_on", move_on)
    take_turn(now + 2 * MINUTE)
    assert Enrolment.objects.get().state == "waiting"  # the claim of the dead has to end first
    take_turn(now + 12 * MINUTE)
    take_turn(now + 24 * MINUTE)
    assert (Enrolment.objects.get().state, StepMail.objects.count()) == ("finished", 1)
    assert len(post(now + 25 * MINUTE)["suzie"]) == 1


def test_two_workers_at_one_automation_hand_on_once(doors, now):
    automation = an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    automation.refresh_from_db()
    line.look_at(automation, now=now + MINUTE)
    line.look_at(automation, now=now + MINUTE)
    assert (StepMail.objects.count(), AudienceChunk.objects.count()) == (1, 1)


def test_the_database_refuses_a_second_mail_of_a_step(doors, now):
    an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    mail = StepMail.objects.get()
    mail.pk = None
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        mail.save(force_insert=True)


def test_people_are_enrolled_and_handed_on_in_batches(doors, now, monkeypatch):
    monkeypatch.setattr(series, "AT_ONCE", 2)
    an_automation(doors)
    for name in ("Ada", "Ben", "Cleo", "Dina", "Emil"):
        subscribes(doors, name, now=now)
    take_turn(now + MINUTE)
    assert sorted(len(chunk.people) for chunk in AudienceChunk.objects.all()) == [1, 2, 2]
    assert Enrolment.objects.filter(state="finished").count() == 5


def test_a_merged_person_is_not_welcomed_twice(doors, now):
    an_automation(doors, days=(0, 3))
    suzie = subscribes(doors, "Suzie", now=now)
    other = subscribes(doors, "Susanna", now=now)
    take_turn(now + MINUTE)
    take_turn(now + 3 * DAY + 2 * MINUTE)
    Supporter.objects.filter(pk=other.pk).update(merged_into=suzie)
    take_turn(now + 4 * DAY)
    assert why(other) == ""  # had both before they were found to be one
    assert StepMail.objects.count() == 4


def test_of_two_records_that_became_one_person_one_goes_on(doors, now):
    an_automation(doors, days=(0, 3))
    suzie = subscribes(doors, "Suzie", now=now)
    other = subscribes(doors, "Susanna", now=now)
    take_turn(now + MINUTE)
    Supporter.objects.filter(pk=other.pk).update(merged_into=suzie)
    take_turn(now + 3 * DAY + MINUTE)
    assert (why(other), why(suzie)) == ("gone", "")
    assert StepMail.objects.filter(step__number=2).count() == 1


def test_a_mail_that_would_come_weeks_late_is_left_out(doors, now):
    an_automation(doors, days=(0, 3))
    suzie = subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    take_turn(now + 18 * DAY)
    assert why(suzie) == "late"


def test_what_is_paused_waits(doors, now):
    an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    pause_organization(organization=doors, now=now)
    take_turn(now + MINUTE)
    assert not Enrolment.objects.exists()


def test_a_paused_edition_holds_everybody_back_and_a_stopped_one_until_it_is_switched_on_anew(doors, now):
    automation = an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    edition = Mailing.objects.get(use="edition")
    steering.pause(mailing=edition, by=None, now=now)
    subscribes(doors, "Amina", now=now + MINUTE)
    take_turn(now + 3 * MINUTE)
    assert StepMail.objects.count() == 1
    steering.stop(mailing=edition, by=None, now=now)
    take_turn(now + 6 * MINUTE)
    assert StepMail.objects.count() == 1
    arranging.switch_off(automation=automation, by=None, now=now + 7 * MINUTE)
    arranging.switch_on(automation=automation, by=None, now=now + 8 * MINUTE)
    take_turn(now + 9 * MINUTE)
    assert Mailing.objects.filter(use="edition").count() == 2
    assert StepMail.objects.count() == 2


def test_what_is_on_is_not_written_on_and_what_is_off_begins_a_new_edition(doors, now):
    automation = an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    text = editions.text_of(automation.steps.get()).texts.get(language="en")
    with pytest.raises(composing.AutomationIsOn):
        composing.write(text=text, subject="Hi", preview="", raw=[WORDS], seen=None, by=None, now=now)
    with pytest.raises(arranging.IsOn):
        arranging.add_step(automation=automation, days=3, by=None, now=now)

    arranging.switch_off(automation=automation, by=None, now=now + 2 * MINUTE)
    composing.write(text=text, subject="Hi", preview="", raw=[WORDS], seen=None, by=None, now=now)
    subscribes(doors, "Meanwhile", now=now + 3 * MINUTE)
    arranging.switch_on(automation=automation, by=None, now=now + 4 * MINUTE)
    subscribes(doors, "Amina", now=now + 5 * MINUTE)
    take_turn(now + 6 * MINUTE)
    assert Enrolment.objects.count() == 2
    last = Mailing.objects.filter(use="edition").order_by("-created_at").first()
    assert last.texts.get(language="en").subject == "Hi"


def test_the_same_words_stay_one_edition(doors, now):
    an_automation(doors)
    for number, name in enumerate(("Suzie", "Amina"), start=1):
        subscribes(doors, name, now=now + number * MINUTE)
        take_turn(now + 2 * number * MINUTE)
        steering.finish_what_is_done(now=now)
    assert Mailing.objects.filter(use="edition").count() == 1
    assert AudienceChunk.objects.count() == 2


def test_a_text_of_an_automation_is_never_sent_by_hand(doors, now):
    automation = an_automation(doors)
    written = editions.text_of(automation.steps.get())
    with pytest.raises(steering.MovedOn):
        steering.make_ready(mailing=written, by=None, now=now)
    with pytest.raises(composing.OfAnAutomation):
        composing.delete(mailing=written, by=None, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.filter(pk=written.pk).update(state="scheduled", scheduled_at=now, approved_at=now)


def test_who_switched_it_and_when_stands_in_the_trail(doors, now):
    chidi = a_member_of_staff(doors, role="approver", email="chidi@example.org")
    automation = an_automation(doors, by=chidi)
    assert (automation.switched_on_by, automation.on_since) == (chidi, now)
    arranging.switch_off(automation=automation, by=chidi, now=now + DAY)
    with pytest.raises(arranging.IsOff):
        arranging.switch_off(automation=automation, by=chidi, now=now + DAY)
    verbs = [(entry.verb, entry.actor) for entry in numbers.history(automation)][:2]
    assert verbs == [("switch_automation_off", chidi), ("switch_automation_on", chidi)]
    assert AuditEntry.objects.filter(subject_id=str(automation.pk), organization=doors).count() > 2


def test_a_text_without_a_subject_is_not_switched_on(doors, now):
    automation = arranging.begin(organization=doors, kind="welcome", name="Welcome", by=None, now=now)
    text = editions.text_of(automation.steps.get()).texts.get(language="fr")
    composing.write(text=text, subject="", preview="", raw=[WORDS], seen=None, by=None, now=now)
    with pytest.raises(arranging.NotReady, match="Mail 1"):
        arranging.switch_on(automation=automation, by=None, now=now)


def test_a_series_that_somebody_is_in_is_not_deleted(doors, now):
    automation = an_automation(doors)
    subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    arranging.switch_off(automation=automation, by=None, now=now)
    with pytest.raises(arranging.WasUsed):
        arranging.delete(automation=automation, by=None, now=now)
    unused = an_automation(doors, is_on=False)
    arranging.delete(automation=unused, by=None, now=now)
    assert Automation.objects.get() == automation


def test_the_last_mail_is_removed_until_somebody_waits_for_it(doors, now):
    automation = an_automation(doors, days=(0, 3, 4), is_on=False)
    arranging.remove_last_step(automation=automation, by=None, now=now)
    assert list(automation.steps.values_list("number", "days")) == [(1, 0), (2, 3)]
    arranging.switch_on(automation=automation, by=None, now=now)
    subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    arranging.switch_off(automation=automation, by=None, now=now)
    with pytest.raises(arranging.StepWasSent):
        arranging.remove_last_step(automation=automation, by=None, now=now)


def test_whoever_is_erased_is_in_no_series_any_more(doors, now):
    an_automation(doors, days=(0, 3))
    suzie = subscribes(doors, "Suzie", now=now)
    take_turn(now + MINUTE)
    erasure.erase(supporter=suzie, by=None, origin=Origin.PREFERENCES, now=now)
    assert not Enrolment.objects.exists()
    assert not StepMail.objects.exists()


def test_half_a_million_take_as_many_statements_as_five(doors, now, django_assert_max_num_queries):
    """The number of statements does not grow with people."""
    automation = an_automation(doors)
    for number in range(5):
        subscribes(doors, f"Reader{number}", now=now)
    automation.refresh_from_db()
    with django_assert_max_num_queries(60):
        assert series.enrol(automation, kind_of(automation), now=now + MINUTE) == 5
        assert series.hand_on(automation.steps.get(), next_step=None, now=now + MINUTE) == 5
