"""Petitions and open letters, and signatures under them."""

from __future__ import annotations

from uuid import uuid4

from amparo.actions import confirming, counting, taking
from amparo.actions.hand_over import documents
from amparo.actions.models import (
    Action,
    HandOver,
    NamesBundle,
    OpenLetterPage,
    PetitionPage,
    Signatory,
    Signature,
)
from amparo.actions.signatures import signing
from amparo.kit import signing as signatures
from amparo.organizations.models import Organization
from tests.factories.moments import NOW
from tests.factories.pages import a_campaign, a_site


def a_petition(
    organization: Organization, *, demands=("Bring Ilan before a judge.",), **fields
) -> PetitionPage:
    """A live petition to the Minister of Justice; `fields` are those of `PetitionPage`."""
    fields.setdefault("title", "A judge for Ilan Sarr")
    fields.setdefault("addressee", "Minister of Justice")
    return _publish(PetitionPage(**_defaults(organization, fields)), organization, demands=demands)


def an_open_letter(
    organization: Organization, *, demands=("Let a doctor see him.", "Bring him before a judge."), **fields
) -> OpenLetterPage:
    """A live open letter with two demands and two first signatories."""
    fields.setdefault("title", "An open letter to the Minister of Justice")
    fields.setdefault("addressee_name", "The Honourable Edda Moss")
    fields.setdefault("addressee_office", "Minister of Justice of Brennland")
    fields.setdefault("salutation", "Dear Minister")
    fields.setdefault(
        "letter", [("paragraph", "<p>Ilan Sarr has been held since March without a charge.</p>")]
    )
    fields.setdefault("demands_lead", "We ask you to")
    fields.setdefault("closing", "Yours sincerely")
    page = OpenLetterPage(**_defaults(organization, fields))
    page.signatories = [
        Signatory(name="Ona Veld", role="Chair", represents="Open Doors"),
        Signatory(name="The Printers' Union of Brennick"),
    ]
    return _publish(page, organization, demands=demands)


def sign(
    page,
    given_name="Suzie",
    family_name="Kowal",
    *,
    email="",
    confirm=True,
    version=None,
    country="",
    area="",
    consents=None,
    now=NOW,
    **wishes,
) -> Action:
    """A signature, confirmed from the mailbox unless told otherwise."""
    key = uuid4()
    deed = taking.Deed(
        key=key,
        person=taking.Person(
            email=email or f"{given_name}@supporters.example.net".lower(),
            given_name=given_name,
            family_name=family_name,
            country=country,
            area=area,
        ),
        consents=consents or {},
        source=page.url or "",
        beside=signing.beside(signing.Wishes(**wishes), version=version),
    )
    taking.take(page=page, deed=deed, now=now)
    action = Action.objects.get(key=key)
    if confirm:
        confirming.confirm(token=confirming.link_for(action.confirmation_id), now=now)
        action.refresh_from_db()
    return action


def counted(page, *, now=NOW):
    """The page with its counter brought up to date, as a reader would find it."""
    counting.count_waiting()
    counting.count_page(page.pk, now=now)
    return type(page).objects.get(pk=page.pk)


def approve(action: Action, *, by, now=NOW) -> None:
    signing.decide(signature=Signature.objects.get(action=action), show=True, by=by, now=now)


def _defaults(organization, fields):
    fields.setdefault("standfirst", "Ilan Sarr, a printer, has been held without trial since 3 March.")
    fields.setdefault("campaign", a_campaign(organization))
    return fields


def _publish(page, organization, *, demands):
    from amparo.actions.models import Demand

    page.demand_list = [Demand(text=text) for text in demands]
    a_site(organization).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def a_names_hand_over(page, *, office="Minister of Justice", by=None, made=True, now=NOW) -> HandOver:
    """A hand-over of the page's names to somebody who is no target: proposed, or with a small document and table."""
    hand_over = HandOver.objects.create(
        organization=page.organization,
        page_id=page.pk,
        of=HandOver.Of.NAMES,
        target_key=f"free/{office}",
        target_label=office,
        way=HandOver.Way.BY_HAND,
        state=HandOver.State.PROPOSED,
        due_at=now,
        next_attempt_at=now,
        proposed_by=by,
        created_at=now,
    )
    NamesBundle.objects.create(hand_over=hand_over, organization=page.organization)
    if made:
        files = {}
        for file in ("pdf", "csv"):
            keeper = documents.Keeper(hand_over, file=file)
            keeper.write(b"%PDF-1.7 a small one")
            files[file] = signatures.sign(keeper.close().sha256)
        NamesBundle.objects.filter(hand_over=hand_over).update(
            table_size=20, table_sha256=files["csv"].sha256, table_signature=files["csv"].proof
        )
        hand_over.sha256, hand_over.signature = files["pdf"].sha256, files["pdf"].proof
        hand_over.state, hand_over.agreed_at, hand_over.made_at = HandOver.State.MADE, now, now
        hand_over.size, hand_over.letters = 20, 1
        hand_over.save()
    return HandOver.objects.select_related("names").get(pk=hand_over.pk)
