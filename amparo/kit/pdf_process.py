"""Parts of long documents laid out in a process of their own, which ends after some of them: what Pango and the fonts
keep of every text goes with it, so that a document of any length takes the same memory.

Texts and finished parts pass through pipes and never touch a disk. The process ends by itself when its input does, so
killing whoever started it leaves nothing behind.

    python -m amparo.kit.pdf_process      what is started; each part is a line of JSON, its answer one and the bytes
"""

from __future__ import annotations

import base64
import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from amparo.kit.pdf_layout import Faces, PangoMissing, Rendered, lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

#: Parts after which the process ends and another begins. Starting one takes about as long as half a part
#: (bench/hand_over.py).
PARTS_EACH = 10
#: What of our environment the process gets: where things are, no key and no password.
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
)


class LayoutBroke(Exception):  # noqa: N818 - named as the fact
    """The process ended, or met an error; its kind is named, never the text it was about."""


class LayoutProcess:
    """Lays out one part after another, in one process and then the next. Use it in `with`."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._child: subprocess.Popen[bytes] | None = None
        self._drawn = 0

    def __enter__(self) -> LayoutProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def lay_out(
        self, html: str, *, stylesheet: str, first_page: int, pictures: Mapping[str, bytes]
    ) -> Rendered:
        """As `pdf_layout.lay_out`. Raises `PangoMissing` and `LayoutBroke`."""
        if self._drawn == PARTS_EACH:
            self.end()
        asked = {
            "html": html,
            "stylesheet": stylesheet,
            "first_page": first_page,
            "pictures": {name: base64.b64encode(content).decode() for name, content in pictures.items()},
        }
        child = self._child or self._start()
        told, said = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
        try:
            _put(told, asked)
            answer = _take(said)
            content = said.read(answer.get("size", 0))
        except (BrokenPipeError, EOFError) as error:
            self.end()
            raise LayoutBroke(f"the process ended with {child.returncode}") from error
        self._drawn += 1
        if "missing" in answer:
            raise PangoMissing(answer["missing"])
        if "broke" in answer:
            raise LayoutBroke(answer["broke"])
        return Rendered(content, answer["pages"], answer["places"])

    def end(self) -> None:
        """Let the process go; the next part starts another."""
        child, self._child, self._drawn = self._child, None, 0
        if child is None:
            return
        child.kill()
        # Closing what it no longer reads may fail; that is no news.
        with suppress(BrokenPipeError):
            child.communicate()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "amparo.kit.pdf_process"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _put(
            cast("IO[bytes]", self._child.stdin),
            {"stylesheet": self._faces.stylesheet, "addresses": sorted(self._faces.addresses)},
        )
        return self._child


def serve(told: IO[bytes], said: IO[bytes]) -> None:
    """Lay out what comes, until nothing more does."""
    first = _take(told)
    faces = Faces(first["stylesheet"], frozenset(first["addresses"]))
    while True:
        try:
            asked = _take(told)
        except EOFError:
            return
        asked["pictures"] = {name: base64.b64decode(text) for name, text in asked["pictures"].items()}
        try:
            drawn = lay_out(**asked, faces=faces)
        except PangoMissing as error:
            _put(said, {"missing": str(error)})
        except Exception as error:  # noqa: BLE001 - told by its kind alone: its words may quote the text
            _put(said, {"broke": type(error).__name__})
        else:
            _put(said, {"size": len(drawn.pdf), "pages": drawn.pages, "places": drawn.places}, drawn.pdf)


def _put(file: IO[bytes], entry: dict[str, Any], content: bytes = b"") -> None:
    file.write(json.dumps(entry).encode() + b"\n" + content)
    file.flush()


def _take(file: IO[bytes]) -> dict[str, Any]:
    line = file.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return cast("dict[str, Any]", json.loads(line))


def main() -> None:
    """Serve whoever started us, over our standard input and output."""
    # A Ctrl-C is for whoever started us; we end when our input does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    said = os.fdopen(os.dup(1), "wb")
    # Whatever else is printed must not get between the answers.
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, said)
    except BrokenPipeError:
        os._exit(1)  # whoever asked is gone, and nobody reads what else we would say


if __name__ == "__main__":
    main()
