"""What the links of the "did they answer?" mail open. Opening changes nothing: mail scanners open links too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from amparo.actions import following_up, showing, writing
from amparo.actions.answer_forms import AnswerForm
from amparo.actions.confirming import LinkExpired
from amparo.actions.following_up import Told
from amparo.actions.models import Answer
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import Message


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str, said: str = "") -> HttpResponse:
    """GET asks, with the answer ticked that the link named, or shows the reminder; POST records it, or sends that."""
    now = timezone.now()
    try:
        message = following_up.letter_behind(token=token)
    except LinkExpired as refusal:
        return _expired(request, refusal)
    if request.method == "POST" and request.POST.get("step") == "remind":
        return _remind(request, message, token=token, now=now)
    if request.method != "POST" and said == "remind":
        return _offer(request, message, token=token, kind="", now=now)
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"kind": said})
    if request.method == "POST" and form.is_valid():
        following_up.record(message=message, told=form.told(), now=now)
        return _thanks(request, message, token=token, now=now)
    context = _context(message, token=token) | {"form": form}
    return render(request, "actions/answer.html", context, status=422 if form.errors else 200)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def no_questions(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks whether it is meant; POST ends questions about letters for this person."""
    try:
        message = following_up.letter_behind(token=token)
    except LinkExpired as refusal:
        return _expired(request, refusal)
    done = request.method == "POST"
    if done:
        following_up.stop_asking(supporter=message.action.supporter, now=timezone.now())
    return render(request, "actions/no_questions.html", {"step_url": request.path, "done": done})


def _thanks(request: HttpRequest, message: Message, *, token: str, now: datetime) -> HttpResponse:
    """Thank you, and, where nobody answered, the reminder as it would leave."""
    answer = Answer.objects.get(message=message)
    if answer.kind != Answer.Kind.YES:
        return _offer(request, message, token=token, kind=answer.kind, now=now)
    context = _context(message, token=token) | {"kind": answer.kind, "reminder": None}
    return render(request, "actions/answer_thanks.html", context)


def _offer(request: HttpRequest, message: Message, *, token: str, kind: str, now: datetime) -> HttpResponse:
    """The reminder as it would leave, with the one button that sends it; or why there is none."""
    context = _context(message, token=token) | {"kind": kind, "reminder": None}
    try:
        context["reminder"] = _shown(following_up.reminder(message=message, now=now))
    except Refusal as refusal:
        context["why_not"] = str(refusal)
    return render(request, "actions/answer_thanks.html", context)


def _remind(request: HttpRequest, message: Message, *, token: str, now: datetime) -> HttpResponse:
    """Send it. Whoever reminds says with that that nobody answered."""
    context = _context(message, token=token) | {"kind": "", "reminder": None}
    try:
        following_up.remind(message=message, now=now)
        if not Answer.objects.filter(message=message).exists():
            following_up.record(message=message, told=Told(Answer.Kind.NO), now=now)
    except Refusal as refusal:
        return render(request, "actions/answer_thanks.html", context | {"why_not": str(refusal)}, status=409)
    return render(request, "actions/answer_thanks.html", context | {"kind": "reminded"})


def _context(message: Message, *, token: str) -> dict[str, Any]:
    (state,) = showing.letter_states([message])
    return {
        "letter": state,
        "step_url": reverse("answer", args=[token]),
        "stop_url": reverse("no_questions", args=[token]),
        "sent_at": message.sent_at,
    }


def _shown(letter: Message) -> dict[str, str]:
    text = writing.whole_text(
        salutation=letter.salutation or "", body=letter.body or "", closing=letter.closing or ""
    )
    return {"subject": letter.subject or "", "text": text}


def _expired(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return render(request, "actions/expired.html", {"page": None, "sentence": str(refusal)}, status=410)
