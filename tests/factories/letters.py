"""Actions and their letters, in any state of their journey."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from amparo.actions.hand_over import documents
from amparo.actions.models import Action, ActionPage, HandOver, Message, MessageEvent
from amparo.kit import signing
from amparo.kit.ids import new_id
from amparo.supporters.models import Supporter
from tests.factories.moments import NOW
from tests.factories.people import a_supporter

_FORM_STATES = {Message.State.BY_FORM, Message.State.BY_FORM_DONE}
#: Letters in these are in a bundle, which is that far itself.
_HAND_OVER_STATES = {
    Message.State.BUNDLED: HandOver.State.PLANNED,
    Message.State.HANDED_OVER: HandOver.State.HANDED_OVER,
}


def an_action(
    page: ActionPage, *, supporter: Supporter | None = None, state=Action.State.CONFIRMED, now=NOW, **fields
) -> Action:
    """One supporter's action on `page`, confirmed unless told otherwise, without letters."""
    supporter = supporter or a_supporter(page.organization, now=now)
    fields.setdefault("confirmed_at", now if state == Action.State.CONFIRMED else None)
    return Action.objects.create(
        organization=page.organization,
        page=page,
        supporter=supporter,
        key=uuid4(),
        state=state,
        given_name=supporter.given_name,
        family_name=supporter.family_name,
        language=fields.pop("language", "en"),
        taken_at=now,
        **fields,
    )


def a_letter(
    page: ActionPage,
    *,
    state: str = Message.State.QUEUED,
    action: Action | None = None,
    target_key: str = "exa/minister/justice",
    target_name: str = "Tove Ek",
    now=NOW,
    **fields,
) -> Message:
    """One letter on `page` in `state`, with the columns that the state demands and one line in its journal."""
    if action is None:
        confirmed = Action.State.PENDING if state == Message.State.PENDING else Action.State.CONFIRMED
        email = f"{uuid4().hex[:12]}@supporters.example.net"
        action = an_action(
            page, supporter=a_supporter(page.organization, email=email, now=now), state=confirmed, now=now
        )
    if state in {Message.State.CLAIMED, Message.State.IN_FLIGHT}:
        fields.setdefault("claimed_by", uuid4())
        fields.setdefault("claimed_until", now + timedelta(minutes=10))
    if state in {Message.State.SENT, Message.State.BOUNCED}:
        fields.setdefault("sent_at", now)
    if state in {Message.State.SENT, Message.State.BOUNCED, Message.State.UNCERTAIN, Message.State.IN_FLIGHT}:
        fields.setdefault("sent_to", "minister@justice.example.org")
    if state in _FORM_STATES:
        fields.setdefault("form_url", "https://justice.example.org/contact")
    if "hand_over" not in fields:
        fields["hand_over"] = the_hand_over_of(
            page, state=state, target_key=target_key, target_name=target_name, now=now
        )
    message = Message.objects.create(
        id=fields.pop("id", new_id()),
        organization=page.organization,
        action=action,
        page=page,
        target_key=target_key,
        target_name=target_name,
        target_label=fields.pop("target_label", "Minister of Justice"),
        language=fields.pop("language", action.language),
        salutation=fields.pop("salutation", f"Dear {target_name}"),
        subject=fields.pop("subject", "Ilan Sarr: when will he see a judge?"),
        body=fields.pop("body", "Please ask when Ilan Sarr will see a judge."),
        closing=fields.pop("closing", f"Yours sincerely,\n\n{action.full_name}"),
        state=state,
        next_attempt_at=fields.pop("next_attempt_at", now),
        created_at=fields.pop("created_at", now),
        **fields,
    )
    MessageEvent.objects.create(message_id=message.pk, state=state, reason=message.reason, recorded_at=now)
    return message


def letters(page: ActionPage, count: int, **fields) -> list[Message]:
    """As many letters from as many supporters."""
    return [a_letter(page, **fields) for _number in range(count)]


def a_hand_over(page: ActionPage, *, state=HandOver.State.MADE, now=NOW, **fields) -> HandOver:
    """A bundle for one target, with a small document when its state says that it was made."""
    hand_over = HandOver(
        id=new_id(),
        organization=page.organization,
        page=page,
        target_key=fields.pop("target_key", "exa/minister/justice"),
        target_name=fields.pop("target_name", "Tove Ek"),
        target_label=fields.pop("target_label", "Minister of Justice"),
        way=fields.pop("way", HandOver.Way.BY_HAND),
        # One that is done with is never among the open ones, of which there is one, while its document is made.
        state=HandOver.State.PLANNED if state in HandOver.OPEN else HandOver.State.EMPTY,
        due_at=now,
        next_attempt_at=now,
        created_at=now,
        **fields,
    )
    hand_over.save()
    if state != HandOver.State.PLANNED:
        signature = signing.sign(documents.keep(hand_over=hand_over, content=b"%PDF-1.7 a small one"))
        hand_over.sha256, hand_over.signature = signature.sha256, signature.proof
        hand_over.state, hand_over.made_at, hand_over.size, hand_over.letters = state, now, 20, 1
        hand_over.sent_at = now if state in HandOver.ARRIVED else None
        hand_over.save()
    return hand_over


def the_hand_over_of(page: ActionPage, *, state: str, target_key: str, now=NOW, **fields) -> HandOver | None:
    """The bundle that a letter in `state` must be in; None where it must be in none. Only one to a target is open."""
    if state not in _HAND_OVER_STATES:
        return None
    wanted = _HAND_OVER_STATES[state]
    same = HandOver.objects.filter(page=page, target_key=target_key, state=wanted).first()
    return same or a_hand_over(page, state=wanted, target_key=target_key, now=now, **fields)


def an_action_with_letters(page: ActionPage, *, states=("queued", "sent"), now=NOW, **fields) -> Action:
    """One confirmed action with one letter in each of `states`, each to another target."""
    action = an_action(page, now=now, **fields)
    for number, state in enumerate(states):
        a_letter(page, action=action, state=state, target_key=f"exa/assembly/A{number:02}", now=now)
    return action
