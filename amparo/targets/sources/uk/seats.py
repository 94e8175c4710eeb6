"""The seats of the House of Commons, and which of two codes in circulation is a seat's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.targets.problems import ProblemLog, UnreadableSource
from amparo.targets.records import AreaRecord, PostRecord

if TYPE_CHECKING:
    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

COMMONS = "commons"
SEATS = "uk-2024"
NATIONS = "uk-nations"
LOOKUP = "pcon_2024_lookup.json"
MEMBERS = "mp_lookup.csv"

#: Five Scottish seats whose code was replaced after July 2024 while their lines stayed. Files of both kinds
#: are about; a join on the wrong one loses 0.9 % of all postcodes.
RENUMBERED = {
    "S14000006": "S14000107",  # Ayr, Carrick and Cumnock
    "S14000008": "S14000108",  # Berwickshire, Roxburgh and Selkirk
    "S14000010": "S14000109",  # Central Ayrshire
    "S14000040": "S14000110",  # Kilmarnock and Loudoun
    "S14000058": "S14000111",  # West Aberdeenshire and Kincardine
}
FORMER = {new: old for old, new in RENUMBERED.items()}


class SeatCodes:
    """The official code of a seat, whichever code a file uses: the one that the postcode table uses.

    That table is what answers are looked up in, so its codes name the areas; the other code is kept as an
    identifier.
    """

    def __init__(self, in_table: frozenset[str]) -> None:
        self._official = {}
        for old, new in RENUMBERED.items():
            official = old if old in in_table and new not in in_table else new
            self._official[old] = self._official[new] = official

    def official(self, code: str) -> str:
        """The code that names the area; `code` itself when it was never replaced."""
        return self._official.get(code, code)

    def read(self, code: str, place: Place, problems: ProblemLog) -> str:
        """The official code, with a warning when the file uses the other one."""
        official = self.official(code)
        if official != code:
            reason = "a GSS code that the postcode table does not use; read as the one it does"
            problems.warning(place, reason, f"{code}, read as {official}")
        return official


def seat_post(code: str) -> str:
    """The code of a seat's post."""
    return f"{COMMONS}/{code}"


def add_seats(gathering: Gathering, files: SourceFiles, codes: SeatCodes) -> None:
    """The areas and their posts, each within its nation."""
    place = files.place(LOOKUP)
    table = files.json(LOOKUP)
    if not isinstance(table, dict):
        raise UnreadableSource(file=place.file, why="it does not list the seats by their identifiers")
    nations = add_nations(gathering, files)
    for key, entry in table.items():
        fields = entry if isinstance(entry, dict) else {}
        given, name = fields.get("parlcon_2024_gss_code"), fields.get("parlcon_2024_name")
        if not (isinstance(given, str) and isinstance(name, str)):
            gathering.problems.error(place, "a seat has no name or no GSS code", key)
            continue
        code = codes.read(given, place, gathering.problems)
        nation = nations.get(code[:1])
        area = AreaRecord(
            set=SEATS,
            code=code,
            name=name,
            names=names_of(name, fields),
            identifiers=identifiers_of(key, code, fields),
            classification="constituency",
            parent=(NATIONS, nation) if nation else None,
        )
        if gathering.add_area(area, place):
            gathering.add_post(
                PostRecord(
                    code=seat_post(code),
                    label=f"Member of Parliament for {name}",
                    role="Member of Parliament",
                    kind="seat",
                    legislature=COMMONS,
                    organization_name="House of Commons",
                    area=area.key,
                    office="uk/mp",
                ),
                place,
            )


def add_nations(gathering: Gathering, files: SourceFiles) -> dict[str, str]:
    """England, Scotland, Wales and Northern Ireland; their codes by the letter that the codes of their
    seats start with.
    """
    nations: dict[str, str] = {}
    for line, row in files.rows(MEMBERS, columns=["country_name", "country_code"], problems=ProblemLog()):
        code, name = row["country_code"], row["country_name"]
        if code[:1].isalpha() and (NATIONS, code) not in gathering.areas:
            area = AreaRecord(
                set=NATIONS,
                code=code,
                name=name,
                names={"en": name},
                identifiers={"gss": code},
                classification="nation",
            )
            if gathering.add_area(area, files.place(MEMBERS, line)):
                nations[code[:1]] = code
    return nations


def names_of(name: str, fields: dict[str, Any]) -> dict[str, str]:
    """The English name, and the Welsh one where there is one."""
    welsh = fields.get("parlcon_2024_name_cy")
    return {"en": name, "cy": welsh} if isinstance(welsh, str) and welsh else {"en": name}


def identifiers_of(key: str, code: str, fields: dict[str, Any]) -> dict[str, str]:
    """Every code under which the seat is known elsewhere."""
    identifiers = {"gss": code, "ukparl": key}
    three = fields.get("parlcon_2024_three_code")
    if isinstance(three, str):
        identifiers["ukparl-three"] = three
    other = RENUMBERED.get(code) or FORMER.get(code)
    if other:
        identifiers["gss-replacement" if code in RENUMBERED else "gss-former"] = other
    return identifiers
