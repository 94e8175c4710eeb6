"""What the law that an organization chose lets it do: one file a jurisdiction, `rules/*.toml`, with its sources.

The files are checked when the program starts (`supporters/checks.py`); `docs/safety/law.md` shows them to people. They
are our reading of the law, not legal advice.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.organizations.models import Jurisdiction
from amparo.supporters.models import Channel, LegalBasis, Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.organizations.models import Organization

FOLDER = Path(__file__).parent / "rules"
_SOURCE = {"rule": str, "law": str, "section": str, "since": date}
_BASIS = _SOURCE | {"basis": str, "purposes": list, "channels": list}
_BASIS_MAY = {"only_charities": bool, "given_from": date, "lasts_months": int}
#: The other tables of a file, and what they hold besides their source.
_TABLES: dict[str, dict[str, type]] = {
    "double_opt_in": {"channels": list},
    "unsubscribe": {"days": int, "business_days": bool},
    "keep_link": {"days": int},
    "acknowledge_complaint": {"days": int},
    "answer_request": {"days": int},
    "postal_address": {"in_every_mail": bool},
}


class BasisNotPermitted(Refusal):
    """The law that the organization chose does not let it write for this purpose, on this channel, on this basis."""

    sentence = _(
        "Under the law you chose (%(law)s), “%(basis)s” does not let you write for this purpose by this channel:"
        " %(purpose)s, %(channel)s."
    )


_ONLY_CHARITIES = _("Under the law you chose (%(law)s), “%(basis)s” is open to registered charities only.")
_DAY_UNKNOWN = _("For “%(basis)s” we have to know on which day people left their details.")
_TOO_EARLY = _(
    "“%(basis)s” holds only for people who left their details on %(first)s or later; the law does not reach back."
)
_OVER = _("“%(basis)s” held for %(months)d months from that day, and they are over.")


class NotProved(Refusal):
    """A yes from elsewhere, without a word on how it was given."""

    sentence = _(
        "A yes that did not come through a form of ours needs evidence: say when and how it was given, and how the"
        " address was confirmed."
    )


class MalformedRules(Exception):  # noqa: N818 - a fact about a file
    """A file of rules that cannot be believed: what is wrong, and in which one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says in a sentence, which law it follows, where there, and since when."""

    rule: str
    law: str
    section: str
    since: date


@dataclass(frozen=True, slots=True)
class BasisRule(Rule):
    """One way of being allowed to write."""

    basis: LegalBasis
    purposes: frozenset[Purpose]
    channels: frozenset[Channel]
    only_charities: bool = False
    given_from: date | None = None
    lasts_months: int | None = None

    def ends_on(self, given_on: date) -> date | None:
        """The first day on which a yes given then holds no more; None where it holds until it is taken back."""
        return months_after(given_on, self.lasts_months) if self.lasts_months else None


@dataclass(frozen=True, slots=True)
class ChannelRule(Rule):
    """Something that holds for some channels."""

    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class DaysRule(Rule):
    """How long something may take or has to last; 0 is at once."""

    days: int
    business_days: bool = False


@dataclass(frozen=True, slots=True)
class PostalAddressRule(Rule):
    """Whether the organization's postal address has to stand in each mail."""

    in_every_mail: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything in one file."""

    jurisdiction: Jurisdiction
    bases: tuple[BasisRule, ...]
    double_opt_in: ChannelRule
    unsubscribe: DaysRule
    keep_link: DaysRule
    acknowledge_complaint: DaysRule
    answer_request: DaysRule
    postal_address: PostalAddressRule


@dataclass(frozen=True, slots=True)
class OrganizationRules:
    """The rule set of one organization, as far as it is open to it."""

    rule_set: RuleSet
    is_statutory_charity: bool

    def permits(
        self,
        *,
        basis: LegalBasis | str,
        purpose: Purpose | str,
        channel: Channel | str,
        given_on: date | None,
        today: date | None = None,
    ) -> BasisRule:
        """The rule by which a yes given on that day may be relied on. Raises `BasisNotPermitted`, which says why not.

        `today` matters where a yes runs out: without it nothing has run out yet.
        """
        matching = [
            rule
            for rule in self.rule_set.bases
            if rule.basis == basis and purpose in rule.purposes and channel in rule.channels
        ]
        told: dict[str, Any] = {
            "law": self.rule_set.jurisdiction.label,
            "basis": LegalBasis(basis).label,
            "purpose": Purpose(purpose).label,
            "channel": Channel(channel).label,
        }
        if not matching:
            raise BasisNotPermitted(**told)
        rule = matching[0]
        if rule.only_charities and not self.is_statutory_charity:
            raise BasisNotPermitted(_ONLY_CHARITIES, **told)
        if given_on is None:
            if rule.given_from or rule.lasts_months:
                raise BasisNotPermitted(_DAY_UNKNOWN, **told)
            return rule
        if rule.given_from and given_on < rule.given_from:
            raise BasisNotPermitted(_TOO_EARLY, **told, first=rule.given_from.isoformat())
        ends = rule.ends_on(given_on)
        if ends and today and ends <= today:
            raise BasisNotPermitted(_OVER, **told, months=rule.lasts_months)
        return rule

    def needs_double_opt_in(self, channel: Channel | str) -> bool:
        """Whether a yes for this channel counts only when it was confirmed from there."""
        return channel in self.rule_set.double_opt_in.channels

    @property
    def running_out(self) -> list[BasisRule]:
        """The ways of being allowed that end by themselves."""
        return [rule for rule in self.rule_set.bases if rule.lasts_months]

    @property
    def unsubscribe_days(self) -> int:
        """Within how many days somebody who unsubscribed is not written to any more; 0 is at once."""
        return self.rule_set.unsubscribe.days

    @property
    def keep_link_days(self) -> int:
        """For how many days the unsubscribe link of a mail has to work after it was sent."""
        return self.rule_set.keep_link.days

    @property
    def acknowledge_complaint_days(self) -> int:
        """Within how many days a complaint about data is acknowledged."""
        return self.rule_set.acknowledge_complaint.days

    @property
    def answer_request_days(self) -> int:
        """Within how many days a request for one's own data, or for its removal, is answered."""
        return self.rule_set.answer_request.days

    @property
    def postal_address_in_every_mail(self) -> bool:
        """Whether mail to many has to hold the organization's postal address."""
        return self.rule_set.postal_address.in_every_mail


def of(organization: Organization) -> OrganizationRules:
    """The rules of the law that this organization chose."""
    return OrganizationRules(
        rule_set=load(Jurisdiction(organization.jurisdiction)),
        is_statutory_charity=organization.is_statutory_charity,
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


# --- Reading the files ----------------------------------------------------------------------------


@cache
def load(jurisdiction: Jurisdiction) -> RuleSet:
    """The rule set of one jurisdiction. Raises `MalformedRules`."""
    path = FOLDER / f"{jurisdiction.value}.toml"
    try:
        return parse(jurisdiction, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MalformedRules(f"{path.name} cannot be read: {error.strerror}.") from None


def load_all() -> list[RuleSet]:
    """Every rule set, in the order in which an administrator may choose them."""
    return [load(jurisdiction) for jurisdiction in Jurisdiction]


def parse(jurisdiction: Jurisdiction, text: str) -> RuleSet:
    """The rule set in `text`. Raises `MalformedRules` for anything missing, unknown or of the wrong kind."""
    name = f"{jurisdiction.value}.toml"
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedRules(f"{name} is no TOML: {error}.") from None
    if unknown := sorted(set(found) - set(_TABLES) - {"basis"}):
        raise MalformedRules(f"{name} has tables that nobody reads: {', '.join(unknown)}.")
    bases = found.get("basis")
    if not isinstance(bases, list) or not bases:
        raise MalformedRules(f"{name} permits no legal basis at all.")
    tables = {
        table: _checked(found.get(table), _SOURCE | kinds, {}, f"{name}, [{table}]")
        for table, kinds in _TABLES.items()
    }
    _refuse_negative([*tables.values(), *bases], name)
    rules = tuple(_basis(row, f"{name}, basis {number}") for number, row in enumerate(bases, start=1))
    _refuse_two_for_one(rules, name)
    double = tables["double_opt_in"]
    return RuleSet(
        jurisdiction=jurisdiction,
        bases=rules,
        double_opt_in=ChannelRule(**double | {"channels": _members(Channel, double["channels"], name)}),
        unsubscribe=DaysRule(**tables["unsubscribe"]),
        keep_link=DaysRule(**tables["keep_link"]),
        acknowledge_complaint=DaysRule(**tables["acknowledge_complaint"]),
        answer_request=DaysRule(**tables["answer_request"]),
        postal_address=PostalAddressRule(**tables["postal_address"]),
    )


def _basis(row: object, where: str) -> BasisRule:
    found = _checked(row, _BASIS, _BASIS_MAY, where)
    if not found["purposes"] or not found["channels"]:
        raise MalformedRules(f"{where} is for no purpose or no channel.")
    (basis,) = _members(LegalBasis, [found["basis"]], where)
    return BasisRule(
        **found
        | {
            "basis": basis,
            "purposes": _members(Purpose, found["purposes"], where),
            "channels": _members(Channel, found["channels"], where),
        }
    )


def _checked(row: object, must: dict[str, type], may: dict[str, type], where: str) -> dict[str, Any]:
    """The row, when it holds all of `must`, of the right kinds, and nothing beyond `may`."""
    if not isinstance(row, dict):
        raise MalformedRules(f"{where} is missing.")
    if missing := sorted(set(must) - set(row)):
        raise MalformedRules(f"{where} lacks {', '.join(missing)}.")
    if unknown := sorted(set(row) - set(must) - set(may)):
        raise MalformedRules(f"{where} holds what nobody reads: {', '.join(unknown)}.")
    for key, value in row.items():
        # By type, not isinstance: true is no number of days, and a moment is no day.
        if type(value) is not (must | may)[key]:
            raise MalformedRules(f"{where}: {key} is not of the right kind.")
        if value == "":
            raise MalformedRules(f"{where}: {key} is empty.")
    return row


def _members(choices: Any, values: Iterable[str], where: str) -> frozenset[Any]:
    try:
        return frozenset(choices(value) for value in values)
    except ValueError as error:
        raise MalformedRules(f"{where}: {error}.") from None


def _refuse_negative(rows: Iterable[Any], name: str) -> None:
    numbers = [row.get(key, 0) for row in rows if isinstance(row, dict) for key in ("days", "lasts_months")]
    if any(isinstance(number, int) and number < 0 for number in numbers):
        raise MalformedRules(f"{name}: a number of days or months is below nothing.")


def _refuse_two_for_one(rules: Iterable[BasisRule], name: str) -> None:
    """Two rules for the same would make it a matter of their order which one holds."""
    seen: set[tuple[str, str, str]] = set()
    for rule in rules:
        covered = {
            (rule.basis.value, purpose.value, channel.value)
            for purpose in rule.purposes
            for channel in rule.channels
        }
        if twice := sorted(seen & covered):
            raise MalformedRules(f"{name} has two rules for {' by '.join(twice[0])}.")
        seen |= covered
