"""Every personal column stands in docs/safety/data-map.md, as what it is, and nothing stands there that is gone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field, Model

from amparo.actions import confirming, erasing
from amparo.kit.sealed_fields import FingerprintField, SealedTextField

SAFETY = Path(__file__).resolve().parent.parent.parent / "docs" / "safety"
#: Names under which people's data usually lie. Where one is about something else, the page says so all the same.
PERSONAL = re.compile(
    r"(e?mail$|email_address|address|postal|postcode$|phone|recipient|sent_to|salutation"
    r"|given_name|family_name|first_name|last_name|honorific|gender|birth|password|session"
    r"|(^|_)ip(_|$)|user_agent|^area$)"
)
#: Columns that sound personal and are not about a person.
ABOUT_NO_PERSON = {
    "targets.PostcodeOverride.postcode",
}
#: Wagtail's and Django's own tables: pages, permissions, search.
NOT_LOOKED_AT = re.compile(
    r"(wagtail|taggit|contenttypes|auth$|simple_translation|extend$|toybox$|workshop$)"
)


def models() -> list[type[Model]]:
    return [model for model in apps.get_models() if not NOT_LOOKED_AT.match(model._meta.app_label)]


def how(field: Field) -> str:
    """How the page must say that a column is kept."""
    if isinstance(field, SealedTextField):
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


@pytest.mark.parametrize(
    ("what", "time"),
    [
        ("texts of letters", erasing.TEXTS_KEPT),
        ("a supporter's name", erasing.PEOPLE_KEPT),
        ("what was typed and never confirmed", erasing.UNCONFIRMED_KEPT),
        ("which is itself", confirming.LINK_LASTS),
    ],
)
def test_the_page_on_retention_says_what_the_program_does(what: str, time: timedelta):
    text = (SAFETY / "retention.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("|") and what in line]
    assert f"{time.days} days" in row
