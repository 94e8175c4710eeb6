"""What a form brings when somebody presses "send"."""

from __future__ import annotations

from uuid import uuid4

from amparo.actions.taking import Deed, Letter, Person


def a_deed(**fields) -> Deed:
    """Suzie's letter to the minister of justice, unless told otherwise."""
    person = Person(
        given_name=fields.pop("given_name", "Suzie"),
        family_name=fields.pop("family_name", "Okafor"),
        email=fields.pop("email", "suzie@example.org"),
        postal_code=fields.pop("postal_code", "EX1 2AB"),
        language=fields.pop("language", "en"),
        area=fields.pop("area", "exa/NM"),
    )
    fields.setdefault("letters", [a_written_letter()])
    return Deed(
        key=fields.pop("key", None) or uuid4(),
        person=person,
        consents=fields.pop("consents", {}),
        own_words=fields.pop("own_words", 40),
        source=fields.pop("source", "/write/"),
        proved=fields.pop("proved", True),
        **fields,
    )


def a_written_letter(**fields) -> Letter:
    defaults = {
        "target_key": "exa/minister/justice",
        "target_name": "Tove Ek",
        "target_label": "Minister of Justice",
        "dataset_label": "exa/1",
        "evidence": "named",
        "salutation": "Dear Minister,",
        "subject": "Ilan Sarr: when will he see a judge?",
        "body": "Please ask when Ilan Sarr will see a judge. " * 5,
        "closing": "Yours sincerely,\n\nSuzie Okafor",
    }
    return Letter(**{**defaults, **fields})
