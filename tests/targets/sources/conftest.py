"""Small folders of invented data, shaped like the real ones, and the sources that read them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapefile

from amparo.targets.problems import ProblemLog
from amparo.targets.records import SourceBundle
from amparo.targets.registry import load_sources

TODAY = date(2026, 6, 20)


class Folder:
    """A folder of source files that a test may spoil one by one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True)

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.path / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    def text(self, name: str) -> str:
        data = (self.path / name).read_bytes()
        return (gzip.decompress(data) if name.endswith(".gz") else data).decode()

    def table(self, name: str, rows: list[list[str]], *, delimiter: str = ",") -> None:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
        self.write(name, out.getvalue())

    def add(self, name: str, line: str) -> int:
        """Add a line; the number that it has."""
        text = self.text(name)
        self.write(name, f"{text}{line}\n")
        return text.count("\n") + 1

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def remove(self, name: str) -> None:
        (self.path / name).unlink()

    def zipped(self, path: Path, *, inside: str = "") -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(self.path.iterdir()):
                archive.write(file, inside + file.name)
        return path


def load(slug: str, path: Path | Folder, *, today: date = TODAY) -> SourceBundle:
    return load_sources().get(slug).read(path.path if isinstance(path, Folder) else path, today=today)


def told(problems: ProblemLog, severity: str = "error") -> list[tuple[str, int | None, str, str]]:
    """Problems as (file, line, reason, value)."""
    return [(p.file, p.line, p.reason, p.value) for p in problems if p.severity == severity]


UK_SEATS = {
    "E14990001": ("Northmoor", "UKPARL.2025.NMR", "NMR"),
    "W07990001": ("Dyffryn Glas", "UKPARL.2025.DYG", "DYG"),
    "N05990001": ("Loughside", "UKPARL.2025.LGH", "LGH"),
    "S14000107": ("Firth and Glen", "UKPARL.2025.FAG", "FAG"),
}
UK_MEMBERS_HEADING = [
    "pcon_name", "pcon_code", "member_id", "full_title", "display_as", "party_text", "member_email",
    "country_name", "country_code",
]  # fmt: skip
UK_MEMBERS = [
    ["Northmoor", "E14990001", "901", "Rt Hon Sir Amos de Vere KC MP", "Sir Amos de Vere", "Speaker",
     "amos.devere.mp@parliament.example.org", "Eastland", "E92000001"],
    ["Dyffryn Glas", "W07990001", "902", "Dr Nia Prydderch MP", "Dr Nia Prydderch", "Mill Party",
     "nia.prydderch.mp@parliament.example.org", "Westland", "W92000004"],
    ["Loughside", "N05990001", "903", "Oonagh Mary Teague MP", "Oonagh Mary Teague", "Sinn Féin",
     "No email found", "Northland", "N92000002"],
    ["Firth and Glen", "S14000107", "904", "Isla Rannoch MP", "Isla Rannoch", "Loom Party",
     "isla.rannoch.mp@parliament.example.org", "Highland", "S92000003"],
]  # fmt: skip
UK_DETAILS_HEADING = [
    "PCON24CD", "PCON24NM", "MP", "Gender", "ID", "TheyWorkForYou ID", "Start date", "Party", "Party name",
]  # fmt: skip
UK_DETAILS = [
    ["E14990001", "Northmoor", "Sir Amos de Vere", "M", "901", "70001", "2005-05-05T00:00:00", "Spk", "Speaker"],
    ["W07990001", "Dyffryn Glas", "Dr Nia Prydderch", "F", "902", "70002", "2024-07-04T00:00:00", "Mill",
     "Mill Party"],
    ["N05990001", "Loughside", "Oonagh Mary Teague", "F", "903", "70003", "2024-07-04T00:00:00", "SF",
     "Sinn Féin"],
    ["S14000107", "Firth and Glen", "Isla Rannoch", "F", "904", "70004", "2024-07-04T00:00:00", "Loom",
     "Loom Party"],
]  # fmt: skip
UK_POSTCODES = """postcode,pqi,easting,northing,pcon24cd
AB101AB,10,394235,806529,S14000107
AB101AF,90,,,
CF101AA,10,318000,176000,W07990001
LS11AA,10,430000,433000,E14990001
LS11AB,10,430010,433010,E14990001
"""


def british_zip(codes: list[str]) -> bytes:
    """A shapefile with a square for each code, zipped, as the statistics office publishes them."""
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts) as writer:
        writer.field("PCON24CD", "C", 9)
        for number, code in enumerate(codes):
            left = 300_000 + number * 10_000
            square = [(left, 0), (left, 9000), (left + 9000, 9000), (left + 9000, 0), (left, 0)]
            writer.poly([[list(map(float, point)) for point in square]])
            writer.record(code)
        writer.close()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for ending, content in parts.items():
            archive.writestr(f"SEATS.{ending}", content.getvalue())
        archive.writestr("SEATS.prj", 'PROJCS["British_National_Grid",GEOGCS["GCS_OSGB_1936"]]')
    return out.getvalue()


@pytest.fixture
def uk(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "uk")
    folder.write(
        "pcon_2024_lookup.json",
        json.dumps(
            {
                key: {
                    "parlcon_2024_name": name,
                    "parlcon_2024_name_cy": "Dyffryn Glas (Cymraeg)" if code[0] == "W" else None,
                    "parlcon_2024_gss_code": code,
                    "parlcon_2024_three_code": three,
                }
                for code, (name, key, three) in UK_SEATS.items()
            }
        ),
    )
    folder.table("mp_lookup.csv", [UK_MEMBERS_HEADING, *UK_MEMBERS])
    folder.table("current_mps.csv", [UK_DETAILS_HEADING, *UK_DETAILS])
    folder.write("gb_postcodes_pcon2024.csv.gz", UK_POSTCODES)
    folder.write("PCON_JULY_2024_UK_BUC_shp.zip", british_zip(list(UK_SEATS)))
    write_ministers(folder)
    return folder


def write_ministers(folder: Folder) -> None:
    """A minister in the Commons, a peer who covers for somebody on leave, two assistants, one who has left."""
    folder.table(
        "ifg_ministers_person.csv",
        [
            ["id", "id_parliament", "name", "short_name", "gender", "start_date", "end_date"],
            ["u-1", "902.0", "Nia Prydderch", "Prydderch", "F", "", ""],
            ["u-2", "950.0", "Ulla Quill", "Quill", "F", "", "2020-01-01"],
            ["u-2", "950.0", "Baroness Quill of Fenmoor", "Quill", "F", "2020-01-01", ""],
            ["u-3", "", "Tam Lowrie", "Lowrie", "M", "", ""],
            ["u-4", "951.0", "Ned Farrow", "Farrow", "M", "", ""],
        ],
    )
    folder.table(
        "ifg_ministers_post.csv",
        [
            ["id", "organisation_id", "name", "rank_equivalence", "rank_equivalence_value"],
            ["p-1", "o-1", "Secretary of State for Foreign Affairs", "SoS", "3"],
            ["p-2", "o-1", "Minister for Prisoners Abroad", "MoS", "4.0"],
            ["p-3", "o-1", "Assistant Whip", "Parl.", "7"],
            ["p-4", "o-1", "Minister for Nothing Any More", "MoS", "4"],
        ],
    )
    folder.table("ifg_ministers_organisation.csv", [["id", "name"], ["o-1", "Department of Far Places"]])
    folder.table(
        "ifg_ministers_appointment.csv",
        [
            ["id", "person_id", "post_id", "start_date", "end_date"],
            ["a-1", "u-1", "p-1", "2024-07-05", ""],
            ["a-2", "u-3", "p-2", "2024-07-05", ""],
            ["a-3", "u-2", "p-2", "2026-03-01", ""],
            ["a-4", "u-3", "p-3", "2024-07-09", ""],
            ["a-5", "u-4", "p-3", "2026-06-01", ""],
            ["a-6", "u-4", "p-4", "2024-07-09", "2026-06-20"],
        ],
    )
    folder.table(
        "ifg_ministers_appointment_characteristics.csv",
        [
            ["id", "appointment_id", "is_acting", "is_on_leave", "start_date", "end_date"],
            ["c-1", "a-2", "False", "False", "2024-07-05", "2026-03-01"],
            ["c-2", "a-2", "False", "True", "2026-03-01", ""],
            ["c-3", "a-3", "True", "False", "2026-03-01", ""],
        ],
    )


US_MEMBERS = """- id:
    bioguide: D000901
    lis: S901
  name:
    first: Dorothea
    last: Vance
    suffix: Jr.
    official_full: Dorothea Q. Vance, Jr.
  bio:
    gender: F
  terms:
  - type: sen
    start: '2019-01-03'
    end: '2025-01-03'
    state: OH
    class: 1
    party: Mill
  - type: sen
    start: '2025-01-03'
    end: '2031-01-03'
    state: OH
    class: 1
    party: Independent
    caucus: Mill
    url: https://www.vance.senate.example.gov
    address: 1 Example Office Building Washington DC 20510
    phone: 202-555-0101
    contact_form: https://www.vance.senate.example.gov/contact
- id:
    bioguide: P000902
  name:
    first: Pell
    last: Ostrom
  bio:
    gender: M
  terms:
  - type: sen
    start: '2025-01-21'
    end: '2026-11-03'
    how: appointment
    state: OH
    class: 3
    party: Loom
    phone: 202-555-0102
- id:
    bioguide: R000903
  name:
    first: Rosa
    last: Ibarra
    official_full: Rosa Ibarra
  bio:
    gender: F
  leadership_roles:
  - title: Speaker of the House
    start: '2025-01-03'
  terms:
  - type: rep
    start: '2025-01-03'
    end: '2027-01-03'
    state: CA
    district: 1
    party: Loom
    url: https://ibarra.house.example.gov
    phone: 202-555-0103
- id:
    bioguide: W000904
  name:
    first: Wren
    last: Halvorsen
    official_full: Wren Halvorsen
  bio:
    gender: M
  terms:
  - type: rep
    start: '2025-01-03'
    end: '2027-01-03'
    state: AK
    district: 0
    party: Mill
    url: https://halvorsen.house.example.gov
"""


@pytest.fixture
def us(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "us")
    folder.write("legislators-current.yaml.gz", US_MEMBERS)
    folder.table(
        "ocd_us_congressional_districts.csv",
        [
            ["id", "name", "census_geoid", "validThrough"],
            ["ocd-division/country:us/state:ca/cd:1", "California's 1st congressional district", "", ""],
            ["ocd-division/country:us/state:ca/cd:2", "California's 2nd congressional district", "", ""],
            ["ocd-division/country:us/state:ca/cd:53", "California's 53rd (obsolete)", "", "2023-01-03"],
            ["ocd-division/country:us/state:ak/cd:at-large", "Alaska's at-large district", "", ""],
            ["ocd-division/country:us/territory:pr/cd:at-large", "Puerto Rico's at-large district", "", ""],
        ],
    )
    folder.table(
        "zcta_cd119.csv",
        [
            ["state_fips", "state_abbr", "zcta", "cd"],
            ["06", "CA", "90001", "1"],
            ["06", "CA", "90002", "1"],
            ["02", "AK", "99501", "0"],
            ["06", "CA", "90002", "2"],
        ],
    )
    folder.table(
        "contact_forms.csv",
        [
            ["bioguide", "form_url", "captcha", "required_fields", "topics"],
            ["D000901", "https://older.example.gov", "no", "$NAME_FIRST $ADDRESS_STREET $TOPIC", "Justice"],
            ["R000903", "stubforcwc ", "no", "", ""],
            ["W000904", "http://halvorsen.house.example.gov/write", "yes", "$ADDRESS_ZIP4 $NAME_PREFIX", ""],
        ],
    )
    geonames = [["US", code, "Somewhere", "", state, "", "", "", "", lat, lon, "1"] for code, state, lat, lon in (
        ("90001", "CA", "33.9", "-118.2"), ("90099", "CA", "34.1", "-118.3"), ("09001", "", "38.1", "15.7"),
    )]  # fmt: skip
    folder.table("geonames_zip.tsv", geonames, delimiter="\t")
    folder.write("cd119_20m.geojson.gz", json.dumps(us_outlines()))
    folder.write("committees-current.yaml", US_COMMITTEES)
    folder.write("committee-membership-current.yaml", US_COMMITTEE_SEATS)
    folder.write("legislators-district-offices.yaml", US_OFFICES)
    folder.write("legislators-social-media.yaml", US_SOCIAL)
    return folder


US_COMMITTEES = """- type: house
  name: House Committee on Examples
  thomas_id: HSEX
  subcommittees:
  - name: Small Examples
    thomas_id: '01'
"""
US_COMMITTEE_SEATS = """HSEX:
- name: Rosa Ibarra
  rank: 1
  title: Chair
  bioguide: R000903
- name: Wren Halvorsen
  rank: 2
  bioguide: W000904
HSEX01:
- name: Wren Halvorsen
  title: Ranking Member
  bioguide: W000904
"""
US_OFFICES = """- id:
    bioguide: W000904
  offices:
  - id: W000904-anchorage
    address: 12 Birch Street
    suite: Suite 3
    city: Anchorage
    state: AK
    zip: '99501'
    phone: 907-555-0104
"""
US_SOCIAL = """- id:
    bioguide: W000904
  social:
    twitter: RepHalvorsenExample
    twitter_id: 12345
"""


def us_outlines() -> dict[str, Any]:
    """Squares for two districts of three; Puerto Rico's number is 98 in the real file too."""

    def square(left: float) -> dict[str, Any]:
        ring = [[left, 30], [left + 1, 30], [left + 1, 31], [left, 31], [left, 30]]
        return {"type": "Polygon", "coordinates": [ring]}

    numbers = [("06", "01", -118.5), ("06", "02", -117.5), ("72", "98", -66.0)]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"STATEFP": s, "CD119FP": n}, "geometry": square(x)}
            for s, n, x in numbers
        ],
    }


@pytest.fixture
def ca(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "ca")
    folder.table(
        "fed_2023_names.csv",
        [
            ["FED_NUM", "ED_NAMEE", "ED_NAMEF", "REP_ORDER"],
            ["35901", "Lakehead Example", "Exemple-du-Lac", "2023"],
            ["24901", "Mont-Exemple", "Mont-Exemple", "2023"],
        ],
    )
    folder.table(
        "ocd_federal_electoral_districts-2023.csv",
        [
            ["id", "name", "name_fr", "validFrom"],
            ["ocd-division/country:ca/ed:35901-2023", "Lakehead Example", "Exemple-du-Lac", "2024-04-23"],
            ["ocd-division/country:ca/ed:24901-2023", "Mont-Exemple", "Mont-Exemple", "2024-04-23"],
        ],
    )
    folder.table(
        "ocd_provinces.csv",
        [
            ["id", "name", "abbreviation", "abbreviation_fr", "sgc"],
            ["ocd-division/country:ca/province:on", "Ontario", "Ont.", "Ont.", "35"],
            ["ocd-division/country:ca/province:qc", "Quebec", "Que.", "Qc", "24"],
        ],
    )
    geonames = [
        ["CA", code, "Somewhere", "", province, "", "", "", "", "45.4", "-75.7", "6"]
        for code, province in (("K1A", "ON"), ("K1A", "QC"), ("H2X", "QC"), ("H2X", "QC"))
    ]
    folder.table("geonames_fsa.tsv", geonames, delimiter="\t")
    return folder
