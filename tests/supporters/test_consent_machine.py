"""Whatever happens in whatever order, nobody is written to who did not say so (guarantee P9).

Four people sign, refuse, withdraw, press the one-click button, come in with lists, are merged,
separated, suppressed, freed and erased. After every step the database itself is asked.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.actions import confirming, counting, taking
from amparo.actions.models import Action, Confirmation, Tally
from amparo.supporters import consent, rules, suppression, wordings
from amparo.supporters.identity import find
from amparo.supporters.merging_people import merging
from amparo.supporters.models import (
    Channel,
    ConsentRecord,
    LegalBasis,
    Merge,
    Origin,
    Purpose,
    Supporter,
    Suppression,
)
from amparo.supporters.rights import erasure
from tests.factories.deeds import a_deed
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter
from tests.faults.sizes import times

NEWS = (Purpose.NEWS, Channel.EMAIL)
ADDRESSES = [f"{name}@example.org" for name in ("suzie", "susan", "amina")]
who = st.sampled_from(ADDRESSES)
reasons = st.sampled_from(list(Suppression.Reason))
bases = st.sampled_from(list(LegalBasis))


class Interleavings(RuleBasedStateMachine):
    """One organization under the law of the United Kingdom, no charity, with one page; everything is rolled back."""

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = NOW
        self.page = PAGE[0]
        self.organization = self.page.organization
        self.wording = wordings.word(
            organization=self.organization,
            purpose=Purpose.NEWS,
            channel=Channel.EMAIL,
            language="en",
            text="News?",
        )

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def later(self):
        self.now += timedelta(minutes=11)
        return self.now

    def person(self, email):
        return find(organization=self.organization, email=email)

    # --- What people do ---

    @rule(email=who, granted=st.booleans())
    def signs(self, email, granted):
        """Signs, answers the question, and presses the button in the mail, if the mail was sent."""
        now = self.later()
        deed = a_deed(email=email, consents={self.wording.pk: granted})
        taking.take(page=self.page, deed=deed, now=now)
        waiting = Action.objects.get(key=deed.key).confirmation
        if not suppression.is_not_even_asked(organization=self.organization, email=email):
            confirming.confirm(token=confirming.link_for(waiting.pk), now=now)

    @rule(email=who)
    def types_and_never_confirms(self, email):
        deed = a_deed(email=email, consents={self.wording.pk: True})
        taking.take(page=self.page, deed=deed, now=self.later())

    @rule(email=who, origin=st.sampled_from([Origin.PREFERENCES, Origin.COMPLAINT]))
    def withdraws(self, email, origin):
        if person := self.person(email):
            consent.withdraw(supporter=person, origin=origin, source="/me/", now=self.later())

    @rule(email=who)
    def presses_the_button_of_the_mail(self, email):
        if person := self.person(email):
            now = self.later()
            consent.withdraw(
                supporter=person, questions=[NEWS], origin=Origin.ONE_CLICK, source="a mail", now=now
            )
            self.suppress_address(email, Suppression.Reason.UNSUBSCRIBED, now)

    # --- What staff do ---

    @rule(email=who, basis=bases, days_ago=st.integers(0, 900))
    def brings_in_a_yes(self, email, basis, days_ago):
        now = self.later()
        person = a_supporter(self.organization, email=email, now=now)
        line = consent.line(
            supporter=person,
            purpose=Purpose.NEWS,
            channel=Channel.EMAIL,
            granted=True,
            origin=Origin.IMPORT,
            basis=basis,
            evidence="paper form",
            source="list.csv",
            given_on=(now - timedelta(days=days_ago)).date(),
            now=now,
        )
        try:
            consent.append([line])
        except rules.BasisNotPermitted:
            return

    @rule(one=who, other=who)
    def merges(self, one, other):
        survivor, absorbed = self.person(one), self.person(other)
        if survivor and absorbed and survivor != absorbed:
            merging.merge(survivor=survivor, absorbed=absorbed, by=None, now=self.later())

    @rule(one=who, other=who, granted=st.booleans())
    def finds_two_who_signed_to_be_one(self, one, other, granted):
        self.signs(email=one, granted=granted)
        self.signs(email=other, granted=not granted)
        self.merges(one=one, other=other)

    @rule(choice=st.integers(0, 3))
    def undoes_a_merge(self, choice):
        standing = list(Merge.objects.filter(organization=self.organization, undone_at=None).order_by("pk"))
        if standing:
            try:
                merging.undo(merge=standing[choice % len(standing)], by=None, now=self.later())
            except merging.NotAsTheyWere:
                return

    @rule(email=who)
    def erases(self, email):
        if person := self.person(email):
            erasure.erase(supporter=person, by=None, origin=Origin.PREFERENCES, now=self.later())

    @rule(email=who, reason=reasons)
    def suppresses(self, email, reason):
        self.suppress_address(email, reason, self.later())

    def suppress_address(self, email, reason, now):
        suppression.suppress(
            organization=self.organization, email=email, reason=reason, source="a test", now=now
        )

    @rule(email=who)
    def lifts(self, email):
        for row in suppression.in_force(organization=self.organization, email=email):
            if not row.is_own:
                suppression.lift(suppression=row, because="asked", by=None, now=self.later())

    @rule()
    def counts(self):
        counting.count_page(self.page.pk, now=self.later())

    # --- What must hold ---

    def everybody(self):
        return list(Supporter.objects.for_organization(self.organization))

    @invariant()
    def whoever_may_be_mailed_said_so_last_on_a_basis_that_holds(self):
        mailable = Supporter.objects.for_organization(self.organization).present()
        for person in mailable.agreed(consent.bit(*NEWS)).filter(unreachable=""):
            last = consent.ledger_of(person)[0]
            assert last.granted
            rules.of(self.organization).permits(
                basis=last.legal_basis,
                purpose=last.purpose,
                channel=last.channel,
                given_on=last.given_on or last.recorded_at.date(),
                today=self.now.date(),
            )
            assert not suppression.is_suppressed(organization=self.organization, email=person.email)
            assert person.anonymized_at is None
            assert person.merged_into_id is None

    @invariant()
    def the_bits_are_what_the_ledger_says(self):
        for record in self.everybody():
            somebody = record.anonymized_at is None and record.merged_into_id is None
            answers = consent.present_answers(record) if somebody else {}
            said = sum(
                consent.bit(purpose, channel)
                for (purpose, channel, _partner), last in answers.items()
                if last.granted
            )
            assert record.agreed_to == said

    @invariant()
    def everybodys_state_is_what_the_list_says(self):
        for record in self.everybody():
            if record.email:
                state = suppression.state_of(organization=self.organization, email=record.email)
                assert record.unreachable == state

    @invariant()
    def whose_record_is_whose_follows_from_the_merges_that_stand(self):
        standing = Merge.objects.filter(organization=self.organization, undone_at=None)
        parent = dict(standing.values_list("absorbed", "survivor"))
        for record in self.everybody():
            root = record.pk
            while root in parent:
                root = parent[root]
            assert record.person_id == root

    @invariant()
    def a_person_counts_once_on_a_page_and_the_counter_is_exact(self):
        acted = [
            action.supporter.person_id
            for action in Action.objects.confirmed().filter(page=self.page).select_related("supporter")
        ]
        assert len(acted) == len(set(acted))
        tally = Tally.objects.filter(page=self.page).first()
        counted = Action.objects.confirmed().filter(page=self.page, counted_at__isnull=False).count()
        assert (tally.confirmed if tally else 0) == counted


#: Pages take a quarter of a second to make, and no example changes theirs.
PAGE = []


@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_nobody_is_ever_mailed_who_did_not_say_so():
    PAGE[:] = [an_email_page(an_organization())]
    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=times(small=6, full=200),
            stateful_step_count=times(small=20, full=50),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not ConsentRecord.objects.exists()
    assert not Confirmation.objects.exists()
