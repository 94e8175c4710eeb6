"""What a bundle says about itself: `manifest.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast, get_args

from amparo.targets.extents import EXTENTS
from amparo.targets.fields import list_of, mapping_of, read_date, text_of, texts_by_key
from amparo.targets.postcodes import FORMATS
from amparo.targets.problems import UnreadableSource
from amparo.targets.records import (
    AreaSetRecord,
    AreaSetRole,
    LegislatureRecord,
    LegislatureState,
    PostcodeReach,
)

if TYPE_CHECKING:
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.problems import Place

MANIFEST = "manifest.json"

#: The format's number, which a bundle names; a later one may mean something else by the same words.
FORMAT = 1

KEYS = frozenset(
    {
        "amparo_bundle",
        "slug",
        "country",
        "title",
        "source",
        "licence",
        "published",
        "credits",
        "area_sets",
        "legislatures",
        "postcodes",
    }
)


@dataclass(frozen=True, slots=True)
class PostcodeTable:
    """How the bundle's postcodes are to be read."""

    format: str
    area_set: str
    reach: PostcodeReach
    crs: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The bundle's own particulars."""

    slug: str
    country: str
    title: str
    source: str
    licence: str
    published: date | None
    credits: tuple[str, ...]
    postcodes: PostcodeTable | None


def read_manifest(gathering: Gathering, files: SourceFiles) -> Manifest:
    """Read it, declaring area sets and legislatures. Raises `UnreadableSource` for what no bundle can do without."""
    place = files.place(MANIFEST)
    document = files.json(MANIFEST)
    if not isinstance(document, dict) or document.get("amparo_bundle") != FORMAT:
        refuse(place, f'it does not say "amparo_bundle": {FORMAT}')
    for key in sorted(set(document) - KEYS):
        gathering.problems.warning(place, "the manifest's key is not known; it is ignored", key)
    for key in ("slug", "country", "title", "source", "licence", "published"):
        if not text_of(document.get(key)):
            refuse(place, f"it has no {key}")
    slug, country = text_of(document["slug"]), text_of(document["country"])
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 40:
        refuse(place, "its slug is not made of small letters, digits and hyphens, at most 40")
    if not re.fullmatch(r"[A-Z]{2}", country):
        refuse(place, "its country is not two capital letters")
    published = read_date(document["published"], place=place, problems=gathering.problems)
    add_area_sets(gathering, document, place)
    add_legislatures(gathering, document, place)
    return Manifest(
        slug,
        country,
        text_of(document["title"])[:200],
        text_of(document["source"]),
        text_of(document["licence"]),
        published,
        tuple(filter(None, map(text_of, list_of(document.get("credits"))))),
        read_table(gathering, document, place),
    )


def add_area_sets(gathering: Gathering, document: dict[str, Any], place: Place) -> None:
    """The divisions of the country that areas belong to."""
    for entry in map(mapping_of, list_of(document.get("area_sets"))):
        role, crs = text_of(entry.get("role")) or "sitting", text_of(entry.get("crs")) or None
        if role not in get_args(AreaSetRole):
            refuse(place, f"an area set's role is neither {' nor '.join(get_args(AreaSetRole))}")
        if crs is not None and crs not in EXTENTS:
            refuse(place, f"an area set's crs is none of {', '.join(EXTENTS)}")
        start, end = (
            read_date(entry.get(key), place=place, problems=gathering.problems)
            for key in ("valid_from", "valid_until")
        )
        code, name, source, licence = (
            text_of(entry.get(key)) for key in ("code", "name", "source", "licence")
        )
        record = AreaSetRecord(
            code=code,
            name=name,
            role=cast(AreaSetRole, role),
            valid_from=start,
            valid_until=end,
            source=source,
            licence=licence,
            crs=crs,
        )
        gathering.add_area_set(record, place)


def add_legislatures(gathering: Gathering, document: dict[str, Any], place: Place) -> None:
    """The houses of parliament; a bundle of ministers alone has none."""
    for entry in map(mapping_of, list_of(document.get("legislatures"))):
        state = text_of(entry.get("state")) or "sitting"
        if state not in get_args(LegislatureState):
            refuse(place, f"a legislature's state is none of {', '.join(get_args(LegislatureState))}")
        since = read_date(entry.get("since"), place=place, problems=gathering.problems)
        record = LegislatureRecord(
            code=text_of(entry.get("code")),
            name=text_of(entry.get("name")),
            names=texts_by_key(entry.get("names")),
            state=cast(LegislatureState, state),
            since=since,
            area_set=text_of(entry.get("area_set")) or None,
            post_noun=text_of(entry.get("post_noun")),
        )
        gathering.add_legislature(record, place)


def read_table(gathering: Gathering, document: dict[str, Any], place: Place) -> PostcodeTable | None:
    """How to read the postcodes; None when the bundle brings none."""
    entry = mapping_of(document.get("postcodes"))
    if not entry:
        return None
    reach, crs = text_of(entry.get("reach")) or "exact", text_of(entry.get("crs")) or None
    written, area_set = text_of(entry.get("format")), text_of(entry.get("area_set"))
    if written not in FORMATS:
        refuse(place, f"its postcode format is none of {', '.join(FORMATS)}")
    if area_set not in gathering.area_sets:
        refuse(place, "its postcodes lead to an area set that it does not declare")
    if reach not in get_args(PostcodeReach):
        refuse(place, f"its postcodes' reach is neither {' nor '.join(get_args(PostcodeReach))}")
    if crs is not None and crs not in EXTENTS:
        refuse(place, f"its postcodes' crs is none of {', '.join(EXTENTS)}")
    return PostcodeTable(written, area_set, cast(PostcodeReach, reach), crs)


def refuse(place: Place, why: str) -> NoReturn:
    """Raise: without a sound manifest nothing else can be read."""
    raise UnreadableSource(file=place.file, why=why)
