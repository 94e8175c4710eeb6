"""More people write than letters can leave before the hearing: the rest arrive together, signed, and once."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader

from amparo.actions import bouncing, pacing
from amparo.actions.hand_over import (
    bundle_states,
    bundled_letters,
    documents,
    hand_over_deeds,
    handing_over,
    mailing_bundles,
    planning_bundles,
)
from amparo.actions.models import HandOver, HandOverPiece, Message, MessageEvent
from amparo.kit import pdf, signing
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.organizations import pausing
from tests.factories.letters import a_letter, an_action, letters
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter
from tests.factories.returned_mail import a_report
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY = "alvenia/diet/N1"
OFFICE = "marit.osk@diet.example.org"


@pytest.fixture
def page(now, settings):
    """Letters stop in three hours and a minute, and one leaves each hour: the bundle is due in a minute."""
    settings.AMPARO_LETTERS_PER_TARGET_PER_HOUR = 1
    alvenia()
    return an_email_page(
        an_organization(),
        title="Write for Ilan",
        slug="ilan",
        bundle_at=now + timedelta(minutes=1),
        hard_stop=now + timedelta(hours=3, minutes=1),
    )


def letter(page, given_name="Amina", **fields):
    email = f"{given_name}@supporters.example.net".lower()
    action = fields.pop("action", None) or an_action(
        page,
        supporter=a_supporter(page.organization, given_name=given_name, email=email),
        area=fields.pop("area", ""),
        language=fields.pop("language", "en"),
    )
    fields.setdefault("target_name", "Dr Marit Osk")
    fields.setdefault("salutation", "Dear Dr Marit Osk,")
    return a_letter(page, action=action, target_key=DEPUTY, **fields)


def run(now):
    return run_line("hand_overs", now_source=lambda: now)


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\x00", "")


def the_document():
    return b"".join(documents.read(HandOver.objects.get()))


# --- When it is planned ---


def test_the_bundle_is_made_three_hours_before_the_hard_stop_or_at_eight_that_day(now, settings):
    organization = an_organization(time_zone="Europe/Paris")
    page = an_email_page(organization, hard_stop=datetime(2026, 11, 24, 14, 0, tzinfo=UTC))

    assert pacing.bundle_time(page) == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    page.hard_stop = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert pacing.bundle_time(page) == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    page.hard_stop = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert pacing.bundle_time(page) == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    page.bundle_at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert pacing.bundle_time(page) == page.bundle_at
    page.hard_stop = None
    assert pacing.bundle_time(page) is None


def test_the_plan_says_how_many_leave_one_by_one_and_how_many_together(page, now):
    page.bundle_at = now + timedelta(hours=2)
    letters(page, 5, target_key=DEPUTY)
    letters(page, 2, target_key="alvenia/diet/N2")

    plan = pacing.plan(page=page, now=now)

    assert (plan.waiting, plan.one_by_one, plan.bundled, plan.too_late) == (7, 4, 3, 2)


def test_letters_that_all_arrive_in_time_are_never_bundled(page, now):
    letters(page, 3, target_key=DEPUTY)

    run(now + timedelta(minutes=1))

    assert not HandOver.objects.exists()


def test_nothing_is_bundled_before_its_hour_or_while_the_page_is_paused(page, now):
    letters(page, 5, target_key=DEPUTY)
    run(now)
    assert not HandOver.objects.exists()

    page.sending_paused_at = now
    page.save(update_fields=["sending_paused_at"])
    run(now + timedelta(minutes=1))
    assert not HandOver.objects.exists()


def test_nothing_is_bundled_or_mailed_while_the_installation_is_paused(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    pausing.pause_installation(because="restored copy", now=now)

    run(now + timedelta(minutes=1))

    assert not HandOver.objects.exists()


# --- What becomes of the letters ---


def test_the_rest_goes_as_one_mail_with_one_signed_document(page, mail_server, now):
    for name in ("Amina", "Suzie", "Chidi", "Bruno", "Dana"):
        letter(page, name)

    run(now + timedelta(minutes=1))

    (mail,) = mail_server.to(OFFICE)
    hand_over = HandOver.objects.get()
    document, signature = mail.iter_attachments()
    content = document.get_content()
    assert (hand_over.state, hand_over.letters, hand_over.sent_to) == ("sent", 5, OFFICE)
    assert hashlib.sha256(content).hexdigest() == hand_over.sha256
    assert signing.verifies(signing.read(signature.get_content()), sha256=hand_over.sha256)
    assert not signing.verifies(signing.read(signature.get_content()), sha256="0" * 64)
    assert mail["Message-ID"] == f"<{hand_over.pk}@{page.organization.sender_email.partition('@')[2]}>"
    words = text_of(content)
    for name in ("Amina", "Suzie", "Chidi", "Bruno", "Dana"):
        assert f"{name.lower()}@supporters.example.net" in words
    assert set(Message.objects.values_list("state", flat=True)) == {"handed_over"}
    assert [event.state for event in MessageEvent.objects.filter(message_id=Message.objects.first().pk)] == [
        "queued",
        "bundled",
        "handed_over",
    ]
    assert Notice.objects.filter(kind="letters_sent").count() == 5


def test_a_letter_in_a_bundle_never_leaves_by_itself_and_never_twice(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    page.bundle_way = "by_hand"
    page.save(update_fields=["bundle_way"])
    run(now + timedelta(minutes=1))

    run_line("letters", now_source=lambda: now + timedelta(minutes=2))
    run(now + timedelta(minutes=2))
    run_line("expiry", now_source=lambda: now + timedelta(hours=4))

    assert mail_server.mails == []
    assert HandOver.objects.get().state == "made"
    assert set(Message.objects.values_list("state", flat=True)) == {"bundled"}


def test_what_is_confirmed_after_the_bundle_leaves_by_itself(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    run(now + timedelta(minutes=1))
    late = letter(page, "Amina")

    run_line("letters", now_source=lambda: now + timedelta(minutes=2))
    run(now + timedelta(minutes=2))

    late.refresh_from_db()
    assert late.state == "sent"
    assert HandOver.objects.count() == 1


def test_a_worker_that_dies_while_making_loses_nothing(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    at = now + timedelta(minutes=1)
    (taken,) = handing_over.claim(limit=1, now=at)
    bundled_letters.gather(taken, now=at)

    assert handing_over.reclaim(now=at + bundle_states.LEASE * 2) == 1
    run(at + bundle_states.LEASE * 2)

    assert HandOver.objects.get().letters == 5
    assert len(mail_server.to(OFFICE)) == 1


def test_a_worker_that_dies_while_sending_leaves_it_uncertain_and_nothing_is_sent_twice(
    page, mail_server, now
):
    letters(page, 5, target_key=DEPUTY)
    at = now + timedelta(minutes=1)
    (taken,) = handing_over.claim(limit=1, now=at)
    handing_over.make(hand_over=taken, now=at)
    (taken,) = handing_over.claim(limit=1, now=at)
    mailing_bundles.commit_in_flight(taken, address=OFFICE, now=at)

    later = at + bundle_states.LEASE * 2
    handing_over.reclaim(now=later)
    run(later)

    assert mail_server.mails == []
    assert HandOver.objects.get().state == "uncertain"
    assert set(Message.objects.values_list("state", flat=True)) == {"uncertain"}
    assert not Notice.objects.exists()


def test_no_bundle_is_mailed_after_the_hard_stop(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    at = now + timedelta(minutes=1)
    (taken,) = handing_over.claim(limit=1, now=at)
    handing_over.make(hand_over=taken, now=at)
    (taken,) = handing_over.claim(limit=1, now=at)

    mailing_bundles.send(hand_over=taken, now=page.hard_stop)

    assert mail_server.mails == []
    assert HandOver.objects.get().way == "by_hand"


def test_an_office_that_refuses_the_mail_gets_it_from_our_staff(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    mail_server.answer = lambda _recipient: "DATA 552 5.3.4 message too big"

    run(now + timedelta(minutes=1))

    hand_over = HandOver.objects.get()
    assert (hand_over.state, hand_over.way) == ("made", "by_hand")
    assert "552" in hand_over.reason
    assert set(Message.objects.values_list("state", flat=True)) == {"bundled"}


# --- What staff do ---


def test_staff_hand_it_over_and_the_writers_are_told(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    page.bundle_way = "by_hand"
    page.save(update_fields=["bundle_way"])
    run(now + timedelta(minutes=1))
    chidi = a_member_of_staff(page.organization, "approver")

    at = now + timedelta(hours=1)
    with pytest.raises(hand_over_deeds.NotThen):
        hand_over_deeds.hand_over_by_staff(hand_over=HandOver.objects.get(), at=now, by=chidi, now=at)
    hand_over_deeds.hand_over_by_staff(hand_over=HandOver.objects.get(), at=at, by=chidi, now=at)
    run(at)

    hand_over = HandOver.objects.get()
    assert (hand_over.state, hand_over.recorded_by, hand_over.sent_at) == ("handed_over", chidi, at)
    assert set(Message.objects.values_list("state", "sent_at")) == {("handed_over", at)}
    assert Notice.objects.filter(kind="letters_sent").count() == 5
    with pytest.raises(hand_over_deeds.NotReady):
        hand_over_deeds.hand_over_by_staff(hand_over=hand_over, at=at, by=chidi, now=at)


def test_a_bundle_that_nobody_hands_over_lapses_and_its_letters_were_too_late(page, now):
    letters(page, 5, target_key=DEPUTY)
    page.bundle_way = "by_hand"
    page.save(update_fields=["bundle_way"])
    run(now + timedelta(minutes=1))

    run(page.hard_stop + timedelta(days=1))
    assert HandOver.objects.get().state == "made"
    run(page.hard_stop + timedelta(days=2))

    assert HandOver.objects.get().state == "lapsed"
    assert set(Message.objects.values_list("state", flat=True)) == {"expired"}


def test_staff_make_one_at_once_and_take_it_apart_again(page, now):
    letters(page, 2, target_key=DEPUTY)
    bruno = a_member_of_staff(page.organization)
    with pytest.raises(planning_bundles.NothingToBundle):
        planning_bundles.make_now(page=page, target_key="alvenia/diet/N2", way="by_hand", by=bruno, now=now)
    hand_over = planning_bundles.make_now(page=page, target_key=DEPUTY, way="by_hand", by=bruno, now=now)
    with pytest.raises(planning_bundles.BundleIsOpen):
        planning_bundles.make_now(page=page, target_key=DEPUTY, way="by_hand", by=bruno, now=now)
    run(now)
    hand_over.refresh_from_db()
    assert hand_over.letters == 2

    hand_over_deeds.take_apart(hand_over=hand_over, by=bruno, now=now)

    hand_over.refresh_from_db()
    assert hand_over.state == "empty"
    assert set(Message.objects.values_list("state", "hand_over")) == {("queued", None)}
    assert not HandOverPiece.objects.exists()


def test_a_bundle_that_came_back_is_ours_again(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    run(now + timedelta(minutes=1))

    report = a_report(HandOver.objects.get().pk, recipient=OFFICE)
    assert bouncing.take_back(raw=report, now=now) is bouncing.Outcome.BOUNCED

    assert HandOver.objects.get().state == "made"
    assert set(Message.objects.values_list("state", flat=True)) == {"bundled"}
    run(page.hard_stop + timedelta(days=2))
    assert set(Message.objects.values_list("state", flat=True)) == {"bounced"}
    assert Notice.objects.filter(kind="letter_bounced").count() == 5


# --- The document ---


def test_the_contents_count_the_letters_by_area_and_name_their_page(page, now):
    letter(page, "Amina", area="alvenia/N1")
    letter(page, "Suzie", area="alvenia/N2")
    letter(page, "Chidi", area="alvenia/N1")
    letter(page, "Bruno")
    letter(page, "Dana", body="\n\n".join(["A long story. " * 40] * 8), area="alvenia/N1")

    run_without_mail(page, now)

    words = text_of(the_document()).replace(" ", "").replace("\n", "")
    assert "Brennick31Saltmarsh15Elsewhere,ornotsaid16Allletters5" in words


def run_without_mail(page, now):
    page.bundle_way = "by_hand"
    page.save(update_fields=["bundle_way"])
    run(now + timedelta(minutes=1))


def test_the_document_can_be_read_aloud(page, now):
    letters(page, 5, target_key=DEPUTY)
    run_without_mail(page, now)

    reader = PdfReader(io.BytesIO(the_document()))

    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "5 letters: Write for Ilan"
    (document,) = root["/StructTreeRoot"]["/K"]
    parts = document["/K"]
    assert len(parts) == 2
    leaves = root["/StructTreeRoot"]["/ParentTree"]["/Kids"]
    numbers = [number for leaf in leaves for number in leaf["/Nums"][::2]]
    assert list(numbers) == sorted(set(numbers))
    assert {sheet["/StructParents"] for sheet in reader.pages} <= set(numbers)
    assert {part.raw_get("/P").idnum for part in document.get_object()["/K"]} == {document.idnum}
    assert len(reader.outline) >= 5


def test_the_document_is_sealed_at_rest(page, now):
    letters(page, 5, target_key=DEPUTY)
    run_without_mail(page, now)

    kept = b"".join(bytes(piece.content) for piece in HandOverPiece.objects.all())

    assert the_document().startswith(b"%PDF")
    assert b"%PDF" not in kept
    assert b"endobj" not in kept


def test_the_document_goes_28_days_later_and_its_fingerprint_stays(page, mail_server, now):
    letters(page, 5, target_key=DEPUTY)
    run(now + timedelta(minutes=1))

    assert documents.forget_old(now=now + timedelta(days=28)) == 0
    assert documents.forget_old(now=now + timedelta(days=28, minutes=2)) == 1

    hand_over = HandOver.objects.get()
    assert not HandOverPiece.objects.exists()
    assert hand_over.erased_at
    assert hand_over.sha256


def test_somebody_who_is_erased_is_in_no_document(page, now):
    amina = letter(page, "Amina", body="I knew Ilan at school.")
    letters(page, 4, target_key=DEPUTY)
    run_without_mail(page, now)

    Message.objects.filter(pk=amina.pk).update(
        body=None, subject=None, salutation=None, closing=None, erased_at=now
    )
    documents.forget_person(supporter=amina.action.supporter, now=now)
    run(now + timedelta(minutes=2))

    assert HandOver.objects.get().letters == 4
    assert "at school" not in text_of(the_document())
    amina.refresh_from_db()
    assert amina.state == "withdrawn"


def test_nothing_in_a_letter_is_fetched_or_believed(page, now, monkeypatch):
    letter(page, "Mallory", body='<img src="file:///etc/passwd"> <script>alert(1)</script> {{ 7|add:7 }}')
    letters(page, 4, target_key=DEPUTY)

    run_without_mail(page, now)

    assert '<img src="file:///etc/passwd">' in text_of(the_document()).replace("\n", " ")


def test_a_drawing_that_fails_gives_the_letters_back_in_the_end(page, now, monkeypatch):
    letters(page, 5, target_key=DEPUTY)
    monkeypatch.setattr(pdf, "render", broken)
    at = now + timedelta(minutes=1)
    for _attempt in range(handing_over.MOST_FAULTS):
        HandOver.objects.update(next_attempt_at=at)
        (taken,) = handing_over.claim(limit=1, now=at)
        with pytest.raises(ValueError, match="broken"):
            handing_over.go_on(taken, now=at)

    assert HandOver.objects.get().state == "lapsed"
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}


def broken(*_args, **_kwargs):
    raise ValueError("broken")
