"""The public pages of an action: each posts one step, makes one call below, and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.actions import addressing, drafting, showing, taking, writing
from amparo.actions.forms import Choice, ChoiceForm, DetailsForm, LetterForm
from amparo.actions.journey import Journey, postcode_format_of
from amparo.actions.models import EmailTargetPage
from amparo.kit.client_address import network_asking
from amparo.kit.refusal import Refusal
from amparo.organizations import limits

if TYPE_CHECKING:
    from datetime import datetime

DO_NOT_KNOW = "unknown"


def serve_email_target_page(request: HttpRequest, page: EmailTargetPage) -> HttpResponse:
    """The case and the form on GET; one step of the letter on POST."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"}:
        return _show_page(request, page, form=_empty_details(page), now=now)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    journey = Journey(page=page, posted=request.POST, now=now)
    step = _STEPS.get(request.POST.get("step", ""), _details)
    response = step(request, journey)
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
        return _closed(request, journey)
    if not journey.details.is_valid():
        return _show_page(request, page, form=journey.details, now=now, key=str(journey.key), status=422)
    if journey.addressing.needs_choice:
        return _show_choice(request, journey)
    if not journey.addressees:
        return _show_nobody(request, journey)
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
        return _closed(request, journey)
    except taking.TooManyFromNetwork as refusal:
        return _too_many(request, journey, refusal)
    email = journey.details.cleaned_data["email"]
    context = {"email": email, "share": showing.share_of(journey.page)}
    return _step(request, journey, "actions/taken.html", context)


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
        "days_left": drafting.days_left(page.deadline, page=page, now=now),
        "tally": page.tally,
        "is_open": page.takes_actions(now=now),
        "form": form,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": [],
        "key": key,
    }
    return render(request, page.template, context, status=status)


def _step(
    request: HttpRequest, journey: Journey, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    page = journey.page
    frame = {
        "page": page,
        "step_url": page.url,
        "challenge_url": reverse("proof"),
        "carried": journey.carried() if journey.details.is_valid() else [],
        "key": str(journey.key),
        "proof": request.POST.get("proof", "")[:4000],
    }
    return render(request, template, frame | context, status=status)


def _show_choice(request: HttpRequest, journey: Journey) -> HttpResponse:
    answer = journey.addressing.answer
    assert answer is not None
    choices: dict[str, Choice] = {}
    for candidate in answer.choices:
        label = _("%(area)s: %(holder)s") % {
            "area": candidate.area_name,
            "holder": candidate.holder_name or _("nobody at the moment"),
        }
        choices.setdefault(candidate.area_code, Choice(label, _share_sentence(candidate.share)))
    offered = [*choices.items(), (DO_NOT_KNOW, Choice(_("I do not know")))]
    asked = request.POST.get("step") == "choose"
    form = ChoiceForm(request.POST if asked else None, choices=offered)
    if asked and form.is_valid() and form.cleaned_data["choice"] == DO_NOT_KNOW:
        return _show_nobody(request, journey, sentence=_help_to_find_out())
    context = {"form": form, "postal_code": answer.postcode, "is_guess": len(choices) == 1}
    return _step(request, journey, "actions/choose.html", context, status=422 if form.errors else 200)


def _help_to_find_out() -> str:
    return _(
        "Your polling card or your council's website names your area. Until then you can write to somebody else."
    )


def _share_sentence(share: float | None) -> str:
    if share is None:
        return ""
    return _("%(percent)d %% of the people with this postcode live here") % {"percent": round(share * 100)}


def _show_nobody(request: HttpRequest, journey: Journey, *, sentence: str = "") -> HttpResponse:
    result = journey.addressing
    fallbacks = addressing.fallback_targets(page=journey.page, now=journey.now)
    context = {
        "reason": result.reason or "unknown",
        "excluded": result.excluded,
        "sentence": sentence or result.sentence,
        "postal_code": journey.details.cleaned_data.get("postal_code", ""),
        "form": journey.details if "postal_code" in journey.details.fields else None,
        "fallbacks": [
            {"value": target.key, "target": showing.card_of(target, language=journey.language)}
            for target in fallbacks
        ],
        "carried": [pair for pair in journey.carried() if pair[0] not in {"area", "fallback", "postal-code"}],
        "kept_postal_code": journey.details.cleaned_data.get("postal_code", ""),
    }
    return _step(request, journey, "actions/no_target.html", context)


def _cards(journey: Journey) -> list[showing.TargetCard]:
    postal_code = journey.details.cleaned_data.get("postal_code", "")
    return [
        showing.target_card(addressee, postal_code=postal_code, language=journey.language)
        for addressee in journey.addressees
    ]


def _show_letter(
    request: HttpRequest, journey: Journey, *, form: LetterForm, status: int = 200
) -> HttpResponse:
    body = form["body"].value() or ""
    context = {
        "targets": _cards(journey),
        "excluded": journey.addressing.excluded,
        "signoff": journey.closing_for(journey.addressees[0], None),
        "draft": journey.draft.body,
        "own_words": journey.own_words(body) if form.is_bound else None,
        "form": form,
        "consents": form.consent_fields,
    }
    return _step(request, journey, "actions/compose.html", context, status=status)


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
    return _step(request, journey, "actions/preview.html", context)


def _show_forms(
    request: HttpRequest, journey: Journey, form: LetterForm, *, carried: list[tuple[str, str]]
) -> HttpResponse:
    context = {
        "offices": _offices(journey, form),
        "subject": form.cleaned_data["subject"],
        "carried": carried,
    }
    return _step(request, journey, "actions/form_only.html", context)


def _offices(journey: Journey, form: LetterForm) -> list[dict[str, Any]]:
    """The offices that take letters only through their own form, each with its letter to copy."""
    cards = dict(
        zip((addressee.target.key for addressee in journey.addressees), _cards(journey), strict=True)
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
    cards, targets = _cards(journey), [addressee.target for addressee in journey.addressees]
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
    return _step(request, journey, "actions/own_mail.html", context)


def _text_of(letter: taking.Letter) -> str:
    return writing.whole_text(salutation=letter.salutation, body=letter.body, closing=letter.closing)


def _closed(request: HttpRequest, journey: Journey) -> HttpResponse:
    context = {
        "page": journey.page,
        "reason": "closed",
        "sentence": str(taking.PageClosed()),
        "text": request.POST.get("body", "")[: journey.page.longest],
    }
    return render(request, "actions/closed.html", context, status=410)


def _too_many(request: HttpRequest, journey: Journey, refusal: Refusal) -> HttpResponse:
    """Said openly, because it depends on the network and tells nothing about any address."""
    context = {
        "page": journey.page,
        "reason": "busy",
        "sentence": str(refusal),
        "text": request.POST.get("body", "")[: journey.page.longest],
    }
    response = render(request, "actions/closed.html", context, status=429)
    response.headers["Retry-After"] = str(limits.FROM_ONE_NETWORK.seconds)
    return response
