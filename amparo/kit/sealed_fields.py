"""Model fields for personal data: sealed text, and the fingerprint it is found by.

A sealed column holds bytes bound to organization, table, row and column (`kit/sealing.py`): moved anywhere
else they are unreadable. So it is written only through its row: `save()`, `create()` and `bulk_create()`
work; `update(x="text")`, `bulk_update()` with text and `filter(x="text")` are refused, and `update(x=None)`
or `update(x="")` erases. `bulk_create(update_conflicts=True)` must not name a sealed column: it would put the
bytes of the row that lost into the row that won. Whoever renames a table or a column keeps the old name in
`db_table` or `db_column`, or the text is lost.

`values()` gives the sealed bytes as they are; text is read from an instance, where it is unsealed on first
use. An `only()` that names a sealed column names the organization too, or each row asks for it again.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core import checks, exceptions
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import lookups
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from amparo.kit import sealing
from amparo.kit.typed_fields import GetType, SetType, TypedBinaryField, TypedTextField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.forms import Field as FormField

FOUND_BY_FINGERPRINT = "Sealed text is found by its fingerprint, and written through its row."
#: Written without a row, to erase many at once or to fill a new column; read as the empty text.
NO_TEXT = ("", b"")


class SealedBytes(bytes):
    """Bytes this module sealed for one row just now: the only bytes it lets into the database."""


class _Text:
    """Text in memory and, once it has a place, the bytes it was sealed to there."""

    __slots__ = ("aad", "plain", "sealed")

    def __init__(self, plain: str, sealed: bytes | None = None, aad: str | None = None) -> None:
        self.plain = plain
        self.sealed = sealed
        self.aad = aad

    def __repr__(self) -> str:
        return "<sealed text>"

    def __copy__(self) -> _Text:
        return self

    def __deepcopy__(self, _memo: object) -> _Text:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # What is pickled ends in caches and queues, where no plain text may be.
        if self.sealed is None:
            raise TypeError("Save the row before pickling it: only sealed text may leave the process.")
        return bytes, (bytes(self.sealed),)


class SealedTextAttribute(DeferredAttribute):
    """Reads and writes the text on an instance, unsealing when it is first asked for.

    The instance's `__dict__` holds None, bytes as they came from the database, or a `_Text`.
    """

    field: SealedTextField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        data = instance.__dict__
        name = self.field.attname
        if name not in data:
            data[name] = self._load(instance)
        kept = data[name]
        if kept == b"":
            return ""
        if isinstance(kept, bytes):
            kept = data[name] = self.field.unsealed_for(instance, kept)
        return kept.plain if isinstance(kept, _Text) else kept

    def __set__(self, instance: models.Model, value: Any) -> None:
        data = instance.__dict__
        name = self.field.attname
        if isinstance(value, (bytes, bytearray, memoryview)):
            data[name] = bytes(value)
        elif isinstance(value, str):
            kept = data.get(name)
            if not (isinstance(kept, _Text) and kept.plain == value):
                data[name] = self.field.text_for(instance, value)
        else:
            # None, and expressions such as `db_default`, which the database answers.
            data[name] = value

    def _load(self, instance: models.Model) -> bytes | None:
        """Fetch a deferred column as sealed bytes, without the detour over a second instance."""
        rows = type(instance)._base_manager.db_manager(instance._state.db, hints={"instance": instance})
        found = rows.values_list(self.field.attname, flat=True).get(pk=instance.pk)
        return None if found is None else bytes(cast("bytes", found))


class SealedTextField(TypedTextField[SetType, GetType]):
    """Text kept as AES-256-GCM bytes; in Python a `str`, or None, and the empty string is not None.

    The model needs a UUID primary key that we make ourselves, and says whose key seals it: by default its
    `organization_id`, or the attribute path in `organization_attr` (`"supporter.organization_id"`, which
    reads the related row; `"pk"` for the organization itself). `max_plain_length` counts characters and is
    checked when a form or `full_clean()` validates.
    """

    description = _("Sealed text (up to %(max_plain_length)s characters)")
    descriptor_class = SealedTextAttribute
    empty_values = (None, "")

    def __init__(
        self,
        *args: Any,
        max_plain_length: int = 1000,
        organization_attr: str = "organization_id",
        **kwargs: Any,
    ) -> None:
        self.max_plain_length = max_plain_length
        self.organization_attr = organization_attr
        super().__init__(*args, **kwargs)
        self.validators.append(MaxLengthValidator(max_plain_length))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs["max_plain_length"] = self.max_plain_length
        if self.organization_attr != "organization_id":
            kwargs["organization_attr"] = self.organization_attr
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    # --- The place a text belongs to ---

    def place_of(self, instance: models.Model) -> tuple[UUID, str] | None:
        """The organization and the AAD of this column in this row, or None while the row lacks either."""
        organization_id = _as_uuid(_follow(instance, self.organization_attr))
        pk = _as_uuid(instance.pk)
        if organization_id is None or pk is None:
            return None
        return organization_id, f"{organization_id}|{self.model._meta.db_table}|{pk}|{self.column}"

    def text_for(self, instance: models.Model, plain: str) -> _Text:
        """Text just assigned: sealed at once on a stored row, so that it may be pickled; else when saved."""
        if (
            instance._state.adding
            or self.organization_attr.partition(".")[0] in instance.get_deferred_fields()
        ):
            return _Text(plain)
        return self.sealed_for(instance, _Text(plain))

    def sealed_for(self, instance: models.Model, text: _Text) -> _Text:
        """The same text with bytes sealed for this place: those it has already, if they are."""
        place = self.place_of(instance)
        if place is None:
            raise ValueError(f"{self} needs its row's id and organization before it can be sealed.")
        organization_id, aad = place
        if text.sealed is not None and text.aad == aad:
            return text
        key = sealing.data_key_for(organization_id)
        return _Text(text.plain, sealing.seal(text.plain, key=key, aad=aad), aad)

    def unsealed_for(self, instance: models.Model, sealed: bytes) -> _Text:
        """What the bytes say in this place. Raises `sealing.Unsealable` when they belong to another."""
        place = self.place_of(instance)
        if place is None:
            raise sealing.Unsealable(f"{self} cannot be read on a row without id and organization.")
        organization_id, aad = place
        try:
            plain = sealing.unseal(sealed, key=sealing.data_key_for(organization_id), aad=aad)
        except sealing.Unsealable as error:
            raise sealing.Unsealable(f"{self} of row {instance.pk}: {error}") from None
        return _Text(plain, sealed, aad)

    def sealer(self, organization_id: UUID) -> Callable[[UUID | str, str], bytes]:
        """Seals text of this column by its row's id, for rows that are written past the model (`kit.bulk_rows`)."""
        key = sealing.data_key_for(organization_id)
        before, after = f"{organization_id}|{self.model._meta.db_table}|", f"|{self.column}"

        def seal(pk: UUID | str, plain: str) -> bytes:
            return sealing.seal(plain, key=key, aad=f"{before}{pk}{after}")

        return seal

    def unsealer(self, organization_id: UUID) -> Callable[[UUID | str, bytes], str]:
        """Reads what `sealer` wrote, or a row that was read past the model."""
        opened = sealing.opener(sealing.data_key_for(organization_id))
        before, after = f"{organization_id}|{self.model._meta.db_table}|", f"|{self.column}"

        def unseal(pk: UUID | str, sealed: bytes) -> str:
            return opened(bytes(sealed), f"{before}{pk}{after}".encode()) if sealed else ""

        return unseal

    def unsealer_of_many(
        self, organization_id: UUID
    ) -> Callable[[Sequence[bytes], Sequence[bytes | None]], list[str | None]]:
        """The same for many rows at once, named by their ids as text: "" for nothing, None for what is unsealable."""
        return sealing.opener_of_many(
            sealing.data_key_for(organization_id),
            before=f"{organization_id}|{self.model._meta.db_table}|",
            after=f"|{self.column}",
        )

    # --- Into the database ---

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002 - Django's signature
        kept = model_instance.__dict__.get(self.attname)
        if isinstance(kept, bytes) and kept:
            # Bytes that do not belong to this row are never written back, as when a row was given another id.
            kept = self.unsealed_for(model_instance, kept)
        if not isinstance(kept, _Text):
            return kept
        kept = model_instance.__dict__[self.attname] = self.sealed_for(model_instance, kept)
        return SealedBytes(cast("bytes", kept.sealed))

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: ARG002 - Django's signature
    ) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        if not isinstance(value, SealedBytes) and value not in NO_TEXT:
            raise TypeError(FOUND_BY_FINGERPRINT)
        return connection.Database.Binary(value or b"")  # type: ignore[attr-defined]

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return lookups.IsNull
        if lookup_name == "exact":
            return _OnlyNone
        raise TypeError(FOUND_BY_FINGERPRINT)

    # --- Validation, forms and serialization ---

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        if value is not None and not isinstance(value, str):
            raise exceptions.ValidationError(_("Write text here."), code="invalid")
        self.validate(value, cast("models.Model", model_instance))
        self.run_validators(value)
        return value

    def formfield(self, **kwargs: Any) -> FormField | None:
        return super().formfield(
            **{"max_length": self.max_plain_length, "empty_value": None if self.null else "", **kwargs}
        )

    def value_to_string(self, obj: models.Model) -> str:
        """Sealed even in `dumpdata`; copies of the data are made by the backup, not by fixtures."""
        return b64encode(self.pre_save(obj, add=False) or b"").decode("ascii")

    # --- Checks at start ---

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [
            *super().check(**kwargs),
            *self._check_row_id(),
            *self._check_organization(),
            *self._check_searched(),
        ]

    def _check_row_id(self) -> list[checks.CheckMessage]:
        pk: Any = self.model._meta.pk
        while getattr(pk, "remote_field", None):
            pk = pk.target_field
        if isinstance(pk, models.UUIDField) and pk.has_default():
            return []
        hint = "Give the model id = models.UUIDField(primary_key=True, default=new_id, editable=False)."
        return [
            checks.Error(f"{self} needs a UUID row id that we make.", hint=hint, obj=self, id="amparo.E001")
        ]

    def _check_organization(self) -> list[checks.CheckMessage]:
        first = self.organization_attr.partition(".")[0]
        fields = self.model._meta.get_fields(include_parents=True)
        known = {name for field in fields for name in (field.name, getattr(field, "attname", field.name))}
        if first == "pk" or first in known or hasattr(self.model, first):
            return []
        hint = "Give the model an organization, or name the way to it with organization_attr."
        return [checks.Error(f"{self} has no “{first}”.", hint=hint, obj=self, id="amparo.E002")]

    def _check_searched(self) -> list[checks.CheckMessage]:
        if not (self.unique or getattr(self, "db_index", False) or self.primary_key):
            return []
        hint = "Every sealing gives other bytes: index or constrain a FingerprintField beside it."
        return [checks.Error(f"{self} cannot be indexed.", hint=hint, obj=self, id="amparo.E003")]


class _OnlyNone(lookups.Exact):
    """Equality with nothing, which Django turns into `isnull`; equality with text is refused."""

    def get_prep_lookup(self) -> Any:
        if self.rhs is not None:
            raise TypeError(FOUND_BY_FINGERPRINT)
        return None


class FingerprintField(TypedBinaryField[SetType, GetType]):
    """The 32 bytes of `sealing.fingerprint(...)`, by which an equal value is found. Index or constrain it."""

    description = _("Fingerprint")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = sealing.FINGERPRINT_BYTES
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            value = bytes(value)
            if len(value) != sealing.FINGERPRINT_BYTES:
                raise ValueError(f"{self} holds {sealing.FINGERPRINT_BYTES} bytes.")
        elif isinstance(value, str):
            raise TypeError(f"{self} holds a fingerprint, not the text it was made of.")
        return value

    def from_db_value(self, value: Any, _expression: object, _connection: object) -> bytes | None:
        """Bytes, whichever way a driver hands them over, so that they may be a key of a dictionary."""
        return None if value is None else bytes(value)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return bytes(value) if isinstance(value, memoryview) else value


def _follow(instance: models.Model, path: str) -> Any:
    value: Any = instance
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value


def _as_uuid(value: Any) -> UUID | None:
    if value is None or isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None
