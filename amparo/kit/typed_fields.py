"""Bases for model fields of our own, of which a type checker knows what they hold: None only where `null=True`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    SetType = TypeVar("SetType", contravariant=True, default=Any)
    GetType = TypeVar("GetType", covariant=True, default=Any)

    class TypedTextField(models.Field[SetType, GetType]):
        """A field that holds text."""

        _pyi_private_set_type: str
        _pyi_private_get_type: str

    class TypedBinaryField(models.Field[SetType, GetType]):
        """A field that holds bytes."""

        _pyi_private_set_type: bytes
        _pyi_private_get_type: bytes
else:
    # At run time Django's fields know nothing of types.
    SetType = GetType = Any

    class _Subscriptable:
        def __class_getitem__(cls, _types: object) -> type:
            return cls

    class TypedTextField(_Subscriptable, models.Field):
        pass

    class TypedBinaryField(_Subscriptable, models.BinaryField):
        pass
