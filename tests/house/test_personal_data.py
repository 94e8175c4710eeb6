"""Everything that is kept about a person is declared: each model, each column, its class, its end (guarantee P6)."""

from __future__ import annotations

import pytest
from django.db import models

from amparo.kit import personal_data, undeclared
from amparo.kit.personal_data import Fate, Kind, Term, Who, declarations, declare, deleted, emptied, stays
from amparo.organizations.models import Organization
from amparo.supporters.models import Note, Supporter


def says(models=None) -> list[str]:
    return [f"{message.id}: {message.msg}" for message in undeclared.undeclared(models)]


@pytest.fixture
def registry(monkeypatch):
    """A registry that may be added to and forgets it afterwards."""
    monkeypatch.setattr(personal_data, "_declarations", dict(personal_data._declarations))
    return personal_data._declarations


def redeclare(label: str, **changes):
    """Declare a model again with something changed."""
    old = personal_data.declaration_of(label)
    declare(
        label,
        title=old.title,
        about=old.about,
        why=old.why,
        kept=old.kept,
        path=old.path,
        fields=[changes.pop("uses", list(old.uses))],
        **changes,
    )


def test_every_model_and_column_is_declared():
    assert says() == []


def test_a_model_with_sealed_columns_that_nobody_declared_is_noticed(registry):
    del registry["supporters.Note"]
    assert says([Note]) == ["amparo.E010: supporters.Note has sealed columns and is not declared."]


def test_a_model_that_leads_to_a_supporter_over_others_is_noticed(registry):
    from amparo.actions.models import Action

    class Petal(models.Model):
        action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "actions"

    try:
        assert says([Petal]) == ["amparo.E010: actions.Petal leads to a supporter and is not declared."]
        assert says([Organization]) == []
    finally:
        from django.apps import apps

        del apps.all_models["actions"]["petal"]
        apps.clear_cache()


def test_a_column_without_a_class_is_noticed(registry):
    uses = [use for use in personal_data.declaration_of("supporters.Note").uses if use.name != "text"]
    redeclare("supporters.Note", uses=uses)
    assert says([Note]) == ["amparo.E011: supporters.Note.text has no class of personal data."]


def test_a_column_that_is_gone_is_noticed(registry):
    uses = [*personal_data.declaration_of("supporters.Note").uses, *deleted(Kind.WORDS, "shout")]
    redeclare("supporters.Note", uses=uses)
    assert says([Note]) == ["amparo.E012: supporters.Note.shout is declared and is no column."]


def test_a_row_is_not_deleted_in_part(registry):
    uses = [use for use in personal_data.declaration_of("supporters.Note").uses if use.name != "written_at"]
    redeclare("supporters.Note", uses=[*uses, *stays(Kind.TECHNICAL, "written_at")])
    assert says([Note]) == ["amparo.E013: supporters.Note is declared as deleted, in part."]


def test_nothing_sealed_is_called_technical_and_nothing_that_names_somebody_stays(registry):
    uses = list(personal_data.declaration_of("supporters.Supporter").uses)
    kept = [use for use in uses if use.name not in {"given_name", "phone"}]
    redeclare(
        "supporters.Supporter",
        uses=[*kept, *stays(Kind.IDENTITY, "given_name"), *emptied(Kind.TECHNICAL, "phone")],
    )
    assert sorted(says([Supporter])) == [
        "amparo.E014: supporters.Supporter.phone is sealed, so it is personal.",
        "amparo.E015: supporters.Supporter.given_name would outlive the person.",
    ]


def test_a_column_is_declared_once():
    with pytest.raises(ValueError, match="declares text twice"):
        declare(
            "supporters.Note",
            title="",
            about=Who.SUPPORTER,
            why="",
            kept=Term(""),
            fields=[deleted(Kind.WORDS, "text"), deleted(Kind.TECHNICAL, "text")],
        )


def test_whatever_is_about_a_supporter_can_be_found_again():
    for declaration in declarations(Who.SUPPORTER):
        assert declaration.path or declaration.finder, declaration.label


def test_whatever_erasing_empties_can_be_empty():
    for declaration in declarations(Who.SUPPORTER):
        for use in declaration.uses:
            field = declaration.model._meta.get_field(use.name)
            if use.fate is Fate.EMPTIED:
                assert field.null or field.has_default() or field.empty_strings_allowed, (
                    f"{declaration.label}.{use.name}"
                )


def test_every_personal_column_of_an_export_has_a_heading_or_a_reason_to_have_none():
    without = {
        f"{declaration.label}.{use.name}"
        for declaration in declarations(Who.SUPPORTER)
        for use in declaration.uses
        if use.kind in personal_data.PERSONAL and not use.label and not use.withheld
    }
    assert without == {
        # Bits that the ledger says in words, and what says in a form for programs what its neighbours say.
        "supporters.Supporter.agreed_to",
        "supporters.Suppression.digest",
        "supporters.ImportChange.answers",
    }
