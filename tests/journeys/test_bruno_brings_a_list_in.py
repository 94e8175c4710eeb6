"""Bruno brings in 1,000 messy rows by the screens, looks before anything happens, and takes the whole of it back."""

from __future__ import annotations

import random

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from amparo.accounts.models import Role
from amparo.kit.work import run_line
from amparo.supporters.importing.claiming import LINE
from amparo.supporters.models import ConsentRecord, ImportRun, Origin, Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GIVEN = ["Amina", "Suzie", "Zoé", "Jürgen", "أمينة", "נועה", "O'Brien", "李", "=SUM(A1)", ""]
TOWNS = ["Tallow", "Saint-Étienne", "بيروت", "חיפה", "Köln; Süd", 'the "old" town']


def messy_rows(number):
    """A list as it comes out of ten years of spreadsheets: the same ones every time."""
    chance = random.Random(7)
    rows = ["Nom;Courriel;Téléphone;Ville;Statut;Inscription IP;Notes"]
    for at in range(number):
        email = chance.choice([f"person{at}@supporters.example.net", f" Person{at}@Supporters.example.NET "])
        if at % 50 == 7:
            email = chance.choice(["", "nonsense", "a@b", "two@example.org two@example.org"])
        if at % 40 == 9:
            email = "person1@supporters.example.net"
        phone = chance.choice(["", "01632 960001", "+44 1632 960002", "call in the evening"])
        status = chance.choice(["oui", "oui", "subscribed", "unsubscribed", "non", "perhaps"])
        town = '"' + chance.choice(TOWNS).replace('"', '""') + '"'
        notes = '"two\nlines"' if at % 30 == 0 else ""
        rows.append(f"{chance.choice(GIVEN)} Rahal;{email};{phone};{town};{status};203.0.113.7;{notes}")
        if at % 100 == 50:
            rows.append(";;;;;;")
    return "\r\n".join(rows).encode()


@pytest.fixture
def bruno(visit_staff):
    """Bruno, at his desk, who may approve here."""

    def come(size=DESK):
        user = a_member_of_staff(an_organization(), Role.APPROVER, email="bruno@example.org")
        visitor = visit_staff(size=size)
        cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME]
        visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.server.url}])
        return visitor

    return come


def press(visitor):
    """Press the one button of a step."""
    with visitor.page.expect_navigation():
        visitor.page.click("main form button[type=submit].button")


def work():
    run_line(LINE, now_source=timezone.now)


def prepare(visitor, data, *, look=lambda _name: None):
    """From the file to the dry run."""
    visitor.go("/staff/supporters/lists/add/")
    look("1-file")
    visitor.page.set_input_files(
        "input[type=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": data}
    )
    press(visitor)
    look("2-source")
    press(visitor)
    look("3-columns")
    assert "Rahal" in visitor.text
    press(visitor)
    visitor.page.check("input[name=basis][value=imported]")
    visitor.page.check("input[name=questions][value='news email']")
    visitor.page.fill("input[name=where]", "the form on our old site")
    visitor.page.fill("input[name=given_on]", "2024-03-05")
    visitor.page.fill("input[name=proof]", "its export of this week")
    look("4-consent")
    press(visitor)
    visitor.page.check("input[name=existing][value=fill]")
    visitor.page.fill("input[name=country]", "United Kingdom")
    visitor.page.fill("input[name=tags]", "old list")
    look("5-rest")
    press(visitor)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_bruno_brings_in_a_thousand_messy_rows_and_undoes_it(bruno, settings, tmp_path, size):
    settings.AMPARO_VAR = tmp_path
    organization = an_organization()
    known = a_supporter(
        organization, given_name="Suzie", email="person3@supporters.example.net", postal_address=""
    )
    visitor = bruno(size)
    prepare(visitor, messy_rows(1000 if size == DESK else 100))
    run = ImportRun.objects.get()
    assert "Being checked" in visitor.text
    work()
    # The page looks again by itself.
    visitor.page.wait_for_selector("text=What would happen")
    visitor.check_page()
    run.refresh_from_db()
    assert Supporter.objects.count() == 1
    assert run.forecast["shut"] > 0
    assert run.forecast["rows"] == sum(
        run.forecast.get(name, 0)
        for name in ("new", "changed", "unchanged", "shut", "suppressed", "twice", "refused")
    )

    visitor.page.click("text=Bring it in…")
    press(visitor)
    work()
    visitor.page.wait_for_selector("text=What was brought in")
    visitor.check_page()
    run.refresh_from_db()
    assert run.state == "done"
    assert run.counts["new"] == run.forecast["new"]
    assert Supporter.objects.present().count() == run.counts["new"] + 1
    agreed = Supporter.objects.exclude(agreed_to=0).count()
    assert agreed == run.counts["agreed"] == run.forecast["agreed"] > 0
    assert not ConsentRecord.objects.filter(evidence__contains="203.0.113").exists()

    visitor.page.click("text=Undo all of it…")
    assert f"{run.counts['new']} people came with this list" in visitor.text
    press(visitor)
    work()
    visitor.page.wait_for_selector("text=What undoing did")
    visitor.check_page()
    assert [supporter.pk for supporter in Supporter.objects.present()] == [known.pk]
    known.refresh_from_db()
    assert (known.full_name, known.postal_address, known.phone) == ("Suzie Rahal", None, None)
    assert not Supporter.objects.exclude(agreed_to=0).exists()
    assert ConsentRecord.objects.filter(origin=Origin.UNDONE).count() == agreed
