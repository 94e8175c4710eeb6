"""Every personal column stands in docs/safety/data-map.md, as what it is, and nothing stands there that is gone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

from amparo.actions import confirming
from amparo.actions.models import HandOverPiece
from amparo.kit import personal_data
from amparo.kit.personal_data import Who, declarations, rules
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.mailings import posting
from amparo.supporters import retention as supporters
from amparo.supporters.records import dpia
from amparo.targets import retention as targets

SAFETY = Path(__file__).resolve().parent.parent.parent / "docs" / "safety"
#: Names under which people's data usually lie. Where one is about something else, the page says so all the same.
PERSONAL = re.compile(
    r"(e?mail$|email_address|address|postal|postcode$|phone|recipient|sent_to|salutation"
    r"|given_name|family_name|first_name|last_name|honorific|gender|birth|password|session"
    r"|(^|_)ip(_|$)|user_agent|^area$)"
)
#: Columns that sound personal and are not about a person.
ABOUT_NO_PERSON = {
    # Whether a form asks for it.
    "actions.CallPage.counts_without_address",
    "actions.OpenLetterPage.asks_postcode",
    "actions.PartnerPage.counts_without_address",
    "actions.PostalLetterPage.asks_name_and_address",
    "actions.PostalLetterPage.counts_without_address",
    "actions.SharePage.counts_without_address",
    "actions.PetitionPage.asks_postcode",
    "actions.SignUpPage.asks_postcode",
    "targets.PostcodeOverride.postcode",
}
#: Bytes too large for a text field, sealed by the one module that writes them.
SEALED_BY_THEIR_VERB = {HandOverPiece: {"content"}}
#: Wagtail's and Django's own tables: pages, permissions, search.
NOT_LOOKED_AT = re.compile(
    r"(wagtail|taggit|contenttypes|auth$|simple_translation|extend$|toybox$|workshop$)"
)


def models() -> list[type[Model]]:
    return [model for model in apps.get_models() if not NOT_LOOKED_AT.match(model._meta.app_label)]


def how(field: Field) -> str:
    """How the page must say that a column is kept."""
    if isinstance(field, SealedTextField) or field.name in SEALED_BY_THEIR_VERB.get(
        getattr(field, "model", None), ()
    ):
        return "sealed"
    return "fingerprint" if isinstance(field, FingerprintField) else "plain"


def columns() -> dict[str, Field]:
    return {
        f"{model._meta.label}.{field.name}": field for model in models() for field in model._meta.local_fields
    }


def personal(found: dict[str, Field]) -> set[str]:
    return {
        name
        for name, field in found.items()
        if how(field) != "plain" or (PERSONAL.search(field.name) and not field.is_relation)
    } - ABOUT_NO_PERSON


def rows() -> dict[str, str]:
    """Column to how it is kept, as the page says."""
    text = (SAFETY / "data-map.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([\w.]+)` \| (\w+) \|", text, re.MULTILINE))


def test_every_personal_column_stands_in_the_data_map():
    assert personal(columns()) - set(rows()) == set()


def test_the_data_map_says_of_each_column_how_it_is_kept():
    known = columns()
    assert [name for name in rows() if name not in known] == []
    assert {name: how(known[name]) for name in rows()} == rows()


def test_a_personal_column_is_noticed():
    """The guard itself: an invented column with a telling name, and one without."""
    field = columns()["accounts.User.date_joined"]
    field_called = {}
    for name in ("home_address", "ip", "last_ip", "mobile_phone", "date_joined"):
        field_called[f"accounts.User.{name}"] = field.clone()
        field_called[f"accounts.User.{name}"].name = name
    assert personal(field_called) == set(field_called) - {"accounts.User.date_joined"}


def test_every_column_that_says_something_about_a_supporter_stands_in_the_data_map():
    """By the declarations, which know more than names of columns tell."""
    declared = {
        f"{declaration.label}.{use.name}"
        for declaration in declarations(Who.SUPPORTER)
        for use in declaration.uses
        if use.kind in personal_data.PERSONAL
    }
    assert declared - set(rows()) == set()


def row_of(what: str) -> str:
    """The line of the page on retention about one thing."""
    text = (SAFETY / "retention.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {what}")]
    return row


@pytest.mark.parametrize("rule", list(rules))
def test_the_page_on_retention_names_each_rule_with_its_figure(rule: str):
    followed = rules.get(rule)
    assert f"{followed.kept.days} days" in row_of(str(followed.says))


@pytest.mark.parametrize(
    ("what", "time"),
    [
        ("what was typed and never confirmed", supporters.UNCONFIRMED_KEPT),
        ("what was typed and never confirmed", confirming.LINK_LASTS),
        ("the same, where the page has no hard stop", supporters.QUIET_KEPT),
        ("the same, of people who came by a list", supporters.QUIET_KEPT),
        ("reports of mistakes", targets.SETTLED_REPORTS_KEPT),
        ("counts of confirmation mails", posting.A_MONTH),
    ],
)
def test_the_page_on_retention_says_what_the_program_does(what: str, time: timedelta):
    assert f"{time.days} days" in row_of(what)


def test_the_page_on_the_assessment_has_each_risk_with_what_meets_it():
    text = " ".join((SAFETY / "dpia.md").read_text(encoding="utf-8").split())
    for risk in dpia.RISKS:
        for said in (risk.what, risk.harm, risk.meets, risk.left):
            assert said in text
    assert text.count("### ") == len(dpia.RISKS)
