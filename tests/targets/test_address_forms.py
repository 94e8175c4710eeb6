"""How a letter is addressed: stated titles are used, nothing is guessed, and what the office asks for wins."""

from __future__ import annotations

import re

import pytest

from amparo.targets.address_forms import closing, envelope, read_forms, salutation
from amparo.targets.records import MembershipRecord, PersonRecord, PostRecord


def post(office: str, *, label: str = "Some Post", organization: str = "Some Department") -> PostRecord:
    return PostRecord("post/1", label, organization_name=organization, office=office)


def person(name: str, **stated: object) -> PersonRecord:
    return PersonRecord("p/1", name, **stated)


KEIR_LIKE = person(
    "Sir Amos Vere", given_name="Amos", family_name="Vere", honorific_prefix="Rt Hon Sir",
    honorific_suffix="KC", gender="male",
)  # fmt: skip
DAME = person("Dame Ada Lark", given_name="Ada Mary", family_name="Lark", honorific_prefix="Dame")
DOCTOR = person("Dr Nia Prydderch", given_name="Nia", family_name="Prydderch", honorific_prefix="Dr")
PRIVY = person("Ms Una Long Marsh", given_name="Una", family_name="Long Marsh", honorific_prefix="Rt Hon Ms")
PLAIN = person("P. T. Smitt", family_name="Smitt")
WOMAN = person("Rosa Ibarra", given_name="Rosa", family_name="Ibarra", gender="female")
MAN = person("Pell Ostrom", given_name="Pell", family_name="Ostrom", gender="male")
PEER = person("Baroness Quill of Fenmoor", family_name="Quill of Fenmoor", honorific_prefix="Baroness")
SPEAKS = MembershipRecord("post/1", "p/1", flags=("speaker",))


@pytest.mark.parametrize(
    ("office", "who", "said"),
    [
        ("uk/mp", KEIR_LIKE, "Dear Sir Amos"),
        ("uk/mp", DAME, "Dear Dame Ada"),
        ("uk/mp", DOCTOR, "Dear Dr Prydderch"),
        ("uk/mp", PRIVY, "Dear Ms Long Marsh"),
        ("uk/mp", PLAIN, "Dear P. T. Smitt"),
        ("uk/mp", WOMAN, "Dear Rosa Ibarra"),
        ("uk/office-holder", PEER, "Dear Baroness Quill of Fenmoor"),
        ("uk/minister", PEER, "Dear Minister"),
        ("uk/foreign-secretary", WOMAN, "Dear Foreign Secretary"),
        ("uk/prime-minister", KEIR_LIKE, "Dear Prime Minister"),
        ("us/senator", WOMAN, "Dear Senator Ibarra"),
        ("us/representative", MAN, "Dear Representative Ostrom"),
        ("us/delegate", MAN, "Dear Delegate Ostrom"),
        ("us/representative", person("Cher"), "Dear Cher"),
        ("us/secretary", MAN, "Dear Mr. Secretary"),
        ("us/secretary", WOMAN, "Dear Madam Secretary"),
        ("us/secretary", PLAIN, "Dear Secretary Smitt"),
        ("us/secretary", person("Cher"), "Dear Cher"),
        ("eu/mep", DOCTOR, "Dear Dr Prydderch"),
        ("ca/minister", MAN, "Dear Minister"),
        ("excellency", WOMAN, "Your Excellency"),
        ("", person("Ms. Ilse Maran", family_name="Maran", honorific_prefix="Ms."), "Dear Ms. Maran"),
        ("no/such-office", PLAIN, "Dear P. T. Smitt"),
    ],
)
def test_an_english_letter_opens(office: str, who: PersonRecord, said: str) -> None:
    assert salutation(who, post(office), language="en") == said
    assert salutation(who, post(office), language="en-GB") == said


@pytest.mark.parametrize(
    ("office", "who", "said"),
    [("uk/mp", KEIR_LIKE, "Dear Mr Speaker"), ("us/representative", WOMAN, "Dear Madam Speaker"),
     ("us/representative", MAN, "Dear Mr. Speaker"), ("us/representative", PLAIN, "Dear Speaker Smitt"),
     ("member", WOMAN, "Dear Madam Speaker"), ("uk/mp", PLAIN, "Dear Speaker")],
)  # fmt: skip
def test_whoever_presides_is_addressed_so(office: str, who: PersonRecord, said: str) -> None:
    assert salutation(who, post(office), SPEAKS, language="en") == said


@pytest.mark.parametrize(
    ("language", "office", "who", "said"),
    [
        ("fr", "ca/minister", WOMAN, "Madame la ministre"),
        ("fr", "ca/minister", MAN, "Monsieur le ministre"),
        ("fr", "ca/minister", PLAIN, "Madame, Monsieur"),
        ("fr-CA", "ca/mp", WOMAN, "Madame la députée"),
        ("fr", "uk/foreign-secretary", WOMAN, "Madame la ministre"),
        ("fr", "us/senator", MAN, "Monsieur le sénateur"),
        ("fr", "eu/mep", DAME, "Madame la députée"),
        ("fr", "", PLAIN, "Madame, Monsieur"),
        ("fr", "excellency", PLAIN, "Excellence"),
        ("ar", "uk/mp", WOMAN, "سعادة النائبة Rosa Ibarra"),
        ("ar", "uk/mp", PLAIN, "السيد/ة P. T. Smitt"),
        ("ar", "uk/minister", MAN, "معالي الوزير"),
        ("ar", "excellency", WOMAN, "صاحبة السعادة"),
        ("de", "uk/mp", DOCTOR, "Dear Dr Prydderch"),
    ],
)
def test_letters_in_other_languages_use_a_stated_gender_or_none(
    language: str, office: str, who: PersonRecord, said: str
) -> None:
    assert salutation(who, post(office), language=language) == said


def test_no_gender_or_title_is_read_from_a_first_name() -> None:
    for name in ("Mary Lark", "John Finch", "Muhammad Reed"):
        nobody_says = person(name, given_name=name.split()[0], family_name=name.split()[1])
        assert salutation(nobody_says, post("uk/mp"), language="en") == f"Dear {name}"
        assert salutation(nobody_says, post("uk/mp"), language="fr") == "Madame, Monsieur"


def test_what_the_office_asks_for_wins() -> None:
    asks = person(
        "Dr Nia Prydderch", family_name="Prydderch", honorific_prefix="Dr",
        salutations={"en": "Dear Nia", "fr": "Chère docteure"},
    )  # fmt: skip
    assert salutation(asks, post("uk/foreign-secretary"), SPEAKS, language="en") == "Dear Nia"
    assert salutation(asks, post("uk/mp"), language="en-GB") == "Dear Nia"
    assert salutation(asks, post("uk/mp"), language="fr") == "Chère docteure"
    assert salutation(asks, post("uk/mp"), language="ar").endswith("Dr Nia Prydderch")


@pytest.mark.parametrize(
    ("office", "language", "said"),
    [
        ("uk/mp", "en", "Dear Sir or Madam"),
        ("uk/foreign-secretary", "en", "Dear Foreign Secretary"),
        ("us/secretary", "en", "Dear Sir or Madam"),
        ("uk/minister", "fr", "Madame, Monsieur"),
        ("uk/mp", "ar", "تحية طيبة وبعد"),
        ("", "ar", "تحية طيبة وبعد"),
    ],
)
def test_a_post_without_a_known_holder(office: str, language: str, said: str) -> None:
    assert salutation(None, post(office), language=language) == said


@pytest.mark.parametrize(
    ("office", "who", "lines"),
    [
        ("uk/mp", KEIR_LIKE, "The Rt Hon Sir Amos Vere KC MP"),
        ("uk/mp", DAME, "Dame Ada Lark MP"),
        ("uk/mp", PRIVY, "The Rt Hon Una Long Marsh MP"),
        ("uk/mp", DOCTOR, "Dr Nia Prydderch MP"),
        ("uk/mp", PLAIN, "P. T. Smitt MP"),
        ("uk/foreign-secretary", PRIVY, "The Rt Hon Una Long Marsh\nSome Post\nSome Department"),
        ("uk/minister", PEER, "Baroness Quill of Fenmoor\nSome Post\nSome Department"),
        ("us/senator", WOMAN, "The Honorable Rosa Ibarra"),
        ("us/senator", person("D. Q. Vance, Jr.", honorific_suffix="Jr."), "The Honorable D. Q. Vance, Jr."),
        ("ca/minister", WOMAN, "The Honourable Rosa Ibarra P.C., M.P.\nSome Post\nSome Department"),
        ("ca/mp", WOMAN, "Rosa Ibarra M.P."),
        ("eu/mep", DOCTOR, "Dr Nia Prydderch MEP"),
        ("excellency", WOMAN, "Her Excellency Rosa Ibarra\nSome Post\nSome Department"),
        ("excellency", PLAIN, "H.E. P. T. Smitt\nSome Post\nSome Department"),
        ("uk/mp", None, "Some Post\nSome Department"),
    ],
)
def test_an_envelope(office: str, who: PersonRecord | None, lines: str) -> None:
    assert envelope(who, post(office), language="en") == lines


def test_closings() -> None:
    assert closing(DOCTOR, post("uk/mp"), language="en") == "Yours sincerely"
    assert closing(WOMAN, post("us/senator"), language="en") == "Sincerely"
    assert closing(None, post("us/senator"), language="en") == "Sincerely"
    assert closing(WOMAN, post("ca/minister"), language="fr") == (
        "Veuillez agréer, Madame la ministre, l’expression de ma considération distinguée"
    )
    assert closing(MAN, post("uk/mp"), language="ar") == "وتفضلوا بقبول فائق الاحترام والتقدير"


def test_a_name_is_data_and_never_a_template() -> None:
    mallory = person("{family} {0} %s", family_name="{title}", honorific_prefix="Dr")
    assert salutation(mallory, post("uk/mp"), language="en") == "Dear Dr {title}"
    assert salutation(person("{name.__class__}"), post("uk/mp"), language="en") == "Dear {name.__class__}"
    called = person("X", salutations={"fr": "{salutation}"})
    assert "{salutation}" in closing(called, post("uk/mp"), language="fr")


def test_the_forms_are_complete_and_use_only_known_places() -> None:
    forms = read_forms()
    assert set(forms) == {"like", "en", "fr", "ar"}
    keys = {
        "salutation",
        "title",
        "honour",
        "letters",
        "titled",
        "knighted",
        "named",
        "nobody",
        "closing",
        "post",
    }
    for language in ("en", "fr", "ar"):
        for office in [*forms[language]["office"], *forms["like"], ""]:
            assert set(forms[language]["office"].get(office, {})) <= keys
            for who in (KEIR_LIKE, PLAIN, WOMAN, None):
                written = [
                    deed(who, post(office), language=language) for deed in (salutation, closing, envelope)
                ]
                assert all(written)
                assert not [text for text in written if re.search(r"[{}]", text)]
    assert all(general in forms["en"]["office"] or general == "member" for general in forms["like"].values())
