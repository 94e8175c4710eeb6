"""`amparo targets find`: one look-up for a person, or a line of JSON for each line of input."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from amparo.kit.refusal import Refusal
from amparo.targets import finding

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable
    from datetime import datetime
    from typing import TextIO

    from amparo.organizations.models import Organization
    from amparo.targets.finding import Answer

#: What a line of input may say, besides being a postcode.
KEYS = frozenset({"postcode", "area", "address", "language", "legislature", "pin"})


class UnreadableQuestion(Refusal):
    """What was typed or piped in is not a question that can be looked up; the sentence says why."""


def add_arguments(parser: ArgumentParser) -> None:
    """What the command line takes."""
    parser.add_argument("slug", help="such as uk")
    parser.add_argument("postcode", nargs="?", default="")
    parser.add_argument(
        "--legislature", action="append", metavar="CODE", help="such as senate; may be repeated"
    )
    parser.add_argument(
        "--area", default="", metavar="CODE", help="the supporter's own word, where a postcode is split"
    )
    parser.add_argument(
        "--pin", default="", metavar="X,Y", help="a point on the map, as --pin=longitude,latitude"
    )
    parser.add_argument("--language", default="en")
    parser.add_argument("--organization", metavar="SLUG", help="whose targets and corrections count")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--stdin", action="store_true",
        help="read a postcode, or a JSON object with postcode, area, pin …, from each line; answer each with JSON",
    )  # fmt: skip


def run(options: dict[str, Any], *, organization: Organization | None, stdout: TextIO, now: datetime) -> None:
    """Look up what the options say. Raises the refusals of `finding.find`, except with --stdin."""
    asked: dict[str, Any] = {
        "slug": options["slug"],
        "legislature": options["legislature"],
        "language": options["language"],
        "organization": organization,
        "now": now,
    }
    if options["stdin"]:
        # A wrong slug or house is a mistake of the caller's, once, and not of each line.
        finding.find(**asked)
        for line in sys.stdin:
            stdout.write(json.dumps(_answer_line(line, asked), ensure_ascii=False) + "\n")
            stdout.flush()
        return
    pin = _point(options["pin"]) if options["pin"] else None
    answer = finding.find(**asked, postcode=options["postcode"], area_code=options["area"], pin=pin)
    if options["json"]:
        stdout.write(json.dumps(finding.as_json(answer), ensure_ascii=False) + "\n")
        return
    for text in describe(answer):
        stdout.write(text + "\n")


def _answer_line(line: str, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return finding.as_json(finding.find(**asked | _read_line(line.strip())))
    except Refusal as refusal:
        return {
            "needs": "none",
            "dataset": None,
            "candidates": [],
            "reason": "malformed",
            "sentence": str(refusal),
        }


def _read_line(line: str) -> dict[str, Any]:
    """A postcode as it is typed, a JSON string, or a JSON object."""
    if not line.startswith(("{", '"')):
        return {"postcode": line}
    try:
        said = json.loads(line)
    except ValueError:
        raise UnreadableQuestion("This line is not JSON.") from None
    if isinstance(said, str):
        return {"postcode": said}
    if unknown := sorted(set(said) - KEYS):
        raise UnreadableQuestion(f"“{unknown[0]}” is not one of: {', '.join(sorted(KEYS))}.")
    asked: dict[str, Any] = {
        key: str(said[key]) for key in ("postcode", "address", "language") if said.get(key)
    }
    if said.get("area"):
        asked["area_code"] = str(said["area"])
    if houses := said.get("legislature"):
        asked["legislature"] = [houses] if isinstance(houses, str) else [str(house) for house in houses]
    if said.get("pin"):
        asked["pin"] = _point(said["pin"])
    return asked


def _point(given: object) -> tuple[float, float]:
    parts = given.split(",") if isinstance(given, str) else given
    try:
        x, y = map(float, parts)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise UnreadableQuestion("A point is two numbers, such as -0.13,51.5.") from None
    return x, y


def describe(answer: Answer) -> Iterable[str]:
    """The answer for somebody who reads it."""
    if sentence := answer.sentence:
        yield sentence
    if answer.needs == "choice" and answer.choices:
        yield "The supporter has to say which of these is right:"
    for candidate in answer.candidates:
        target = candidate.target
        who = f"{target.holder} ({target.party_name})" if target.party_name else target.holder
        way = target.address or target.form_url or target.sentence or "no way to write"
        doubt = "" if candidate.certain else "? "
        yield f"{doubt}{target.key}: {who or 'nobody'}, {target.label}; {candidate.evidence}; {way}"
