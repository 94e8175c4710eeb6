import sys
from types import SimpleNamespace

import pytest

from amparo.kit import registry as registry_module
from amparo.kit.refusal import Refusal
from amparo.kit.registry import NotRegistered, RegisteredTwice, Registry, discover


@pytest.fixture
def channels():
    kept = Registry("delivery channel")

    @kept.register("post")
    class Post:
        pass

    kept.register("fax")("a fax machine")
    return kept


def test_what_was_registered_is_found_by_its_slug(channels):
    assert channels.get("fax") == "a fax machine"
    assert channels.get("post").__name__ == "Post"
    assert list(channels) == ["fax", "post"]
    assert [slug for slug, _item in channels.items()] == ["fax", "post"]
    assert len(channels) == 2
    assert "fax" in channels
    assert "pigeon" not in channels


def test_an_unknown_slug_is_refused_by_naming_what_there_is(channels):
    with pytest.raises(NotRegistered) as refused:
        channels.get("pigeon")
    assert str(refused.value) == "There is no delivery channel called “pigeon”. There are: fax, post."
    assert isinstance(refused.value, Refusal)
    assert isinstance(refused.value, KeyError)


def test_two_of_one_slug_stop_the_start_and_both_files_are_named(channels):
    with pytest.raises(RegisteredTwice) as clash:
        channels.register("fax")("another")
    assert str(clash.value).count("test_registry.py:") == 2
    assert channels.get("fax") == "a fax machine"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Two apps of ours and one from elsewhere, importable and said to be installed."""
    files = {
        "amparo_like/__init__.py": "",
        "amparo_like/flat/__init__.py": "",
        "amparo_like/flat/lines.py": "FOUND = True",
        "amparo_like/deep/__init__.py": "",
        "amparo_like/deep/lines/__init__.py": "",
        "amparo_like/deep/lines/first.py": "FOUND = True",
        "amparo_like/deep/lines/second.py": "FOUND = True",
        "amparo_like/bare/__init__.py": "",
        "amparo_like/broken/__init__.py": "",
        "amparo_like/broken/other.py": "import no_such_module_anywhere",
        "elsewhere/__init__.py": "",
        "elsewhere/lines.py": "raise AssertionError('not ours')",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry_module, "OUR_APPS", "amparo_like.")
    names = ["amparo_like.flat", "amparo_like.deep", "amparo_like.bare", "amparo_like.broken", "elsewhere"]
    apps = SimpleNamespace(get_app_configs=lambda: [SimpleNamespace(name=name) for name in names])
    monkeypatch.setattr(registry_module, "apps", apps)
    yield
    for name in [name for name in sys.modules if name.startswith(("amparo_like", "elsewhere"))]:
        del sys.modules[name]


def test_modules_and_the_files_of_packages_are_found_in_our_apps_only(installed):
    assert discover("lines") == [
        "amparo_like.flat.lines",
        "amparo_like.deep.lines",
        "amparo_like.deep.lines.first",
        "amparo_like.deep.lines.second",
    ]
    assert sys.modules["amparo_like.deep.lines.second"].FOUND


def test_a_module_that_fails_to_import_is_not_passed_over(installed):
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        discover("other")
