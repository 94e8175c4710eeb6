"""Each program's list, in the shape in which it exports it, with invented people."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile

import pytest

from amparo.supporters import consent, custom_fields, identity, suppression
from amparo.supporters.models import ConsentRecord, OtherAddress, Supporter, Suppression
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter
from tests.skips import ROOT
from tests.supporters.importing.lists import brought_in, checked, reasons, undone

pytestmark = pytest.mark.django_db

AMINA, SUZIE, DANA = (f"{name}@supporters.example.net" for name in ("amina", "suzie", "dana"))

FILES = {
    "action-network": (
        "first_name,last_name,email,zip_code,country,can2_user_city,can2_user_tags,can2_phone,can2_subscription_status\n"
        f'Amina,Rahal,{AMINA},AA1 1AA,GB,Tallow,"press, local",+441632960001,subscribed\n'
        f"Suzie,Okafor,{SUZIE},,GB,,,,unsubscribed\n"
        f"Dana,Levi,{DANA},,GB,,,,bouncing\n"
    ),
    "nationbuilder": (
        "nationbuilder_id,first_name,last_name,email,email_opt_in,mobile_number,tag_list,primary_city,created_at\n"
        f'1,Amina,Rahal,{AMINA},true,+441632960001,"press, local",Tallow,03/25/2024 10:00 AM\n'
        f"2,Suzie,Okafor,{SUZIE},false,,,,03/25/2024\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        f'a,{AMINA},Amina Rahal,"{{""city"": ""Tallow""}}",enabled,2024-03-25T10:00:00Z,2024-03-25T10:00:00Z\n'
        f"b,{SUZIE},Suzie Okafor,{{}},blocklisted,2024-03-25T10:00:00Z,2024-03-25T10:00:00Z\n"
    ),
    "civicrm": (
        '"Contact ID","First Name","Last Name","Email","Phone","City","Country","No Bulk Emails (User Opt Out)"\n'
        f'1,Amina,Rahal,{AMINA},+441632960001,Tallow,"United Kingdom",No\n'
        f'2,Suzie,Okafor,{SUZIE},,,"United Kingdom",Yes\n'
    ),
    "wordpress-newsletter": (
        '"Email";"Name";"Surname";"Gender";"Status";"Date";"Token";"Profile 1";"List 1"\n'
        f'"{AMINA}";"Amina";"Rahal";"n";"C";"2024-03-25 10:00:00";"x";"";"1"\n'
        f'"{SUZIE}";"Suzie";"Okafor";"n";"U";"2024-03-25 10:00:00";"y";"";"1"\n'
        f'"{DANA}";"Dana";"Levi";"n";"B";"2024-03-25 10:00:00";"z";"";"1"\n'
    ),
    "mailpoet": (
        "Email,First name,Last name,Subscription IP,Subscription time,Confirmation time,List status,Global status\n"
        f"{AMINA},Amina,Rahal,203.0.113.7,2024-03-25 10:00:00,2024-03-25 10:05:00,Subscribed,Subscribed\n"
        f"{SUZIE},Suzie,Okafor,203.0.113.8,2024-03-25 10:00:00,,Unsubscribed,Unsubscribed\n"
    ),
}


def person(email):
    return identity.find(organization=an_organization(), email=email)


@pytest.mark.parametrize("slug", list(FILES))
def test_each_program_is_recognised_and_its_words_are_understood(slug):
    run = brought_in(FILES[slug])
    assert run.source == slug
    amina = person(AMINA)
    assert amina.full_name == "Amina Rahal"
    assert amina.agreed_to == consent.bit("news", "email")
    assert not ConsentRecord.objects.filter(evidence__contains="203.0.113").exists()
    suzie = person(SUZIE)
    if slug == "nationbuilder":
        # A flag says that she did not agree, not that she left.
        assert (suzie.agreed_to, suzie.unreachable) == (0, "")
    else:
        assert suzie is None
        assert suppression.is_suppressed(organization=an_organization(), email=SUZIE)
    if DANA in FILES[slug]:
        (row,) = suppression.in_force(organization=an_organization(), email=DANA)
        assert row.reason == "bounced"


def test_a_mailchimp_audience_shuts_out_first_and_brings_its_evidence():
    head = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CC,TAGS\n"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as audience:
        audience.writestr(
            "subscribed_members_export_ab12.csv",
            head
            + f'{AMINA},Amina,Rahal,2,2024-03-25 10:00:00,203.0.113.7,2024-03-25 10:05:00,203.0.113.7,GB,"""press"""\n'
            + f"{SUZIE},Suzie,Okafor,2,2024-03-25 10:00:00,203.0.113.7,,,GB,\n",
        )
        audience.writestr("unsubscribed_members_export_ab12.csv", head + f"{SUZIE},Suzie,Okafor,2,,,,,GB,\n")
        audience.writestr("cleaned_members_export_ab12.csv", head + f"{DANA},Dana,Levi,2,,,,,GB,\n")
    run = brought_in(kept.getvalue(), name="audience.zip")
    assert (run.source, run.counts["new"], run.counts["shut"]) == ("mailchimp", 1, 2)
    (line,) = consent.ledger_of(person(AMINA))
    assert "agreed 2024-03-25 10:00 UTC; confirmed 2024-03-25 10:05 UTC" in line.evidence
    assert "203.0.113" not in line.evidence
    assert line.given_on.isoformat() == "2024-03-25"
    assert person(SUZIE) is None
    assert suppression.is_suppressed(organization=an_organization(), email=SUZIE)
    assert [tagging.tag.name for tagging in person(AMINA).taggings.all()] == ["press"]


def test_a_fresh_worker_knows_every_program_without_a_screen_having_been_opened():
    """No test or screen of this process may be what makes the sources known."""
    program = (
        "import django; django.setup(); from amparo.kit.work import lines; lines.get('imports');"
        " from amparo.supporters.importing.registry import load_sources; print(*load_sources())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert {*FILES, "mailchimp", "spreadsheet"} <= set(done.stdout.split())


# --- What stands inside of a cell -----------------------------------------------------------------


def listmonk(*attributes):
    rows = [
        f'u{number},p{number}@supporters.example.net,Somebody,"{text.replace(chr(34), chr(34) * 2)}",enabled\n'
        for number, text in enumerate(attributes)
    ]
    return "uuid,email,name,attributes,status\n" + "".join(rows)


def test_each_key_of_listmonks_attributes_is_a_column_that_goes_into_a_field_of_ones_own(now):
    organization = an_organization()
    for label, kind in (("Choir", "text"), ("Years", "number"), ("Drives", "yes-no")):
        custom_fields.make_field(
            organization=organization, label=label, kind=custom_fields.Kind(kind),
            privacy=custom_fields.Privacy.ORDINARY, by=None, now=now,
        )  # fmt: skip
    data = listmonk(
        '{"city": "Tallow", "choir": "Alto", "years": 12, "drives": true, "lists": ["a", "b"], "home": {"zip": "1"}}',
        '{"choir": null, "years": "many"}',
        "{broken",
        "",
    )

    run = brought_in(data)

    fields = {column["header"]: column["field"] for column in run.columns}
    assert fields["attributes.choir"] == "custom:choir"
    assert (fields["attributes.city"], fields["attributes.home.zip"], fields["attributes.lists"]) == (
        "city",
        "",
        "",
    )
    p0 = person("p0@supporters.example.net")
    answers = {
        value.field.key: custom_fields.typed(value) for value in p0.custom_values.select_related("field")
    }
    assert answers == {"choir": "Alto", "years": "12", "drives": "yes"}
    assert p0.postal_address == "Tallow"
    assert run.counts["new"] == 4
    found = [
        (each.row, each.column, each.reason) for each in run.problems.filter(during="run").order_by("row")
    ]
    assert found == [(3, "attributes.years", "bad-answer"), (4, "attributes", "bad-json")]


def test_a_key_that_comes_late_is_told_by_its_row_and_too_many_cells_are_noticed(monkeypatch):
    monkeypatch.setattr("amparo.supporters.importing.unfolding.LOOKED_AT", 1)
    data = listmonk('{"city": "Tallow"}', '{"city": "Brennick", "secret": "x"}')

    run = checked(data + "u9,p9@supporters.example.net,Somebody,{},enabled,more\n")

    assert reasons(run, "check") == [(3, "unknown-key"), (4, "too-many-cells")]


# --- Several addresses of one person --------------------------------------------------------------


NATIONBUILDER = "nationbuilder_id,first_name,last_name,email,email_opt_in,email1,email2,email3,email4\n"


def others_of(email):
    return sorted(other.email for other in person(email).other_addresses.all())


def test_whoever_acts_with_one_of_nationbuilders_further_addresses_is_recognised_and_it_can_be_undone():
    suzie = a_supporter(an_organization(), given_name="Suzie", family_name="Okafor", email=SUZIE)
    data = NATIONBUILDER + (
        f"1,Amina,Rahal,{AMINA},true,{AMINA.upper()},amina@work.example.org,,amina@old.example.org\n"
        f"2,Suzie,Okafor,{SUZIE},true,{SUZIE},suzie@work.example.org,,\n"
        "3,Dana,Levi,,true,,dana@work.example.org,dana@home.example.org,\n"
    )

    run = brought_in(data)

    assert run.counts["new"] == 2
    assert others_of(AMINA) == ["amina@old.example.org", "amina@work.example.org"]
    assert person("Amina@Work.example.org") == person(AMINA)
    assert person("suzie@work.example.org") == suzie
    # Without a first one, the first of the others is written to.
    dana = person("dana@home.example.org")
    assert (dana.email, others_of("dana@work.example.org")) == (
        "dana@work.example.org",
        ["dana@home.example.org"],
    )

    undone(run)

    assert not OtherAddress.objects.exists()
    assert person(AMINA) is None
    assert person(SUZIE) == suzie


def test_an_address_of_somebody_else_or_of_somebody_erased_is_nobodys_further_one():
    organization = an_organization()
    a_supporter(organization, given_name="Suzie", email=SUZIE)
    suppression.suppress(
        organization=organization, email=DANA, reason=Suppression.Reason.ERASED, source="", now=NOW
    )
    data = NATIONBUILDER + (
        f"1,Amina,Rahal,{AMINA},true,,{SUZIE},{DANA},nonsense\n"
        f"2,Bruno,Costa,bruno@example.net,true,,{AMINA},same@example.net,\n"
        "3,Chidi,Eze,chidi@example.net,true,,same@example.net,,\n"
    )

    run = brought_in(data)

    assert [OtherAddress.objects.count(), others_of("bruno@example.net")] == [1, ["same@example.net"]]
    expected = {
        (2, "further-of-another"), (2, "further-suppressed"), (2, "bad-further"),
        (3, "further-of-another"), (4, "further-of-another"),
    }  # fmt: skip
    assert set(reasons(run, "run")) == set(reasons(run, "check")) == expected


def test_what_somebody_did_since_keeps_their_further_address():
    run = brought_in(f"{NATIONBUILDER}1,Amina,Rahal,{AMINA},true,,amina@work.example.org,,\n")
    Supporter.objects.update(confirmed_at=NOW)

    undone(run)

    assert others_of(AMINA) == ["amina@work.example.org"]
