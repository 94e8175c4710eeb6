"""What targets are measured on: Great Britain's 1.73 million postcodes, or an invented table.

The published table is found as the tests find it: at ../shared/data, or where AMPARO_REAL_DATA says.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import zipfile
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapefile

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"

#: How people type the same postcode, in turn.
WAYS_OF_TYPING = (
    lambda out, inward: f"{out} {inward}".lower(),
    lambda out, inward: f"{out} {inward}",
    lambda out, inward: f"{out}{inward}".lower(),
    lambda out, inward: f" {out} {inward}".lower(),
    lambda out, inward: f"{out.title()} {inward.lower()} ",
)


@dataclass(frozen=True, slots=True)
class Postcode:
    """One row: compact postcode, the seat's code or an empty text, and its point on the National Grid."""

    code: str
    seat: str
    point: tuple[int, int] | None = None


def real_folder() -> Path | None:
    """The folder with the United Kingdom's published data, or None."""
    named = os.environ.get("AMPARO_REAL_DATA")
    folder = (Path(named) if named else ROOT.parent / "shared" / "data") / "uk"
    return folder if (folder / "gb_postcodes_pcon2024.csv.gz").exists() else None


def read_rows() -> Iterator[tuple[str, str]]:
    """Every postcode and its seat, read from the compressed table anew; invented ones where there is none."""
    folder = real_folder()
    if folder is None:
        yield from _invent_rows()
        return
    with gzip.open(folder / "gb_postcodes_pcon2024.csv.gz", "rt", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for code, _quality, _easting, _northing, seat in rows:
            yield code, seat


def read_points() -> Iterator[Postcode]:
    """The postcodes that have a point, with it. Real ones only: nothing where there is no table."""
    folder = real_folder()
    if folder is None:
        return
    with gzip.open(folder / "gb_postcodes_pcon2024.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            point = int(row["easting"]), int(row["northing"])
            if any(point):
                yield Postcode(row["postcode"], row["pcon24cd"], point)


def read_outlines() -> list[tuple[str, Any]]:
    """The 650 seats' outlines on the National Grid as GeoJSON-like mappings; none where there is no file."""
    folder = real_folder()
    path = folder / "PCON_JULY_2024_UK_BUC_shp.zip" if folder else None
    if path is None or not path.exists():
        return []
    with zipfile.ZipFile(path) as archive:
        parts = {name.rpartition(".")[2]: io.BytesIO(archive.read(name)) for name in archive.namelist()}
    with shapefile.Reader(shp=parts["shp"], dbf=parts["dbf"], shx=parts["shx"]) as reader:
        return [(each.record["PCON24CD"], each.shape.__geo_interface__) for each in reader.iterShapeRecords()]


def type_postcodes(codes: list[str], *, number: int, seed: int = 1) -> list[str]:
    """Draw postcodes with repetition and type them as people do: any case, with and without spaces."""
    drawn = random.Random(seed).choices(codes, k=number)
    return [way(code[:-3], code[-3:]) for way, code in zip(cycle(WAYS_OF_TYPING), drawn, strict=False)]


def _invent_rows() -> Iterator[tuple[str, str]]:
    """300,000 postcodes in 100 seats, in areas that do not exist."""
    chance = random.Random(7)
    for area, district, sector in product(("ZA", "ZB", "ZC", "ZD", "ZX"), range(1, 41), range(10)):
        seat = f"N{district:08}"
        for unit in chance.sample([a + b for a, b in product(UNIT_LETTERS, repeat=2)], 150):
            yield f"{area}{district}{sector}{unit}", seat if chance.random() < 0.99 else "N00000041"
