"""How allauth behaves here: staff are appointed, nobody signs up, and secrets of second factors are sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from amparo.accounts import second_factor_seal

if TYPE_CHECKING:
    from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Closed: an administrator appoints staff."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return second_factor_seal.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """A secret as it is used."""
        return second_factor_seal.unseal(encrypted_text)
