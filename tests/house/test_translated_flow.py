"""A supporter who reads French or Arabic meets no English on the way from the page to the last mail."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Locale

from amparo.actions import confirming, telling
from amparo.actions.models import Action, Confirmation, EmailTargetPage, Message
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from scripts import translations
from tests.factories.letters import the_hand_over_of
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.targets import alvenia
from tests.house.other_flows import walk_beside_the_letter

pytestmark = pytest.mark.pages

LANGUAGES = ("fr", "ar")
#: Whatever stands in these is read by people who are not staff.
PUBLIC = (
    "amparo/web/templates/",
    "amparo/actions/templates/actions/mail/",
    "amparo/actions/addressing_views.py",
    "amparo/actions/answer_forms.py",
    "amparo/actions/confirming.py",
    "amparo/actions/following_up.py",
    "amparo/actions/forms.py",
    "amparo/actions/hours.py",
    "amparo/actions/models/action.py",
    "amparo/actions/models/message.py",
    "amparo/actions/models/report.py",
    "amparo/actions/notice_kinds.py",
    "amparo/actions/other_ways/outcome_form.py",
    "amparo/actions/other_ways/postal_addresses.py",
    "amparo/actions/other_ways/postal_form.py",
    "amparo/actions/other_ways/scripting.py",
    "amparo/actions/showing.py",
    "amparo/actions/sign_up_form.py",
    "amparo/actions/signatures/signing_form.py",
    "amparo/actions/taking.py",
    "amparo/actions/other_ways/telephones.py",
    "amparo/actions/words.py",
    "amparo/actions/writing.py",
    "amparo/cases/showing.py",
    "amparo/cases/voices.py",
    "amparo/kit/addresses.py",
    "amparo/kit/group_commit.py",
    "amparo/kit/refusal.py",
    "amparo/kit/tokens.py",
    "amparo/mailings/own_page_notices.py",
    "amparo/mailings/templates/mailings/mail/_choices.txt",
    "amparo/mailings/templates/mailings/mail/address_asked.txt",
    "amparo/mailings/templates/mailings/mail/complaint_",
    "amparo/mailings/templates/mailings/mail/confirm_address.txt",
    "amparo/mailings/templates/mailings/mail/own_link.txt",
    "amparo/supporters/changing_address.py",
    "amparo/supporters/rights/complaining.py",
    "amparo/supporters/own_pages/forms.py",
    "amparo/supporters/linking.py",
    "amparo/supporters/own_pages/own_page.py",
    "amparo/supporters/own_pages/preferences.py",
    "amparo/supporters/wordings.py",
    "amparo/targets/answers.py",
    "amparo/targets/current.py",
    "amparo/targets/finding.py",
    "amparo/targets/forms.py",
    "amparo/targets/postcodes.py",
    "amparo/targets/reaching.py",
    "amparo/targets/snapshot.py",
    "amparo/targets/territories.py",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-z]|%%|\{\w+\}|</?\w+>")
#: The forms of Arabic that name their number in words: none, one, two.
NUMBER_IN_WORDS = 3
SPACED_WRONGLY = re.compile(r" [;:?!»]|« |\S »|'")
LATIN_PUNCTUATION = re.compile(r"[\u0600-\u06ff]\s?[,;?]")
TELLING = re.compile(r"[a-z]{2,} [a-z]{2,}", re.IGNORECASE)


@pytest.fixture(scope="module")
def sources():
    """Every sentence of the sources."""
    return [message for message in translations.collect() if message.id]


@pytest.fixture(scope="module")
def catalogs():
    return {path.parent.parent.name: catalog for path, catalog in translations.catalogs().items()}


def is_public(message) -> bool:
    return any(place.startswith(PUBLIC) for place, _line in message.locations)


def said(message) -> list[str]:
    """A message's translations, one for each plural form that has one."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def written(message) -> list[str]:
    return list(message.id) if message.pluralizable else [message.id]


# --- The catalogues ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_a_supporter_may_meet_is_translated(sources, catalogs, language):
    public = [message for message in sources if is_public(message)]
    assert len(public) > 250
    for part in PUBLIC:
        assert any(place.startswith(part) for message in public for place, _line in message.locations), part
    untranslated = [
        message.id
        for message in public
        if not all(said(catalogs[language].get(message.id, message.context)) or [""])
    ]
    assert untranslated == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_markup_survive(catalogs, language):
    for message in catalogs[language]:
        if not message.id or not any(said(message)):
            continue
        one, many = (
            Counter(PLACEHOLDER.findall(text)) for text in (written(message)[0], written(message)[-1])
        )
        for form, text in enumerate(said(message)):
            found = Counter(PLACEHOLDER.findall(text))
            if language == "ar" and message.pluralizable and form < NUMBER_IN_WORDS:
                assert found <= many, text
            else:
                assert found == (many if form else one), text


@pytest.mark.parametrize(("language", "forms"), [("fr", 2), ("ar", 6)])
def test_every_plural_has_all_forms_of_its_language(catalogs, language, forms):
    plurals = [message for message in catalogs[language] if message.pluralizable and any(said(message))]
    assert plurals
    for message in plurals:
        assert len(said(message)) == forms, message.id
        assert all(said(message)), message.id


def test_nothing_is_fuzzy(catalogs):
    assert sorted(catalogs) == sorted(LANGUAGES)
    assert [
        message.id for catalog in catalogs.values() for message in catalog if message.id and message.fuzzy
    ] == []


def test_punctuation_is_each_languages_own(catalogs):
    french = [text for message in catalogs["fr"] if message.id for text in said(message)]
    assert [text for text in french if SPACED_WRONGLY.search(text)] == []
    arabic = [text for message in catalogs["ar"] if message.id for text in said(message)]
    assert [text for text in arabic if LATIN_PUNCTUATION.search(text)] == []


# --- The pages --------------------------------------------------------------------------------------------------


class _Words(HTMLParser):
    """What a page says: its texts, and the attributes that are read out or shown later."""

    SPOKEN = frozenset({"aria-label", "alt", "title", "data-text", "data-busy", "data-done"})
    #: Labels the trap for robots, which people do not see.
    UNSEEN = "Website"

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.texts.append(text)

    def handle_starttag(self, tag, attributes) -> None:
        self.texts += [value for name, value in attributes if name in self.SPOKEN and value]


def english_on(page: str, sources, catalog) -> set[str]:
    """The English of our catalogue that a page shows, though it is translated otherwise."""
    words = _Words()
    words.feed(page)
    shown, whole = set(words.texts), "\n".join(words.texts)
    found = set()
    for message in sources:
        if written(message) == said(catalog.get(message.id, message.context)):
            continue
        for text in written(message):
            pieces = [" ".join(piece.split()) for piece in PLACEHOLDER.split(text)]
            telling_pieces = [piece for piece in pieces if TELLING.search(piece)]
            if text in shown or any(piece in whole for piece in telling_pieces):
                found.add(text)
    return found


@pytest.fixture
def reader(db, client):
    """Posts and reads in one language; every page is kept."""
    alvenia(now=timezone.now())
    organization = an_organization()
    page = an_email_page(
        organization,
        title="Ilan Sarr",
        dataset_slug="alvenia",
        legislatures=[("legislature", "diet")],
        posts=[],
        fallbacks=[("post", "alvenia/minister/interior")],
    )
    return Reader(client, page)


class Reader:
    DETAILS = {"given-name": "Amina", "family-name": "Rahal", "email": "amina@example.net"}
    ADDRESS = {"address-line1": "4 Quay Street", "address-level2": "Brennick"}
    LETTER = {"subject": "Ilan Sarr", "body": "0123456789 " * 30}

    def __init__(self, client, page: EmailTargetPage) -> None:
        self.client, self.page = client, page
        self.pages: dict[str, str] = {}

    def reads(self, language: str) -> None:
        if language != "en":
            locale, _made = Locale.objects.get_or_create(language_code=language)
            self.page.get_parent().specific.copy_for_translation(locale).save_revision().publish()
            self.page = self.page.copy_for_translation(locale)
            self.page.save_revision().publish()
        self.language = language

    def keep(self, name: str, response, *, status: int = 200) -> None:
        assert response.status_code == status, (name, response.status_code)
        self.pages[name] = response.content.decode()

    def look(self, name: str, address: str, *, status: int = 200) -> None:
        self.keep(name, self.client.get(address), status=status)

    def post(self, name: str, postal_code: str, step: str, *, status: int = 200, **more: str) -> None:
        posted = {**self.DETAILS, "postal-code": postal_code, "step": step, "key": str(uuid4())}
        self.keep(name, self.client.post(self.page.url, {**posted, **more}), status=status)

    def address(self, name: str, *arguments: str) -> str:
        with translation.override(self.language):
            return reverse(name, args=arguments)

    def mail(self, name: str, notice: Notice) -> None:
        with translation.override(self.language):
            text = notice_kinds.get(notice.kind)().write(notice)
        self.pages[name] = f"<p>{text.subject}</p><p>{text.body}</p>"


def walk(reader: Reader) -> None:
    """Every page and mail that the flow has, the straight way and the others."""
    reader.look("page", reader.page.url)
    reader.post("nothing written", "", "details", status=422, **dict.fromkeys(Reader.DETAILS, ""))
    reader.post("wrong", "??", "details", status=422, **{"given-name": "=1+1", "email": "amina example"})
    reader.post("split", "1002", "details")
    reader.post("split, not answered", "1002", "choose", status=422)
    reader.post("unknown", "7777", "details")
    reader.post("vacant", "2001", "details")
    reader.post("letter", "1001", "details")
    reader.post("letter too short", "1001", "preview", status=422, subject="", body="x")
    reader.post("own mail", "1001", "own_mail", **Reader.LETTER, **Reader.ADDRESS)
    reader.post("form", "1003", "preview", **Reader.LETTER)
    reader.post("preview", "1001", "preview", **Reader.LETTER, **Reader.ADDRESS)
    reader.post("taken", "1001", "send", **Reader.LETTER, **Reader.ADDRESS)
    reader.mail("mail to confirm", Notice.objects.get())
    link = reader.address("confirm", confirming.link_for(Confirmation.objects.get().pk))
    reader.look("confirm", link)
    reader.keep("confirmed", reader.client.post(link, {"step": "confirm"}))
    after(reader)


def after(reader: Reader) -> None:
    message, now = Message.objects.get(), timezone.now()
    status = reader.address("letters", confirming.status_link_for(Action.objects.get().pk))
    for state in Message.State.values:
        Message.objects.filter(pk=message.pk).update(
            state=state,
            sent_at=now,
            claimed_by=uuid4(),
            claimed_until=now,
            hand_over=the_hand_over_of(message.page, state=state, target_key=message.target_key, now=now),
        )
        reader.look(f"status: {state}", status)
    message.refresh_from_db()
    for tell in (telling.tell_failed, telling.tell_bounced, telling.tell_sent):
        tell(message=message, now=now)
    for notice in Notice.objects.exclude(kind="confirm_action"):
        reader.mail(notice.kind, notice)
    reader.look("expired", reader.address("confirm", "a" * 48), status=410)
    mistake = reader.address("report_mistake", "alvenia/diet/N1")
    reader.look("mistake", mistake)
    reader.keep("mistake, not said", reader.client.post(mistake, {"step": "report"}), status=422)
    reader.keep("thanks", reader.client.post(mistake, {"what": "gone"}))
    reader.look("lost", f"{reader.page.get_parent().url}nowhere/", status=404)
    EmailTargetPage.objects.update(hard_stop=now)
    reader.post("over", "1001", "send", status=410, **Reader.LETTER)
    walk_beside_the_letter(reader)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_step_shows_a_word_of_english(reader, sources, catalogs, language):
    reader.reads(language)
    walk(reader)

    left = {name: english_on(page, sources, catalogs[language]) for name, page in reader.pages.items()}
    assert {name: found for name, found in left.items() if found} == {}


def test_english_would_be_noticed_on_every_page(reader, sources, catalogs):
    reader.reads("en")
    walk(reader)

    assert [
        name for name, page in reader.pages.items() if not english_on(page, sources, catalogs["ar"])
    ] == []
