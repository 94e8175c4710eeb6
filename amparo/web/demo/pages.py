"""The pages of the demonstration, each written from the texts of one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from wagtail.models import Locale
from wagtail.rich_text import RichText

from amparo.actions.models import EmailTargetPage, SignUpPage
from amparo.actions.models.action_page import Demand
from amparo.content.models import StandardPage

if TYPE_CHECKING:
    from amparo.content.models import Campaign, CreditedImage, HomePage
    from amparo.web.demo.texts import Days

COUNTRY = "vardania"
MINISTER = f"{COUNTRY}/minister/justice"
#: The deputy who has helped already.
HELPED = f"{COUNTRY}/house/VD-02"

Block = tuple[str, Any]


def write_home(home: HomePage, texts: dict[str, Any], days: Days, *, sign_up: SignUpPage) -> None:
    """The front page in one language, live, with the form to sign up on."""
    words = texts["home"]
    home.title = words["title"]
    home.introduction = words["introduction"]
    home.body = [
        ("heading", words["heading"]),
        *paragraphs(words["paragraphs"]),
        ("quote", {"quote": words["quote"], "attribution": words["said_by"]}),
        _figure(words["figure_value"], words["figure_unit"], words["figure_source"], as_of=days.today),
        ("sign_up", {"page": sign_up}),
    ]
    home.save_revision().publish()


def add_sign_up(home: HomePage, texts: dict[str, Any], *, campaign: Campaign) -> SignUpPage:
    """The page to sign up on, below the front page, in the site's first language."""
    words = texts["sign_up"]
    page = SignUpPage(
        campaign=campaign, slug=words["slug"], title=words["title"], standfirst=words["standfirst"]
    )
    home.add_child(instance=page)
    write_sign_up(page, texts)
    return page


def write_sign_up(page: SignUpPage, texts: dict[str, Any]) -> None:
    """The same in one language, live."""
    words = texts["sign_up"]
    page.title, page.standfirst = words["title"], words["standfirst"]
    page.thank_you, page.share_text = words["thank_you"], words["share_text"]
    page.body = paragraphs(words["paragraphs"])
    page.save_revision().publish()


def translate_sign_up(page: SignUpPage, home: HomePage, texts: dict[str, Any]) -> SignUpPage:
    """Its twin below the front page of another language."""
    twin: SignUpPage = page.copy_for_translation(home.locale).specific
    # The copy was hung below another instance of the same page; saved as it is, this one would forget its child.
    home.refresh_from_db(fields=["numchild"])
    write_sign_up(twin, texts)
    return twin


def write_case(page: EmailTargetPage, texts: dict[str, Any], days: Days) -> None:
    """The letter to one's deputy in one language, live, with its hearing three weeks ahead."""
    words = texts["case"]
    _write_action(page, words)
    page.body = [
        ("heading", words["heading"]),
        *paragraphs(words["paragraphs"]),
        ("quote", {"quote": words["quote"], "attribution": words["said_by"]}),
        _figure(
            str((days.today - days.arrested).days), words["days_unit"], words["days_source"], as_of=days.today
        ),
        _figure(words["others_value"], words["others_unit"], words["others_source"], as_of=days.listed),
        *_hint(words),
    ]
    page.deadline, page.deadline_label, page.hard_stop = (
        days.hearing,
        words["deadline_label"],
        days.last_letter,
    )
    page.goal = 500
    page.dataset_slug = COUNTRY
    page.legislatures = [("legislature", "house")]
    page.fallbacks = [("post", MINISTER)]
    page.paragraphs = [("paragraph", _paragraph(entry)) for entry in words["paragraph"]]
    page.reasons = [("reason", dict(entry)) for entry in words["reason"]]
    page.exclusions = [("exclusion", {"target_key": HELPED, "sentence": words["excluded"]})]
    page.save_revision().publish()


def add_case(
    home: HomePage, texts: dict[str, Any], days: Days, *, campaign: Campaign, portrait: CreditedImage
) -> None:
    """The case below the front page, in the site's first language."""
    page = EmailTargetPage(
        campaign=campaign, portrait=portrait, dataset_slug=COUNTRY, **_least(texts["case"])
    )
    page.title = texts["case"]["title"]
    page.legislatures = [("legislature", "house")]
    home.add_child(instance=page)
    write_case(page, texts, days)


def add_senate_letter(home: HomePage, texts: dict[str, Any], *, campaign: Campaign) -> None:
    """A second letter, to senators, one of whom takes letters only through a form."""
    words = texts["senate"]
    page = EmailTargetPage(campaign=campaign, dataset_slug=COUNTRY, **_least(words))
    page.legislatures = [("legislature", "senate")]
    page.fallbacks = [("post", MINISTER)]
    _write_action(page, words)
    page.body = [("heading", words["heading"]), *paragraphs(words["paragraphs"]), *_hint(words)]
    home.add_child(instance=page)
    page.save_revision().publish()


def add_minister_letter(home: HomePage, texts: dict[str, Any], *, campaign: Campaign) -> None:
    """The second organization's letter, which needs no postcode: everybody writes to the same office."""
    words = texts["lanterns"]
    page = EmailTargetPage(campaign=campaign, **_least(words))
    page.posts = [("post", MINISTER)]
    _write_action(page, words)
    home.add_child(instance=page)
    page.save_revision().publish()


def add_standing_page(home: HomePage, words: dict[str, Any]) -> StandardPage:
    """A page to be read."""
    page = StandardPage(title=words["title"], slug=words["slug"], introduction=words["introduction"])
    page.body = [("heading", words["heading"]), *paragraphs(words["paragraphs"])]
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


def translate_home(home: HomePage, language: str) -> HomePage:
    """The front page's twin in another language; made once, and then found again."""
    locale, _made = Locale.objects.get_or_create(language_code=language)
    twin = home.get_translation_or_none(locale) or home.copy_for_translation(locale)
    found: HomePage = twin.specific
    return found


def case_below(home: HomePage) -> EmailTargetPage:
    """The case in the language of this front page; copied from the first language when it is missing."""
    found = EmailTargetPage.objects.child_of(home).filter(slug="mira").first()
    if found is None:
        first = EmailTargetPage.objects.get(slug="mira", locale__language_code=settings.LANGUAGE_CODE)
        found = first.copy_for_translation(home.locale).specific
    return found


def _write_action(page: EmailTargetPage, words: dict[str, Any]) -> None:
    page.title = words["title"]
    page.standfirst = words["standfirst"]
    page.subjects = [("subject", subject) for subject in words["subjects"]]
    page.demand_list = [Demand(text=text, sort_order=number) for number, text in enumerate(words["demands"])]
    page.thank_you = words.get("thank_you", "")
    page.share_text = words.get("share_text", "")


def _least(words: dict[str, Any]) -> dict[str, Any]:
    """What a letter needs to be added at all."""
    wordings = words.get("wordings") or [words["standfirst"]]
    return {
        "slug": words["slug"],
        "standfirst": words["standfirst"],
        "subjects": [("subject", subject) for subject in words["subjects"]],
        "paragraphs": [("paragraph", {"wordings": wordings, "only_for": {}})],
    }


def _paragraph(entry: dict[str, Any]) -> dict[str, Any]:
    only_for = {name: entry[name] for name in ("nations", "flags") if name in entry}
    return {"wordings": list(entry["wordings"]), "only_for": only_for}


def paragraphs(texts: list[str]) -> list[Block]:
    return [("paragraph", RichText(f"<p>{text}</p>")) for text in texts]


def _figure(value: str, unit: str, source: str, *, as_of: Any) -> Block:
    return ("figure", {"value": value, "unit": unit, "as_of": as_of, "source": source})


def _hint(words: dict[str, Any]) -> list[Block]:
    return [("heading", words["hint_heading"]), *paragraphs([words["hint"]])]
