"""How each country writes its postcodes: what a person types, made into the one form that is looked up.

People type `sw1a0aa`, ` SW1A 0AA`, `SWIA OAA`, paste a no-break space from a document or right-to-left marks
from a phone. `normalize` brings all of these to the compact form (`SW1A0AA`) or refuses with a sentence that
says what shape is expected. A shape is all it judges: whether a postcode exists, the index knows.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: Characters a person may type, looked at before anything else is done: a postcode with generous spacing.
LONGEST_TYPED = 32

# Spaces of every width, dashes, and format characters such as right-to-left marks, by Unicode category.
_SILENT_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Pd", "Cf"})
_SILENT_CHARACTERS = frozenset("\t\r\n.·−")  # the last one is a minus sign


class MalformedPostcode(Refusal):
    """What was typed cannot be a postcode of the country; the sentence says what one looks like."""

    sentence = _("This does not look like a postcode.")


class PostcodeFormat:
    """One country's way of writing postcodes: its shape, its slips of the pen, and what lies beside what.

    For the index a compact postcode is split into its `sector`, the smallest neighbourhood that the country
    itself names, and a whole number inside it (`encode`).
    """

    example: ClassVar[str]
    sentence: ClassVar[_StrOrPromise]
    #: How many units a sector can hold, so that `0 <= encode(compact) < span`; None when there is no
    #: small limit.
    span: ClassVar[int | None] = None

    _shape: ClassVar[re.Pattern[str]]

    def __init__(self) -> None:
        self._fits = self._shape.fullmatch

    def normalize(self, text: str) -> str:
        """Return the compact form of what was typed, or raise `MalformedPostcode`."""
        if len(text) <= LONGEST_TYPED:
            # Nearly everybody types plain letters, digits and spaces: these take the short way.
            compact = text.replace(" ", "").upper()
            if self._fits(compact):
                return compact
            compact = self._correct(_plain(text))
            if self._fits(compact):
                return compact
        raise MalformedPostcode(self.sentence)

    def display(self, compact: str) -> str:
        """Return the postcode as the country's post office prints it."""
        return compact

    def outcode(self, compact: str) -> str:
        """Return the part that names the delivery district."""
        return self.sector(compact)

    def sector(self, compact: str) -> str:
        """Return the neighbourhood within which two postcodes count as neighbours."""
        raise NotImplementedError

    def encode(self, compact: str) -> int:
        """Return the postcode's place in its sector: in order, unsigned, 40 bits at most (32 with a `span`).

        Raises `KeyError` or `ValueError` for text that `normalize` has not passed.
        """
        raise NotImplementedError

    def key(self, compact: str) -> str:
        """Return the postcode that tables are kept by, when people may type a finer one."""
        return compact

    def is_key(self, text: str) -> bool:
        """Whether a table may hold the text as it stands: compact, and no finer than tables are kept."""
        return self._fits(text) is not None

    def containing(self, compact: str) -> str | None:
        """Return the coarser postcode that wholly contains this one and that a table may hold instead."""
        del compact
        return None

    def _correct(self, plain: str) -> str:
        return plain


class UnitedKingdomFormat(PostcodeFormat):
    """`SW1A 0AA`: area and district, then a sector digit and two letters.

    The letters that Royal Mail keeps out of each position, because they are misread, are what makes O for 0
    and I for 1 correctable without guessing.
    """

    example = "SW1A 0AA"
    sentence = _(
        "A United Kingdom postcode looks like SW1A 0AA: one or two letters and a number, "
        "then a space, a number and two letters."
    )
    _unit_letters = "ABDEFGHJLNPQRSTUWXYZ"
    span = len(_unit_letters) ** 2
    _units: ClassVar[dict[str, int]] = {a + b: n for n, (a, b) in enumerate(product(_unit_letters, repeat=2))}
    _shape = re.compile(
        r"(?:[A-Z][1-9][0-9]?|[A-Z][A-HJ-Z](?:[0-9]|[1-9][0-9])|[A-Z][A-HJ-Z]?[1-9][A-HJ-NP-Z])"
        r"[0-9][ABD-HJLNP-UW-Z]{2}"
    )

    def display(self, compact: str) -> str:
        return f"{compact[:-3]} {compact[-3:]}"

    def outcode(self, compact: str) -> str:
        return compact[:-3]

    def sector(self, compact: str) -> str:
        return compact[:-2]

    def encode(self, compact: str) -> int:
        return self._units[compact[-2:]]

    def _correct(self, plain: str) -> str:
        # First a letter; second I is never a letter and 0 never a digit; from then on digits, up to the
        # last two.
        return (
            plain[:1].translate(_TO_LETTERS)
            + plain[1:2].translate(_SECOND_PLACE)
            + plain[2:-2].translate(_TO_DIGITS)
            + plain[2:][-2:]
        )


class UnitedStatesFormat(PostcodeFormat):
    """`35004`, or `35004-1234`, which is looked up by its first five digits: tables are kept by ZIP code."""

    example = "35004"
    sentence = _("A United States ZIP code has five digits, such as 35004, or nine, such as 35004-1234.")
    span = 100
    _shape = re.compile(r"[0-9]{5}(?:[0-9]{4})?")

    def display(self, compact: str) -> str:
        return f"{compact[:5]}-{compact[5:]}" if len(compact) > 5 else compact

    def outcode(self, compact: str) -> str:
        return compact[:5]

    def sector(self, compact: str) -> str:
        return compact[:3]

    def encode(self, compact: str) -> int:
        return int(compact[3:5])

    def key(self, compact: str) -> str:
        return compact[:5]

    def is_key(self, text: str) -> bool:
        return len(text) == 5 and super().is_key(text)


class CanadaFormat(PostcodeFormat):
    """`M5V 2T6`: a forward sortation area, then a local delivery unit.

    The first half alone is taken too: open tables end there, and a supporter may prefer to say no more.
    """

    example = "M5V 2T6"
    sentence = _(
        "A Canadian postal code looks like M5V 2T6: letter, number, letter, then number, letter, number."
    )
    _letters = "ABCEGHJKLMNPRSTVWXYZ"
    # Unit 0 is the sortation area itself, so that a table of sortation areas is a table like any other.
    _units: ClassVar[dict[str, int]] = {
        "": 0,
        **{
            a + b + c: n for n, (a, b, c) in enumerate(product("0123456789", _letters, "0123456789"), start=1)
        },
    }
    span = len(_units)
    _shape = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z](?:[0-9][ABCEGHJ-NPRSTV-Z][0-9])?")

    def display(self, compact: str) -> str:
        return f"{compact[:3]} {compact[3:]}" if len(compact) > 3 else compact

    def sector(self, compact: str) -> str:
        return compact[:3]

    def encode(self, compact: str) -> int:
        return self._units[compact[3:]]

    def containing(self, compact: str) -> str | None:
        return compact[:3] if len(compact) > 3 else None

    def _correct(self, plain: str) -> str:
        # Letters and digits alternate, and no letter that could be meant by 0 or 1 is ever used.
        corrected = list(plain)
        for place in (1, 3, 5):
            corrected[place : place + 1] = plain[place : place + 1].translate(_TO_DIGITS)
        return "".join(corrected)


class GenericFormat(PostcodeFormat):
    """Any country's code of one to ten letters and digits, for bundles that bring their own table.

    Order and neighbourhood follow the spelling: the sector is the first three characters, fewer when the
    code is shorter than five.
    """

    example = "10115"
    sentence = _("A postcode here has one to ten letters and numbers, and nothing else.")
    _shape = re.compile(r"[0-9A-Z]{1,10}")

    def sector(self, compact: str) -> str:
        return compact[: max(0, min(3, len(compact) - 2))]

    def encode(self, compact: str) -> int:
        unit = compact[len(self.sector(compact)) :]
        # Padded to one width the codes keep the order of their spelling; the length tells "1" from "10".
        return int(unit.ljust(7, "0"), 36) << 3 | len(unit)


def _plain(text: str) -> str:
    """Return the letters and digits of the text, foreign digits too, without what only separates."""
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text))).upper()


def _plain_character(character: str) -> str:
    if character in _SILENT_CHARACTERS or unicodedata.category(character) in _SILENT_CATEGORIES:
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


_TO_DIGITS = str.maketrans("OI", "01")
_TO_LETTERS = str.maketrans("01", "OI")
_SECOND_PLACE = str.maketrans("0I", "O1")

GENERIC = "generic"

#: Every format by the code under which a country's targets are loaded.
FORMATS: dict[str, PostcodeFormat] = {
    "uk": UnitedKingdomFormat(),
    "us": UnitedStatesFormat(),
    "ca": CanadaFormat(),
    GENERIC: GenericFormat(),
}
