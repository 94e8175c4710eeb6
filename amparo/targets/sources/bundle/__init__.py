"""The generic bundle: any country's targets in a folder or a zip of plain files.

`docs/extend/target-bundle.md` describes the files and ends in a small bundle that a test loads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.targets.files import SourceFiles
from amparo.targets.gathering import Gathering
from amparo.targets.registry import register_source
from amparo.targets.sources.bundle.areas import add_areas
from amparo.targets.sources.bundle.holders import add_memberships, add_people
from amparo.targets.sources.bundle.manifest import read_manifest
from amparo.targets.sources.bundle.offices import add_posts, read_organizations
from amparo.targets.sources.bundle.places import outline_rows, postcode_rows

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from amparo.targets.records import SourceBundle


@register_source("bundle", title="A bundle: any country, in the format of docs/extend/target-bundle.md")
def read(path: Path, *, today: date) -> SourceBundle:
    """Read the folder or zip. Memberships and contacts count when they run on `today`."""
    files = SourceFiles(path)
    gathering = Gathering()
    manifest = read_manifest(gathering, files)
    add_areas(gathering, files)
    organizations = read_organizations(gathering, files)
    add_people(gathering, files, today=today)
    add_posts(gathering, files, organizations, today=today)
    add_memberships(gathering, files, organizations, today=today)
    postcodes = postcode_rows(gathering, files, manifest)
    return gathering.bundle(
        files,
        slug=manifest.slug,
        country=manifest.country,
        title=manifest.title,
        description=manifest.source,
        licence=manifest.licence,
        published=manifest.published,
        credits=manifest.credits,
        postcodes=postcodes,
        outlines=outline_rows(gathering, files),
    )
