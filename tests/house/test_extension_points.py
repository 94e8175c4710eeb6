"""Each page of docs/extend/ ends in an example that works: it is taken from the page itself and run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from amparo.actions import confirming, drafting, merge_fields
from amparo.actions.models import Action
from amparo.cases import cautioning
from amparo.cases import registry as case_registry
from amparo.cases.models import Case
from amparo.content import brace_words, pieces
from amparo.content.models import Campaign, HomePage
from amparo.kit import http, work
from amparo.kit.work import run_line
from amparo.mailings.automations.registry import automation_kinds
from amparo.mailings.carriers import known_providers
from amparo.mailings.composer import hints
from amparo.mailings.composer.block_kinds import mail_blocks
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import Enrolment, Notice
from amparo.mailings.progress import progress
from amparo.mailings.registry import notice_kinds
from amparo.mailings.texts.providers import text_providers
from amparo.supporters import identity, questions
from amparo.supporters.importing.registry import import_sources, recognise
from amparo.supporters.importing.registry import load_sources as load_import_sources
from amparo.supporters.models import Channel, Supporter, Suppression
from amparo.supporters.registry import segment_filters
from amparo.supporters.segmentation import segments
from amparo.targets import activating, contacting, current, finding, registry, staging
from amparo.targets.models import MistakeReport
from tests.extend import examples
from tests.extend.models import PledgePage
from tests.factories.automations import an_automation, take_turn
from tests.factories.cases import a_case
from tests.factories.composed import a_draft
from tests.factories.letters import an_action
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, a_site, an_email_page
from tests.factories.people import a_member_of_staff, a_supporter, signed_in
from tests.factories.signed_pages import a_petition, counted, sign
from tests.factories.texts import a_number, a_text_mailing, a_text_reader
from tests.fakes.mail_provider import a_provider

EXTEND = Path(examples.__file__).parent


@pytest.fixture(autouse=True)
def _registries_as_they_were(monkeypatch):
    """What an example registers is gone after its test, and what the program registers stays.

    Sources are read when somebody first asks for them: were that inside a test, they would be gone with its examples,
    and never be read again, since no module is imported twice.
    """
    registry.load_sources()
    load_import_sources()
    for each in (
        work.lines,
        notice_kinds,
        segment_filters,
        registry.target_sources,
        import_sources,
        mail_blocks,
        pieces.page_pieces,
        brace_words.brace_words,
        case_registry.cautions,
        text_providers,
        automation_kinds,
    ):
        monkeypatch.setattr(each, "_items", dict(each._items))
        monkeypatch.setattr(each, "_places", dict(each._places))


def test_every_page_has_its_example_and_its_test():
    """`target-bundle.md` has a test of its own in tests/targets/sources/."""
    pages = {path.name for path in examples.PAGES.glob("*.md")} - {"target-bundle.md"}
    source = Path(__file__).read_text(encoding="utf-8")
    assert [page for page in sorted(pages) if f'"{page}"' not in source] == []
    assert all("test_extension_points.py" in (examples.PAGES / page).read_text() for page in pages)


# --- action-type.md -------------------------------------------------------------------------------------------


@pytest.fixture
def pledge_page(db):
    organization = an_organization()
    page = PledgePage(
        title="Light a candle",
        standfirst="Ilan Sarr, a printer, has been held without trial since 3 March.",
        campaign=a_campaign(organization),
        promise="I light a candle on the day of the hearing.",
    )
    a_site(organization).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def promise(page, **fields):
    typed = {"given-name": "Suzie", "family-name": "Okafor", "email": "suzie@example.org"}
    client = Client(headers={"host": f"{page.organization.slug}.test"})
    return client.post(page.url, {**typed, **fields})


def test_the_template_of_an_action_type_is_the_one_on_its_page():
    shown = examples.last_block("action-type.md", language="html")
    assert shown == (EXTEND / "templates" / "extend" / "pledge_page.html").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_a_new_action_type_is_offered_to_editors_and_its_migration_is_whole(pledge_page):
    assert PledgePage in HomePage.allowed_subpage_models()
    call_command("makemigrations", "extend", check=True, dry_run=True, stdout=StringIO())


def test_a_new_action_type_takes_actions_that_count_once_confirmed(pledge_page):
    shown = Client(headers={"host": "open-doors.test"}).get(pledge_page.url)
    assert "I light a candle" in shown.content.decode()

    assert "Now look in your mailbox" in promise(pledge_page).content.decode()
    assert "Now look in your mailbox" in promise(pledge_page).content.decode()  # a double click
    confirmation = Action.objects.first().confirmation
    assert Notice.objects.get().kind == "confirm_action"

    confirming.confirm(token=confirming.link_for(confirmation.pk), now=datetime.now(UTC))

    assert Action.objects.confirmed().filter(page=pledge_page).count() == 1


def test_a_new_action_type_stores_nothing_of_what_is_wrong_or_of_a_robot(pledge_page):
    assert promise(pledge_page, email="suzie at example").status_code == 422
    assert promise(pledge_page, website="https://example.net").status_code == 200
    assert not Action.objects.exists()


# --- target-source.md -----------------------------------------------------------------------------------------

COUNCIL = """ward,ward_name,postcode,member_id,member,email
V1,Old Town,1001,m1,Hanne Brekke,hanne.brekke@council.example.org
V2,Riverside,1002,,,
V3,Hillside,1003,m3,Aron Vik,not an address
"""


@pytest.mark.django_db
def test_a_new_target_source_is_loaded_and_found_by_postcode(tmp_path, settings):
    settings.AMPARO_VAR = tmp_path / "var"
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "council.csv").write_text(COUNCIL, encoding="utf-8")
    examples.run("target-source.md", module="amparo.targets.sources.valmora")

    bundle = registry.target_sources.get("valmora").read(tmp_path / "files", today=NOW.date())
    activating.activate(dataset=staging.stage(bundle=bundle, now=NOW), now=NOW)

    (problem,) = bundle.all_problems()
    assert (problem.file, problem.line) == ("council.csv", 4)
    (found,) = finding.find(slug="valmora", postcode="1001", now=NOW).candidates
    assert (found.key, found.holder_name) == ("valmora/council/V1", "Hanne Brekke")
    assert finding.find(slug="valmora", postcode="1002", now=NOW).reason == "vacant"
    current.forget()


# --- line-of-work.md ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_line_of_work_does_what_is_due_and_leaves_the_rest():
    organization = an_organization()
    for days in (91, 89, None):
        report = contacting.report_mistake(
            organization=organization, target_key="exa/commons/E1", what="She moved.", now=NOW
        )
        settled_at = None if days is None else NOW - timedelta(days=days)
        MistakeReport.objects.filter(pk=report.pk).update(settled_at=settled_at)
    examples.run("line-of-work.md", module="amparo.targets.lines_of_work")
    line = work.line_called("settled_reports")
    assert line.due(now=NOW) == 1
    assert line.oldest_waiting(now=NOW) == NOW - timedelta(days=91)

    assert run_line("settled_reports", now_source=lambda: NOW).done == 1

    assert MistakeReport.objects.count() == 2
    assert line.due(now=NOW) == 0


# --- notice-kind.md -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_kind_of_notice_is_posted_once_and_arrives(mail_server):
    page = an_email_page(an_organization(), deadline=datetime(2027, 3, 4, 9, 0, tzinfo=UTC))
    action = an_action(page)
    tell = examples.run("notice-kind.md", module="amparo.actions.notice_kinds")["tell_hearing_moved"]
    tell(action=action, now=NOW)
    tell(action=action, now=NOW)

    assert run_line("notices", now_source=lambda: NOW).done == 1

    (mail,) = mail_server.to(action.supporter.email)
    assert mail["Subject"] == "The hearing was moved"
    assert "04 March 2027" in mail.get_content()


# --- merge-field.md -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_merge_field_may_be_used_and_is_filled(monkeypatch):
    page = an_email_page(an_organization())
    page.campaign.hashtag = "#FreeIlan"
    page.subjects = [("subject", "Where is he? {hashtag}")]
    with pytest.raises(ValidationError, match="hashtag"):
        page.clean()
    monkeypatch.setattr(merge_fields, "MERGE_FIELDS", dict(merge_fields.MERGE_FIELDS))
    monkeypatch.setattr(drafting, "values_of", drafting.values_of)

    examples.run("merge-field.md", module="example")

    page.clean()
    draft = drafting.draft(page=page, targets=[], my_name="Suzie Okafor", key=uuid4(), now=NOW)
    assert draft.subject == "Where is he? #FreeIlan"


# --- import-source.md -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_import_source_recognises_its_files_and_brings_people_in(settings, tmp_path):
    from tests.supporters.importing.lists import brought_in

    settings.AMPARO_VAR = tmp_path
    examples.run("import-source.md", module="amparo.supporters.importing.sources.lantern")
    rows = (
        "Mailbox;Called;Lamp;Lit on\n"
        "amina@example.org;Amina Rahal;lit;3/4/2024\n"
        "suzie@example.org;Suzie Okafor;dark;\n"
        "dana@example.org;Dana Levi;flickering;\n"
    )
    assert recognise(["Mailbox", "Called", "Lamp", "Lit on"]) == "lantern"
    run = brought_in(rows)
    assert (run.source, run.counts["new"], run.counts["shut"]) == ("lantern", 1, 2)
    amina = identity.find(organization=an_organization(), email="amina@example.org")
    assert amina is not None
    assert amina.full_name == "Amina Rahal"
    assert amina.agreed_to
    reasons = Suppression.objects.in_force().order_by("reason").values_list("reason", flat=True)
    assert list(reasons) == ["bounced", "unsubscribed"]


# --- segment-filter.md ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_segment_filter_is_offered_asked_and_read_aloud():
    organization = an_organization()
    page = an_email_page(organization)
    action = an_action(page, language="fr")
    an_action(page, supporter=a_supporter(organization, given_name="Suzie"), language="en")
    examples.run("segment-filter.md", module="amparo.actions.segment_filters")
    question = {"filter": "acted-in-language", "languages": ["fr"]}

    found = segments.ask(question, organization=organization, now=NOW)

    assert [each.pk for each in found] == [action.supporter_id]
    read = questions.read({"not": question}, organization=organization)
    assert questions.sentence(read) == "Everybody who did not take part in French."
    bruno = signed_in(a_member_of_staff(organization))
    shown = bruno.get(reverse("staff_segment_add", args=[organization.pk])).content.decode()
    assert '<option value="acted-in-language">Took part in a language</option>' in shown


# --- mail-block.md --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_block_of_a_mailing_is_offered_drawn_and_checked():
    organization = an_organization()
    campaign = a_campaign(organization)
    campaign.hashtag = "#FreeIlan <3"
    campaign.save()
    examples.run("mail-block.md", module="example")

    text = a_draft(organization, {"type": "hashtag", "value": str(campaign.pk)})

    assert "\n#FreeIlan <3\n" in f"\n{text.text}"
    assert "#FreeIlan &lt;3</p>" in text.html
    bruno = signed_in(a_member_of_staff(organization))
    assert "Hashtag" in bruno.get(reverse("staff_mailing_text", args=[text.pk])).content.decode()
    assert not any(hint.code == "block" for hint in hints.of_text(text, now=NOW))
    campaign.hashtag = ""
    campaign.save()
    assert any("campaign of a hashtag" in hint.sentence for hint in hints.of_text(text, now=NOW))


# --- page-piece.md, brace-word.md, caution.md ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_page_piece_is_offered_and_drawn_in_a_page():
    organization = an_organization()
    for title, hashtag in (("Free Ilan", "#FreeIlan"), ("Clean rivers", "#Rivers")):
        Campaign.objects.create(organization=organization, title=title, hashtag=hashtag)
    shown = examples.last_block("page-piece.md", language="html")
    assert shown == (EXTEND / "templates" / "extend" / "hashtags.html").read_text(encoding="utf-8")

    examples.run("page-piece.md", module="tests.extend.page_pieces")

    assert ("hashtags", "Hashtags of our campaigns") in pieces.on_offer()
    page = an_email_page(organization)
    page.body = [("piece", {"what": "hashtags", "heading": "Spread it", "narrowed_to": "ilan"})]
    page.save_revision().publish()
    read = Client(headers={"host": "open-doors.test"}).get(page.url).content.decode()
    assert "Spread it" in read
    assert "#FreeIlan" in read
    assert "#Rivers" not in read


@pytest.mark.django_db
def test_a_new_word_in_braces_is_filled_in_and_explained():
    organization = an_organization()
    petition = a_petition(organization, slug="ilan")
    sign(petition)
    counted(petition)

    examples.run("brace-word.md", module="tests.extend.brace_words")

    told = brace_words.tell("Already {signed:ilan} signed. Not {signed:none}.", organization=organization)
    assert told.text == "Already 1 signed."
    assert told.notes == ("A judge for Ilan Sarr: signatures that were confirmed.",)
    assert brace_words.wrong_in(["{signed:none}"], organization=organization) == [
        "There is no petition “none”: readers do not see what names it."
    ]


@pytest.mark.django_db
def test_a_new_caution_is_told_of_the_case_it_concerns():
    organization = an_organization()
    old = a_case(organization, now=NOW - timedelta(days=200))
    a_case(organization, reference="NEW-1", slug="new")

    examples.run("caution.md", module="tests.extend.cautions")

    found = cautioning.of_case(old, today=NOW.date())
    assert [one.url for one in found if one.kind == "untouched"] == [reverse("staff_case", args=[old.pk])]
    look = case_registry.Look(organization, NOW.date(), tuple(Case.objects.order_by("reference")))
    assert [one.case for one in case_registry.cautions.get("untouched")(look)] == [old]


# --- text-provider.md ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_provider_of_texts_takes_mailings(settings, tmp_path, monkeypatch):
    settings.AMPARO_VAR = str(tmp_path)
    settings.AMPARO_SMS_PROVIDER, settings.AMPARO_SMS_SENDERS = "office", {"": "+441632960000"}
    added = examples.run("text-provider.md", module="tests.extend.gateways")
    said = {a_number(2): b"NO", a_number(3): b"BUSY"}
    asked = []

    def post(url, *, fields, guard):
        asked.append(fields["words"])
        return http.Answer(200, url, {}, said.get(fields["to"], b"OK"))

    monkeypatch.setattr(added["http"], "post", post)
    organization = an_organization()
    for at, name in enumerate(["Suzie", "Amina", "Dana"], start=1):
        a_text_reader(organization, name, phone=a_number(at))
    mailing = frozen(a_text_mailing(organization))
    delivering_mailings.Session(now_source=lambda: NOW, channel=Channel.SMS).run()
    assert progress(mailing).by_outcome == {"sent": 1, "failed": 1, "temporary": 1}
    assert "Dear Suzie, Ilan Sarr has a hearing. Please write today. Answer STOP to get no more." in asked
    assert Client().post(reverse("text_answer")).status_code == 404


# --- mail-provider.md ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_provider_of_e_mail_takes_mailings(settings, tmp_path, monkeypatch):
    settings.AMPARO_VAR = str(tmp_path)
    added = examples.run("mail-provider.md", module="tests.extend.providers")["SPARKPOST"]
    monkeypatch.setitem(known_providers.PROVIDERS, added.name, added)
    settings.AMPARO_MAIL_PROVIDER = added.name
    organization = an_organization()
    a_reader(organization, "{{x}}", email="suzie@readers.example.net")
    a_reader(organization, "Amina", email="amina@readers.example.net")
    frozen(a_mailing(organization))
    with a_provider() as fake:
        at = f"http://127.0.0.1:{fake.port}/api/v1/"
        settings.ANYMAIL = {"SPARKPOST_API_KEY": "key", "SPARKPOST_API_URL": at}
        assert delivering_mailings.Session(now_source=lambda: NOW).run().done == 2
    assert fake.took == ["amina", "suzie"]
    assert fake.of("suzie").text.replace("\u2060", "").startswith("Dear {{x}},")
    assert all(one.seen_recipients == [one.to] for one in fake.delivered)
    assert all(
        asked["options"] == {"open_tracking": False, "click_tracking": False} for asked in fake.requests
    )


# --- automation-kind.md -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_kind_of_automation_writes_once_to_whom_it_is_for():
    examples.run("automation-kind.md", module="tests.extend.anniversaries")
    organization = an_organization()
    automation = an_automation(organization, kind="anniversary")
    joined = {"Suzie": timedelta(days=365) - timedelta(minutes=1), "Amina": timedelta(days=200)}
    for name, ago in joined.items():
        reader = a_reader(organization, name, email=f"{name.lower()}@readers.example.net")
        Supporter.objects.filter(pk=reader.pk).update(confirmed_at=NOW - ago)

    for minutes in (2, 4):
        take_turn(NOW + timedelta(minutes=minutes))

    enrolled = Enrolment.objects.filter(automation=automation)
    assert [(each.supporter.given_name, each.state) for each in enrolled] == [("Suzie", "finished")]
