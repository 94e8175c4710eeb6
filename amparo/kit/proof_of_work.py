"""Proof of work: a second of a computer for each form sent; dear to a flood, and no third party is asked.

The ALTCHA protocol, version 2, with PBKDF2: the browser looks for the counter, within known bounds, whose
derived key starts as the challenge says. PBKDF2 runs inside the browser's own cryptography, so a script that
floods us gains little over a phone. Here a challenge costs one derivation (about 0.25 ms), and so does
checking one whose signature is ours. `web/static/js/proof.js` solves them.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import altcha

from amparo.kit.sealing import installation_key

#: How long a person may take over a form.
LIFETIME = timedelta(minutes=20)
#: PBKDF2 rounds a guess: enough that the work is in native code, few enough that the page breathes between.
ROUNDS = 500
#: The counter lies between these: never a lucky second, never a wait without end.
FEWEST_GUESSES = 300
MOST_GUESSES = 900
#: An honest answer is about 600 characters.
LONGEST_PAYLOAD = 2000


def challenge(*, now: datetime) -> dict[str, Any]:
    """A new challenge for the browser, signed and good until 20 minutes after `now`."""
    counter = FEWEST_GUESSES + secrets.randbelow(MOST_GUESSES - FEWEST_GUESSES + 1)
    made = altcha.create_challenge(
        "PBKDF2/SHA-256",
        ROUNDS,
        counter=counter,
        # Our own field, since the library would judge its own by its own clock.
        data={"until": int((now + LIFETIME).timestamp())},
        hmac_secret=installation_key("proof of work"),
    )
    return made.to_dict()


def check(payload: str, *, now: datetime) -> str | None:
    """The id of the challenge that `payload` solves, or None when it does not, is too late, or is not ours.

    One solution is good for one use: the caller inserts the id under a UNIQUE constraint and believes only
    the insert.
    """
    until = _until(payload)
    if until is None or now.timestamp() > until:
        return None
    if not altcha.verify_solution(payload, installation_key("proof of work")).verified:
        return None
    nonce = _content(payload)["challenge"]["parameters"]["nonce"]
    return str(nonce)


def _until(payload: str) -> int | None:
    """The time in a payload, which is only worth something once the signature holds."""
    try:
        until = _content(payload)["challenge"]["parameters"]["data"]["until"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return until if type(until) is int else None


def _content(payload: str) -> Any:
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError("A payload is shorter.")
    try:
        return json.loads(base64.b64decode(payload))
    except binascii.Error as error:
        raise ValueError("A payload is base64.") from error
