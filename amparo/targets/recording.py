"""The records of a source as rows of one dataset, written in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets.models import (
    Area,
    AreaSet,
    ContactPoint,
    Dataset,
    Legislature,
    Membership,
    Person,
    Post,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amparo.targets.progress import Progress
    from amparo.targets.records import PostRecord, SourceBundle

#: Rows in one INSERT.
BATCH = 500

#: The longest target key, which other tables keep: slug, post and, where a post has many seats, the person.
LONGEST_KEY = 140


class UnfitRecord(Refusal):
    """A record does not fit its column, on any database: nothing is loaded."""

    sentence = _("The %(field)s of %(record)s is longer than %(most)s characters; nothing was loaded.")


class _Rows:
    """The rows made so far of everything that others refer to."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.area_sets: dict[str, AreaSet] = {}
        self.areas: dict[tuple[str, str], Area] = {}
        self.legislatures: dict[str, Legislature] = {}
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.memberships: dict[str, Membership] = {}


def record_bundle(bundle: SourceBundle, *, dataset: Dataset, progress: Progress) -> None:
    """Write everything but the large tables. Raises `UnfitRecord`."""
    rows = _Rows(dataset)
    _refuse_long_keys(bundle)
    rows.area_sets = {record.code: _area_set(rows, record) for record in bundle.area_sets}
    rows.areas = {record.key: _area(rows, record) for record in bundle.areas}
    rows.legislatures = {record.code: _legislature(rows, record) for record in bundle.legislatures}
    rows.people = {record.code: _person(rows, record) for record in bundle.people}
    rows.posts = {record.code: _post(rows, record) for record in bundle.posts}
    rows.memberships = {record.code: _membership(rows, record) for record in bundle.memberships}
    contacts = [_contact(rows, record, position) for position, record in enumerate(bundle.contacts)]
    kept: Mapping[str, Iterable[models.Model]] = {
        "area sets": rows.area_sets.values(),
        "areas": rows.areas.values(),
        "legislatures": rows.legislatures.values(),
        "people": rows.people.values(),
        "posts": rows.posts.values(),
        "memberships": rows.memberships.values(),
        "contacts": contacts,
    }
    for step, made in kept.items():
        _insert(list(made), step=step, progress=progress)


def _insert(made: list[Any], *, step: str, progress: Progress) -> None:
    if not made:
        return
    _refuse_long_texts(made)
    type(made[0])._default_manager.bulk_create(made, batch_size=BATCH)
    progress(step, len(made))


def _refuse_long_texts(made: list[models.Model]) -> None:
    """SQLite would keep what PostgreSQL refuses: both refuse, with a sentence, before anything is written."""
    limits = [
        (field, field.max_length) for field in made[0]._meta.fields if isinstance(field, models.CharField)
    ]
    for row in made:
        for field, most in limits:
            if most is not None and len(getattr(row, field.attname)) > most:
                raise UnfitRecord(field=field.verbose_name, record=str(row)[:80], most=most)


def _refuse_long_keys(bundle: SourceBundle) -> None:
    seats = {post.code: post for post in bundle.posts if post.seats > 1}
    keys = [f"{bundle.slug}/{record.code}" for record in bundle.memberships if record.post in seats]
    for key in keys:
        if len(key) > LONGEST_KEY:
            raise UnfitRecord(field="key", record=key[:80], most=LONGEST_KEY)


def _area_set(rows: _Rows, record: Any) -> AreaSet:
    return AreaSet(
        dataset=rows.dataset, code=record.code, name=record.name, role=record.role, valid_from=record.valid_from,
        valid_until=record.valid_until, source=record.source, licence=record.licence, crs=record.crs or "",
    )  # fmt: skip


def _area(rows: _Rows, record: Any) -> Area:
    parent_set, parent = record.parent or ("", "")
    return Area(
        dataset=rows.dataset, area_set=rows.area_sets[record.set], code=record.code, name=record.name,
        names=dict(record.names), identifiers=dict(record.identifiers), classification=record.classification,
        parent_set_code=parent_set, parent_code=parent,
    )  # fmt: skip


def _legislature(rows: _Rows, record: Any) -> Legislature:
    return Legislature(
        dataset=rows.dataset, code=record.code, name=record.name, names=dict(record.names), state=record.state,
        since=record.since, area_set_code=record.area_set or "", post_noun=record.post_noun,
    )  # fmt: skip


def _person(rows: _Rows, record: Any) -> Person:
    return Person(
        dataset=rows.dataset, code=record.code, name=record.name, given_name=record.given_name,
        family_name=record.family_name, honorific_prefix=record.honorific_prefix,
        honorific_suffix=record.honorific_suffix, gender=record.gender or "", identifiers=dict(record.identifiers),
        languages=list(record.languages), salutations=dict(record.salutations),
    )  # fmt: skip


def _post(rows: _Rows, record: PostRecord) -> Post:
    return Post(
        dataset=rows.dataset, code=record.code, label=record.label, role=record.role, kind=record.kind,
        legislature=rows.legislatures[record.legislature] if record.legislature else None,
        organization_name=record.organization_name, area=rows.areas[record.area] if record.area else None,
        office=record.office, holders_known=record.holders_known, rank=record.rank, seats=record.seats,
    )  # fmt: skip


def _membership(rows: _Rows, record: Any) -> Membership:
    return Membership(
        dataset=rows.dataset, post=rows.posts[record.post], person=rows.people[record.person],
        status=record.status, party=record.party, party_name=record.party_name, start=record.start, end=record.end,
        note=record.note, flags=list(record.flags),
    )  # fmt: skip


def _contact(rows: _Rows, record: Any, position: int) -> ContactPoint:
    holders: dict[str, dict[str, Any]] = {
        "person": rows.people, "post": rows.posts, "membership": rows.memberships,
    }  # fmt: skip
    return ContactPoint(
        dataset=rows.dataset, position=position, type=record.type, value=record.value, note=record.note,
        accepts=record.accepts, requires=list(record.requires), office=record.office,
        verified_on=record.verified_on, **{record.holder_kind: holders[record.holder_kind][record.holder]},
    )  # fmt: skip
