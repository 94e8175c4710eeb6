"""Styles, scripts and fonts as they are served: gathered under hashed names, again whenever they changed."""

from __future__ import annotations

import hashlib
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

#: Every app of ours may bring some.
OURS = Path(__file__).parents[1]
#: Beside the manifest: what the files were gathered from.
STAMP = ".gathered-from"


def gather_when_stale() -> bool:
    """Gather the static files unless those that are there are of this version; True when it was done.

    Raises `OSError` when they cannot be written.
    """
    if _are_current():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    (Path(settings.STATIC_ROOT) / STAMP).write_text(_source_mark(), encoding="ascii")
    return True


def _are_current() -> bool:
    root = Path(settings.STATIC_ROOT)
    manifest, stamp = root / "staticfiles.json", root / STAMP
    if not manifest.is_file():
        return False
    if stamp.is_file():
        return stamp.read_text(encoding="ascii") == _source_mark()
    # Gathered by an image's build, which writes no stamp and cannot change afterwards.
    newest = max(path.stat().st_mtime for path in _our_files())
    return manifest.stat().st_mtime >= newest


def _our_files() -> list[Path]:
    return sorted(path for path in OURS.glob("*/static/**/*") if path.is_file())


def _source_mark() -> str:
    """Changes with our own files and with every package that was installed, since some bring files too."""
    digest = hashlib.sha256()
    for path in _our_files():
        digest.update(f"{path.relative_to(OURS)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    installed = sorted(f"{package.name} {package.version}" for package in distributions())
    digest.update("\n".join(installed).encode())
    return digest.hexdigest()
