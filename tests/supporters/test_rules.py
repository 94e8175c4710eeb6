"""The rule sets of law: what each lets an organization do; the files are whole, and the page says the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from amparo.kit.work import run_line
from amparo.organizations.models import Jurisdiction, Organization
from amparo.supporters import checks, consent, lines_of_work, rules, wordings
from amparo.supporters.models import Channel, ConsentRecord, LegalBasis, Origin, Purpose
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "safety" / "law.md"
EXPLICIT, IMPORTED = LegalBasis.EXPLICIT_CONSENT, LegalBasis.IMPORTED
SOFT, LEGITIMATE = LegalBasis.SOFT_OPT_IN, LegalBasis.LEGITIMATE_INTEREST
CHARITY_DAY = date(2026, 2, 5)
TODAY = date(2026, 11, 22)
STANDING = [Purpose.NEWS, Purpose.FUNDRAISING, Purpose.EVENTS]


def law_of(jurisdiction, *, charity=False):
    return rules.of(Organization(jurisdiction=jurisdiction, is_statutory_charity=charity))


def permits(jurisdiction, basis, purpose, channel, *, charity=True, given_on=TODAY, today=TODAY):
    try:
        law_of(jurisdiction, charity=charity).permits(
            basis=basis, purpose=purpose, channel=channel, given_on=given_on, today=today
        )
    except rules.BasisNotPermitted:
        return False
    return True


def channels_of(jurisdiction, basis, purpose=Purpose.NEWS, **fields):
    return {channel.value for channel in Channel if permits(jurisdiction, basis, purpose, channel, **fields)}


# --- Every jurisdiction -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
@pytest.mark.parametrize("purpose", Purpose)
def test_an_explicit_yes_is_enough_everywhere(jurisdiction, purpose):
    assert channels_of(jurisdiction, EXPLICIT, purpose, charity=False) == {"email", "sms", "phone", "post"}


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
@pytest.mark.parametrize("basis", [IMPORTED, SOFT, LEGITIMATE])
@pytest.mark.parametrize("purpose", [Purpose.PARTNER, Purpose.DISCLOSURE])
def test_nothing_is_passed_on_without_an_explicit_yes(jurisdiction, basis, purpose):
    assert channels_of(jurisdiction, basis, purpose) == set()


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
def test_nobody_is_written_to_by_mail_text_or_telephone_for_a_legitimate_interest(jurisdiction):
    assert channels_of(jurisdiction, LEGITIMATE) <= {"post"}


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
def test_links_to_unsubscribe_work_for_sixty_days(jurisdiction):
    assert law_of(jurisdiction).keep_link_days == 60


# --- Each rule of its own ---------------------------------------------------------------------------------------


def test_uk_the_soft_opt_in_is_for_charities_and_does_not_reach_back():
    day_before = CHARITY_DAY - timedelta(days=1)

    assert channels_of("uk", SOFT, given_on=CHARITY_DAY) == {"email", "sms"}
    assert channels_of("uk", SOFT, given_on=CHARITY_DAY, charity=False) == set()
    assert channels_of("uk", SOFT, given_on=day_before) == set()
    assert channels_of("uk", SOFT, given_on=None) == set()


def test_uk_letters_by_post_may_rest_on_a_legitimate_interest():
    assert channels_of("uk", LEGITIMATE, charity=False) == {"post"}


def test_uk_complaints_are_acknowledged_within_thirty_days():
    assert law_of("uk").acknowledge_complaint_days == 30
    assert law_of("uk").answer_request_days == 28


@pytest.mark.parametrize("jurisdiction", ["uk", "eu", "de-at"])
def test_where_the_gdpr_holds_an_objection_holds_at_once(jurisdiction):
    assert law_of(jurisdiction).unsubscribe_days == 0


@pytest.mark.parametrize("jurisdiction", ["eu", "de-at"])
def test_the_eu_knows_no_soft_opt_in_for_causes(jurisdiction):
    assert channels_of(jurisdiction, SOFT) == set()
    assert channels_of(jurisdiction, LEGITIMATE) == {"post"}
    assert law_of(jurisdiction).acknowledge_complaint_days == 28


def test_germany_and_austria_want_mail_confirmed_and_signed_with_an_address():
    assert {channel for channel in Channel if law_of("de-at").needs_double_opt_in(channel)} == {Channel.EMAIL}
    assert law_of("de-at").postal_address_in_every_mail


@pytest.mark.parametrize("jurisdiction", ["uk", "eu", "ca", "us"])
def test_elsewhere_double_opt_in_is_no_law(jurisdiction):
    assert not law_of(jurisdiction).needs_double_opt_in(Channel.EMAIL)


def test_canada_implied_consent_is_for_charities_and_lasts_two_years():
    given = date(2024, 11, 23)

    assert channels_of("ca", SOFT, given_on=given) == {"email", "sms"}
    assert channels_of("ca", SOFT, given_on=given, charity=False) == set()
    assert channels_of("ca", SOFT, given_on=given - timedelta(days=1)) == set()
    assert channels_of("ca", SOFT, given_on=None) == set()
    assert channels_of("ca", LEGITIMATE) == set()


def test_canada_unsubscribing_takes_ten_business_days_at_most_and_mail_says_where_you_are():
    canada = law_of("ca")
    assert (canada.unsubscribe_days, canada.rule_set.unsubscribe.business_days) == (10, True)
    assert canada.postal_address_in_every_mail
    assert (canada.acknowledge_complaint_days, canada.answer_request_days) == (30, 30)


def test_united_states_mail_goes_until_somebody_says_no_but_texts_need_a_yes():
    assert channels_of("us", SOFT, charity=False) == {"email"}
    assert channels_of("us", LEGITIMATE) == {"post"}
    states = law_of("us")
    assert (states.unsubscribe_days, states.rule_set.unsubscribe.business_days) == (10, True)
    assert states.postal_address_in_every_mail
    assert (states.acknowledge_complaint_days, states.answer_request_days) == (30, 45)


@pytest.mark.parametrize("jurisdiction", ["uk", "eu"])
def test_elsewhere_an_address_on_the_site_is_enough(jurisdiction):
    assert not law_of(jurisdiction).postal_address_in_every_mail


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2026, 11, 22), -24, date(2024, 11, 22)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_months_are_counted_by_the_calendar(day, months, found):
    assert rules.months_after(day, months) == found


def test_the_refusal_says_which_law_and_what_not():
    with pytest.raises(rules.BasisNotPermitted) as refusal:
        law_of("eu").permits(
            basis=SOFT, purpose=Purpose.NEWS, channel=Channel.EMAIL, given_on=TODAY, today=TODAY
        )
    assert "European Union" in str(refusal.value)
    assert "Soft opt-in" in str(refusal.value)


# --- The ledger ---------------------------------------------------------------------------------------------------


def a_line(supporter, *, basis, now, **fields):
    fields.setdefault("granted", True)
    fields.setdefault("evidence", "2026-03-01, paper form at the vigil")
    fields.setdefault("origin", Origin.IMPORT)
    return consent.line(
        supporter=supporter,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        basis=basis,
        source="list.csv",
        now=now,
        **fields,
    )


@pytest.mark.django_db
def test_a_yes_on_an_unlawful_basis_never_enters_the_ledger_and_neither_does_its_neighbour(now):
    organization = an_organization(jurisdiction="eu")
    suzie, amina = a_supporter(organization, given_name="Suzie"), a_supporter(organization)
    lines = [a_line(suzie, basis=EXPLICIT, now=now), a_line(amina, basis=SOFT, now=now)]

    with pytest.raises(rules.BasisNotPermitted):
        consent.append(lines)

    assert not ConsentRecord.objects.exists()
    suzie.refresh_from_db()
    assert suzie.agreed_to == 0


@pytest.mark.django_db
def test_a_no_is_taken_whatever_the_law(now):
    suzie = a_supporter(an_organization(jurisdiction="eu"))
    consent.append([a_line(suzie, basis=SOFT, now=now, granted=False)])
    assert ConsentRecord.objects.get().granted is False


@pytest.mark.django_db
def test_a_charity_may_bring_in_whom_it_met_since_february(now):
    suzie = a_supporter(an_organization(is_statutory_charity=True))
    consent.append([a_line(suzie, basis=SOFT, now=now, given_on=CHARITY_DAY)])

    with pytest.raises(rules.BasisNotPermitted):
        consent.append([a_line(suzie, basis=SOFT, now=now, given_on=CHARITY_DAY - timedelta(days=1))])
    assert consent.may_contact(supporter=suzie, purpose=Purpose.NEWS, channel=Channel.EMAIL)


@pytest.mark.django_db
@pytest.mark.parametrize("origin", [Origin.IMPORT, Origin.STAFF])
def test_in_germany_a_yes_from_elsewhere_says_how_it_was_confirmed(now, origin):
    suzie = a_supporter(an_organization(jurisdiction="de-at"))
    wording = wordings.word(
        organization=suzie.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="News?",
    )
    with pytest.raises(rules.NotProved):
        consent.append([a_line(suzie, basis=EXPLICIT, now=now, origin=origin, wording=wording, evidence="")])
    consent.append([a_line(suzie, basis=EXPLICIT, now=now, origin=origin)])
    consent.append([a_line(suzie, basis=EXPLICIT, now=now, origin=Origin.FORM, wording=wording, evidence="")])


@pytest.mark.django_db
def test_an_imported_yes_needs_evidence_everywhere(now):
    suzie = a_supporter(an_organization(jurisdiction="us"))
    wording = wordings.word(
        organization=suzie.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="News?",
    )
    with pytest.raises(rules.NotProved):
        consent.append([a_line(suzie, basis=IMPORTED, now=now, wording=wording, evidence="")])


@pytest.mark.django_db
def test_implied_consent_ends_by_itself_after_two_years_unless_they_said_yes_since(now):
    canada = an_organization("maple", jurisdiction="ca", is_statutory_charity=True)
    uk = an_organization("thames", is_statutory_charity=True)
    suzie, amina = a_supporter(canada, given_name="Suzie"), a_supporter(canada)
    elsewhere = a_supporter(uk)
    given = datetime(2024, 11, 25, 9, tzinfo=UTC)
    consent.append([a_line(who, basis=SOFT, now=given, given_on=given.date()) for who in (suzie, amina)])
    consent.append([a_line(elsewhere, basis=SOFT, now=now, given_on=CHARITY_DAY)])
    consent.append([a_line(amina, basis=EXPLICIT, now=given + timedelta(days=30))])
    lines_of_work._next_pass.forget()

    def agreed_after(moment):
        run_line("lapses", now_source=lambda: moment)
        suzie.refresh_from_db()
        return bool(suzie.agreed_to)

    assert agreed_after(datetime(2026, 11, 24, 23, tzinfo=UTC))
    assert agreed_after(datetime(2026, 11, 25, 1, tzinfo=UTC)), "once a day is enough"
    assert not agreed_after(datetime(2026, 11, 25, 23, tzinfo=UTC))
    assert not agreed_after(datetime(2026, 11, 27, 1, tzinfo=UTC))

    suzie.refresh_from_db()
    amina.refresh_from_db()
    assert (suzie.agreed_to, bool(amina.agreed_to)) == (0, True)
    last, *earlier = consent.ledger_of(suzie)
    assert len(earlier) == 1
    assert (last.granted, last.origin) == (False, Origin.LAPSED)
    assert "10(9)" in last.source


# --- The files ----------------------------------------------------------------------------------------------------


def whole():
    return (rules.FOLDER / "uk.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
def test_every_rule_of_every_file_names_law_place_and_day(jurisdiction):
    found = rules.load(jurisdiction)
    for rule in rules_in(found):
        assert rule.rule.endswith(".")
        assert rule.law
        assert any(character.isdigit() for character in rule.section)
        assert rule.since <= TODAY
    assert any(rule.basis == EXPLICIT for rule in found.bases)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[unsubscribe]", "[unsubscribing]", "nobody reads"),
        ("[unsubscribe]", "[unsubscribe", "no TOML"),
        ('basis = "soft-opt-in"', 'basis = "soft"', "soft"),
        ('channels = ["post"]', 'channels = ["pigeon"]', "pigeon"),
        ('channels = ["post"]', "channels = []", "no purpose or no channel"),
        ('channels = ["post"]', 'channels = "post"', "right kind"),
        ('basis = "legitimate"', 'basis = "soft-opt-in"\nonly_charity = true', "nobody reads"),
        ("days = 28", "days = -1", "below nothing"),
        ("days = 28", "days = true", "right kind"),
        ("days = 28\n", "", "lacks days"),
        ("since = 2026-06-19", "since = 2026-06-19T00:00:00Z", "right kind"),
        ('section = "reg. 22(3A)"', 'section = ""', "empty"),
        ("[[basis]]", "[basis]", ""),
        ('basis = "imported"', 'basis = "explicit"', "two rules"),
    ],
)
def test_a_malformed_file_is_refused(old, new, told):
    text = whole()
    assert old in text
    with pytest.raises(rules.MalformedRules, match=f"uk.toml.*{told}"):
        rules.parse(Jurisdiction.UK, text.replace(old, new))


def test_a_file_without_bases_is_refused():
    with pytest.raises(rules.MalformedRules, match="no legal basis"):
        rules.parse(Jurisdiction.UK, whole()[whole().index("[double_opt_in]") :])


def test_the_program_does_not_start_with_a_malformed_or_missing_file(monkeypatch, tmp_path):
    assert checks.rule_sets_are_whole() == []
    for jurisdiction in Jurisdiction:
        if jurisdiction != Jurisdiction.CANADA:
            (tmp_path / f"{jurisdiction.value}.toml").write_text(whole(), encoding="utf-8")
    (tmp_path / "eu.toml").write_text("no", encoding="utf-8")
    monkeypatch.setattr(rules, "FOLDER", tmp_path)
    rules.load.cache_clear()
    try:
        problems = [str(error.msg) for error in checks.rule_sets_are_whole()]
    finally:
        rules.load.cache_clear()
    assert len(problems) == 2
    assert problems[0].startswith("eu.toml is no TOML")
    assert problems[1].startswith("ca.toml cannot be read")


# --- The page -----------------------------------------------------------------------------------------------------


def rules_in(found):
    return [
        *found.bases,
        found.double_opt_in,
        found.unsubscribe,
        found.keep_link,
        found.acknowledge_complaint,
        found.answer_request,
        found.postal_address,
    ]


def in_words(labels):
    return ", ".join(str(member.label).lower() for member in type(next(iter(labels))) if member in labels)


def what(found, rule):
    """The first cell of a row: what the rule is about, in the page's words."""
    if isinstance(rule, rules.BasisRule):
        limits = [
            *(["charities only"] if rule.only_charities else []),
            *([f"collected from {rule.given_from} on"] if rule.given_from else []),
            *([f"for {rule.lasts_months} months"] if rule.lasts_months else []),
        ]
        whom = f" ({'; '.join(limits)})" if limits else ""
        purposes = "anything" if len(rule.purposes) == len(Purpose) else in_words(rule.purposes)
        return f"{rule.basis.label}{whom}: {purposes}; by {in_words(rule.channels)}"
    if rule is found.double_opt_in:
        return f"Double opt-in: {in_words(rule.channels) if rule.channels else 'not asked for'}"
    if rule is found.postal_address:
        return f"Postal address in every mail: {'yes' if rule.in_every_mail else 'no'}"
    name = {
        "unsubscribe": "Unsubscribing",
        "keep_link": "Unsubscribe links work",
        "acknowledge_complaint": "Complaints are acknowledged",
        "answer_request": "Requests are answered",
    }[next(key for key in rules._TABLES if getattr(found, key) is rule)]
    if not rule.days:
        return f"{name}: at once"
    return f"{name}: {rule.days} {'business days' if rule.business_days else 'days'}"


def rows_of(found):
    return [
        f"| {what(found, rule)} | {rule.rule} | {rule.law}: {rule.section} | {rule.since} |"
        for rule in rules_in(found)
    ]


@pytest.mark.parametrize("jurisdiction", Jurisdiction)
def test_the_page_on_law_holds_every_rule_as_the_program_does(jurisdiction):
    text = PAGE.read_text(encoding="utf-8")
    _before, heading, rest = text.partition(f"\n## {jurisdiction.label}\n")
    assert heading, f"{PAGE.name} has no part on {jurisdiction.label}"
    rows = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert rows[1:] == rows_of(rules.load(jurisdiction))
