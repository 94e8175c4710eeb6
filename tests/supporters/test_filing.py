"""Tags, custom fields and notes: what may be kept, and how many are tagged at once and untagged again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.accounts.models import AuditEntry
from amparo.supporters import choosing, custom_fields, noting, tagging
from amparo.supporters.models import BulkChange, CustomField, CustomValue, Note, Supporter, Tag, Tagging
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db
Kind, Privacy = CustomField.Kind, CustomField.Privacy


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization, "approver", email="bruno@example.org")


@pytest.fixture
def amina(organization):
    return a_supporter(organization)


def a_tag(organization, name="vigil", *, by=None, now):
    return tagging.make_tag(organization=organization, name=name, by=by, now=now)


def everybody(organization):
    return Supporter.objects.for_organization(organization).present()


def tagged(tag):
    return set(Tagging.objects.filter(tag=tag).values_list("supporter", flat=True))


def trail():
    return [
        (entry.verb, entry.details) for entry in AuditEntry.objects.exclude(verb="appoint").order_by("id")
    ]


# --- Tags ---------------------------------------------------------------------------------------------------------


def test_a_tag_has_one_name_in_an_organization(organization, bruno, now):
    tag = a_tag(organization, "  Vigil \n stewards ", by=bruno, now=now)
    a_tag(an_organization("lamp-light"), "Vigil stewards", now=now)
    other = a_tag(organization, "other", now=now)

    assert tag.name == "Vigil stewards"
    with pytest.raises(tagging.TagNameTaken):
        a_tag(organization, "Vigil stewards", now=now)
    with pytest.raises(tagging.TagNameTaken):
        tagging.rename_tag(tag=other, name="Vigil stewards", by=bruno, now=now)
    with pytest.raises(tagging.TagWithoutAName):
        a_tag(organization, " \n ", now=now)


def test_amina_is_tagged_once_and_the_trail_names_no_name(organization, bruno, amina, now):
    tag = a_tag(organization, by=bruno, now=now)

    assert tagging.tag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    assert not tagging.tag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    assert tagging.untag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    assert not tagging.untag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    assert [verb for verb, _details in trail()] == ["make_tag", "tag_supporter", "untag_supporter"]
    assert "vigil" not in str(trail())


def test_a_tag_of_another_organization_is_not_there(bruno, amina, now):
    theirs = a_tag(an_organization("lamp-light"), now=now)

    with pytest.raises(Tag.DoesNotExist):
        tagging.tag_supporter(supporter=amina, tag=theirs, by=bruno, now=now)


# --- Many at once -------------------------------------------------------------------------------------------------


def test_many_are_tagged_and_undoing_restores_exactly(organization, bruno, now):
    tag = a_tag(organization, now=now)
    had_it, new, lost_it, regained = (
        a_supporter(organization, email=f"p{number}@example.net") for number in range(4)
    )
    theirs = a_supporter(an_organization("lamp-light"))
    tagging.tag_supporter(supporter=had_it, tag=tag, by=bruno, now=now)
    before = list(Tagging.objects.values_list("pk", "supporter", "tagged_at"))

    change = tagging.tag_many(
        supporters=Supporter.objects.all(), tag=tag, chosen={"country": "GB"}, by=bruno, now=now
    )
    assert (change.matched, change.tagged) == (4, 3)
    assert tagged(tag) == {had_it.pk, new.pk, lost_it.pk, regained.pk}
    assert theirs.pk not in tagged(tag)

    tagging.untag_supporter(supporter=lost_it, tag=tag, by=bruno, now=now)
    assert tagging.undo(change=change, by=bruno, now=now + timedelta(days=29)) == 2
    assert list(Tagging.objects.values_list("pk", "supporter", "tagged_at")) == before


def test_whoever_was_tagged_by_hand_since_keeps_the_tag(organization, bruno, amina, now):
    tag = a_tag(organization, now=now)
    change = tagging.tag_many(supporters=everybody(organization), tag=tag, chosen={}, by=bruno, now=now)
    tagging.untag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    tagging.tag_supporter(supporter=amina, tag=tag, by=bruno, now=now)

    assert tagging.undo(change=change, by=bruno, now=now) == 0
    assert tagged(tag) == {amina.pk}


def test_a_change_is_undone_once_and_within_thirty_days(organization, bruno, amina, now):
    tag = a_tag(organization, now=now)
    first = tagging.tag_many(supporters=everybody(organization), tag=tag, chosen={}, by=bruno, now=now)

    with pytest.raises(tagging.TooLateToUndo):
        tagging.undo(change=first, by=bruno, now=now + BulkChange.UNDONE_WITHIN)
    assert tagged(tag) == {amina.pk}
    tagging.undo(change=first, by=bruno, now=now)
    with pytest.raises(tagging.UndoneAlready):
        tagging.undo(change=first, by=bruno, now=now)


def test_of_two_changes_each_takes_back_its_own(organization, bruno, amina, now):
    tag = a_tag(organization, now=now)
    first = tagging.tag_many(supporters=everybody(organization), tag=tag, chosen={}, by=bruno, now=now)
    suzie = a_supporter(organization, given_name="Suzie")
    second = tagging.tag_many(supporters=everybody(organization), tag=tag, chosen={}, by=bruno, now=now)

    assert (second.matched, second.tagged) == (2, 1)
    tagging.undo(change=first, by=bruno, now=now)
    assert tagged(tag) == {suzie.pk}


def test_tagging_many_is_one_statement_whatever_the_filters(
    organization, bruno, now, django_assert_max_num_queries
):
    tag, other = a_tag(organization, now=now), a_tag(organization, "other", now=now)
    for number in range(30):
        person = a_supporter(organization, email=f"p{number}@example.net", country="FR", language="fr")
        tagging.tag_supporter(supporter=person, tag=other, by=bruno, now=now)
    chosen = {"country": "FR", "language": "fr", "tag": str(other.pk), "state": "unconfirmed"}

    with django_assert_max_num_queries(9):
        change = tagging.tag_many(
            supporters=choosing.select(organization=organization, chosen=chosen, now=now),
            tag=tag,
            chosen=chosen,
            by=bruno,
            now=now,
        )
    assert (change.matched, change.tagged) == (30, 30)


def test_a_filter_that_nobody_knows_chooses_nobody(organization, amina, now):
    for chosen in ({"planet": "Mars"}, {"state": "1=1"}, {"tag": "'"}, {"agreed": "news"}, {"segment": "x"}):
        assert not choosing.select(organization=organization, chosen=chosen, now=now).exists()


# --- Custom fields ------------------------------------------------------------------------------------------------


def a_field(organization, kind=Kind.TEXT, *, label="Union", privacy=Privacy.ORDINARY, choices=(), now):
    return custom_fields.make_field(
        organization=organization, label=label, kind=kind, privacy=privacy, choices=choices, by=None, now=now
    )


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        (Kind.TEXT, "  Printers \n union", "Printers union"),
        (Kind.NUMBER, "12.50", "12.5"),
        (Kind.NUMBER, "-3", "-3"),
        (Kind.NUMBER, "1 200", "1200"),
        (Kind.DATE, "2026-11-22", "2026-11-22"),
        (Kind.YES_NO, "Y", "Yes"),
        (Kind.YES_NO, "false", "No"),
        (Kind.CHOICE, "red", "Red"),
    ],
)
@pytest.mark.parametrize("privacy", Privacy.values)
def test_an_answer_is_kept_by_its_kind(organization, bruno, amina, now, kind, typed, read, privacy):
    choices = ("Red", "Green") if kind == Kind.CHOICE else ()
    field = a_field(organization, kind, privacy=privacy, choices=choices, now=now)
    value = custom_fields.answer(supporter=amina, field=field, text=typed, by=bruno, now=now)

    assert custom_fields.shown(CustomValue.objects.get(pk=value.pk)) == read
    assert (value.plain is None) == (privacy == Privacy.PERSONAL)
    assert read not in str(trail())


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.TEXT, "x" * 201),
        (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, "NaN"),
        (Kind.NUMBER, "1e400"),
        (Kind.NUMBER, "1.00001"),
        (Kind.DATE, "22/11/2026"),
        (Kind.YES_NO, "perhaps"),
        (Kind.CHOICE, "blue"),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_it(organization, bruno, amina, now, kind, typed):
    field = a_field(organization, kind, choices=("Red", "Green"), now=now)

    with pytest.raises(custom_fields.NotAnAnswer) as refused:
        custom_fields.answer(supporter=amina, field=field, text=typed, by=bruno, now=now)
    assert typed not in str(refused.value)
    assert not CustomValue.objects.exists()


def test_a_personal_answer_is_found_by_its_mark_and_an_empty_one_removes_it(organization, bruno, amina, now):
    field = a_field(organization, privacy=Privacy.PERSONAL, now=now)
    custom_fields.answer(supporter=amina, field=field, text="Printers", by=bruno, now=now)
    custom_fields.answer(supporter=amina, field=field, text="Dockers", by=bruno, now=now)

    assert [value.sealed for value in CustomValue.objects.all()] == ["Dockers"]
    assert CustomValue.objects.filter(mark=custom_fields.mark_of("Dockers", field=field)).exists()
    assert custom_fields.answer(supporter=amina, field=field, text=" ", by=bruno, now=now) is None
    assert not CustomValue.objects.exists()


@given(thousandths=st.lists(st.integers(-999_999_999, 999_999_999), min_size=2, max_size=6))
def test_numbers_sort_as_numbers(thousandths):
    numbers = [Decimal(each).scaleb(-3) for each in thousandths]
    field = CustomField(kind=Kind.NUMBER)
    kept = {number: custom_fields.canonical(f"{number:f}", field=field) for number in numbers}

    assert sorted(numbers) == sorted(numbers, key=lambda number: kept[number])
    assert all(
        custom_fields.readable(text, field=field) == f"{_plain(number)}" for number, text in kept.items()
    )


def _plain(number):
    text = f"{number:f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def test_a_choice_that_somebody_made_stays(organization, bruno, amina, now):
    for privacy in Privacy.values:
        field = a_field(
            organization, Kind.CHOICE, label=privacy, privacy=privacy, choices=("Red", "Green"), now=now
        )
        custom_fields.answer(supporter=amina, field=field, text="Red", by=bruno, now=now)
        with pytest.raises(custom_fields.ChoiceInUse):
            custom_fields.change_field(
                field=field, label="Colour", choices=("Green", "Blue"), by=bruno, now=now
            )
        custom_fields.change_field(field=field, label="Colour", choices=("Red", "Blue"), by=bruno, now=now)


def test_a_field_in_any_script_gets_a_key_and_one_name_is_one_field(organization, now):
    assert a_field(organization, label="Trade union", now=now).key == "trade-union"
    assert a_field(organization, label="نقابة", now=now).key.startswith("field-")
    with pytest.raises(custom_fields.KeyTaken):
        a_field(organization, label="Trade union", now=now)
    with pytest.raises(custom_fields.NoChoices):
        a_field(organization, Kind.CHOICE, label="Colour", choices=("Red", "Red"), now=now)


# --- Notes --------------------------------------------------------------------------------------------------------


def test_a_note_is_sealed_and_the_trail_says_only_that_there_was_one(organization, bruno, amina, now):
    note = noting.write(supporter=amina, text=" Offered to translate. ", by=bruno, now=now)
    assert Note.objects.get().text == "Offered to translate."
    noting.remove(note=note, by=bruno, now=now)

    assert [verb for verb, _details in trail()] == ["write_note", "remove_note"]
    assert "translate" not in str(trail())
    with pytest.raises(noting.EmptyNote):
        noting.write(supporter=amina, text=" ", by=bruno, now=now)
    with pytest.raises(noting.NoteTooLong):
        noting.write(supporter=amina, text="x" * 4001, by=bruno, now=now)
