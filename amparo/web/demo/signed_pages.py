"""The demonstration's petition and open letter, with a few names under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.actions import confirming, taking
from amparo.actions.models import (
    Action,
    ActionPage,
    OpenLetterPage,
    PetitionPage,
    Signatory,
    Signature,
    SignedPage,
)
from amparo.actions.models.action_page import Demand
from amparo.actions.signatures import signing
from amparo.kit.ids import new_id
from amparo.mailings.models import Notice
from amparo.web.demo.pages import paragraphs

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.content.models import Campaign, CreditedImage, HomePage
    from amparo.web.demo.texts import Days


def add_petition(home: HomePage, words: dict[str, Any], *, campaign: Campaign, now: datetime) -> None:
    """The petition, live, signed by a few who want to be seen."""
    page = PetitionPage(addressee=words["addressee"], goal=250, **_least(words, campaign=campaign))
    page.body = [("heading", words["heading"]), *paragraphs(words["paragraphs"])]
    _publish(page, home, words)
    for number, person in enumerate(words["signed"]):
        _sign(page, dict(person), number=number, now=now)


def add_open_letter(
    home: HomePage, words: dict[str, Any], days: Days, *, campaign: Campaign, portrait: CreditedImage | None
) -> None:
    """The open letter, live, with the hearing it is about."""
    page = OpenLetterPage(
        addressee_office=words["addressee_office"],
        place=words["place"],
        dated=days.today,
        salutation=words["salutation"],
        demands_lead=words["demands_lead"],
        closing=words["closing"],
        portrait=portrait,
        deadline=days.hearing,
        deadline_label=words["deadline_label"],
        hard_stop=days.last_letter,
        takes_organizations=True,
        **_least(words, campaign=campaign),
    )
    page.letter = paragraphs(words["letter"])
    page.closing_text = paragraphs(words["closing_text"])
    _publish(page, home, words)


def _least(words: dict[str, Any], *, campaign: Campaign) -> dict[str, Any]:
    names = ("title", "slug", "standfirst", "thank_you", "share_text")
    return {"campaign": campaign, **{name: words[name] for name in names}}


def _publish(page: SignedPage, home: HomePage, words: dict[str, Any]) -> None:
    page.demand_list = [Demand(text=text, sort_order=number) for number, text in enumerate(words["demands"])]
    page.signatories = [
        Signatory(sort_order=number, **signatory) for number, signatory in enumerate(words["signatory"])
    ]
    home.add_child(instance=page)
    page.save_revision().publish()


def _sign(page: ActionPage, person: dict[str, Any], *, number: int, now: datetime) -> None:
    """One name, by the verbs that take any signature; the comment looked at, as staff would."""
    key = new_id()
    given_name, family_name = person.pop("given_name"), person.pop("family_name")
    who = taking.Person(
        email=f"signer{number}@people.example", given_name=given_name, family_name=family_name
    )
    deed = taking.Deed(
        key=key,
        person=who,
        consents={},
        source=page.url or "",
        beside=signing.beside(signing.Wishes(**person)),
    )
    taking.take(page=page, deed=deed, now=now)
    action = Action.objects.get(key=key)
    assert action.confirmation_id is not None
    confirming.confirm(token=confirming.link_for(action.confirmation_id), now=now)
    # Nobody reads the mailboxes of these people, and what they would be asked is answered.
    Notice.objects.filter(subject_id=action.confirmation_id).delete()
    signature = Signature.objects.get(action=action)
    if signature.approval == Signature.Approval.WAITING:
        signing.decide(signature=signature, show=True, by=None, now=now)
