"""The composer's screens: what Bruno saves, how a mail is framed, who sees whose name in it, and where tests go."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from html import unescape

import pytest
from django.urls import reverse

from amparo.accounts.models import AuditEntry, Role
from amparo.mailings import previewing, trying_mailings
from amparo.mailings.models import Mailing, Notice
from amparo.mailings.sending import perform
from tests.factories.composed import a_draft
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, a_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return a_draft(an_organization())


def browser(role=Role.EDITOR):
    return signed_in(a_member_of_staff(an_organization(), role, email=f"{role}@example.org"))


def at(name, row):
    return reverse(name, args=[row.pk])


def blocks(*pairs):
    """What the composer's script posts for blocks of one field each."""
    posted = {"blocks-count": str(len(pairs))}
    for number, (kind, value) in enumerate(pairs):
        posted |= {
            f"blocks-{number}-deleted": "",
            f"blocks-{number}-order": str(number),
            f"blocks-{number}-type": kind,
            f"blocks-{number}-id": "",
            f"blocks-{number}-value": value,
        }
    return posted


def test_bruno_begins_a_mailing_and_lands_in_the_composer():
    bruno, organization = browser(), an_organization()
    answer = bruno.post(
        reverse("staff_mailing_new"),
        {
            "name": "Hearing",
            "kind": "alert",
            "language": "ar",
            "organization": organization.pk,
            "campaign": "",
        },
    )
    text = Mailing.objects.get().texts.get()
    assert answer.url == at("staff_mailing_text", text)
    assert text.language == "ar"
    shown = bruno.get(answer.url).content.decode()
    assert "data-block" in shown
    assert "{unsubscribe link}" in shown
    assert "It has no subject." in shown


def test_what_bruno_saves_is_drawn_and_what_is_wrong_is_said(text):
    bruno = browser()
    url = at("staff_mailing_text", text)
    same = {"subject": "Two days", "preview": "Write", "seen": text.changed_at.isoformat()}
    answer = bruno.post(url, same | blocks(("heading", "Two days"), ("heading", "{nmae}")))
    assert "There is no merge field {nmae}." in unescape(answer.content.decode())
    answer = bruno.post(url, same | blocks(("heading", "Two days & a night")))
    assert answer.status_code == 302
    text.refresh_from_db()
    assert (text.subject, text.text.startswith("Two days & a night\n---")) == ("Two days", True)
    shown = unescape(unescape(bruno.get(url).content.decode()))
    assert json.dumps("Two days & a night") in shown


def test_the_mail_is_framed_as_a_document_that_may_do_nothing(text):
    answer = browser().get(at("staff_mailing_document", text) + "?look=dark")
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src 'self' http://127.0.0.1:8000; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'; sandbox"
    )
    assert "no-store" in answer.headers["Cache-Control"]
    html = answer.content.decode()
    assert "@media all" in html
    assert "prefers-color-scheme" not in html
    assert "Dear Robin," in html
    plain = browser().get(at("staff_mailing_document", text) + "?look=plain&reader=nameless").content.decode()
    assert "<pre>Dear friend," in plain
    shown = browser().get(at("staff_mailing_preview", text)).content.decode()
    assert shown.count("<iframe sandbox src=") == 2
    assert "Ilan needs your voice" not in shown


def test_no_link_in_a_preview_is_anybodys(text):
    one, other = (
        previewing.preview(
            text, mailing=text.mailing, reader=previewing.reader_of("Suzie", "Okafor"), now=NOW
        )
        for _time in range(2)
    )
    assert one.html != other.html  # each has numbers of its own, made up
    assert "Dear Suzie," in one.text


def test_chidi_previews_as_a_supporter_and_the_trail_knows(text):
    amina = a_supporter(text.organization, given_name="Amina")
    shown = browser(Role.APPROVER).post(
        at("staff_mailing_preview", text), {"who": "amina@supporters.example.net"}
    )
    (source,) = {
        unescape(piece.partition('"')[0]) for piece in shown.content.decode().split('sandbox src="')[1:]
    }
    assert str(amina.pk) not in shown.content.decode()
    assert "Dear Amina," in browser(Role.APPROVER).get(source).content.decode()
    entry = AuditEntry.objects.get(verb="look_up_supporter")
    assert entry.details == {"by": "e-mail address", "found": [str(amina.pk)]}
    # A pass is of use to nobody else, and for nothing else.
    assert browser(Role.ADMINISTRATOR).get(source).status_code == 404
    other = a_draft(text.organization)
    moved = source.replace(str(text.pk), str(other.pk))
    assert browser(Role.APPROVER).get(moved).status_code == 404


def test_bruno_who_sees_no_names_previews_for_nobody_in_particular(text):
    a_supporter(text.organization, given_name="Amina")
    bruno = browser()
    assert 'name="who"' not in bruno.get(at("staff_mailing_preview", text)).content.decode()
    assert (
        bruno.post(at("staff_mailing_preview", text), {"who": "amina@supporters.example.net"}).status_code
        == 404
    )
    assert not AuditEntry.objects.filter(verb="look_up_supporter").exists()


def test_chidi_finds_nobody_of_another_organization(text):
    a_supporter(an_organization("lamp-light"), given_name="Dana")
    shown = browser(Role.APPROVER).post(
        at("staff_mailing_preview", text), {"who": "dana@supporters.example.net"}
    )
    assert "Nobody of this organization has this address." in shown.content.decode()


def test_a_test_goes_to_staff_of_the_organization_and_to_nobody_else(text, monkeypatch):
    bruno = a_member_of_staff(text.organization, email="bruno@example.org")
    mallory = a_user("mallory@example.org")
    with pytest.raises(trying_mailings.NotStaff):
        trying_mailings.send_test(text=text, to=[bruno, mallory], by=bruno, now=NOW)
    assert not Notice.objects.exists()
    answer = signed_in(bruno).post(at("staff_mailing_test", text), {"to": [bruno.pk, mallory.pk]})
    assert answer.status_code == 200  # refused by the form
    answer = signed_in(bruno).post(at("staff_mailing_test", text), {"to": [bruno.pk]})
    assert answer.status_code == 302
    notice = Notice.objects.get()
    assert notice.recipient == "bruno@example.org"

    mail = message_from_bytes(trying_mailings.TriedMailing().write(notice).content, policy=policy.default)
    assert mail["Subject"] == "[Test] Three days left for Ilan"
    assert mail["To"].addresses[0].addr_spec == "bruno@example.org"
    assert mail["List-Unsubscribe"]
    assert "Dear Bruno," in mail.get_body(("plain",)).get_content()
    assert "Dear Bruno," in mail.get_body(("html",)).get_content()
    assert (text.mailing.state, text.mailing.chunks.count()) == ("draft", 0)


def test_a_test_leaves_as_it_was_made(text, mail_server, now):
    bruno = a_member_of_staff(text.organization, email="bruno@example.org")
    trying_mailings.send_test(text=text, to=[bruno], by=bruno, now=now)
    Notice.objects.update(state=Notice.State.SENDING)
    perform([Notice.objects.select_related("organization").get()], now=now)
    assert Notice.objects.get().state == "sent"


def test_a_test_to_somebody_who_left_is_not_sent(text):
    bruno = a_member_of_staff(text.organization, email="bruno@example.org")
    trying_mailings.send_test(text=text, to=[bruno], by=bruno, now=NOW)
    bruno.staff_roles.all().delete()
    assert trying_mailings.TriedMailing().write(Notice.objects.get()) is None


def test_the_mailing_shows_its_texts_and_the_list_shows_the_mailing(text):
    bruno = browser()
    shown = bruno.get(at("staff_mailing", text.mailing)).content.decode()
    assert "Three days left for Ilan" in shown
    assert "It asks for nothing" in shown
    listed = bruno.get(reverse("staff_mailings")).content.decode()
    assert "English" in listed
    assert "Action alert" in listed
    Mailing.objects.update(state="ready")
    assert "Add a language or a variant" not in bruno.get(at("staff_mailing", text.mailing)).content.decode()
