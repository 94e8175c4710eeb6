"""Names are put into the decision maker's hands: agreed to by a second person, signed, and as each signer chose."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from amparo.accounts.models import AuditEntry
from amparo.actions import erasing
from amparo.actions.hand_over import documents, hand_over_deeds, names_of, names_table, planning_names
from amparo.actions.hand_over.planning_names import Wish
from amparo.actions.models import HandedName, HandOver, HandOverPiece, Signature
from amparo.actions.signatures import receipts, signing
from amparo.kit import signing as signatures
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from amparo.supporters import consent
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Channel, Origin, Purpose
from tests.factories.organizations import an_organization
from tests.factories.pages import a_question
from tests.factories.people import a_member_of_staff, a_supporter, signed_in
from tests.factories.signed_pages import a_petition, an_open_letter, approve, sign
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
MINISTER = "alvenia/minister/interior"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def page(organization):
    return a_petition(organization, title="A judge for Ilan Sarr", slug="ilan")


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization)


@pytest.fixture
def chidi(organization):
    return a_member_of_staff(organization, "approver")


def plan(page, bruno, now, **wish):
    wish = {"office": "Minister of Justice", **wish}
    return planning_names.propose(page=page, wish=Wish(**wish), by=bruno, now=now)


def made(page, bruno, chidi, now, **wish):
    hand_over = plan(page, bruno, now, **wish)
    planning_names.agree(hand_over=hand_over, by=chidi, now=now)
    run(now)
    return HandOver.objects.select_related("names", "page__locale", "organization").get(pk=hand_over.pk)


def delivered(page, bruno, chidi, now, **wish):
    hand_over = made(page, bruno, chidi, now, **wish)
    hand_over_deeds.hand_over_by_staff(hand_over=hand_over, at=now, by=chidi, now=now)
    run(now)
    hand_over.refresh_from_db()
    return hand_over


def run(now):
    return run_line("hand_overs", now_source=lambda: now)


def words_of(hand_over):
    content = b"".join(documents.read(hand_over))
    return " ".join(
        " ".join(sheet.extract_text().replace("\x00", "").split())
        for sheet in PdfReader(io.BytesIO(content)).pages
    )


def rows_of(hand_over):
    table = b"".join(documents.read(hand_over, file="csv")).decode()
    return list(csv.reader(io.StringIO(table)))[1:]


# --- Planned and agreed to ---


def test_nothing_is_made_before_a_second_person_agreed(page, bruno, chidi, now):
    sign(page)
    hand_over = plan(page, bruno, now)
    run(now)
    assert HandOver.objects.get().state == "proposed"

    with pytest.raises(planning_names.OwnHandOver):
        planning_names.agree(hand_over=hand_over, by=bruno, now=now)
    planning_names.agree(hand_over=hand_over, by=chidi, now=now)
    run(now)

    assert HandOver.objects.get().state == "made"
    with pytest.raises(planning_names.AnsweredAlready):
        planning_names.agree(hand_over=hand_over, by=chidi, now=now)
    verbs = AuditEntry.objects.values_list("verb", flat=True)
    assert {"propose_hand_over", "agree_to_hand_over"} <= set(verbs)


def test_the_database_knows_no_names_that_nobody_agreed_to(page, bruno, now):
    sign(page)
    hand_over = plan(page, bruno, now)

    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=hand_over.pk).update(state="planned")
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=hand_over.pk).update(agreed_by=bruno)


def test_who_refuses_says_why_and_another_can_be_planned(page, bruno, chidi, now):
    sign(page)
    hand_over = plan(page, bruno, now)
    with pytest.raises(planning_names.HandOverIsOpen):
        plan(page, bruno, now)

    planning_names.refuse(hand_over=hand_over, reason="The figures are old.", by=chidi, now=now)

    assert plan(page, bruno, now).state == "proposed"


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"office": ""}, planning_names.NobodyNamed),
        ({"target_key": "alvenia/nobody"}, planning_names.NobodyThere),
        ({"way": "mail"}, planning_names.NoWayByMail),
    ],
)
def test_a_plan_names_somebody_who_can_be_reached(page, bruno, now, wish, refusal):
    alvenia()
    sign(page)

    with pytest.raises(refusal):
        plan(page, bruno, now, **wish)


def test_with_no_name_there_is_nothing_to_hand_over(page, bruno, now):
    sign(page, confirm=False)

    with pytest.raises(planning_names.NothingNew):
        plan(page, bruno, now)


# --- What is in it ---


def test_the_document_names_each_as_they_chose_and_counts_the_rest(page, bruno, chidi, now):
    sign(page, "Suzie", "Kowal", shown_as="name", country="FR")
    sign(page, "Amina", "Rahal", shown_as="initials", country="FR")
    sign(page, "Bela", "Toth", shown_as="place", place="Brennick", country="NO")
    sign(page, "Hidden", "Person")
    signing.enter_paper(
        page=page, number=40, collected_on=now.date(), provenance="The market.", by=bruno, now=now
    )

    hand_over = made(page, bruno, chidi, now, letter="We met him in May.\n\nHe asked for his file.")

    words = words_of(hand_over)
    assert "4 signatures: A judge for Ilan Sarr" in words
    for said in (
        "Suzie Kowal",
        "A. R.",
        "Bela Toth, Brennick",
        "We met him in May.",
        "Bring Ilan before a judge.",
        "Minister of Justice",
        "Do not want to be named 1",
        "France 2",
        "Norway 1",
        "the sheets are with us 40",
    ):
        assert said in words
    assert "Hidden" not in words
    assert "Amina" not in words
    assert (hand_over.letters, hand_over.names.named, hand_over.names.on_paper) == (4, 3, 40)


def test_organizations_come_first_and_only_once_they_were_looked_at(page, bruno, chidi, now):
    approve(sign(page, "Ona", "Veld", shown_as="name", represents="Printers' Union", role="Chair"), by=bruno)
    sign(page, "Mallory", "Black", shown_as="name", represents="The Ministry")

    words = words_of(made(page, bruno, chidi, now))

    assert "Printers' Union Ona Veld, Chair" in words
    assert "The Ministry" not in words
    assert "Mallory" not in words


@pytest.mark.parametrize(("comments", "there"), [("none", set()), ("all", {"a", "b"}), ("chosen", {"a"})])
def test_only_comments_that_were_chosen_and_looked_at_are_in_it(page, bruno, chidi, now, comments, there):
    said = {"a": "He printed my first book.", "b": "My neighbour.", "c": "Buy watches here."}
    first = sign(page, "Suzie", shown_as="name", comment=said["a"])
    approve(first, by=bruno)
    approve(sign(page, "Amina", shown_as="initials", comment=said["b"]), by=bruno)
    sign(page, "Mallory", shown_as="name", comment=said["c"])

    chosen = [str(first.signature.pk)]
    hand_over = made(page, bruno, chidi, now, comments=comments, chosen=chosen)

    assert {key for key, text in said.items() if text in words_of(hand_over)} == there
    assert {key for key, text in said.items() if text in str(rows_of(hand_over))} == there


def test_the_table_has_a_row_for_each_and_a_name_only_where_it_was_chosen(page, bruno, chidi, now):
    sign(page, "=SUM(A1)", "Kowal", email="sum@supporters.example.net", shown_as="name")
    sign(page, "Hidden", "Person", place="Brennick")

    hand_over = made(page, bruno, chidi, now)

    assert [row[:4] for row in rows_of(hand_over)] == [
        ["1", "'=SUM(A1) Kowal", "", ""],
        ["2", "", "", ""],
    ]
    ours = b"".join(names_table.everything(hand_over)).decode()
    assert "Hidden" in ours
    assert "supporters.example.net" not in ours


def test_both_files_are_signed_and_sealed(page, bruno, chidi, now):
    sign(page, shown_as="name")
    hand_over = made(page, bruno, chidi, now)

    for file in ("pdf", "csv"):
        content = b"".join(documents.read(hand_over, file=file))
        proof = signatures.read(documents.signature_file(hand_over, file=file))
        assert signatures.verifies(proof, sha256=hashlib.sha256(content).hexdigest())
    assert b"Suzie" not in b"".join(bytes(piece.content) for piece in HandOverPiece.objects.all())


def test_names_by_the_thousand_are_drawn_in_parts_and_stay_in_order(page, bruno, chidi, now, monkeypatch):
    monkeypatch.setattr(names_of, "PART", 2)
    monkeypatch.setattr(names_of.in_parts, "__kwdefaults__", {"most": 0, "part": 2})
    for name in ("Ada", "Bela", "Cem", "Dot", "Eli"):
        sign(page, name, shown_as="name")

    hand_over = made(page, bruno, chidi, now)

    words = words_of(hand_over)
    places = [words.index(f"{name} Kowal") for name in ("Ada", "Bela", "Cem", "Dot", "Eli")]
    assert places == sorted(places)
    assert hand_over.sheets == 5


def test_signatures_are_counted_by_area_where_the_postcode_is_sure(client, organization, bruno, chidi, now):
    alvenia()
    page = a_petition(organization, asks_postcode=True, dataset_slug="alvenia", legislature="diet")

    typed = ("1001", "1002", "nonsense")
    assert [signing.area_of(page, postal_code=one, now=now) for one in typed] == ["alvenia/N1", "", ""]
    page.dataset_slug = "nowhere"
    assert signing.area_of(page, postal_code="1001", now=now) == ""
    sign(page, area="alvenia/N1", shown_as="name")
    assert "Brennick 1" in words_of(made(page, bruno, chidi, now))


def test_a_letter_that_is_handed_over_names_the_version_that_was_signed(organization, bruno, chidi, now):
    letter = an_open_letter(organization, slug="letter")
    sign(letter, shown_as="name")

    words = words_of(made(letter, bruno, chidi, now))

    assert f"/open-letters/{letter.pk}/1/" in words.replace(" ", "")
    assert "Ona Veld, Chair, Open Doors" in words


# --- Several of them ---


def test_the_next_hand_over_holds_only_who_came_since_or_all(page, bruno, chidi, now):
    sign(page, "Suzie", shown_as="name")
    first = delivered(page, bruno, chidi, now)
    later = now + timedelta(days=1)
    sign(page, "Amina", shown_as="name", now=later)

    second = delivered(page, bruno, chidi, later)
    whole = delivered(page, bruno, chidi, later, reach="all")
    elsewhere = delivered(page, bruno, chidi, later, office="The Ombudsman")

    assert [one.letters for one in (first, second, whole, elsewhere)] == [1, 1, 2, 2]
    assert "You had 1 from us before" in words_of(second)
    assert [one.number for one in receipts.of(page)] in ([2, 2, 1, 1], [1, 2, 2, 1], [2, 1, 2, 1])


def test_a_plan_that_waits_for_a_second_person_is_on_that_persons_dashboard(page, bruno, chidi, now):
    sign(page, "Suzie")
    hand_over = plan(page, chidi, now)
    ada = a_member_of_staff(page.organization, "approver", email="ada@example.org")

    def dashboard(user):
        shown = signed_in(user).get("/staff/").content.decode()
        return reverse("staff_hand_overs", args=[page.pk]) in shown

    assert [dashboard(user) for user in (ada, chidi, bruno)] == [True, False, False]
    planning_names.agree(hand_over=hand_over, by=ada, now=now)
    assert not dashboard(ada)


@pytest.mark.parametrize("kept", ["Suzie", "Susan", "Suzanne"])
def test_one_name_does_not_reach_the_same_addressee_twice_when_records_are_merged(
    page, organization, bruno, chidi, now, kept
):
    """Susan's name was handed over, Suzie signed later, and then it turns out that they are one person."""
    susan = sign(page, "Susan", shown_as="name").supporter
    first = delivered(page, bruno, chidi, now)
    later = now + timedelta(days=1)
    suzie = sign(page, "Suzie", shown_as="name", now=later).supporter
    sign(page, "Amina", shown_as="name", now=later)
    people = {"Suzie": suzie, "Susan": susan, "Suzanne": a_supporter(organization, given_name="Suzanne")}
    for absorbed in (suzie, susan):
        if absorbed != people[kept]:
            merging.merge(survivor=people[kept], absorbed=absorbed, by=bruno, now=later)

    second = delivered(page, bruno, chidi, later)

    assert [one.letters for one in (first, second)] == [1, 1]
    assert [row[1] for row in rows_of(second)] == ["Amina Kowal"]


def test_who_signs_after_it_was_due_is_in_the_next_one(page, bruno, chidi, now):
    sign(page, "Suzie", shown_as="name")
    due_at = now + timedelta(hours=1)
    hand_over = plan(page, bruno, now, due_at=due_at)
    planning_names.agree(hand_over=hand_over, by=chidi, now=now)
    run(now)
    assert HandOver.objects.get().state == "planned"
    sign(page, "Amina", shown_as="name", now=due_at + timedelta(minutes=1))

    run(due_at + timedelta(minutes=2))

    assert HandOver.objects.get().letters == 1


def test_a_hand_over_that_is_taken_apart_gives_its_names_back(page, bruno, chidi, now):
    sign(page, shown_as="name")
    hand_over = made(page, bruno, chidi, now)

    hand_over_deeds.take_apart(hand_over=hand_over, by=chidi, now=now)

    assert not HandedName.objects.exists()
    assert made(page, bruno, chidi, now).letters == 1


# --- How it gets there, and what is said of it ---


def test_it_is_mailed_to_the_office_once_with_both_files_and_their_signatures(
    page, bruno, chidi, mail_server, now
):
    sign(page, shown_as="name")
    hand_over = made(page, bruno, chidi, now, way="mail", email="minister@justice.example.org")
    run(now)

    (mail,) = mail_server.to("minister@justice.example.org")
    names = [file.get_filename() for file in mail.iter_attachments()]
    hand_over.refresh_from_db()
    assert (hand_over.state, hand_over.sent_to) == ("sent", "minister@justice.example.org")
    assert [name.partition(".")[2] for name in names] == ["pdf", "pdf.sig.txt", "csv", "csv.sig.txt"]
    assert "1 signature: A judge for Ilan Sarr" in mail["Subject"]


def test_a_post_gets_it_in_the_name_of_who_holds_it(page, bruno, chidi, now):
    alvenia()
    sign(page, shown_as="name")

    hand_over = made(page, bruno, chidi, now, target_key="alvenia/diet/N1")

    assert hand_over.target_name == "Dr Marit Osk"
    assert "Dr Marit Osk" in words_of(hand_over)


def test_names_are_not_too_late_after_the_hard_stop(organization, bruno, chidi, now):
    page = a_petition(organization, slug="over", hard_stop=now + timedelta(hours=1))
    sign(page, shown_as="name")
    hand_over = made(page, bruno, chidi, now)

    run(now + timedelta(days=9))

    hand_over.refresh_from_db()
    assert hand_over.state == "made"


def test_the_page_says_to_whom_when_and_how_many(client, page, bruno, chidi, now):
    sign(page, shown_as="name")
    sign(page, "Amina")
    hand_over = made(page, bruno, chidi, now)
    assert b"Handed over" not in client.get(page.url).content
    receipt = hand_over_deeds.Receipt(place="The Ministry, Brennick", received_by="a secretary")
    hand_over_deeds.hand_over_by_staff(hand_over=hand_over, at=now, receipt=receipt, by=chidi, now=now)

    shown = " ".join(client.get(page.url).content.decode().split())

    assert "2 signatures, handed to Minister of Justice on 22 November 2026" in shown
    assert "The Ministry, Brennick" in shown
    assert "a secretary" in shown


def test_signers_who_agreed_to_news_are_told_each_once(page, organization, bruno, chidi, now):
    news = a_question(organization)
    yes = sign(page, "Suzie", consents={news.pk: True})
    left = sign(page, "Amina", consents={news.pk: True})
    sign(page, "Bela", consents={news.pk: False})
    consent.withdraw(supporter=left.supporter, origin=Origin.PREFERENCES, source="", now=now)

    hand_over = delivered(page, bruno, chidi, now)
    HandOver.objects.update(settled_at=None)
    run(now)

    (notice,) = Notice.objects.filter(kind="names_handed_over")
    assert notice.recipient == yes.supporter.email
    text = notice_kinds.get("names_handed_over")().write(notice)
    assert "Minister of Justice" in text.body
    assert "Dear Suzie" in text.body
    consent.withdraw(
        supporter=yes.supporter,
        questions=[(Purpose.NEWS, Channel.EMAIL)],
        origin=Origin.PREFERENCES,
        source="",
        now=now,
    )
    assert notice_kinds.get("names_handed_over")().write(notice) is None
    assert hand_over.state == "handed_over"


def test_nobody_is_told_where_staff_said_so(page, organization, bruno, chidi, now):
    news = a_question(organization)
    sign(page, consents={news.pk: True})

    delivered(page, bruno, chidi, now, tells_signers=False)

    assert not Notice.objects.filter(kind="names_handed_over").exists()


# --- Forgetting ---


def test_somebody_who_is_erased_is_in_no_document_and_still_counts(page, bruno, chidi, now):
    suzie = sign(page, "Suzie", shown_as="name")
    sign(page, "Amina", shown_as="name")
    hand_over = made(page, bruno, chidi, now)

    erasing.anonymize(supporter=suzie.supporter, now=now)
    assert not HandOverPiece.objects.exists()
    run(now)

    hand_over.refresh_from_db()
    assert (hand_over.state, hand_over.letters) == ("made", 2)
    assert "Suzie" not in words_of(hand_over)
    assert "Amina Kowal" in words_of(hand_over)


def test_the_files_go_after_28_days_and_who_was_in_it_stays_known(page, bruno, chidi, now):
    sign(page, shown_as="name")
    delivered(page, bruno, chidi, now)

    assert documents.forget_old(now=now + timedelta(days=29)) == 1

    assert not HandOverPiece.objects.exists()
    assert HandedName.objects.count() == Signature.objects.count() == 1
