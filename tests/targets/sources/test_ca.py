"""Canada's files, in small: ridings without known members, and postal codes that only hint at a province."""

from __future__ import annotations

from datetime import date

import pytest

from amparo.targets.problems import UnreadableSource

from .conftest import Folder, load, told


def test_ridings_have_two_names_and_nobody_known(ca: Folder) -> None:
    bundle = load("ca", ca)
    assert len(bundle.problems) == 0
    riding = next(area for area in bundle.areas if area.code == "35901")
    assert riding.names == {"en": "Lakehead Example", "fr": "Exemple-du-Lac"}
    assert riding.identifiers == {"fed": "35901", "ocd": "ocd-division/country:ca/ed:35901-2023"}
    assert riding.parent == ("ca-provinces", "ON")
    assert {post.code for post in bundle.posts} == {"hoc/35901", "hoc/24901"}
    assert not any(post.holders_known for post in bundle.posts)
    assert bundle.people == bundle.memberships == ()
    assert bundle.published == date(2024, 4, 23)


def test_provinces_have_french_names(ca: Folder) -> None:
    names = {area.code: area.names for area in load("ca", ca).areas if area.set == "ca-provinces"}
    assert names == {"ON": {"en": "Ontario", "fr": "Ontario"}, "QC": {"en": "Quebec", "fr": "Québec"}}


def test_a_postal_code_hints_at_provinces_and_never_at_a_riding(ca: Folder) -> None:
    table = load("ca", ca).postcodes
    assert (table.reach, table.area_set, table.format) == ("hint", "ca-provinces", "ca")
    assert list(table) == [
        ("K1A", (("ON", None), ("QC", None)), (-75.7, 45.4)),
        ("H2X", (("QC", None),), (-75.7, 45.4)),
    ]
    assert len(table.problems) == 0


def test_outlines_of_the_former_ridings_are_not_used(ca: Folder) -> None:
    ca.write("fed_2013_boundaries.geojson.gz", "{}")
    bundle = load("ca", ca)
    assert bundle.outlines == ()
    assert told(bundle.problems, "warning") == [
        (
            "fed_2013_boundaries.geojson.gz", None,
            "outlines of ridings that ended in April 2025; not used", "",
        )
    ]  # fmt: skip


def test_bad_sortation_areas_are_named(ca: Folder) -> None:
    wrong = ca.add("geonames_fsa.tsv", "CA\tD1A\tX\t\tON\t\t\t\t\t45\t-75\t6")
    nowhere = ca.add("geonames_fsa.tsv", "CA\tT1A\tX\t\tXX\t\t\t\t\t45\t-75\t6")
    short = ca.add("geonames_fsa.tsv", "CA\tT1B\tX")
    table = load("ca", ca).postcodes
    assert len(list(table)) == 2
    assert told(table.problems) == [
        ("geonames_fsa.tsv", wrong, "this is not a forward sortation area", "D1A"),
        ("geonames_fsa.tsv", nowhere, "the province is not known", "T1A: XX"),
        ("geonames_fsa.tsv", short, "the row has 3 columns, not 12", "CA"),
    ]


def test_bad_ridings_are_named(ca: Folder) -> None:
    odd = ca.add("fed_2023_names.csv", "3590,Short,Court,2023")
    far = ca.add("fed_2023_names.csv", "99001,Far,Loin,2023")
    lone = ca.add("fed_2023_names.csv", "35902,Lone,Seul,2023")
    old = ca.add(
        "ocd_federal_electoral_districts-2023.csv", "ocd-division/country:ca/ed:35903-2013,A,A,2015-10-19"
    )
    ca.add("ocd_federal_electoral_districts-2023.csv", "ocd-division/country:ca/ed:35904-2023,B,B,2024-04-23")
    bundle = load("ca", ca)
    assert told(bundle.problems) == [
        (
            "ocd_federal_electoral_districts-2023.csv", old, "this is not the identifier of a riding of 2023",
            "ocd-division/country:ca/ed:35903-2013",
        ),
        ("fed_2023_names.csv", odd, "this is not the number of a riding in a known province", "3590"),
        ("fed_2023_names.csv", far, "this is not the number of a riding in a known province", "99001"),
    ]  # fmt: skip
    assert told(bundle.problems, "warning") == [
        ("fed_2023_names.csv", lone, "the riding is not in ocd_federal_electoral_districts-2023.csv", "35902"),
        (
            "ocd_federal_electoral_districts-2023.csv", None,
            "the riding is not in fed_2023_names.csv; left out", "35904",
        ),
    ]  # fmt: skip


def test_names_that_differ_are_named_unless_only_typography_does(ca: Folder) -> None:
    ca.replace("fed_2023_names.csv", "Exemple-du-Lac", "Exemple du Lac")
    ca.replace(
        "ocd_federal_electoral_districts-2023.csv", "Mont-Exemple,Mont-Exemple", "Mont-Exemple ,Mount Example"
    )
    assert told(load("ca", ca).problems, "warning") == [
        (
            "ocd_federal_electoral_districts-2023.csv", 2,
            "the name differs from fed_2023_names.csv; that one is taken", "Exemple-du-Lac, not Exemple du Lac",
        ),
        (
            "ocd_federal_electoral_districts-2023.csv", 3,
            "the name differs from fed_2023_names.csv; that one is taken", "Mount Example, not Mont-Exemple",
        ),
    ]  # fmt: skip


def test_without_postal_codes_nothing_is_narrowed(ca: Folder) -> None:
    ca.remove("geonames_fsa.tsv")
    bundle = load("ca", ca)
    assert bundle.postcodes is None
    assert "missing" in told(bundle.problems, "warning")[0][2]


def test_without_ridings_nothing_is_loaded(ca: Folder) -> None:
    ca.remove("fed_2023_names.csv")
    with pytest.raises(UnreadableSource):
        load("ca", ca)
