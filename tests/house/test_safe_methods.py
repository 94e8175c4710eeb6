"""Guarantee S13: machines open links. No GET, HEAD or OPTIONS changes anything, whoever asks."""

from __future__ import annotations

import hashlib

import pytest
from django.apps import apps
from django.utils import timezone

from amparo.actions import confirming, taking
from amparo.actions.models import Confirmation
from amparo.kit import tokens
from amparo.supporters import changing_address, linking
from amparo.supporters.models import AddressChange
from tests.factories.deeds import a_deed
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


def checksum():
    """One number over every row of ours."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model.__module__.startswith("amparo."):
            for row in model._default_manager.order_by("pk").values_list():
                digest.update(repr(row).encode())
    return digest.hexdigest()


@pytest.fixture
def links():
    page = an_email_page(an_organization())
    taking.take(page=page, deed=a_deed(), now=timezone.now())
    waiting = confirming.link_for(Confirmation.objects.get().pk)
    taking.take(page=page, deed=a_deed(email="amina@example.org"), now=timezone.now())
    used = Confirmation.objects.exclude(pk=Confirmation.objects.order_by("pk")[0].pk).get()
    confirming.confirm(token=confirming.link_for(used.pk), now=timezone.now())
    action = used.actions.get()
    changing_address.request_change(
        supporter=action.supporter, email="amina.new@example.org", now=timezone.now()
    )
    change = AddressChange.objects.get()
    me = tokens.make(linking.ME, action.supporter_id)
    return [
        "/me/",
        "/me/?asked",
        "/me/erased/",
        f"/me/{me}/",
        f"/me/{me}/?done=stopped&deed=stop",
        f"/me/{me}/data/?as=json",
        f"/me/{me}/erase/?deed=erase",
        f"/me/address/{changing_address.token_for(change)}/",
        f"/unsubscribe/{tokens.make(linking.UNSUBSCRIBE, action.supporter_id)}/?List-Unsubscribe=One-Click",
        page.url,
        "/",
        f"/confirm/{waiting}/",
        f"/confirm/{confirming.link_for(used.pk)}/",
        f"/letters/{confirming.status_link_for(action.pk)}/",
        "/proof/",
        "/targets/find/uk/",
        "/targets/mistake/exa/minister/justice/",
    ]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_that_opens_every_link_changes_nothing(client, links, method):
    before = checksum()

    for link in links:
        for _time in range(2):
            getattr(client, method)(link)

    assert checksum() == before


def test_the_checksum_sees_a_change(links):
    before = checksum()
    Confirmation.objects.filter(closed_at__isnull=True).update(closed_at=timezone.now())
    assert checksum() != before
