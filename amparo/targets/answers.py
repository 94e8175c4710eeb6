"""What a supporter is told who asks who answers for them: candidates with evidence, a question, or an honest no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import override as in_language

from amparo.targets.reaching import why_not

if TYPE_CHECKING:
    from amparo.targets.locating import Evidence
    from amparo.targets.reaching import Target

Needs = Literal["none", "address", "choice"]

#: Why there is nobody to write to: *unknown* postcode, one with *no_area*, one of a *foreign* country, an area that
#: sends nobody to the parliament in question (*no_seat*), or what is the matter with the posts (see `reaching.Reason`).
EmptyReason = Literal[
    "",
    "unknown",
    "no_area",
    "foreign",
    "no_seat",
    "vacant",
    "dissolved",
    "between",
    "holder_unknown",
    "out_of_date",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One target that may be the supporter's, and why. `certain` says that it is theirs whatever else is asked."""

    target: Target
    area_set: str
    area_code: str
    area_name: str
    evidence: Evidence
    share: float | None
    certain: bool

    @property
    def key(self) -> str:
        return self.target.key

    @property
    def holder_name(self) -> str:
        """Empty when nobody holds the post."""
        return self.target.holder


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a look-up. While `needs` is not *none*, nobody is written to.

    *choice*: the supporter picks one of the areas of `choices`, or confirms the only one when it was guessed.
    *address*: nothing was given that could be looked up. `pin_helps` says that a point on the map may settle it.
    """

    needs: Needs
    dataset: str
    country: str
    postcode: str
    candidates: tuple[Candidate, ...] = ()
    reason: EmptyReason = ""
    said: str = ""
    language: str = "en"
    pin_helps: bool = False

    @property
    def choices(self) -> tuple[Candidate, ...]:
        """Those between which the supporter has to choose; empty when there is nothing to choose."""
        return tuple(candidate for candidate in self.candidates if not candidate.certain)

    def for_postcode(self, postcode: str) -> Answer:
        """The same answer with the postcode that it answers, as it is printed."""
        return Answer(
            self.needs, self.dataset, self.country, postcode, self.candidates, self.reason, self.said, self.language,
            self.pin_helps,
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """What to tell the supporter, in the language of the look-up; empty when there is somebody to write to."""
        if not self.reason and not self.said and self.needs != "address":
            return ""
        with in_language(self.language):
            return _sentence(self)


def _sentence(answer: Answer) -> str:
    if answer.said:
        return _(answer.said)
    if answer.needs == "address":
        return _("Type your postcode, so that we can find who represents you.")
    own = {
        "unknown": _(
            "We do not know this postcode. Is it typed right? A new one may be missing from our table."
        ),
        "no_area": _("This postcode exists, but it lies in no constituency."),
        "foreign": _("This looks like a postcode of another country. Here it has to be one of: %(country)s.")
        % {"country": answer.country},
        "no_seat": _("Nobody in this parliament is elected where this postcode is."),
    }
    if answer.reason in own:
        return own[answer.reason]
    if answer.needs == "choice" and answer.reason:
        return _("None of these offices can be written to from here at the moment.")
    return why_not(answer.candidates[0].target) if answer.reason and answer.candidates else ""


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer for programs. `reason`, `sentence` and `vacant` are there only when there is something to say."""
    found: dict[str, Any] = {
        "needs": answer.needs,
        "dataset": answer.dataset,
        "candidates": [_candidate_as_json(candidate, answer.language) for candidate in answer.candidates],
    }
    if answer.reason:
        found["reason"] = answer.reason
    if sentence := answer.sentence:
        found["sentence"] = sentence
    return found


def _candidate_as_json(candidate: Candidate, language: str) -> dict[str, Any]:
    target = candidate.target
    found: dict[str, Any] = {
        "area": {"set": candidate.area_set, "code": candidate.area_code, "name": candidate.area_name},
        "evidence": candidate.evidence,
        "share": candidate.share,
        "post": target.key,
        "holder": {"name": target.holder, "party": target.party_name} if target.person else None,
        "contact": [{"type": kind, "value": value} for kind, value in target.contacts],
    }
    if target.status != "held":
        with in_language(language):
            found |= {
                "vacant": target.status == "vacant",
                "reason": target.reason,
                "sentence": target.sentence,
            }
    return found
