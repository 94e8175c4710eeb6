"""Other registers' numbers for our choices."""

from __future__ import annotations

import pytest

from amparo.cases import codes, models, register


def test_every_choice_that_has_a_number_is_a_choice_of_ours():
    for (model, column), numbers in codes._numbers().items():
        field = getattr(models, model)._meta.get_field(column)
        assert set(numbers) <= {value for value, _label in field.choices}, (model, column)
        assert register.KINDS[model].column(column)


def test_categories_stand_in_columns_of_ours():
    for model, column in codes._categories():
        assert register.KINDS[model].column(column)


@pytest.mark.parametrize(
    ("model", "column", "value", "number"),
    [
        (models.CustodySpell, "kind", "administrative", "HURIDOCS MT29 01"),
        (models.CustodySpell, "kind", "sentence", ""),
        (models.Intervention, "response", "silent", "HURIDOCS MT27 06"),
        (models.Intervention, "by", "Four senators", ""),
        (models.Designation, "criteria", "Opinion 3/2026, categories I, II and V", "WGAD I, II, V"),
        (models.Designation, "criteria", "A category of its own", ""),
        (models.Designation, "criteria", None, ""),
    ],
)
def test_a_value_has_its_number(model, column, value, number):
    assert codes.number_of(model, column, value) == number


def test_a_column_answers_to_a_field_of_the_formats():
    assert codes.field_of(models.Intervention, "kind") == "2609"
    assert codes.field_of(models.Case, "title") == ""
