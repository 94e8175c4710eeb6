"""What people may type, and the one clear sentence they get when they may not."""

from __future__ import annotations

import pytest

from amparo.actions.forms import DetailsForm, LetterForm

SUZIE = {
    "given-name": "Suzie",
    "family-name": "Okafor",
    "email": "suzie@example.org",
    "postal-code": "sw1a 0aa",
}


def details(**fields):
    return DetailsForm({**SUZIE, **fields}, postcode_format="uk")


def letter(body="A letter long enough to be read. " * 5, **fields):
    form = LetterForm(
        {"subject": "Ilan Sarr", "body": body, **fields},
        reasons=[],
        shortest=100,
        longest=1000,
        needs_address=fields.pop("needs_address", False),
        consents=[],
    )
    form.full_clean()
    return form


def test_inputs_carry_the_standard_autofill_names():
    assert [DetailsForm(postcode_format="uk").add_prefix(name) for name in DetailsForm.base_fields] == list(
        SUZIE
    )


def test_what_suzie_typed_is_tidied():
    form = details()

    assert form.is_valid()
    assert dict(form.carried()) == {**SUZIE, "postal-code": "SW1A 0AA"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("given-name", ""),
        ("given-name", "=HYPERLINK(1)"),
        ("given-name", "Suzie https://spam.example"),
        ("family-name", "@okafor"),
        ("email", "suzie@"),
        ("email", "suzie smith@example.org"),
        ("email", "suzie@example.org\nBcc: all@example.org"),
        ("email", "suzie@example.org, amina@example.org"),
        ("postal-code", "90210"),
        ("postal-code", "x" * 1_000_000),
        ("postal-code", ""),
    ],
)
def test_what_cannot_be_right_gets_a_sentence(field, typed):
    form = details(**{field: typed})

    assert not form.is_valid()
    errors = form.errors[field.replace("-", "_")]
    assert len(errors) == 1
    assert errors[0].endswith((".", "?"))


def test_a_name_never_becomes_two_lines():
    form = details(**{"given-name": "Suzie\r\nBcc: everybody@example.org".replace("@", " at ")})

    assert form.is_valid()
    assert "\n" not in form.cleaned_data["given_name"]
    assert "\r" not in form.cleaned_data["given_name"]


def test_a_postcode_is_not_asked_for_when_every_target_is_named():
    assert "postal_code" not in DetailsForm(postcode_format="").fields


def test_a_letter_of_a_megabyte_is_refused_with_its_length():
    form = letter("x" * 1_000_000)

    assert "1000000 characters" in form.errors["body"][0].replace(",", "").replace("\xa0", "")


def test_a_letter_of_one_word_is_refused():
    assert "at least 100" in letter("Please.").errors["body"][0]


def test_a_subject_stays_one_line():
    assert letter(subject="Ilan\u2028Sarr").cleaned_data["subject"] == "Ilan Sarr"


def test_an_office_that_asks_for_an_address_gets_one():
    assert set(letter(needs_address=True).errors) == {"address_line1", "city"}
