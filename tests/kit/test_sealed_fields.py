import copy
import json
import pickle
from base64 import b64decode

import pytest
from django import forms
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from amparo.kit import sealing
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.kit.sealing import Unsealable
from tests.toybox.models import Postcard, Stamp

pytestmark = pytest.mark.django_db
CANARY = "Suzie Quicksilver"


@pytest.fixture
def suzies(organizations):
    return Postcard.objects.create(
        organization_id=organizations.ours, sender=CANARY, words="Wish you were free"
    )


def raw(postcard, column="sender"):
    """The bytes in the table."""
    found = Postcard.objects.values_list(column, flat=True).get(pk=postcard.pk)
    return None if found is None else bytes(found)


# --- Writing and reading -------------------------------------------------------------------------------


def test_text_is_sealed_in_the_table_and_plain_on_the_row(suzies):
    assert raw(suzies)[:1] == sealing.VERSION
    assert CANARY.encode() not in raw(suzies)
    assert Postcard.objects.get().sender == CANARY
    assert suzies.sender == CANARY


def test_the_bytes_are_bound_to_organization_table_row_and_column(suzies, organizations):
    place = f"{organizations.ours}|toybox_postcard|{suzies.pk}|sender"
    key = organizations.keys[organizations.ours]
    assert sealing.unseal(raw(suzies), key=key, aad=place) == CANARY


def test_nothing_written_is_not_the_same_as_an_empty_text(organizations):
    nothing = Postcard.objects.create(organization_id=organizations.ours, sender="")
    empty = Postcard.objects.create(organization_id=organizations.ours, sender="", words="")
    assert Postcard.objects.get(pk=nothing.pk).words is None
    assert Postcard.objects.get(pk=empty.pk).words == ""
    assert list(Postcard.objects.filter(words__isnull=True)) == [nothing]
    assert list(Postcard.objects.filter(words=None)) == [nothing]
    assert list(Postcard.objects.exclude(words=None)) == [empty]


def test_rows_made_in_bulk_are_sealed(organizations):
    made = [Postcard(organization_id=organizations.ours, sender=f"{CANARY} {n}") for n in range(3)]
    Postcard.objects.bulk_create(made)
    assert {card.sender for card in Postcard.objects.all()} == {f"{CANARY} {n}" for n in range(3)}
    assert CANARY.encode() not in raw(made[0])


def test_a_changed_text_is_sealed_again_and_an_unchanged_one_left_alone(suzies):
    before = raw(suzies)
    card = Postcard.objects.get()
    card.seen = True
    card.save()
    assert raw(suzies) == before
    card.sender = CANARY
    card.save()
    assert raw(suzies) == before
    card.sender = "Suzie Brook"
    card.save(update_fields=["sender"])
    assert raw(suzies) != before
    assert Postcard.objects.get().sender == "Suzie Brook"


def test_no_key_is_asked_for_until_a_text_is_read(suzies, organizations):
    sealing.forget_keys()
    organizations.asked.clear()
    card = Postcard.objects.get()
    assert organizations.asked == []
    assert card.words == "Wish you were free"
    assert organizations.asked == [organizations.ours]


def test_a_deferred_text_is_loaded_on_its_own(suzies, django_assert_num_queries):
    card = Postcard.objects.defer("sender").get()
    with django_assert_num_queries(1):
        assert card.sender == CANARY
    with django_assert_num_queries(0):
        assert card.sender == CANARY


def test_a_row_with_a_deferred_text_saves_the_rest(suzies):
    card = Postcard.objects.defer("sender").get()
    card.words = "Soon"
    card.save()
    again = Postcard.objects.get()
    assert (again.sender, again.words) == (CANARY, "Soon")


def test_a_row_without_its_organization_at_hand_asks_for_it(suzies):
    card = Postcard.objects.only("sender").get()
    card.words = "Soon"
    assert card.sender == CANARY
    card.save()
    assert Postcard.objects.get().words == "Soon"


def test_refreshing_reads_what_somebody_else_wrote(suzies):
    other = Postcard.objects.get()
    other.sender = "Suzie Brook"
    other.save()
    suzies.refresh_from_db()
    assert suzies.sender == "Suzie Brook"
    Postcard.objects.update(words=None)
    suzies.refresh_from_db(fields=["words"])
    assert suzies.words is None


def test_a_row_may_take_its_organization_from_another(suzies, organizations):
    Stamp.objects.create(postcard=suzies, motif="A lighthouse")
    assert Stamp.objects.get().motif == "A lighthouse"
    Postcard.objects.update(organization_id=organizations.theirs)
    with pytest.raises(Unsealable):
        _ = Stamp.objects.get().motif


def test_a_row_without_organization_is_not_written(organizations):
    with pytest.raises(ValueError, match="organization"):
        Postcard(sender=CANARY).save()


# --- Moved bytes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("move", ["row", "column", "organization"])
def test_bytes_moved_by_mallory_are_not_read(suzies, organizations, move):
    amina = Postcard.objects.create(organization_id=organizations.ours, sender="Amina", words="Courage")
    with connection.cursor() as cursor:
        if move == "row":
            change = "UPDATE toybox_postcard SET sender = %s WHERE sender = %s"
            cursor.execute(change, [raw(suzies), raw(amina)])
        elif move == "column":
            cursor.execute("UPDATE toybox_postcard SET sender = words")
        else:
            Postcard.objects.update(organization_id=organizations.theirs)
    moved = Postcard.objects.get(pk=amina.pk)
    with pytest.raises(Unsealable) as noticed:
        _ = moved.sender
    assert str(amina.pk) in str(noticed.value)
    with pytest.raises(Unsealable):
        moved.save()


def test_a_row_given_another_id_never_writes_bytes_it_cannot_read(suzies):
    card = Postcard.objects.get()
    card.pk = new_id()
    with pytest.raises(Unsealable), transaction.atomic():
        card.save()
    assert Postcard.objects.get().pk == suzies.pk


def test_a_row_moved_to_another_organization_is_sealed_for_it_once_read(suzies, organizations):
    card = Postcard.objects.get()
    assert (card.sender, card.words) == (CANARY, "Wish you were free")
    card.organization_id = organizations.theirs
    card.save()
    assert Postcard.objects.get().sender == CANARY


# --- What is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        lambda card: Postcard.objects.update(sender="Mallory"),
        lambda card: Postcard.objects.update(sender=b"Mallory"),
        lambda card: Postcard.objects.filter(sender=CANARY),
        lambda card: Postcard.objects.exclude(sender=CANARY),
        lambda card: Postcard.objects.filter(sender__in=[CANARY]),
        lambda card: Postcard.objects.filter(sender__icontains="suzie"),
        lambda card: Postcard.objects.filter(sender__length=3),
        lambda card: Postcard.objects.get_or_create(sender=CANARY),
        lambda card: Postcard.objects.bulk_update([card], ["sender"]),
    ],
)
def test_text_reaches_the_table_only_through_its_row(suzies, attempt):
    with pytest.raises(TypeError, match="found by its fingerprint"), transaction.atomic():
        attempt(suzies)
    assert Postcard.objects.get().sender == CANARY


def test_many_texts_are_erased_at_once(suzies):
    assert Postcard.objects.update(words=None, sender="") == 1
    card = Postcard.objects.get()
    assert (card.words, card.sender) == (None, "")
    card.save()
    assert Postcard.objects.get().sender == ""


def test_a_text_too_long_is_refused_by_validation(organizations):
    card = Postcard(organization_id=organizations.ours, sender="x" * 41)
    with pytest.raises(ValidationError) as refused:
        card.full_clean()
    assert list(refused.value.message_dict) == ["sender"]
    card.sender = "x" * 40
    card.full_clean()
    card.sender = ""
    with pytest.raises(ValidationError):
        card.full_clean()
    card.sender = 7
    with pytest.raises(ValidationError):
        card.full_clean()


def test_a_form_offers_a_text_field_of_that_length(suzies):
    form_class = forms.modelform_factory(Postcard, fields=["sender", "words"])
    form = form_class({"sender": "Suzie Brook", "words": ""}, instance=suzies)
    assert form.fields["sender"].max_length == 40
    assert form.initial["sender"] == CANARY
    form.save()
    again = Postcard.objects.get()
    assert (again.sender, again.words) == ("Suzie Brook", None)
    assert not form_class({"sender": "x" * 41}).is_valid()


# --- Nothing leaks -------------------------------------------------------------------------------------


def test_printing_and_logging_show_no_text(suzies):
    assert suzies.sender == CANARY
    assert CANARY not in repr(suzies.__dict__) + repr(suzies) + str(vars(Postcard.objects.get()))


def test_a_pickled_row_holds_sealed_bytes_and_reads_again(suzies):
    for card in (suzies, Postcard.objects.get(), Postcard.objects.defer("sender").get()):
        assert card.sender == CANARY
        pickled = pickle.dumps(card)
        assert CANARY.encode() not in pickled
        assert pickle.loads(pickled).sender == CANARY


def test_a_text_changed_but_not_saved_is_pickled_sealed_too(suzies):
    card = Postcard.objects.get()
    card.sender = "Suzie Brook"
    card.refresh_from_db(fields=["words"])
    pickled = pickle.dumps(card)
    assert b"Suzie Brook" not in pickled
    assert pickle.loads(pickled).sender == "Suzie Brook"


def test_a_row_never_saved_is_not_pickled(organizations):
    with pytest.raises(TypeError, match="Save the row"):
        pickle.dumps(Postcard(organization_id=organizations.ours, sender=CANARY))


def test_copies_of_a_row_read_as_it_does(suzies, organizations):
    unsaved = Postcard(organization_id=organizations.ours, sender=CANARY)
    for card in (suzies, Postcard.objects.get(), unsaved):
        assert copy.copy(card).sender == copy.deepcopy(card).sender == CANARY


def test_serialized_rows_hold_sealed_bytes(suzies):
    written = serializers.serialize("json", Postcard.objects.all())
    assert CANARY not in written
    assert b64decode(json.loads(written)[0]["fields"]["sender"]) == raw(suzies)


def test_queries_carry_sealed_bytes_only(organizations, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        Postcard.objects.create(organization_id=organizations.ours, sender=CANARY)
    assert CANARY not in str(captured.captured_queries)


def test_a_thousand_canaries_leave_no_trace_in_the_table(organizations):
    made = [Postcard(organization_id=organizations.ours, sender=f"canary-{n:04}") for n in range(1000)]
    Postcard.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sender, words, sender_mark FROM toybox_postcard")
        everything = b"".join(bytes(cell) for row in cursor.fetchall() for cell in row if cell is not None)
    assert len(everything) == 1000 * (len("canary-0000") + sealing.OVERHEAD_BYTES)
    assert b"canary" not in everything


# --- Fingerprints --------------------------------------------------------------------------------------


def mark(text, organizations):
    return sealing.fingerprint(text, key=organizations.keys[organizations.ours], purpose="sender")


def test_a_row_is_found_by_its_fingerprint(suzies, organizations):
    suzies.sender_mark = mark(CANARY, organizations)
    suzies.save()
    found = Postcard.objects.get(sender_mark=mark(CANARY, organizations))
    assert found == suzies
    assert type(found.sender_mark) is bytes
    assert Postcard.objects.filter(sender_mark__in=[mark("Amina", organizations)]).count() == 0
    assert list(Postcard.objects.values_list("sender_mark", flat=True)) == [mark(CANARY, organizations)]


def test_the_database_keeps_fingerprints_apart(suzies, organizations):
    Postcard.objects.update(sender_mark=mark(CANARY, organizations))
    with pytest.raises(IntegrityError), transaction.atomic():
        Postcard.objects.create(
            organization_id=organizations.ours, sender="Mallory", sender_mark=mark(CANARY, organizations)
        )


def test_only_fingerprints_are_kept_as_fingerprints(suzies):
    with pytest.raises(TypeError, match="not the text"):
        Postcard.objects.filter(sender_mark=CANARY).exists()
    with pytest.raises(ValueError, match="32 bytes"):
        Postcard.objects.update(sender_mark=b"short")


def test_serialized_fingerprints_read_back(suzies, organizations):
    field = Postcard._meta.get_field("sender_mark")
    suzies.sender_mark = mark(CANARY, organizations)
    assert field.to_python(field.value_to_string(suzies)) == suzies.sender_mark


# --- Migrations and checks -----------------------------------------------------------------------------


def test_migrations_write_the_fields_as_they_were_declared():
    def declared(model, name):
        return MigrationWriter.serialize(model._meta.get_field(name))[0].rpartition(".")[2]

    assert declared(Postcard, "sender") == "SealedTextField(max_plain_length=40)"
    assert declared(Postcard, "words") == "SealedTextField(blank=True, max_plain_length=2000, null=True)"
    assert declared(Postcard, "sender_mark") == "FingerprintField(null=True, unique=True)"
    stamp = MigrationWriter.serialize(Stamp._meta.get_field("motif"))[0]
    assert "organization_attr='postcard.organization_id'" in stamp


@pytest.mark.parametrize("options", [{"null": True}, {"blank": True}, {"default": ""}])
def test_a_new_column_starts_without_text(options):
    """What a migration writes into the rows there are, in either database's own words."""
    editor = connection.SchemaEditorClass(connection)
    started = editor.quote_value(editor.effective_default(SealedTextField(**options)))
    assert started in {"NULL", "X''", r"'\x'::bytea"}


@isolate_apps("tests.toybox")
def test_a_model_that_cannot_keep_sealed_text_is_told_at_start():
    class Numbered(models.Model):
        text = SealedTextField(db_index=True)

        class Meta:
            app_label = "toybox"

    assert {error.id for error in Numbered.check()} >= {"amparo.E001", "amparo.E002", "amparo.E003"}

    class Child(Postcard):
        nickname = SealedTextField()

        class Meta:
            app_label = "toybox"

    class Tenant(models.Model):
        id = models.UUIDField(primary_key=True, default=new_id)
        secret = SealedTextField(organization_attr="pk")
        mark = FingerprintField(db_index=True)

        class Meta:
            app_label = "toybox"

    assert Tenant.check() == Postcard.check() == Stamp.check() == []
    assert [error.id for error in Child.check() if error.id.startswith("amparo")] == []
