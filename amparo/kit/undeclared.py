"""The system check that nothing about a person is kept undeclared (`kit/personal_data.py`): no model, and no column."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import checks
from django.db.models import Model

from amparo.kit.personal_data import (
    NAMES_SOMEBODY,
    PERSONAL,
    Declaration,
    Fate,
    Who,
    declarations,
)
from amparo.kit.registry import OUR_APPS
from amparo.kit.sealed_fields import FingerprintField, SealedTextField

if TYPE_CHECKING:
    from django.db.models import Field

SUPPORTER = "supporters.Supporter"


def undeclared(models: Iterable[type[Model]] | None = None) -> Iterator[checks.CheckMessage]:
    """What is missing or wrong in the declarations of our own models, one message each."""
    known = {declaration.label: declaration for declaration in declarations()}
    for model in _our_models(known) if models is None else models:
        declaration = known.get(model._meta.label)
        if declaration is None:
            reason = _why_personal(model)
            if reason:
                hint = f"Declare it in {model._meta.app_config.name}.personal_data."
                yield _error(f"{model._meta.label} {reason} and is not declared.", hint, model, "amparo.E010")
        else:
            yield from _mistakes(declaration)


def check_declarations(**_kwargs: Any) -> list[checks.CheckMessage]:
    """The system check: register it once every app's declarations were discovered."""
    return list(undeclared())


def _our_models(known: Container[str]) -> list[type[Model]]:
    return [
        model
        for config in apps.get_app_configs()
        for model in config.get_models()
        if config.name.startswith(OUR_APPS) or model._meta.label in known
    ]


def _why_personal(model: type[Model]) -> str:
    fields = model._meta.local_fields
    if any(isinstance(field, SealedTextField | FingerprintField) for field in fields):
        return "has sealed columns"
    if _leads_to(model, seen=frozenset()):
        return "leads to a supporter"
    return ""


def _leads_to(model: type[Model], *, seen: frozenset[str]) -> bool:
    """Whether references lead from a row of `model` to a supporter, directly or over other models."""
    if model._meta.label == SUPPORTER:
        return True
    related = {
        field.related_model
        for field in model._meta.concrete_fields
        if field.is_relation and isinstance(field.related_model, type)
    }
    return any(
        _leads_to(other, seen=seen | {model._meta.label})
        for other in related
        if other._meta.label not in seen and other is not model
    )


def _mistakes(declaration: Declaration) -> Iterator[checks.CheckMessage]:
    model = declaration.model
    columns: dict[str, Field[Any, Any]] = {field.name: field for field in model._meta.concrete_fields}
    declared = {use.name: use for use in declaration.uses}
    for name in columns.keys() - declared.keys():
        hint = "Say what kind of thing it is and what erasing does to it."
        yield _error(f"{declaration.label}.{name} has no class of personal data.", hint, model, "amparo.E011")
    for name in declared.keys() - columns.keys():
        yield _error(f"{declaration.label}.{name} is declared and is no column.", "", model, "amparo.E012")
    fates = {use.fate for use in declaration.uses}
    if Fate.DELETED in fates and len(fates) > 1:
        hint = "A row is deleted whole or not at all."
        yield _error(f"{declaration.label} is declared as deleted, in part.", hint, model, "amparo.E013")
    for use in declaration.uses:
        sealed = isinstance(columns.get(use.name), SealedTextField)
        if sealed and use.kind not in PERSONAL:
            yield _error(
                f"{declaration.label}.{use.name} is sealed, so it is personal.", "", model, "amparo.E014"
            )
        must_go = declaration.about is Who.SUPPORTER and (sealed or use.kind in NAMES_SOMEBODY)
        if must_go and use.fate is Fate.STAYS:
            hint = "Empty it, or delete its row."
            yield _error(
                f"{declaration.label}.{use.name} would outlive the person.", hint, model, "amparo.E015"
            )


def _error(says: str, hint: str, model: type[Model], code: str) -> checks.CheckMessage:
    return checks.Error(says, hint=hint or None, obj=model, id=code)
