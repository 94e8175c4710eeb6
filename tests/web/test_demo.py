"""The demonstration is there at once, in three languages, and only once; and its mailbox shows what arrived."""

from __future__ import annotations

import gc
import subprocess
import sys
import warnings
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from wagtail.models import Page, Site

from amparo.accounts.models import StaffRole, User
from amparo.accounts.roles import organizations_of
from amparo.actions.models import EmailTargetPage
from amparo.mailings import audience
from amparo.mailings.composer import hints
from amparo.mailings.models import Mailing
from amparo.mailings.plain_mail import build_mail
from amparo.organizations.models import Organization
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, ConsentWording, Purpose, Supporter, Tag
from amparo.targets import current, finding
from amparo.targets.models import Dataset
from amparo.web.demo import loading, logins, mailbox, places, portrait
from amparo.web.demo.people import SUPPORTERS
from amparo.web.demo.supervising import Ended, Household
from scripts import environment
from tests.factories.moments import NOW

pytestmark = pytest.mark.pages

#: Address, language, direction, and words of the page in that language.
PAGES = (
    ("/", "en", "ltr", "One letter can open a door"),
    ("/fr/", "fr", "ltr", "Une lettre peut ouvrir une porte"),
    ("/ar/", "ar", "rtl", "رسالة واحدة قد تفتح بابًا"),
    ("/mira/", "en", "ltr", "since 4 March 2026"),
    ("/fr/mira/", "fr", "ltr", "depuis le 4 mars 2026"),
    ("/ar/mira/", "ar", "rtl", "منذ 4 مارس 2026"),
    ("/kestrel-road/", "en", "ltr", "Ask your senator"),
    ("/privacy/", "en", "ltr", "As little as a letter needs"),
)


@pytest.fixture
def state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BASE_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["*"]
    current.forget()
    yield tmp_path
    current.forget()


@pytest.fixture
def demo(db, state):
    assert loading.load(now=NOW)
    Site.clear_site_root_paths_cache()
    return state


def how_much_there_is() -> dict[str, int]:
    models = (Page, Site, Organization, User, StaffRole, ConsentWording, Dataset)
    return {model.__name__: model.objects.count() for model in models}


def test_loading_twice_doubles_nothing(demo):
    before = how_much_there_is()
    assert not loading.load(now=NOW + timedelta(hours=1))
    assert how_much_there_is() == before


def test_a_load_that_breaks_off_leaves_nothing(db, state, monkeypatch):
    def broken(**_anything):
        raise OSError("no space left on device")

    monkeypatch.setattr(loading, "_appoint_staff", broken)
    with pytest.raises(OSError, match="no space"):
        loading.load(now=NOW)
    assert not Organization.objects.exists()
    monkeypatch.undo()
    assert loading.load(now=NOW)


@pytest.fixture
def unclosed_pictures():
    """Wagtail opens a temporary file for each size of a picture that it makes, and lets go of it unclosed."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")
def test_every_page_is_live_in_its_language(demo, unclosed_pictures):
    for path, language, direction, says in PAGES:
        page = Client().get(path)
        assert page.status_code == 200, path
        text = page.content.decode()
        assert f'lang="{language}"' in text
        assert f'dir="{direction}"' in text
        assert says in text


def test_the_second_organization_has_a_site_of_its_own(demo):
    page = Client().get("/first-day/", headers={"host": "lanterns.localhost:8000"})
    assert "A lawyer on the first day" in page.content.decode()
    assert Client().get("/mira/", headers={"host": "lanterns.localhost:8000"}).status_code == 404


def test_staff_see_their_own_organization_only(demo):
    seen = {
        member.email: [
            organization.slug for organization in organizations_of(User.objects.get(email=member.email))
        ]
        for member in logins.STAFF
    }
    assert seen == {member.email: [member.organization] for member in logins.STAFF}


def test_staff_can_sign_in_at_once_with_what_is_printed(demo):
    known = logins.read_or_make()
    client = Client()
    client.post("/accounts/login/", {"login": "bruno@opencells.example", "password": known.password})
    answer = client.post("/accounts/2fa/authenticate/", {"code": known.code})
    assert answer.status_code == 302
    assert client.get("/staff/").status_code == 200


def test_the_postcodes_that_people_are_told_to_try_lead_where_they_should(demo):
    for postcode, areas, needs in (
        ("41110", ["VD-01"], "none"),
        ("41170", ["VD-01", "VD-02"], "choice"),
        ("41115", ["VD-01"], "choice"),
        ("49000", [], "none"),
    ):
        answer = finding.find(slug="vardania", postcode=postcode, legislature=["house"], now=NOW)
        assert [candidate.area_code for candidate in answer.candidates] == areas
        assert answer.needs == needs


def test_every_kind_of_target_is_there(demo):
    for key, status, channel in (
        ("house/VD-01", "held", "email"),
        ("house/VD-05", "vacant", "none"),
        ("house/VD-12", "held", "none"),
        ("senate/VD-H", "held", "form"),
        ("minister/justice", "held", "email"),
    ):
        target = finding.target_by_key(f"vardania/{key}", organization=None, now=NOW)
        assert (target.status, target.channel) == (status, channel)


def test_no_row_of_the_invented_country_is_at_fault(demo):
    dataset = Dataset.objects.get()
    assert dataset.problems == []
    assert dataset.published_on == NOW.date()


def test_everybody_is_asked_in_their_language(demo):
    organization = Organization.objects.get(slug="open-cells")
    for language in ("en", "fr", "ar"):
        questions = wordings.questions(organization=organization, language=language)
        assert [question.language for question in questions] == [language]


def test_the_hearing_is_always_ahead_and_on_a_weekday(demo):
    page = EmailTargetPage.objects.get(slug="mira", locale__language_code="en")
    assert page.takes_actions(now=NOW)
    assert page.deadline.weekday() < 5
    later = page.deadline - timedelta(days=1)
    loading.load(now=later)
    for again in EmailTargetPage.objects.filter(slug="mira"):
        assert again.deadline > later + timedelta(days=20)
        assert again.takes_actions(now=later)


def test_the_site_follows_the_port_of_the_day(demo, settings):
    settings.BASE_URL = "http://127.0.0.1:8001"
    loading.load(now=NOW)
    assert set(Site.objects.values_list("port", flat=True)) == {8001}


def test_the_portrait_is_small_and_its_makers_are_named(demo):
    assert len(portrait.draw()) <= 40_000
    page = EmailTargetPage.objects.get(slug="mira", locale__language_code="en")
    assert page.portrait.alt_text.startswith("Drawing: ")


# --- Its mailbox --------------------------------------------------------------------------------------------


def a_mail(text: str, *, to: str = "amina@supporters.example", **headers: str) -> bytes:
    return build_mail(
        from_name="Open Cells",
        from_address="letters@opencells.example",
        to_address=to,
        subject="Please confirm your letter",
        text=text,
        message_id="1",
        headers=headers,
        now=NOW,
    )


@pytest.fixture
def box(state):
    """The mailbox of this state directory."""
    return state / places.MAILBOX


@pytest.fixture
def visitor(settings, db, box):
    """A browser in a demonstration."""
    settings.ROOT_URLCONF = "tests.web.demo_addresses"
    return Client()


def test_a_mail_is_shown_as_it_was_written(visitor, box):
    words = "Zwölf Lettern – und ein sehr langer Satz, " * 4
    name = mailbox.keep(a_mail(f"{words}\n\nغدًا\n"), recipients=["amina@supporters.example"], directory=box)
    mail = mailbox.open_mail(name, directory=box)
    assert words.strip() in mail.text
    assert "غدًا" in mail.text
    page = visitor.get(f"/demo/mailbox/{name}/").content.decode()
    assert "غدًا" in page
    assert "To a supporter" in page


def test_a_letter_to_an_office_is_told_from_a_mail_to_a_supporter(visitor, box):
    letter = a_mail("Dear Ines Kallor", to="ines.kallor@house.vardania.example", **{"X-Letter-ID": "7"})
    mailbox.keep(letter, recipients=["ines.kallor@house.vardania.example"], directory=box)
    mailbox.keep(a_mail("Hello"), recipients=["amina@supporters.example"], directory=box)
    page = visitor.get("/demo/mailbox/").content.decode()
    assert page.index("To a supporter") < page.index("To a representative")
    assert page.partition("<footer")[0].count("<li>") == 2


def test_only_links_to_the_site_can_be_followed(visitor, box):
    text = (
        "Open http://127.0.0.1:8000/confirm/abc/.\nNot https://mallory.test/ and not"
        " http://127.0.0.1:8000.mallory.test/x nor <script>alert(1)</script>\n"
    )
    name = mailbox.keep(a_mail(text), recipients=["amina@supporters.example"], directory=box)
    answer = visitor.get(f"/demo/mailbox/{name}/")
    page = answer.content.decode()
    assert '<a href="http://127.0.0.1:8000/confirm/abc/">' in page
    assert 'href="https://mallory' not in page
    assert 'href="http://127.0.0.1:8000.mallory' not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["nothing", "0" * 19 + "-" + "0" * 8, "..%2Fmaster"])
def test_there_is_nothing_else_to_be_read_there(visitor, box, name):
    assert visitor.get(f"/demo/mailbox/{name}/").status_code == 404


def test_the_mailbox_does_not_grow_for_ever(box, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_MAILS", 3)
    kept = [mailbox.keep(a_mail(str(n)), recipients=[], directory=box) for n in range(5)]
    assert mailbox.names(box) == kept[:1:-1]


def test_the_guide_says_how_to_sign_in(visitor):
    page = visitor.get("/demo/").content.decode()
    known = logins.read_or_make()
    assert known.password in page
    assert "bruno@opencells.example" in page


def test_an_installation_has_no_mailbox_to_look_into(client, db):
    assert client.get("/demo/mailbox/").status_code == 404


# --- All of it together -------------------------------------------------------------------------------------


def test_an_installation_is_not_turned_into_a_demonstration(settings, state):
    (state / "amparo.sqlite3").touch()
    settings.AMPARO_DEMO = True
    with pytest.raises(CommandError, match="holds an installation"):
        call_command("demo")


def test_two_demonstrations_do_not_share_a_directory(settings, state):
    settings.AMPARO_DEMO = True
    with places.only_one_here(state), pytest.raises(CommandError, match="is running on"):
        call_command("demo")


def test_a_process_that_ends_is_named_and_takes_the_others_with_it():
    household = Household()
    household.start("patient one", [sys.executable, "-c", "import time; time.sleep(600)"])
    household.start("quick one", [sys.executable, "-c", "raise SystemExit(3)"])
    patient = household._children[0].process
    try:
        with pytest.raises(Ended, match="The quick one ended with exit code 3"):
            household.wait_for("patient one", lambda: False)
    finally:
        household.stop()
    assert patient.returncode is not None


@pytest.mark.sqlite_only
@pytest.mark.timeout(600)
def test_the_whole_demonstration_walks_through_one_letter_by_itself():
    """As `make demo` runs it: web server, worker and mail catcher in processes of their own."""
    walked = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "amparo.config.cli", "demo", "--check"],
        env=environment.without_settings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert walked.stdout.endswith("The demonstration works.\n")


def test_a_handful_of_invented_supporters_is_there_and_nobody_could_be_written_to_by_mistake(demo):
    organization = Organization.objects.get(slug="open-cells")
    people = Supporter.objects.for_organization(organization)

    assert {person.email for person in SUPPORTERS} <= {person.email for person in people}
    assert all(person.email.endswith(".example") for person in people)
    agreed = people.agreed(consent.bit(Purpose.NEWS, Channel.EMAIL)).count()
    assert agreed >= sum(person.agreed for person in SUPPORTERS)
    assert Tag.objects.for_organization(organization).exists()


def test_bruno_has_composed_an_alert_in_three_languages_with_nothing_to_mend(demo):
    mailing = Mailing.objects.by_hand().get()
    assert sorted(mailing.texts.values_list("language", flat=True)) == ["ar", "en", "fr"]
    assert {hint.code for hint in hints.of_mailing(mailing, now=NOW)} == {"language-missing"}
    for text in mailing.texts.all():
        assert "/mira/?via=" in text.text
        assert "31" in text.text
        assert "Mira Talvik" in text.html
    assert audience.forecast(mailing=mailing, now=NOW).sendable > 0
