"""The way through "write to your representative": one thing per page, nothing kept here until the letter is taken.

What was answered travels from page to page in hidden inputs and is checked anew on each, so that Back, two tabs and a
browser that was closed cost nothing. Who the letter goes to is never believed: it is found again every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.utils.translation import get_language

from amparo.actions import addressing, attribution, drafting, similarity, writing
from amparo.actions.addressing import Addressee, Addressing
from amparo.actions.forms import DetailsForm, LetterForm, StandardForm
from amparo.actions.taking import Deed, Letter, Person
from amparo.kit.ids import new_id
from amparo.supporters import wordings
from amparo.targets import finding

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict

    from amparo.actions.models import AddressedPage, EmailTargetPage
    from amparo.supporters.models import ConsentWording


@dataclass(frozen=True)
class AddressedJourney:
    """The way of one reader through a page that is addressed to targets, as far as the form that just came in tells."""

    page: AddressedPage
    posted: QueryDict
    now: datetime
    #: By which means this page reaches its targets.
    way: ClassVar[addressing.Way] = addressing.WRITTEN

    @cached_property
    def details(self) -> StandardForm:
        """What has to be known before the targets are."""
        raise NotImplementedError

    @cached_property
    def language(self) -> str:
        return get_language() or "en"

    @cached_property
    def key(self) -> UUID:
        """The form's own key: the one it carries, or a new one on the first step."""
        try:
            return UUID(self.posted.get("key", ""))
        except ValueError:
            return new_id()

    @cached_property
    def area(self) -> str:
        """The supporter's own answer to a postcode that lies in several areas."""
        return (self.posted.get("choice") or self.posted.get("area", ""))[:60]

    @cached_property
    def fallback(self) -> str:
        return self.posted.get("fallback", "")[:140]

    @cached_property
    def anyway(self) -> bool:
        """Whether the reader turns to somebody who agrees already, all the same."""
        return bool(self.posted.get("anyway"))

    @cached_property
    def addressing(self) -> Addressing:
        """Whom it goes to; only for valid details."""
        return addressing.address(
            page=self.page,
            postal_code=self.details.cleaned_data.get("postal_code", ""),
            area=self.area,
            fallback=self.fallback,
            language=self.language,
            now=self.now,
            way=self.way,
            anyway=self.anyway,
        )

    @property
    def addressees(self) -> Sequence[Addressee]:
        return self.addressing.addressees

    def carried(self, *more: tuple[str, str]) -> list[tuple[str, str]]:
        """The answers so far, for the next page's hidden inputs."""
        answers = [
            (name, value)
            for name, value in (
                ("area", self.area),
                ("fallback", self.fallback),
                ("anyway", "1" if self.anyway else ""),
            )
            if value
        ]
        return self.details.carried() + answers + list(more)


@dataclass(frozen=True)
class Journey(AddressedJourney):
    """One supporter's way through "write to your representative"."""

    page: EmailTargetPage

    @cached_property
    def details(self) -> DetailsForm:
        return DetailsForm(self.posted, postcode_format=postcode_format_of(self.page))

    @cached_property
    def full_name(self) -> str:
        given, family = self.details.cleaned_data["given_name"], self.details.cleaned_data["family_name"]
        return f"{given} {family}".strip()

    @cached_property
    def draft(self) -> drafting.Draft:
        return drafting.draft(
            page=self.page,
            targets=[addressee.target for addressee in self.addressees],
            my_name=self.full_name,
            key=self.key,
            thanks=self.addressing.is_thanks,
            now=self.now,
        )

    @cached_property
    def needs_address(self) -> bool:
        return any("postal_address" in addressee.target.requires for addressee in self.addressing.by_mail)

    @cached_property
    def consents(self) -> list[ConsentWording]:
        return wordings.questions(organization=self.page.organization, language=self.language)

    @cached_property
    def disclosure(self) -> ConsentWording:
        """What pressing "send" means."""
        return wordings.disclosure(organization=self.page.organization, language=self.language)

    def letter_form(self, *, bound: bool, ask_consent: bool = True) -> LetterForm:
        """The letter as posted, or as drafted when it was not written yet."""
        return LetterForm(
            self.posted if bound else None,
            initial={"subject": self.draft.subject, "body": self.draft.body},
            reasons=self._reasons,
            shortest=self.page.shortest,
            longest=self.page.longest,
            needs_address=self.needs_address,
            consents=self.consents,
            ask_consent=ask_consent,
        )

    @property
    def _reasons(self) -> list[tuple[str, str]]:
        """What may be added to press somebody; nothing to whoever is thanked."""
        if self.addressing.is_thanks:
            return []
        return [(str(block.value["sentence"]), str(block.value["label"])) for block in self.page.reasons]

    def own_words(self, body: str) -> int:
        return similarity.own_words(body, draft=self.draft.body)

    def closing_for(self, addressee: Addressee, form: LetterForm | None) -> str:
        """The locked end of the letter to one target; with the address only where the office asks for it."""
        asks = "postal_address" in addressee.target.requires
        return writing.closing(
            formula=writing.with_comma(addressee.target.closing(self.language), language=self.language),
            full_name=self.full_name,
            postal_address=form.postal_address() if form is not None and asks else "",
            postal_code=self.details.cleaned_data.get("postal_code", "") if asks else "",
        )

    def letters(self, form: LetterForm) -> list[Letter]:
        """One letter for each target, exactly as it will leave."""
        body = drafting.add_reasons(form.cleaned_data["body"], form.cleaned_data.get("reasons", []))
        return [
            Letter(
                target_key=addressee.target.key,
                target_name=addressee.target.holder,
                target_label=addressee.target.label,
                dataset_label=addressee.target.dataset,
                evidence=addressee.evidence,
                salutation=writing.greeting(addressee.target, language=self.language),
                subject=form.cleaned_data["subject"],
                body=body,
                closing=self.closing_for(addressee, form),
                by_form=addressee.target.channel == "form",
                form_url=addressee.target.form_url if addressee.target.channel == "form" else "",
            )
            for addressee in self.addressees
        ]

    def deed(self, form: LetterForm, *, source: str) -> Deed:
        """Everything that is stored when the supporter presses "send"."""
        areas = [addressee.target.area_code for addressee in self.addressees if addressee.target.area_code]
        person = Person(
            given_name=self.details.cleaned_data["given_name"],
            family_name=self.details.cleaned_data["family_name"],
            email=self.details.cleaned_data["email"],
            postal_code=self.details.cleaned_data.get("postal_code", ""),
            postal_address=form.postal_address(),
            language=self.language,
            area=f"{self.page.dataset_slug}/{areas[0]}" if areas else "",
        )
        letters = self.letters(form)
        return Deed(
            key=self.key,
            person=person,
            letters=letters,
            consents=form.consent_answers() | ({self.disclosure.pk: True} if self.addressing.by_mail else {}),
            own_words=self.own_words(letters[0].body) if letters else 0,
            source=source,
            via=attribution.via_of(self.posted),
        )


def postcode_format_of(page: AddressedPage) -> str:
    """Whose postcodes the page asks for; empty when every target is a named post."""
    if not page.legislatures:
        return ""
    return finding.postcode_format(slug=page.dataset_slug)
