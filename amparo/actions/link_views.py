"""What the links in our mails open: confirm, and what became of my letters. Opening changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from amparo.actions import confirming, showing, writing
from amparo.actions.followers import following
from amparo.actions.models import Action, Confirmation, Message
from amparo.kit import proof_of_work
from amparo.kit.refusal import Refusal
from amparo.supporters.models import ConsentWording, Purpose

if TYPE_CHECKING:
    from uuid import UUID


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what would be confirmed and changes nothing; POST confirms it."""
    now = timezone.now()
    try:
        if request.method == "POST":
            return _show_confirmed(request, confirming.confirm(token=token, now=now))
        confirmation = confirming.look_up(token=token, now=now)
    except confirming.LinkExpired as refusal:
        return _expired(request, refusal)
    if confirmation.used_at is not None:
        return _show_confirmed(request, confirmation)
    actions, followings = confirming.waiting_actions(confirmation), following.waiting_at(confirmation)
    context = {
        "step_url": request.path,
        "words": confirming.words_of(actions, followings=len(followings)),
        "waiting": [
            {
                "template": action.page.specific_class.waiting_template,
                "page": action.page,
                "agreed": _agreed(action),
                "letters": _letters(action),
            }
            for action in actions
        ]
        + [
            {
                "template": "actions/_waiting_case.html",
                "title": following.heading(one.case, today=now.date()),
                "agreed": [one.words],
            }
            for one in followings
        ],
    }
    return render(request, "actions/confirm.html", context)


def _letters(action: Action) -> list[dict[str, Any]]:
    return [
        {
            "target": state.target,
            "subject": state.subject,
            "text": _whole(message),
            "page": message.page,
            "written": message.created_at,
        }
        for message, state in _with_states(action.pk)
    ]


def _agreed(action: Action) -> list[str]:
    """The questions that were answered with yes, in their exact words."""
    granted = [pk for pk, yes in action.consent_answers.items() if yes]
    wordings = ConsentWording.objects.for_organization(action.organization).filter(pk__in=granted)
    return list(wordings.exclude(purpose=Purpose.DISCLOSURE).values_list("text", flat=True))


def _show_confirmed(request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
    actions = confirming.thanked_for(confirmation)
    if not actions and following.begun_at(confirmation):
        context: dict[str, Any] = {"name": "", "thank_you": following.words().thanks, "share": None}
        return render(request, "actions/confirmed.html", context)
    if not actions:
        return _expired(request, confirming.LinkExpired())
    page = actions[-1].page
    found = _with_states(*[action.pk for action in actions])
    letters = [state for _message, state in found]
    written = {message.action_id for message, _state in found}
    status_of = next((action for action in reversed(actions) if action.pk in written), None)
    context = {
        "name": actions[-1].given_name or "",
        "letters": letters,
        "thank_you": page.thank_you or page.specific_class.words().thanks,
        "status_url": status_of and reverse("letters", args=[confirming.status_link_for(status_of.pk)]),
        "share": showing.share_of(page),
        # The counter is a few seconds behind, and would not yet hold the letter that was just confirmed.
        "tally": None,
    }
    return render(request, "actions/confirmed.html", context)


@never_cache
@require_safe
def letters(request: HttpRequest, token: str) -> HttpResponse:
    """What did I send, and what became of it?"""
    try:
        action = confirming.action_behind(token=token)
    except confirming.LinkExpired as refusal:
        return _expired(request, refusal)
    states = [state for _message, state in _with_states(action.pk)]
    context = {"name": action.given_name or "", "letters": states, "share": showing.share_of(action.page)}
    return render(request, "actions/status.html", context)


def _with_states(*action_ids: UUID) -> list[tuple[Message, showing.LetterState]]:
    """The letters of these actions, action by action, with what became of each."""
    rows = Message.objects.filter(action__in=action_ids).select_related("page").order_by("created_at", "pk")
    messages = sorted(rows, key=lambda message: action_ids.index(message.action_id))
    return list(zip(messages, showing.letter_states(messages), strict=True))


def _whole(message: Message) -> str:
    if message.body is None:
        return ""
    return writing.whole_text(
        salutation=message.salutation or "", body=message.body, closing=message.closing or ""
    )


def _expired(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return render(request, "actions/expired.html", {"page": None, "sentence": str(refusal)}, status=410)


@never_cache
@require_safe
def proof(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """A challenge for the browser's proof of work."""
    return JsonResponse(proof_of_work.challenge(now=timezone.now()))
