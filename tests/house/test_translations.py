"""Sentences are found in the sources, and a translation that fell behind is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import translations

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
_("Write to your representative")
ngettext("%(count)s letter", "%(count)s letters", 2)
pgettext("month", "May")
"""
TEMPLATE = """{% load i18n %}
<p>
    {% translate "Read the case" %}
  {% blocktranslate count n=sent %}{{ n }} letter sent{% plural %}{{ n }} letters sent{% endblocktranslate %}
      it's "not" marked {# nor this #}
</p>
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one module, one template and an empty French catalogue."""
    (tmp_path / "amparo" / "web" / "templates").mkdir(parents=True)
    (tmp_path / "amparo" / "writing.py").write_text(PYTHON)
    (tmp_path / "amparo" / "web" / "templates" / "page.html").write_text(TEMPLATE)
    po = tmp_path / "amparo" / "web" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n')
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "PACKAGE", tmp_path / "amparo")
    return po


@pytest.mark.usefixtures("package")
def test_sentences_of_sources_and_templates_are_collected() -> None:
    assert {(message.context, message.id) for message in translations.collect() if message.id} == {
        (None, "Write to your representative"),
        (None, ("%(count)s letter", "%(count)s letters")),
        ("month", "May"),
        (None, "Read the case"),
        (None, ("%(n)s letter sent", "%(n)s letters sent")),
    }


def test_a_catalogue_that_fell_behind_is_noticed_and_mended(package: Path) -> None:
    assert "lacks 5 sentences" in "\n".join(translations.check())
    assert translations.update() == []
    assert translations.check() == []
    before = package.read_bytes()
    translations.update()
    assert package.read_bytes() == before


def test_a_translation_that_was_not_compiled_or_lost_its_placeholder_is_noticed(package: Path) -> None:
    translations.update()
    good = package.read_text()
    package.write_text(
        good.replace('msgid "Read the case"\nmsgstr ""', 'msgid "Read the case"\nmsgstr "Lire"')
    )
    assert translations.check() == ["amparo/web/locale/fr/LC_MESSAGES/django.mo is not what django.po says"]
    assert translations.compile_all() == []
    assert translations.check() == []
    package.write_text(good.replace('msgstr[0] ""', 'msgstr[0] "%(letters)s lettre"', 1))
    translations.compile_all()
    assert len(translations.check()) == 1


def test_the_translations_of_the_house_are_up_to_date() -> None:
    assert translations.check() == []
