"""The suppression list: what goes on it, what comes off it and how, and that every supporter is in step with it."""

from __future__ import annotations

import hashlib
import tracemalloc
from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry
from amparo.actions import confirming, taking
from amparo.actions.models import Action, Confirmation
from amparo.mailings.models import Notice
from amparo.supporters import consent, suppression, suppression_lists, wordings
from amparo.supporters.merging_people import merging
from amparo.supporters.models import (
    Channel,
    InstallationSuppression,
    Origin,
    Purpose,
    Supporter,
    Suppression,
)
from amparo.supporters.own_pages import preferences
from amparo.supporters.rights import erasure
from tests.factories.deeds import a_deed
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db
Reason = Suppression.Reason
SUZIE = "suzie@example.org"


@pytest.fixture
def organization(db):
    return an_organization()


@pytest.fixture
def suzie(organization):
    return a_supporter(organization, given_name="Suzie", email=SUZIE)


def suppress(organization, now, *, email=SUZIE, reason=Reason.UNSUBSCRIBED, **fields):
    return suppression.suppress(
        organization=organization, email=email, reason=reason, source="a test", now=now, **fields
    )


def state(supporter):
    return Supporter.objects.get(pk=supporter.pk).unreachable


def sha(address):
    return hashlib.sha256(address.encode()).hexdigest()


def bring_in(lines, organization, now, *, reason=Reason.IMPORTED):
    return suppression_lists.bring_in(
        lines, organization=organization, reason=reason, source="list.txt", by=None, now=now
    )


# --- On the list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.UNSUBSCRIBED, "suppressed"),
        (Reason.BOUNCED, "bounced"),
        (Reason.COMPLAINED, "complained"),
        (Reason.LAW, "suppressed"),
    ],
)
def test_the_supporter_is_marked_with_the_row(organization, suzie, now, reason, expected):
    assert suppress(organization, now, reason=reason)
    assert state(suzie) == expected
    assert suppression.is_suppressed(organization=organization, email="Suzie@Example.org")


def test_an_address_is_suppressed_once(organization, now):
    assert suppress(organization, now)
    assert not suppress(organization, now)
    assert Suppression.objects.count() == 1


def test_a_stronger_reason_takes_the_place_of_a_weaker_one_and_never_the_other_way_round(
    organization, suzie, now
):
    suppress(organization, now, reason=Reason.UNSUBSCRIBED)
    assert suppress(organization, now, reason=Reason.COMPLAINED)
    assert not suppress(organization, now, reason=Reason.UNSUBSCRIBED)

    (standing,) = suppression.in_force(organization=organization, email=SUZIE)
    assert standing.reason == Reason.COMPLAINED
    assert state(suzie) == "complained"
    lifted = Suppression.objects.exclude(lifted_at=None).get()
    assert (lifted.reason, lifted.lifted_because) == (Reason.UNSUBSCRIBED, suppression.REPLACED)


def test_somebody_erased_leaves_no_digest_not_even_in_older_rows(organization, now):
    suppress(organization, now)
    suppress(organization, now, reason=Reason.ERASED, keep_digest=False)

    assert {row.digest for row in Suppression.objects.all()} == {None}
    assert suppression.is_suppressed(organization=organization, email=SUZIE)


def test_another_way_of_writing_the_mailbox_is_no_way_around(organization, now):
    suppress(organization, now, email="suzie.okafor@gmail.com")
    assert suppression.is_suppressed(organization=organization, email="SuzieOkafor+news@googlemail.com")


def test_a_hash_of_the_address_as_written_counts_as_well(organization, now):
    bring_in([sha("suzie.okafor@gmail.com")], organization, now)
    assert suppression.is_suppressed(organization=organization, email="Suzie.Okafor@gmail.com")
    assert not suppression.is_suppressed(organization=organization, email="suzieokafor@gmail.com")


def test_other_organizations_are_not_concerned(organization, now):
    theirs = a_supporter(an_organization("other"), email=SUZIE)
    suppress(organization, now)
    assert state(theirs) == ""
    assert not suppression.is_suppressed(organization=theirs.organization, email=SUZIE)


def test_what_is_no_hash_is_refused(organization, now):
    with pytest.raises(suppression.NotADigest):
        suppression.mark_of("A" * 64, organization=organization)


def test_staff_who_suppress_are_named_in_the_audit_trail_and_the_address_is_not(organization, now):
    add = {"organization": organization, "email": SUZIE, "source": "by phone", "by": None, "now": now}
    assert suppression.suppress_by_staff(reason=Reason.STAFF, **add)
    assert not suppression.suppress_by_staff(reason=Reason.STAFF, **add)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.details) == ("suppress_address", {"reason": "staff"})


# --- Everywhere ---------------------------------------------------------------------------------------------------


def test_what_holds_for_the_installation_marks_everybodys_supporter(organization, suzie, now):
    theirs = a_supporter(an_organization("other"), email=SUZIE)

    assert suppression.suppress_everywhere(email=SUZIE, reason=Reason.LAW, source="order", now=now)
    assert (state(suzie), state(theirs)) == ("suppressed", "suppressed")
    assert a_supporter(an_organization("third"), email=SUZIE).unreachable == "suppressed"

    suppress(organization, now)
    row = InstallationSuppression.objects.get()
    assert suppression.lift_everywhere(suppression=row, because="order ended", by=None, now=now)
    assert not suppression.lift_everywhere(suppression=row, because="again", by=None, now=now)
    assert (state(suzie), state(theirs)) == ("suppressed", "")


# --- Lifting ------------------------------------------------------------------------------------------------------


def test_lifting_says_why_and_by_whom_and_frees_only_whose_it_was(organization, suzie, now):
    amina = a_supporter(organization)
    suppress(organization, now)
    suppress(organization, now, email=amina.email)
    row = Suppression.objects.order_by("pk").first()

    assert suppression.lift(suppression=row, because="she asked", by=None, now=now)
    assert not suppression.lift(suppression=row, because="again", by=None, now=now)

    assert (state(suzie), state(amina)) == ("", "suppressed")
    row.refresh_from_db()
    assert row.lifted_because == "she asked"
    assert AuditEntry.objects.filter(verb="lift_suppression").count() == 1


def test_a_row_without_a_digest_frees_whose_it_was(organization, suzie, now):
    """Somebody erased is suppressed without a digest; the mark alone has to find them when they are back."""
    suppress(organization, now, keep_digest=False)
    suppression.lift(suppression=Suppression.objects.get(), because="asked", by=None, now=now)
    assert state(suzie) == ""


def test_lifting_one_of_two_rows_leaves_the_other(organization, now):
    written = a_supporter(organization, email="suzie.okafor@gmail.com")
    suppress(organization, now, email="suzie.okafor@gmail.com", reason=Reason.BOUNCED)
    bring_in([sha("suzie.okafor@gmail.com")], organization, now)
    assert state(written) == "suppressed"

    bounced = Suppression.objects.get(reason=Reason.BOUNCED)
    suppression.lift(suppression=bounced, because="mailbox works", by=None, now=now)
    assert state(written) == "suppressed"


@pytest.mark.parametrize("door", [Origin.PREFERENCES, Origin.ONE_CLICK])
def test_who_unsubscribed_with_their_own_hands_is_let_back_in_by_nobody_else(suzie, now, door):
    preferences.stop_everything(supporter=suzie, origin=door, now=now)
    row = Suppression.objects.get()

    with pytest.raises(suppression.TheirsAlone):
        suppression.lift(suppression=row, because="we would like to", by=None, now=now)
    assert state(suzie) == "suppressed"

    say_yes(an_email_page(suzie.organization), now)
    assert state(suzie) == ""


def test_who_was_erased_comes_back_by_a_confirmed_deed_and_a_yes_on_their_page(organization, suzie, now):
    erasure.erase(supporter=suzie, by=None, origin=Origin.PREFERENCES, now=now)
    with pytest.raises(suppression.TheirsAlone):
        suppression.lift(suppression=Suppression.objects.get(), because="a list", by=None, now=now)
    wording = wordings.word(
        organization=organization, purpose=Purpose.NEWS, channel=Channel.EMAIL, language="en", text="News?"
    )
    again = a_supporter(organization, given_name="Suzie", email=SUZIE)

    # A record that somebody typed shows nothing; one whose address was confirmed is hers.
    preferences.give(supporter=again, slug="news-email", language="en", now=now)
    assert state(again) == "suppressed"
    Supporter.objects.filter(pk=again.pk).update(confirmed_at=now)
    again.refresh_from_db()
    preferences.give(supporter=again, slug="news-email", language="en", now=now)

    assert state(again) == ""
    assert consent.ledger_of(again)[0].wording == wording


# --- A supporter's own yes ----------------------------------------------------------------------------------------


def say_yes(page, now, *, email=SUZIE, granted=True):
    """Suzie writes once more, answers the question, and presses the button in her mail."""
    wording = wordings.word(
        organization=page.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="News?",
    )
    taking.take(page=page, deed=a_deed(email=email, consents={wording.pk: granted}), now=now)
    waiting = Confirmation.objects.get(closed_at=None)
    confirming.confirm(token=confirming.link_for(waiting.pk), now=now)


@pytest.mark.parametrize(
    ("reason", "ends"), [(reason, reason in suppression.ENDED_BY_A_YES) for reason in Reason]
)
def test_a_confirmed_yes_ends_what_it_may_and_nothing_else(organization, suzie, now, reason, ends):
    suppress(organization, now, reason=reason)
    say_yes(an_email_page(organization), now)
    assert (state(suzie) == "") == ends
    assert suppression.is_suppressed(organization=organization, email=SUZIE) != ends


def test_a_confirmed_no_ends_nothing(organization, suzie, now):
    suppress(organization, now)
    say_yes(an_email_page(organization), now, granted=False)
    assert state(suzie) == "suppressed"


def test_a_yes_from_one_mailbox_says_nothing_about_the_other(organization, suzie, now):
    susan = a_supporter(organization, given_name="Susan", email="susan@example.net")
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    for address in (SUZIE, "susan@example.net"):
        suppress(organization, now, email=address, reason=Reason.BOUNCED)

    say_yes(an_email_page(organization), now, email="susan@example.net")

    assert (state(suzie), state(susan)) == ("bounced", "")


# --- Asking whether it was really them ----------------------------------------------------------------------------


@pytest.mark.parametrize("reason", Reason)
def test_who_complained_or_is_protected_by_law_is_not_even_asked(organization, now, reason):
    suppress(organization, now, reason=reason)

    taking.take(page=an_email_page(organization), deed=a_deed(email=SUZIE), now=now)

    assert Notice.objects.exists() == (reason not in {Reason.COMPLAINED, Reason.LAW})
    assert Action.objects.pending().count() == 1


def test_neither_is_whom_nobody_on_the_installation_writes_to(organization, now):
    suppression.suppress_everywhere(email=SUZIE, reason=Reason.STAFF, source="", now=now)
    taking.take(page=an_email_page(organization), deed=a_deed(email=SUZIE), now=now)
    assert not Notice.objects.exists()


def test_an_address_of_somebody_known_by_another_is_looked_up_itself(organization, suzie, now):
    susan = a_supporter(organization, given_name="Susan", email="susan@example.net")
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    suppress(organization, now, email="susan@example.net", reason=Reason.COMPLAINED)

    taking.take(page=an_email_page(organization), deed=a_deed(email="susan@example.net"), now=now)

    assert not Notice.objects.exists()


# --- Lists --------------------------------------------------------------------------------------------------------


def test_a_list_of_addresses_and_hashes_is_brought_in_and_supporters_are_marked(organization, suzie, now):
    amina = a_supporter(organization, email="amina@example.org")
    bruno = a_supporter(organization, given_name="Bruno", email="bruno@example.org")
    lines = [
        "\ufeffemail;reason\r\n",
        "Suzie@Example.org;asked\n",
        f'"{sha("amina@example.org").upper()}",x\n',
        "\n",
        "nobody at all\n",
        "suzie@example.org\n",
        "@\n",
    ]

    outcome = bring_in(lines, organization, now)

    assert (outcome.added, outcome.known, outcome.unread) == (2, 0, 2)
    assert outcome.unread_lines == [5, 7]
    assert outcome.supporters == 2
    assert [state(who) for who in (suzie, amina, bruno)] == ["suppressed", "suppressed", ""]
    entry = AuditEntry.objects.get()
    assert entry.details == {"added": 2, "known": 0, "unread": 2}
    again = bring_in(lines, organization, now)
    assert (again.added, again.known, again.supporters) == (0, 2, 0)


def test_a_list_is_stronger_than_leaving_and_weaker_than_a_complaint(organization, now):
    suppress(organization, now, reason=Reason.UNSUBSCRIBED)
    suppress(organization, now, email="amina@example.org", reason=Reason.COMPLAINED)

    outcome = bring_in([SUZIE, "amina@example.org"], organization, now)

    assert (outcome.added, outcome.known) == (1, 1)
    standing = Suppression.objects.in_force().values_list("reason", flat=True)
    assert sorted(standing) == ["complained", "imported"]


def test_a_list_for_the_installation_marks_everybodys_supporters(suzie, now):
    theirs = a_supporter(an_organization("other"), email=SUZIE)
    outcome = bring_in([sha(SUZIE)], None, now, reason=Reason.LAW)
    assert (outcome.added, outcome.supporters) == (1, 2)
    assert (state(suzie), state(theirs)) == ("suppressed", "suppressed")
    assert bring_in([SUZIE], None, now).known == 1


def test_what_is_handed_on_are_the_hashes_in_force_and_it_is_on_record(organization, now):
    suppress(organization, now)
    suppress(organization, now, email="amina@example.org", reason=Reason.ERASED, keep_digest=False)
    suppress(organization, now, email="bruno@example.org")
    suppression.lift_own(organization=organization, email="bruno@example.org", now=now)
    suppress(an_organization("other"), now, email="dana@example.org")

    handed = list(suppression_lists.hand_on(organization=organization, by=None, now=now))

    assert handed == [sha(SUZIE)]
    assert AuditEntry.objects.get(verb="export_suppressions").details == {"hashes": 1}


def test_what_one_group_hands_on_another_can_bring_in(organization, now):
    other = an_organization("other")
    theirs = a_supporter(other, email=SUZIE)
    suppress(organization, now)

    bring_in(suppression_lists.hand_on(organization=organization, by=None, now=now), other, now)

    assert state(theirs) == "suppressed"


def test_a_sweep_brings_everybody_into_step_batch_by_batch(organization, suzie, now, monkeypatch):
    monkeypatch.setattr(suppression, "BATCH", 2)
    others = [a_supporter(organization, email=f"s{number}@example.org") for number in range(5)]
    for who in (suzie, others[4]):
        suppression.suppress_digest(
            organization=organization, digest=sha(who.email), reason=Reason.LAW, source="", now=now
        )
    Supporter.objects.filter(pk=others[0].pk).update(unreachable="bounced")

    assert suppression_lists.sweep(organization=organization) == 3
    assert [state(who) for who in (suzie, *others)] == ["suppressed", "", "", "", "", "suppressed"]
    assert suppression_lists.sweep(organization=organization) == 0


def test_a_long_list_takes_no_more_memory_than_a_short_one(organization, now):
    def most_memory_for(count):
        tracemalloc.start()
        bring_in((f"{sha(f'{count}-{number}')}\n" for number in range(count)), organization, now)
        _left, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    most_memory_for(suppression.BATCH)
    short = most_memory_for(suppression.BATCH * 2)
    assert most_memory_for(suppression.BATCH * 6) < short * 1.5


def test_who_comes_back_after_the_pause_finds_the_row_still_there(organization, now):
    """A suppression outlives the supporter it was about."""
    suppress(organization, now)
    later = a_supporter(organization, email=SUZIE, now=now + timedelta(days=400))
    assert later.unreachable == "suppressed"
