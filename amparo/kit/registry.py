"""Registries: how an upper floor offers a lower one something to call, one file for each thing offered."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from typing import TYPE_CHECKING, Generic, TypeVar

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
Item = TypeVar("Item")

#: Only our own apps are searched: a package from elsewhere may use the same file name for something else.
OUR_APPS = "amparo."


class NotRegistered(Refusal, KeyError):  # noqa: N818 - a fact, as every refusal is
    """Nothing of that name is registered; the sentence names what is."""

    sentence = _("There is no %(registry)s called “%(slug)s”. There are: %(known)s.")


class RegisteredTwice(Exception):  # noqa: N818 - raised while starting, by a mistake in the code
    """Two files claim one slug, which is a mistake to mend before anything is served."""


class Registry(Generic[T]):
    """Named things of one kind, in the order of their slugs.

    `name` is the kind in the singular, as it stands in sentences: `Registry[Channel]("delivery channel")`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}
        self._places: dict[str, str] = {}

    def register(self, slug: str) -> Callable[[Item], Item]:
        """Decorate a class or function, or call the result on an object, to offer it under `slug`.

        Raises `RegisteredTwice`, naming both files, when the slug is taken.
        """
        caller = sys._getframe(1)
        place = f"{caller.f_code.co_filename}:{caller.f_lineno}"

        def add(item: Item) -> Item:
            if slug in self._items:
                raise RegisteredTwice(
                    f"Two of the {self.name} registry are called “{slug}”: {self._places[slug]} and {place}."
                )
            self._items[slug] = item  # type: ignore[assignment]
            self._places[slug] = place
            return item

        return add

    def get(self, slug: str) -> T:
        """The one called `slug`. Raises `NotRegistered`, which is also a `KeyError`."""
        try:
            return self._items[slug]
        except KeyError:
            known = ", ".join(self) or str(_("none"))
            raise NotRegistered(registry=self.name, slug=slug, known=known) from None

    def items(self) -> list[tuple[str, T]]:
        """Slugs and what they stand for, in the order of the slugs."""
        return sorted(self._items.items(), key=lambda pair: pair[0])

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __contains__(self, slug: object) -> bool:
        return slug in self._items

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"<Registry of {self.name}: {', '.join(self) or 'empty'}>"


def discover(module_name: str) -> list[str]:
    """Import `module_name` from each of our installed apps that has it; the names of what was imported.

    Where it is a package, each module in it is imported too, so that a new file is found without a list to
    add it to. Call it from an app's `ready()`. A module that is there but fails to import fails loudly.
    """
    found = []
    for app in apps.get_app_configs():
        if not app.name.startswith(OUR_APPS):
            continue
        name = f"{app.name}.{module_name}"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        found.append(name)
        for inner in pkgutil.iter_modules(getattr(module, "__path__", [])):
            importlib.import_module(f"{name}.{inner.name}")
            found.append(f"{name}.{inner.name}")
    return found
