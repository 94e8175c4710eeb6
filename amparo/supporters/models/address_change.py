from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.supporter import Supporter

if TYPE_CHECKING:
    from datetime import datetime


class AddressChangeQuerySet(TenantQuerySet["AddressChange"]):
    def waiting(self, *, now: datetime) -> Self:
        """Those that can still be confirmed."""
        return self.filter(closed_at__isnull=True, expires_at__gt=now)


class AddressChange(models.Model):
    """A supporter's wish to be written to at another address, which counts once it is confirmed from there.

    It holds the new address only while it waits: confirmed, taken back or run out, what is left is when.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="address_changes")
    email = SealedTextField(null=True)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supporter"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_address_change_per_supporter",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(email__isnull=True),
                name="a_closed_address_change_holds_no_address",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) | models.Q(closed_at__isnull=False),
                name="a_confirmed_address_change_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"address change {self.pk}"


class LinkRequest(models.Model):
    """Somebody typed an address and asked for the link to its preference centre.

    It is written for every address alike, known or not, so that the answer can tell nothing; whose it is is looked
    up in the background. The unique row is the cap, one mail a day; it does not reach across organizations, or somebody
    could use up a day by asking where the address is unknown. The mark is keyed, and the address goes as soon as it was
    looked up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    email = SealedTextField(null=True)
    address_mark = FingerprintField(editable=False)
    day = models.DateField(db_index=True)
    language = models.CharField(max_length=10)
    requested_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "address_mark", "day"],
                name="one_link_per_address_organization_and_day",
            ),
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True) | models.Q(email__isnull=True),
                name="a_handled_link_request_holds_no_address",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="link_requests_waiting",
                condition=models.Q(handled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"link request {self.pk}"
