"""What became of each recipient: one byte, kept in the order of a chunk's ids.

Two writers may know different things about one recipient: the process that sends, the log of one that died, a report
that came back. `merged` says which of two bytes stands, whoever comes first, so that nothing known is ever unlearned.
"""

from __future__ import annotations

from typing import Final

#: Open: these may still be sent.
QUEUED: Final = ord("q")
IN_FLIGHT: Final = ord("i")
TEMPORARY: Final = ord("t")
#: Handed over, and the answer never came: a mailing that holds such recipients leaves them here.
UNKNOWN: Final = ord("u")
#: Accepted by the mail server, and what came back afterwards.
SENT: Final = ord("s")
CAME_BACK: Final = ord("b")
COMPLAINED: Final = ord("j")
#: Refused by the mail server, or "later" until it was too late.
FAILED: Final = ord("f")
EXPIRED: Final = ord("x")
#: Skipped, by reason.
SUPPRESSED: Final = ord("p")
WITHDRAWN: Final = ord("w")
RESTING: Final = ord("z")
GONE: Final = ord("g")
STOPPED: Final = ord("k")

OPEN = bytes([QUEUED, IN_FLIGHT, TEMPORARY])
SKIPPED = bytes([SUPPRESSED, WITHDRAWN, RESTING, GONE, STOPPED])
ACCEPTED = bytes([SENT, CAME_BACK, COMPLAINED])
REFUSED = bytes([FAILED, EXPIRED])
EVERY = OPEN + bytes([UNKNOWN]) + ACCEPTED + REFUSED + SKIPPED

#: Names for people and for machines, in the order of a recipient's way.
NAMES: Final = {
    QUEUED: "queued",
    IN_FLIGHT: "in_flight",
    TEMPORARY: "temporary",
    UNKNOWN: "unknown",
    SENT: "sent",
    CAME_BACK: "came_back",
    COMPLAINED: "complained",
    FAILED: "failed",
    EXPIRED: "expired",
    SUPPRESSED: "suppressed",
    WITHDRAWN: "withdrawn",
    RESTING: "resting",
    GONE: "gone",
    STOPPED: "stopped",
}

#: How much a byte knows: of two, the one that knows more stands; of equals the one that was there first.
_KNOWS: Final = bytearray(256)
for _rank, _bytes in enumerate(
    (
        bytes([QUEUED]),
        bytes([TEMPORARY]),
        bytes([IN_FLIGHT]),
        # Said of those who wait in a mailing that is stopped, which a log may know better: their mail had begun.
        bytes([STOPPED]),
        bytes([UNKNOWN]),
        SKIPPED.replace(bytes([STOPPED]), b""),
        REFUSED,
        bytes([SENT]),
        bytes([CAME_BACK]),
        bytes([COMPLAINED]),
    ),
    start=1,
):
    for _byte in _bytes:
        _KNOWS[_byte] = _rank


def is_open(outcomes: bytes) -> bool:
    """Whether anybody in it may still be sent to."""
    return any(byte in outcomes for byte in OPEN)


def is_final(byte: int) -> bool:
    """Whether this recipient is settled."""
    return byte not in OPEN


def merged(there: bytes, ours: bytes) -> bytes:
    """What stands when `ours` is written over `there`: no final byte ever becomes an open one, or knows less."""
    if there == ours:
        return there
    if not there.translate(None, OPEN) and len(there) == len(ours):
        # Nothing is settled, as in most that is written.
        return ours
    return bytes(
        new if _KNOWS[new] > _KNOWS[old] or (new != old and old in OPEN and new in OPEN) else old
        for old, new in zip(there, ours, strict=True)
    )


def count(outcomes: bytes) -> dict[str, int]:
    """How many of each, by name."""
    found = {name: outcomes.count(byte) for byte, name in NAMES.items()}
    return {name: number for name, number in found.items() if number}
