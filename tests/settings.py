"""The house's own settings, on a state directory that lasts as long as the tests."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_shared = os.environ.setdefault("AMPARO_VAR", tempfile.mkdtemp(prefix="amparo-tests-"))
# Each process of a parallel run has a state directory of its own, as it has a database of its own.
_state = Path(_shared) / os.environ.get("PYTEST_XDIST_WORKER", "main")
_state.mkdir(parents=True, exist_ok=True)
os.environ["AMPARO_VAR"] = str(_state)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789" * 5)
os.environ.setdefault("AMPARO_MASTER_KEY_FILE", str(_state / "master.key"))
os.environ.setdefault("AMPARO_LOG_LEVEL", "WARNING")

from amparo.kit.master_keys import create_master_key_file  # noqa: E402

if not Path(os.environ["AMPARO_MASTER_KEY_FILE"]).exists():
    create_master_key_file(Path(os.environ["AMPARO_MASTER_KEY_FILE"]))

from amparo.config.settings import *  # noqa: E402, F403
from amparo.config.settings import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [
    *INSTALLED_APPS,
    *[
        f"tests.{name}"
        for name in ("toybox", "workshop", "extend")
        if (Path(__file__).parent / name / "apps.py").exists()
    ],
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AMPARO_GROUP_COMMIT = False

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # Rows that are asked for in no order come backwards, so that nobody relies on the order in which they were entered.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA reverse_unordered_selects=ON;"  # noqa: F405
