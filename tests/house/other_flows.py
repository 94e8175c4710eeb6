"""What supporters meet beside the page that asks for a letter: each flow from its page to its last mail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.utils import timezone
from wagtail.models import Locale

from amparo.actions import confirming, following_up
from amparo.actions.models import Action, ActionPage, Message
from amparo.cases.models import Case, CaseIndexPage
from amparo.cases.models.publication import PublicationConsent
from amparo.kit import tokens
from amparo.kit.published import note_publication
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import changing_address, linking
from amparo.supporters.identity import find
from amparo.supporters.models import AddressChange, Complaint, Supporter
from amparo.supporters.rights import complaining
from tests.factories import cases
from tests.factories.letters import a_letter
from tests.factories.pages import a_question, a_sign_up_page
from tests.factories.people import a_member_of_staff, a_supporter
from tests.factories.signed_pages import a_petition, an_open_letter, approve

if TYPE_CHECKING:
    from tests.house.test_translated_flow import Reader

#: No words of ours in any language, so that what a test wrote is not taken for what a page says.
WRITTEN = "0123456789"
SIGNER = {"given-name": "Suzie", "family-name": "Kowal", "email": "suzie@example.net"}


def walk_beside_the_letter(reader: Reader) -> None:
    """Petition, open letter, sign-up, case, answer, and the pages of one's own."""
    signing(reader)
    signing_up(reader)
    reading_a_case(reader)
    answering(reader)
    on_ones_own_page(reader)
    leaving(reader)


def in_their_language(reader: Reader, page):
    """The page as the reader meets it."""
    if reader.language == "en":
        return page
    translated = page.copy_for_translation(Locale.objects.get(language_code=reader.language))
    translated.save_revision().publish()
    return translated


def look(reader: Reader, name: str, address: str, *, status: int = 200) -> None:
    """Read a page as it is now; what a test stores is never committed, so that the page cache does not hear of it."""
    note_publication()
    reader.look(name, address, status=status)


def press_the_link(reader: Reader, name: str, action: Action) -> None:
    """The mail, the page behind its link, and what pressing the button says."""
    reader.mail(f"{name}: mail", Notice.objects.filter(kind="confirm_action").latest("pk"))
    link = reader.address("confirm", confirming.link_for(action.confirmation_id))
    look(reader, f"{name}: confirm", link)
    reader.keep(f"{name}: confirmed", reader.client.post(link, {"step": "confirm"}))


# --- Signing ----------------------------------------------------------------------------------------------------


def signing(reader: Reader) -> None:
    organization = reader.page.organization
    petition = a_petition(
        organization,
        takes_organizations=True,
        asks_postcode=True,
        asks_country=True,
        demands=(WRITTEN,),
    )
    letter = an_open_letter(organization, demands=(WRITTEN, WRITTEN))
    for name, made in (("petition", petition), ("open letter", letter)):
        page = in_their_language(reader, made)
        form = {**SIGNER, "step": "sign", "shown-as": "name", "comment": WRITTEN}
        look(reader, name, page.url)
        reader.keep(f"{name}: empty", reader.client.post(page.url, {"step": "sign"}), status=422)
        slip = {**form, "email": "suzie@gmial.com"}
        reader.keep(f"{name}: slip", reader.client.post(page.url, slip))
        reader.keep(f"{name}: signed", reader.client.post(page.url, form))
        action = Action.objects.get(page=page)
        press_the_link(reader, name, action)
        approve(action, by=a_member_of_staff(organization))
        look(reader, f"{name}: with a name", page.url)
        look(reader, f"{name}: names", reader.address("signatures", page.pk, 1))
        ActionPage.objects.filter(pk=page.pk).update(hard_stop=timezone.now())
        look(reader, f"{name}: over", page.url)
        reader.keep(f"{name}: too late", reader.client.post(page.url, form), status=410)


# --- Signing up -------------------------------------------------------------------------------------------------


def signing_up(reader: Reader) -> None:
    made = a_sign_up_page(reader.page.organization, standfirst=WRITTEN, asks_postcode=True, asks_country=True)
    page = in_their_language(reader, made)
    look(reader, "sign-up without a question", page.url)
    question = a_question(reader.page.organization, language=reader.language, text=WRITTEN)
    form = {**SIGNER, "step": "sign_up", f"consent-{question.pk.hex}": "on"}
    look(reader, "sign-up", page.url)
    reader.keep("sign-up: empty", reader.client.post(page.url, {"step": "sign_up"}), status=422)
    reader.keep("sign-up: slip", reader.client.post(page.url, {**form, "email": "suzie@gmial.com"}))
    reader.keep("sign-up: taken", reader.client.post(page.url, form))
    press_the_link(reader, "sign-up", Action.objects.get(page=page))
    ActionPage.objects.filter(pk=page.pk).update(hard_stop=timezone.now())
    reader.keep("sign-up: too late", reader.client.post(page.url, form), status=410)


# --- A case -----------------------------------------------------------------------------------------------------


def reading_a_case(reader: Reader) -> None:
    organization, today = reader.page.organization, timezone.now().date()
    asked_by = a_member_of_staff(organization)
    agreed_by = a_member_of_staff(organization, "approver")
    story = "{days held}, {days in solitary}, {age}, {figure: held}"
    case = cases.a_case(organization, title=WRITTEN, summary=WRITTEN, story=story, responsible_state="FR")
    source = cases.a_source(
        organization, case=case, title=WRITTEN, read_on=today, archived_url="https://archive.example/1"
    )
    cases.a_citation(cases.a_source(organization, case=case, is_confidential=True), case, "summary")
    cases.a_figure(organization, unit=WRITTEN)
    cases.a_safety_check(case, by=agreed_by)
    consent = cases.a_publication_consent(case.person, *PublicationConsent.Scope.values)
    cleared = {
        case: ("title", "summary", "story", "responsible_state"),
        case.person: ("birth_date",),
        cases.a_spell(case, "2019-03", "2020-04-01"): ("began", "ended", "end"),
        cases.a_spell(case, "2025-03"): ("began", "ended", "end", "kind"),
        cases.a_condition(case, "2026-01-01"): ("kind", "began", "ended"),
        cases.a_hearing(case, today - timedelta(days=9), status="held"): ("day", "status"),
        cases.a_hearing(case, today + timedelta(days=9)): ("day", "status"),
        source: ("title", "kind", "read_on", "archived_url"),
        cases.a_citation(source, case, "story", passage=WRITTEN, page="4"): ("passage", "page"),
        cases.an_intervention(
            case, WRITTEN, addressed_to=WRITTEN, people=32, response="silent", impact="none"
        ): ("by", "kind", "addressed_to", "people", "response", "impact"),
        cases.a_claim(case, value=WRITTEN, attributed_to=WRITTEN, stance="denies"): (
            "value",
            "attributed_to",
            "stance",
            "verification",
        ),
        cases.a_quotation(case, words=WRITTEN, speaker=WRITTEN): ("words", "speaker"),
    }
    for record, columns in cleared.items():
        cases.publish(record, *columns, case=case, asked_by=asked_by, agreed_by=agreed_by, consent=consent)
    index = CaseIndexPage(title=WRITTEN, slug="cases-of-people")
    reader.page.get_parent().add_child(instance=index)
    index.save_revision().publish()
    page = in_their_language(reader, cases.a_case_page(case, title=WRITTEN))
    look(reader, "case", page.url)
    look(reader, "cases: none", index.url)
    look(reader, "cases: none found", f"{index.url}?q=zzz")
    Case.objects.filter(pk=case.pk).update(aftermath=Case.Aftermath.RENAMED)
    look(reader, "case without a name", page.url)
    Case.objects.filter(pk=case.pk).update(aftermath=Case.Aftermath.REMOVED)
    look(reader, "case that was removed", page.url, status=410)


# --- Did they answer? -------------------------------------------------------------------------------------------


def answering(reader: Reader) -> None:
    now = timezone.now()
    ActionPage.objects.filter(pk=reader.page.pk).update(hard_stop=None)
    letter = a_letter(
        reader.page,
        state=Message.State.SENT,
        target_key="alvenia/diet/N1",
        sent_at=now - timedelta(days=15),
        language=reader.language,
        subject=WRITTEN,
        body=WRITTEN,
    )
    Action.objects.filter(pk=letter.action_id).update(language=reader.language)
    assert following_up.ask(action_id=letter.action_id, now=now)
    reader.mail("did they answer: mail", Notice.objects.get(kind=following_up.QUESTION))
    token = following_up.link_for(letter.pk)
    place, stop = reader.address("answer", token), reader.address("no_questions", token)
    look(reader, "did they answer", place)
    reader.keep("did they answer: nothing chosen", reader.client.post(place, {}), status=422)
    for said in ("yes", "no"):
        reader.keep(f"did they answer: {said}", reader.client.post(place, {"kind": said}))
    reader.keep("reminded", reader.client.post(place, {"step": "remind"}))
    reader.keep("reminded twice", reader.client.post(place, {"step": "remind"}), status=409)
    look(reader, "no questions", stop)
    reader.keep("no questions any more", reader.client.post(stop))


# --- One's own page ---------------------------------------------------------------------------------------------


def on_ones_own_page(reader: Reader) -> None:
    person = find(organization=reader.page.organization, email=SIGNER["email"])
    assert person is not None
    page = reader.address("my_page", tokens.make(linking.ME, person.pk))
    look(reader, "own page", page)
    for wrong in ("details", "frequency", "address", "complain"):
        posted = {"deed": wrong, "given_name": "=1+1", "given-name": "=1+1"}
        reader.keep(f"own page: wrong {wrong}", reader.client.post(page, posted), status=422)
    deeds = (
        {"deed": "take_back", "what": "news-email"},
        {"deed": "give", "what": "news-email"},
        {"deed": "frequency", "frequency": Supporter.Frequency.values[-1]},
        {"deed": "pause"},
        {"deed": "resume"},
        {"deed": "details", "given-name": "Suzie", "family-name": "Kowal", "language": reader.language},
        {"deed": "address", "email": "suzie.other@example.net"},
        {"deed": "keep_address"},
        {"deed": "complain", "text": WRITTEN, "key": str(uuid4())},
        {"deed": "stop"},
        {"deed": "address", "email": "suzie.new@example.net"},
    )
    for deed in deeds:
        answer = reader.client.post(page, deed)
        assert answer.status_code == 303, (deed, answer.content.decode())
        look(reader, f"own page: {deed['deed']}", answer.headers["Location"])
        for notice in Notice.objects.filter(kind__in=("confirm_address", "address_asked")):
            if AddressChange.objects.filter(pk=notice.subject_id, closed_at=None).exists():
                reader.mail(notice.kind, notice)
    assert {"confirm_address", "address_asked"} <= set(reader.pages)
    by = a_member_of_staff(person.organization)
    complaining.answer(complaint=Complaint.objects.get(), text=WRITTEN, by=by, now=timezone.now())
    look(reader, "own page: complaint answered", page)
    for kind in ("complaint_received", "complaint_answered"):
        reader.mail(kind, Notice.objects.get(kind=kind))
    reader.keep(
        "own data",
        reader.client.post(reader.address("my_data", tokens.make(linking.ME, person.pk)), {"as": "html"}),
    )
    change = AddressChange.objects.filter(closed_at=None).get()
    link = reader.address("my_address", changing_address.token_for(change))
    look(reader, "new address", link)
    reader.client.post(link)
    look(reader, "new address: confirmed", link)


def leaving(reader: Reader) -> None:
    """A lost link, unsubscribing, and being erased."""
    lost = reader.address("my_link")
    look(reader, "lost link", lost)
    reader.keep("lost link: empty", reader.client.post(lost, {}), status=422)
    person = a_supporter(
        reader.page.organization, email="leaves@example.net", language=reader.language, now=timezone.now()
    )
    Supporter.objects.filter(pk=person.pk).update(confirmed_at=timezone.now())
    answer = reader.client.post(lost, {"email": "leaves@example.net"})
    look(reader, "lost link: asked", answer.headers["Location"])
    run_line(linking.LINE, now_source=timezone.now)
    reader.mail("own link", Notice.objects.get(kind="own_link"))
    way_out = reader.address("unsubscribe", tokens.make(linking.UNSUBSCRIBE, person.pk))
    look(reader, "unsubscribe", way_out)
    reader.keep("unsubscribed", reader.client.post(way_out))
    reader.keep("unsubscribed from everything", reader.client.post(way_out, {"what": "everything"}))
    token = tokens.make(linking.ME, person.pk)
    erasure = reader.address("my_erasure", token)
    look(reader, "erase", erasure)
    assert reader.client.post(erasure, {"deed": "erase"}).status_code == 303
    look(reader, "erased", reader.address("my_erased"))
    look(reader, "no link", reader.address("my_page", token), status=410)
    look(reader, "no unsubscribing", way_out, status=410)
