"""What a mail server's answer to one mail of a mailing means: for the reader, for the mailing, for us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.kit.smtp.failures import enhanced_code_in, reason_in
from amparo.mailings import outcomes

if TYPE_CHECKING:
    from amparo.kit.smtp.failures import Stage

#: RFC 3463, 3.2: about the sender's address, though they begin as those about the recipient's.
_ABOUT_THE_SENDER = {"5.1.7", "5.1.8"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The byte for this reader, and what else follows.

    `is_permanent`: the address does not work, so nothing is sent there again. `is_ours`: it was refused for something
    that holds for everybody in the mailing (policy, sender, login); the reader may get it when that is mended.
    """

    outcome: int
    code: int | None
    enhanced_code: str
    reason: str
    is_permanent: bool = False
    is_ours: bool = False


def verdict_on(stage: Stage, code: int, words: str, *, address: str) -> Verdict:
    """What a refusal comes to. The words are kept without the address."""
    enhanced = enhanced_code_in(words) or ""
    reason = reason_in(words, hide=(address,))
    if code < 500 or enhanced.startswith("4."):
        return Verdict(outcomes.TEMPORARY, code, enhanced, reason)
    if _is_ours(stage, code, enhanced):
        return Verdict(outcomes.TEMPORARY, code, enhanced, reason, is_ours=True)
    dead = enhanced.startswith("5.1.") or (not enhanced and stage == "rcpt" and code in {550, 551, 553})
    return Verdict(outcomes.FAILED, code, enhanced, reason, is_permanent=dead and bool(enhanced))


def _is_ours(stage: Stage, code: int, enhanced: str) -> bool:
    if enhanced.startswith("5.7.") or enhanced in _ABOUT_THE_SENDER:
        return True
    # 530, 535 and the like are about our login wherever they come; what is refused before a recipient is named too.
    return stage in {"connect", "ehlo", "starttls", "auth", "mail"} or code in {530, 534, 535, 538}
