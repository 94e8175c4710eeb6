"""A Chromium for the browser tests: found on this machine, or installed where that is possible.

`python -m scripts.browser` prints its path, or says in one sentence why there is none.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import apt, progress

#: The environment's name for it; the browser tests read this.
VARIABLE = "AMPARO_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    Path("/usr/bin/chromium"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
#: Remembers a failed attempt for a day, so that `make test` does not repeat a long download each time.
ATTEMPT = Path(sys.prefix) / "amparo-browser.json"
DAY = 86_400.0
MISSING = (
    "there is no Chromium here and none could be installed; install the package chromium,"
    f" or point {VARIABLE} at one"
)


def find() -> Path | None:
    """The first Chromium that really starts, or None."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named) if starts(Path(named)) else None
    found = [Path(path) for name in NAMES if (path := shutil.which(name))]
    return next((path for path in [*found, *PLACES, *_of_playwright()] if starts(path)), None)


def find_or_install(*, insist: bool = False) -> Path | None:
    """Like `find`; where there is none, try Debian's, then Playwright's. `insist` tries again today."""
    browser = find()
    if browser is None and not os.environ.get(VARIABLE) and (insist or not _tried_today()):
        if apt.install(title="Installing Chromium", packages=["chromium", "fonts-noto-core"]):
            browser = find()
        if browser is None:
            browser = _install_with_playwright()
        ATTEMPT.write_text(json.dumps({"at": time.time()}), encoding="utf-8")
    elif browser is not None and not _writes_arabic() and (insist or not _tried_today()):
        apt.install(title="Installing a font for Arabic", packages=["fonts-noto-core"])
        ATTEMPT.write_text(json.dumps({"at": time.time()}), encoding="utf-8")
    return browser


def starts(path: Path) -> bool:
    """Whether it renders an empty page: a program that is only a stub, or lacks libraries, does not."""
    if not os.access(path, os.X_OK):
        return False
    with tempfile.TemporaryDirectory(prefix="amparo-browser-", ignore_cleanup_errors=True) as profile:
        command = [str(path), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        command += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        try:
            answer = subprocess.run(
                [*command, "--disable-sync", "--dump-dom", "about:blank"],
                capture_output=True,
                check=False,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return answer.returncode == 0 and b"<html" in answer.stdout


def _of_playwright() -> list[Path]:
    """Browsers that Playwright downloaded, newest first."""
    home = Path.home()
    roots = [home / ".cache" / "ms-playwright", home / "Library" / "Caches" / "ms-playwright"]
    if os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        roots.insert(0, Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"]))
    patterns = ("chromium*/chrome-linux*/chrome", "chromium*/chrome-mac*/*.app/Contents/MacOS/*")
    return [
        path for root in roots for pattern in patterns for path in sorted(root.glob(pattern), reverse=True)
    ]


def _install_with_playwright() -> Path | None:
    try:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        progress.run(title="Downloading Chromium with Playwright", command=command, timeout=600)
    except progress.StepError as failure:
        print(str(failure).splitlines()[0], flush=True)
        return None
    return find()


def _writes_arabic() -> bool:
    """Whether a font for Arabic is installed; without fontconfig nobody can tell, and we leave it at that."""
    if shutil.which("fc-list") is None:
        return True
    answer = subprocess.run(["fc-list", ":lang=ar"], capture_output=True, text=True, check=False)
    return bool(answer.stdout.strip())


def _tried_today() -> bool:
    try:
        return time.time() - float(json.loads(ATTEMPT.read_text(encoding="utf-8"))["at"]) < DAY
    except (OSError, ValueError, KeyError):
        return False


def main() -> int:
    """Print the browser's path."""
    browser = find_or_install(insist=True)
    print(browser if browser else f"Browser tests cannot run: {MISSING}.")
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())
