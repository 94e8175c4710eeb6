"""The public pages of an action: each posts one step, makes one call below, and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from amparo.actions import addressing, showing, taking, writing
from amparo.actions.addressing_views import closed, show_choice, show_nobody, step, target_cards, too_many
from amparo.actions.forms import DetailsForm, LetterForm
from amparo.actions.journey import Journey, postcode_format_of
from amparo.actions.models import EmailTargetPage
from amparo.kit.client_address import network_asking

if TYPE_CHECKING:
    from datetime import datetime

#: Names that fit above a form.
MOST_NAMED = 2


def serve_email_target_page(request: HttpRequest, page: EmailTargetPage) -> HttpResponse:
    """The case and the form on GET; one step of the letter on POST."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"}:
        return _show_page(request, page, form=_empty_details(page), now=now)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    journey = Journey(page=page, posted=request.POST, now=now)
    go_on = _STEPS.get(request.POST.get("step", ""), _details)
    response = go_on(request, journey)
    # Not no-store: with it, Back would show the browser's own warning and the letter as it was drafted, not as written.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# --- The steps --------------------------------------------------------------------------------------------------


def _details(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Name, address and postcode came in: on to the letter, or to what must be asked first."""
    return _beyond_details(request, journey) or _show_letter(
        request, journey, form=journey.letter_form(bound=False)
    )


def _edit(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Back to the letter, with everything that was written."""
    return _beyond_details(request, journey) or _show_letter(
        request, journey, form=journey.letter_form(bound=True)
    )


def _preview(request: HttpRequest, journey: Journey) -> HttpResponse:
    return _with_letter(request, journey, _show_preview, ask_consent=True)


def _own_mail(request: HttpRequest, journey: Journey) -> HttpResponse:
    return _with_letter(request, journey, _show_own_mail, ask_consent=False)


def _send(request: HttpRequest, journey: Journey) -> HttpResponse:
    return _with_letter(request, journey, _take, ask_consent=True)


_STEPS: dict[str, Callable[[HttpRequest, Journey], HttpResponse]] = {
    "details": _details,
    "choose": _details,
    "fallback": _details,
    "edit": _edit,
    "preview": _preview,
    "own_mail": _own_mail,
    "send": _send,
    "form_sent": _send,
}


def _beyond_details(request: HttpRequest, journey: Journey) -> HttpResponse | None:
    """What stands between the details and the letter; None when nothing does."""
    page, now = journey.page, journey.now
    if not page.takes_actions(now=now):
        return closed(request, journey.page)
    if not journey.details.is_valid():
        return _show_page(request, page, form=journey.details, now=now, key=str(journey.key), status=422)
    if journey.addressing.needs_choice:
        return show_choice(request, journey)
    if not journey.addressees:
        return show_nobody(request, journey)
    return None


def _with_letter(
    request: HttpRequest,
    journey: Journey,
    go_on: Callable[[HttpRequest, Journey, LetterForm], HttpResponse],
    *,
    ask_consent: bool,
) -> HttpResponse:
    if (before := _beyond_details(request, journey)) is not None:
        return before
    form = journey.letter_form(bound=True, ask_consent=ask_consent)
    if not form.is_valid():
        return _show_letter(request, journey, form=form, status=422)
    return go_on(request, journey, form)


def _take(request: HttpRequest, journey: Journey, form: LetterForm) -> HttpResponse:
    """Store it, and answer in the same words whoever it is."""
    posted = request.POST
    try:
        taking.take_from_stranger(
            page=journey.page,
            deed=journey.deed(form, source=journey.page.url or ""),
            network=network_asking(request),
            proof=posted.get("proof", ""),
            trapped=bool(posted.get("website")),
            now=journey.now,
        )
    except taking.PageClosed:
        return closed(request, journey.page)
    except taking.TooManyFromNetwork as refusal:
        return too_many(request, journey.page, refusal)
    email = journey.details.cleaned_data["email"]
    context = {"email": email, "share": showing.share_of(journey.page)}
    return step(request, journey, journey.page.taken_template, context)


# --- What they show ---------------------------------------------------------------------------------------------


def _empty_details(page: EmailTargetPage) -> DetailsForm:
    return DetailsForm(postcode_format=postcode_format_of(page))


def _show_page(
    request: HttpRequest,
    page: EmailTargetPage,
    *,
    form: DetailsForm,
    now: datetime,
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    context = page.get_context(request) | {
        "tally": page.tally,
        "form": form,
        "named": "" if page.legislatures else _named(page, now=now),
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": key,
    }
    return render(request, page.template, context, status=status)


def _named(page: EmailTargetPage, *, now: datetime) -> str:
    """Whom a letter to named posts alone goes to, as its form says it; empty when they are too many to name."""
    names = [target.holder or target.label for target in addressing.named_targets(page=page, now=now)]
    return " · ".join(names) if len(names) <= MOST_NAMED else ""


def _show_letter(
    request: HttpRequest, journey: Journey, *, form: LetterForm, status: int = 200
) -> HttpResponse:
    body = form["body"].value() or ""
    context = {
        "targets": target_cards(journey),
        "excluded": journey.addressing.excluded,
        "agreed": [addressee.target.holder for addressee in journey.addressing.agreed],
        "is_thanks": journey.addressing.is_thanks,
        "signoff": journey.closing_for(journey.addressees[0], None),
        "draft": journey.draft.body,
        "own_words": journey.own_words(body) if form.is_bound else None,
        "form": form,
        "consents": form.consent_fields,
    }
    return step(request, journey, "actions/compose.html", context, status=status)


def _show_preview(request: HttpRequest, journey: Journey, form: LetterForm) -> HttpResponse:
    letters = journey.letters(form)
    carried = journey.carried(*form.carried())
    if not journey.addressing.by_mail:
        return _show_forms(request, journey, form, carried=carried)
    email = journey.details.cleaned_data["email"]
    who = writing.envelope(organization=journey.page.organization, full_name=journey.full_name, email=email)
    mails = [
        {
            "sender": f"{who.from_name} <{who.from_address}>",
            "reply_to": f"{who.reply_name} <{who.reply_address}>",
            "to": f"{letter.target_name} ({letter.target_label})",
            "subject": letter.subject,
            "text": _text_of(letter),
        }
        for letter in letters
        if not letter.by_form
    ]
    context = {
        "mails": mails,
        "email": email,
        "carried": carried,
        "offices": _offices(journey, form),
        "disclosure": journey.disclosure.text,
    }
    return step(request, journey, "actions/preview.html", context)


def _show_forms(
    request: HttpRequest, journey: Journey, form: LetterForm, *, carried: list[tuple[str, str]]
) -> HttpResponse:
    context = {
        "offices": _offices(journey, form),
        "subject": form.cleaned_data["subject"],
        "carried": carried,
    }
    return step(request, journey, "actions/form_only.html", context)


def _offices(journey: Journey, form: LetterForm) -> list[dict[str, Any]]:
    """The offices that take letters only through their own form, each with its letter to copy."""
    cards = dict(
        zip((addressee.target.key for addressee in journey.addressees), target_cards(journey), strict=True)
    )
    asks = {addressee.target.key: showing.asks_of(addressee.target) for addressee in journey.addressees}
    return [
        {
            "target": cards[letter.target_key],
            "form_url": letter.form_url,
            "asks": asks[letter.target_key],
            "text": _text_of(letter),
        }
        for letter in journey.letters(form)
        if letter.by_form
    ]


def _show_own_mail(request: HttpRequest, journey: Journey, form: LetterForm) -> HttpResponse:
    """The letter for the supporter's own mail program; nothing about them is stored."""
    cards, targets = target_cards(journey), [addressee.target for addressee in journey.addressees]
    mails = [
        {
            "target": card,
            "to": target.address,
            "mailto": showing.mailto(to=target.address, subject=letter.subject, text=_text_of(letter)),
            "form_url": letter.form_url,
            "subject": letter.subject,
            "text": _text_of(letter),
        }
        for card, target, letter in zip(cards, targets, journey.letters(form), strict=True)
    ]
    context = {
        "mails": mails,
        "share": showing.share_of(journey.page),
        "carried": journey.carried(*form.carried()),
    }
    return step(request, journey, "actions/own_mail.html", context)


def _text_of(letter: taking.Letter) -> str:
    return writing.whole_text(salutation=letter.salutation, body=letter.body, closing=letter.closing)
