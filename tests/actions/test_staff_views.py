"""The staff screens of letters: who sees what, what a button says before it acts, and that nothing acts on GET."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import AuditEntry, Role
from amparo.actions import pacing, trying
from amparo.actions.models import ActionPage, Message
from amparo.content.models import Campaign
from amparo.kit.mail_text import unflowed
from amparo.kit.smtp import TemporaryFailure
from amparo.organizations.models import Installation, Organization
from amparo.targets import current
from tests.factories.letters import a_letter, an_action, letters
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page
from tests.factories.people import a_member_of_staff, a_superuser, a_supporter, signed_in
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def page():
    return an_email_page(an_organization(), title="Write for Ilan")


@pytest.fixture
def bruno(page):
    """Bruno edits."""
    return signed_in(a_member_of_staff(page.organization, Role.EDITOR, email="bruno@example.org"))


@pytest.fixture
def chidi(page):
    """Chidi approves."""
    return signed_in(a_member_of_staff(page.organization, Role.APPROVER, email="chidi@example.org"))


@pytest.fixture
def ada(page):
    """Ada administers."""
    return signed_in(a_member_of_staff(page.organization, Role.ADMINISTRATOR, email="ada@example.org"))


def text(response):
    """What a reader reads, with runs of white space as one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def moderate(browser, deed, *chosen, **more):
    data = {"deed": deed, "letter": [str(letter.pk) for letter in chosen], **more}
    return browser.post(reverse("staff_letters_moderate"), data)


# --- The list ---------------------------------------------------------------------------------------------------


def test_the_list_says_where_each_letter_stands_and_why(bruno, page):
    a_letter(page, state=State.HELD, reason="a name to check", target_name="Tove Ek")

    shown = text(bruno.get(reverse("staff_letters")))

    for part in ("Tove Ek", "Minister of Justice", "held", "a name to check", "Write for Ilan"):
        assert part in shown


def test_no_list_and_no_page_names_a_supporter_or_shows_a_word_of_a_letter(bruno, chidi, ada, page):
    supporter = a_supporter(page.organization, given_name="Quenilda", family_name="Xarópe")
    letter = a_letter(
        page,
        action=an_action(page, supporter=supporter),
        subject="Qsubject",
        body="Qbody",
        salutation="Qdear",
    )
    places = [
        reverse("staff_letters"),
        reverse("staff_letter", args=[letter.pk]),
        reverse("staff_sending"),
        "/staff/",
    ]

    for browser in (bruno, chidi, ada):
        for place in places:
            shown = browser.get(place).content.decode()
            for secret in ("Quenilda", "Xarópe", "Qsubject", "Qbody", "Qdear", supporter.email):
                assert secret not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", {"failed one"}),
        ("state=failed&state=held", {"failed one", "held one"}),
        ("target_key=exa/assembly/A07", {"held one"}),
        ("q=assembly", {"held one"}),
    ],
)
def test_the_list_can_be_narrowed(bruno, page, query, found):
    a_letter(page, state=State.FAILED, target_name="failed one")
    a_letter(page, state=State.HELD, target_name="held one", target_key="exa/assembly/A07")

    shown = text(bruno.get(f"{reverse('staff_letters')}?{query}"))
    fragment = text(bruno.get(f"{reverse('staff_letters_results')}?{query}"))

    for name in ("failed one", "held one"):
        assert (name in shown) == (name in found)
        assert (name in fragment) == (name in found)


def test_a_page_of_another_organization_is_no_filter(bruno, page):
    other = an_email_page(an_organization("lamp-light"), title="A secret page")
    a_letter(other, target_name="Their target")

    shown = text(bruno.get(f"{reverse('staff_letters')}?page={other.pk}"))

    assert "A secret page" not in shown
    assert "Their target" not in shown


def test_volunteers_see_no_letters(page):
    browser = signed_in(a_member_of_staff(page.organization, Role.VOLUNTEER))
    letter = a_letter(page)

    for place in (
        reverse("staff_letters"),
        reverse("staff_letter", args=[letter.pk]),
        reverse("staff_sending"),
    ):
        assert browser.get(place).status_code == 302
    assert "staff/letters" not in browser.get("/staff/").content.decode()


def test_only_approvers_are_offered_deeds(bruno, chidi, page):
    letter = a_letter(page)
    moderation = reverse("staff_letters_moderate")

    assert moderation not in bruno.get(reverse("staff_letters")).content.decode()
    assert moderation not in bruno.get(reverse("staff_letter", args=[letter.pk])).content.decode()
    assert moderation in chidi.get(reverse("staff_letters")).content.decode()
    assert moderation in chidi.get(reverse("staff_letter", args=[letter.pk])).content.decode()

    assert moderate(bruno, "hold", letter, sure="1", reason="no").status_code == 302
    letter.refresh_from_db()
    assert letter.state == State.QUEUED


# --- One letter -------------------------------------------------------------------------------------------------


def test_a_letter_shows_every_step(chidi, page):
    letter = a_letter(page)
    moderate(chidi, "hold", letter, sure="1", reason="a name to check")

    shown = text(chidi.get(reverse("staff_letter", args=[letter.pk])))

    assert "waiting its turn" in shown
    assert "a name to check" in shown
    assert "hold letter" in shown
    assert "Chidi" in shown


def test_an_approver_reads_a_letter_and_leaves_a_trace(chidi, bruno, page):
    letter = a_letter(page, body="When will he see a judge?")
    place = reverse("staff_letter_text", args=[letter.pk])

    assert chidi.get(place).status_code == 405
    assert bruno.post(place).status_code == 302
    assert not AuditEntry.objects.filter(verb="read_letter").exists()

    shown = chidi.post(place)
    assert "When will he see a judge?" in shown.content.decode()
    assert letter.action.full_name in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = AuditEntry.objects.get(verb="read_letter")
    assert (entry.subject_id, entry.actor.email) == (str(letter.pk), "chidi@example.org")


# --- Deeds ------------------------------------------------------------------------------------------------------


def test_a_deed_says_first_what_will_happen(chidi, page):
    chosen = letters(page, 3)
    sent = a_letter(page, state=State.SENT)

    question = text(moderate(chidi, "hold", *chosen, sent))

    assert "3 letters that wait their turn stay here until somebody releases them." in question
    assert "1 of them stays as it is" in question
    assert "Tove Ek, Minister of Justice: 3" in question
    assert Message.objects.filter(state=State.HELD).count() == 0

    answer = moderate(chidi, "hold", *chosen, sent, sure="1", reason="a name to check")
    assert answer.status_code == 302
    assert Message.objects.filter(state=State.HELD).count() == 3
    done = text(chidi.get(answer.url))
    assert "3 letters are held. 1 of them stays as it is" in done


def test_holding_asks_for_a_reason(chidi, page):
    letter = a_letter(page)

    again = moderate(chidi, "hold", letter, sure="1", reason="")

    assert again.status_code == 200
    assert "required" in text(again)
    letter.refresh_from_db()
    assert letter.state == State.QUEUED


def test_uncertain_letters_are_left_out_unless_somebody_says_that_they_may_arrive_twice(chidi, page):
    failed, uncertain = a_letter(page, state=State.FAILED), a_letter(page, state=State.UNCERTAIN)

    question = moderate(chidi, "retry", failed, uncertain)
    assert "has probably arrived" in text(question)
    assert 'name="twice"' in question.content.decode()

    moderate(chidi, "retry", failed, uncertain, sure="1")
    for letter in (failed, uncertain):
        letter.refresh_from_db()
    assert (failed.state, uncertain.state) == (State.QUEUED, State.UNCERTAIN)

    moderate(chidi, "retry", uncertain, sure="1", twice="on")
    uncertain.refresh_from_db()
    assert uncertain.state == State.QUEUED


def test_the_tick_about_arriving_twice_is_asked_only_when_it_matters(chidi, page):
    question = moderate(chidi, "retry", a_letter(page, state=State.FAILED))

    assert 'name="twice"' not in question.content.decode()


def test_all_that_the_list_shows_can_be_meant(chidi, page):
    letters(page, 3, state=State.HELD)
    letters(page, 2)
    theirs = a_letter(an_email_page(an_organization("lamp-light")), state=State.HELD)

    question = moderate(chidi, "release", all="on", query="state=held")
    assert "3 held letters go back into the queue" in text(question)
    ids = re.findall(r'name="letter" value="([^"]+)"', question.content.decode())
    assert len(ids) == 3

    moderate(chidi, "release", sure="1", letter=ids)
    assert Message.objects.filter(page=page, state=State.HELD).count() == 0
    theirs.refresh_from_db()
    assert theirs.state == State.HELD


def test_no_tick_no_deed(chidi, page):
    answer = moderate(chidi, "hold")

    assert answer.status_code == 302
    assert "Tick the letters first." in text(chidi.get(answer.url))


def test_what_is_nobodys_letter_or_no_deed_is_not_found(chidi, page):
    letter = a_letter(page)
    theirs = a_letter(an_email_page(an_organization("lamp-light")))
    place = reverse("staff_letters_moderate")

    assert moderate(chidi, "hold", letter, theirs, sure="1", reason="x").status_code == 404
    assert chidi.post(place, {"deed": "hold", "letter": str(uuid4())}).status_code == 404
    assert chidi.post(place, {"deed": "hold", "letter": "no-uuid"}).status_code == 404
    assert chidi.post(place, {"deed": "delete", "letter": str(letter.pk)}).status_code == 404
    assert chidi.get(place).status_code == 405
    assert Message.objects.filter(state=State.HELD).count() == 0


def test_an_approver_here_moves_nothing_where_they_only_edit(page):
    other = an_email_page(an_organization("lamp-light"))
    both = a_member_of_staff(page.organization, Role.APPROVER, email="both@example.org")
    a_member_of_staff(other.organization, Role.EDITOR, email="both@example.org")
    theirs = a_letter(other)

    assert moderate(signed_in(both), "hold", theirs, sure="1", reason="x").status_code == 404


# --- Sending ----------------------------------------------------------------------------------------------------


def test_the_plan_says_in_words_what_waits_and_what_cannot_make_it(bruno, page, settings):
    settings.AMPARO_LETTERS_PER_TARGET_PER_HOUR = 60
    ActionPage.objects.filter(pk=page.pk).update(
        hard_stop=timezone.now() + 2 * pacing.gap() + pacing.gap() / 2
    )
    letters(page, 5)
    a_letter(page, state=State.UNCERTAIN)

    shown = text(bruno.get(reverse("staff_sending")))

    assert "5 letters wait; the last leaves at" in shown
    (alone,) = re.findall(r"At this pace (\d) of 5 letters leave by themselves before the hard stop", shown)
    (rest,) = re.findall(r"The other (\d) go together, as one signed bundle for each target, at", shown)
    assert int(alone) + int(rest) == 5
    assert "1 letter is uncertain" in shown


SWITCHES = [
    ("page", lambda page: page.pk, "chidi"),
    ("campaign", lambda page: page.campaign_id, "chidi"),
    ("organization", lambda page: page.organization_id, "ada"),
]


def is_paused(name, page):
    rows = {"page": ActionPage, "campaign": Campaign, "organization": Organization}[name].objects
    pk = {"page": page.pk, "campaign": page.campaign_id, "organization": page.organization_id}[name]
    return rows.get(pk=pk).sending_paused_at is not None


@pytest.mark.parametrize(("name", "pk_of", "who"), SWITCHES)
def test_a_switch_says_what_it_does_and_turns_on_post_alone(request, page, name, pk_of, who):
    browser = request.getfixturevalue(who)
    letters(page, 2)
    pause, resume = (reverse(f"staff_{verb}_{name}", args=[pk_of(page)]) for verb in ("pause", "resume"))

    assert "2 letters are waiting." in text(browser.get(pause))
    assert not is_paused(name, page)
    assert browser.post(pause).status_code == 302
    assert is_paused(name, page)

    assert "They leave again" in text(browser.get(resume))
    assert is_paused(name, page)
    assert browser.post(resume).status_code == 302
    assert not is_paused(name, page)


@pytest.mark.parametrize(("name", "pk_of", "least"), [*SWITCHES[:2], SWITCHES[2]])
def test_who_has_too_small_a_role_turns_nothing(bruno, chidi, page, name, pk_of, least):
    pause = reverse(f"staff_pause_{name}", args=[pk_of(page)])

    for browser in [bruno] if least == "chidi" else [bruno, chidi]:
        assert browser.get(pause).status_code == 302
        assert browser.post(pause).status_code == 302
    assert not is_paused(name, page)
    assert pause not in bruno.get(reverse("staff_sending")).content.decode()


def test_only_who_looks_after_the_server_stops_all_of_it(ada, page):
    pause, resume = reverse("staff_pause_installation"), reverse("staff_resume_installation")
    assert ada.post(pause, {"because": "I can"}).status_code == 302
    assert not Installation.objects.filter(sending_paused_at__isnull=False).exists()

    root = signed_in(a_superuser())
    assert root.post(pause, {"because": ""}).status_code == 200
    assert root.post(pause, {"because": "a restore is under way"}).status_code == 302
    assert Installation.objects.get().paused_because == "a restore is under way"
    assert "a restore is under way" in text(ada.get("/staff/"))

    root.post(resume)
    assert Installation.objects.get().sending_paused_at is None


def test_uncertain_letters_are_on_the_dashboard(bruno, page):
    assert "Letters that need somebody" not in text(bruno.get("/staff/"))

    letters(page, 2, state=State.UNCERTAIN)
    a_letter(an_email_page(an_organization("lamp-light")), state=State.UNCERTAIN)

    assert "2 letters are uncertain" in text(bruno.get("/staff/"))


# --- Campaigns --------------------------------------------------------------------------------------------------


def test_a_campaign_is_opened_renamed_and_never_twice(bruno, page):
    add = reverse("staff_campaign_add")
    data = {"title": "Free Tesfaye", "hashtag": "FreeTesfaye", "organization": page.organization_id}

    assert bruno.post(add, data).status_code == 302
    campaign = Campaign.objects.get(title="Free Tesfaye")
    assert (campaign.hashtag, campaign.organization) == ("#FreeTesfaye", page.organization)
    assert "There is a campaign of this title already." in text(bruno.post(add, data))

    place = reverse("staff_campaign", args=[campaign.pk])
    assert bruno.post(place, {"title": "Free Tesfaye now", "hashtag": ""}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.title, campaign.hashtag) == ("Free Tesfaye now", "")
    assert set(AuditEntry.objects.filter(verb__endswith="_campaign").values_list("verb", flat=True)) == {
        "open_campaign",
        "rename_campaign",
    }


def test_no_campaign_is_opened_for_another_organization(bruno, page):
    other = an_organization("lamp-light")

    bruno.post(reverse("staff_campaign_add"), {"title": "Planted", "hashtag": "", "organization": other.pk})

    assert not Campaign.objects.filter(title="Planted").exists()


def test_the_page_editor_offers_only_campaigns_of_its_own_organization(bruno, page):
    a_campaign(an_organization("lamp-light"), title="Their secret campaign")
    a_campaign(page.organization, title="Another of ours")

    for place in (
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_pages:add", args=["actions", "emailtargetpage", page.get_parent().pk]),
    ):
        shown = bruno.get(place).content.decode()
        assert "Another of ours" in shown
        assert "Their secret campaign" not in shown


# --- The test letter --------------------------------------------------------------------------------------------


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self, failure=None):
        self.sent, self.failure = [], failure

    def send(self, message, *, envelope_from, recipient, before_data):
        before_data()
        if self.failure:
            raise self.failure
        self.sent.append((recipient, message_from_bytes(message, policy=default)))


@pytest.fixture
def post(monkeypatch):
    server = Post()
    monkeypatch.setattr(trying, "mail_server", lambda: server)
    return server


@pytest.fixture
def minister(page, tmp_path, settings):
    """The page asks for letters to Alvenia's minister of the interior."""
    settings.AMPARO_VAR = tmp_path
    current.forget()
    alvenia()
    page.posts = [("post", "alvenia/minister/interior")]
    page.save_revision().publish()
    return "Ebba Roan"


def test_an_editor_gets_the_newest_draft_and_nobody_else_gets_anything(bruno, page, post, minister):
    page.subjects = [("subject", "A subject still in draft")]
    page.save_revision()
    place = reverse("staff_trial", args=[page.pk])

    assert "bruno@example.org, and to nobody else" in text(bruno.get(place))
    assert post.sent == []
    answer = bruno.post(place, {"language": "en"})

    assert answer.status_code == 302
    [(recipient, mail)] = post.sent
    assert recipient == "bruno@example.org"
    assert mail["Subject"] == "[TEST] A subject still in draft"
    assert mail["To"] == "bruno@example.org"
    assert f"would go to: {minister}" in unflowed(mail.get_content().replace("\r\n", "\n"))
    assert Message.objects.count() == 0


def test_a_mail_server_that_refuses_is_named(bruno, page, post, minister):
    post.failure = TemporaryFailure(stage="connect", reason="nobody answers")

    answer = bruno.post(reverse("staff_trial", args=[page.pk]), {"language": "en"})

    assert answer.status_code == 200
    assert "The mail server did not take the test letter" in text(answer)


def test_a_test_letter_without_targets_says_why(bruno, page, post):
    answer = bruno.post(reverse("staff_trial", args=[page.pk]), {"language": "en"})

    assert "Nobody can be written to" in text(answer)
    assert post.sent == []


def test_the_button_stands_on_the_page_for_editors(bruno, page):
    volunteer = signed_in(a_member_of_staff(page.organization, Role.VOLUNTEER))
    place = reverse("wagtailadmin_pages:edit", args=[page.pk])

    assert reverse("staff_trial", args=[page.pk]) in bruno.get(place).content.decode()
    assert reverse("staff_trial", args=[page.pk]) not in volunteer.get(place).content.decode()
    assert volunteer.post(reverse("staff_trial", args=[page.pk]), {"language": "en"}).status_code == 302


# --- Drafts -----------------------------------------------------------------------------------------------------


def test_a_volunteer_writes_a_draft_that_belongs_to_the_organization(page):
    draft = an_email_page(page.organization, title="Only a draft", live=False)

    assert ActionPage.objects.get(pk=draft.pk).organization == page.organization
