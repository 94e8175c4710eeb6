"""Targets that an organization types in by hand: an office, who holds it, and where letters to it go.

They lie in a dataset of the organization's own, which nobody else can find, write to or see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from amparo.accounts import audit
from amparo.kit.ids import new_id
from amparo.targets import current
from amparo.targets.contacting import UnfitContact
from amparo.targets.contacts import EMAIL
from amparo.targets.models import ActiveDataset, ContactPoint, Dataset, Membership, Person, Post

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: As much of an office's name as its key repeats.
LONGEST_CODE = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """What is typed. Without a holder the office is vacant; without an address nobody can write to it."""

    label: str
    holder: str = ""
    salutation: str = ""
    email: str = ""


@transaction.atomic
def enter(*, organization: Organization, entry: Entry, by: User, now: datetime) -> Post:
    """A new office of this organization's own. Raises `UnfitContact`."""
    _refuse_unfit(entry)
    dataset = _dataset_of(organization, now=now)
    post = Post.objects.create(
        dataset=dataset, code=_free_code(dataset, entry.label), label=entry.label, kind=Post.Kind.OTHER
    )
    _fill(post, entry, language=organization.locale, now=now)
    _note("entered target", post, dataset, by=by, now=now)
    return post


@transaction.atomic
def amend(*, post: Post, entry: Entry, by: User, now: datetime) -> Post:
    """The same office, differently; its key stays, so pages that write to it go on. Raises `UnfitContact`."""
    _refuse_unfit(entry)
    dataset = post.dataset
    assert dataset.organization is not None
    Post.objects.filter(pk=post.pk).update(label=entry.label)
    Person.objects.filter(memberships__post=post).delete()
    post.contacts.all().delete()
    _fill(post, entry, language=dataset.organization.locale, now=now)
    _note("amended target", post, dataset, by=by, now=now)
    return post


@transaction.atomic
def strike(*, post: Post, by: User, now: datetime) -> None:
    """Remove an office. Letters that still wait for it are held."""
    dataset = post.dataset
    Person.objects.filter(memberships__post=post).delete()
    gone = Post(pk=post.pk, code=post.code, dataset=dataset)
    post.delete()
    _note("struck target", gone, dataset, by=by, now=now)


def entry_of(post: Post) -> Entry:
    """What was typed last."""
    membership = post.memberships.select_related("person").first()
    contact = post.contacts.filter(type=ContactPoint.Type.EMAIL).first()
    return Entry(
        label=post.label,
        holder=membership.person.name if membership else "",
        salutation=next(iter(membership.person.salutations.values()), "") if membership else "",
        email=contact.value if contact else "",
    )


def _dataset_of(organization: Organization, *, now: datetime) -> Dataset:
    """The organization's own list, made and put to use on first need."""
    slug = own_slug(organization)
    dataset, _made = Dataset.objects.get_or_create(
        slug=slug,
        version=1,
        defaults={
            "organization": organization,
            "title": _("%(organization)s: entered by hand") % {"organization": organization.name},
            "input_hash": "",
            "by_hand": True,
            "staged_at": now,
        },
    )
    ActiveDataset.objects.get_or_create(slug=slug, defaults={"dataset": dataset, "activated_at": now})
    return dataset


def own_slug(organization: Organization) -> str:
    """The first part of the keys of what this organization typed in; unlike any country's."""
    return f"own-{organization.slug[:23].rstrip('-')}-{organization.pk.hex[-12:]}"


def _free_code(dataset: Dataset, label: str) -> str:
    wanted = slugify(label)[:LONGEST_CODE].strip("-") or "office"
    taken = set(dataset.posts.values_list("code", flat=True))
    number = 1
    while (code := wanted if number == 1 else f"{wanted}-{number}") in taken:
        number += 1
    return code


def _refuse_unfit(entry: Entry) -> None:
    if entry.email and EMAIL.fullmatch(entry.email) is None:
        raise UnfitContact(value=entry.email)


def _fill(post: Post, entry: Entry, *, language: str, now: datetime) -> None:
    """The holder and the address; an address just typed counts as verified today."""
    if entry.holder:
        person = Person.objects.create(
            dataset=post.dataset,
            code=str(new_id()),
            name=entry.holder,
            salutations={language: entry.salutation} if entry.salutation else {},
        )
        Membership.objects.create(
            dataset=post.dataset, post=post, person=person, status=Membership.Status.APPOINTED
        )
    if entry.email:
        ContactPoint.objects.create(
            dataset=post.dataset,
            post=post,
            type=ContactPoint.Type.EMAIL,
            value=entry.email,
            verified_on=now.date(),
        )


def _note(verb: str, subject: Model, dataset: Dataset, *, by: User, now: datetime) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(changed_at=now, counts={"posts": dataset.posts.count()})
    audit.record(
        verb=verb, subject=subject, by=by, organization=dataset.organization, now=now,
        details={"target": f"{dataset.slug}/{getattr(subject, 'code', '')}"},
    )  # fmt: skip
    transaction.on_commit(lambda: current.forget(dataset.slug))
