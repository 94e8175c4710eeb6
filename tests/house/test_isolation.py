"""Nothing of one organization is ever readable, or changed, by another's staff (guarantee S1), at any of our addresses.

Every address of ours stands in one of the two tables below; one that does not fails `test_every_address_is_listed`.
Each organization has a word of its own in every text it stores, so that a leak shows wherever it comes out.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from wagtail.models import Page

from amparo.accounts import audit
from amparo.accounts.models import Role, StaffRole
from amparo.actions.models import Message
from amparo.content.models import SiteIdentity
from amparo.targets import contacting, current, entering, staging
from amparo.targets.models import ContactFailure, PostcodeOverride
from tests.factories.letters import a_letter, an_action
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page
from tests.factories.people import a_member_of_staff, a_superuser, a_supporter, signed_in
from tests.factories.targets import alvenia
from tests.targets.orlund import orlund

EDITOR, APPROVER, ADMINISTRATOR, SUPERUSER = "editor", "approver", "administrator", "superuser"
LADDER = ["volunteer", EDITOR, APPROVER, ADMINISTRATOR, SUPERUSER]


def pk(name):
    """The address names one row: that of `side.<name>`."""
    return lambda side: {"pk": getattr(side, name).pk}


def nothing(_side):
    return {}


#: Our staff addresses: who may at least, what of an organization they name, and whether they answer to POST alone.
STAFF = {
    "staff/letters/": (EDITOR, nothing),
    "staff/letters/results/": (EDITOR, nothing),
    "staff/letters/moderate/": (APPROVER, nothing, "post"),
    "staff/letters/<uuid:pk>/": (EDITOR, pk("letter")),
    "staff/letters/<uuid:pk>/text/": (APPROVER, pk("letter"), "post"),
    "staff/actions/<int:pk>/test/": (EDITOR, pk("page")),
    "staff/campaigns/": (EDITOR, nothing),
    "staff/campaigns/results/": (EDITOR, nothing),
    "staff/campaigns/open/": (EDITOR, nothing),
    "staff/campaigns/<uuid:pk>/": (EDITOR, pk("campaign")),
    "staff/sending/": (EDITOR, nothing),
    "staff/sending/page/<int:pk>/pause/": (APPROVER, pk("page")),
    "staff/sending/page/<int:pk>/resume/": (APPROVER, pk("page")),
    "staff/sending/campaign/<uuid:pk>/pause/": (APPROVER, pk("campaign")),
    "staff/sending/campaign/<uuid:pk>/resume/": (APPROVER, pk("campaign")),
    "staff/sending/organization/<uuid:pk>/pause/": (ADMINISTRATOR, pk("organization")),
    "staff/sending/organization/<uuid:pk>/resume/": (ADMINISTRATOR, pk("organization")),
    "staff/sending/installation/pause/": (SUPERUSER, nothing),
    "staff/sending/installation/resume/": (SUPERUSER, nothing),
    "staff/targets/sources/": (EDITOR, nothing),
    "staff/targets/sources/<slug:slug>/": (EDITOR, lambda side: {"slug": side.dataset.slug}),
    "staff/targets/sources/<slug:slug>/legislature/<str:code>/": (
        SUPERUSER,
        lambda side: {"slug": side.dataset.slug, "code": "assembly"},
    ),
    "staff/targets/versions/<uuid:pk>/": (EDITOR, pk("dataset")),
    "staff/targets/offices/": (EDITOR, nothing),
    "staff/targets/offices/results/": (EDITOR, nothing),
    "staff/targets/offices/<path:key>/": (EDITOR, lambda side: {"key": side.entered.key}),
    "staff/targets/areas/": (EDITOR, nothing),
    "staff/targets/areas/results/": (EDITOR, nothing),
    "staff/targets/mistakes/": (APPROVER, nothing),
    "staff/targets/mistakes/results/": (APPROVER, nothing),
    "staff/targets/mistakes/<uuid:pk>/": (APPROVER, pk("report")),
    "staff/targets/failures/<int:pk>/trust/": (SUPERUSER, pk("failure")),
    "staff/targets/entered/": (ADMINISTRATOR, nothing),
    "staff/targets/entered/results/": (ADMINISTRATOR, nothing),
    "staff/targets/entered/add/": (ADMINISTRATOR, nothing),
    "staff/targets/entered/<uuid:pk>/": (ADMINISTRATOR, pk("entered")),
    "staff/targets/entered/<uuid:pk>/remove/": (ADMINISTRATOR, pk("entered")),
    "staff/targets/contacts/": (ADMINISTRATOR, nothing),
    "staff/targets/contacts/results/": (ADMINISTRATOR, nothing),
    "staff/targets/contacts/<int:pk>/remove/": (ADMINISTRATOR, pk("override")),
    "staff/targets/contacts/<uuid:organization>/<path:key>/": (
        ADMINISTRATOR,
        lambda side: {"organization": side.organization.pk, "key": "alvenia/diet/N1"},
    ),
    "staff/targets/postcodes/": (SUPERUSER, nothing),
    "staff/targets/postcodes/results/": (SUPERUSER, nothing),
    "staff/targets/postcodes/add/": (SUPERUSER, nothing),
    "staff/targets/postcodes/<int:pk>/remove/": (SUPERUSER, pk("postcode")),
    "staff/people/": (ADMINISTRATOR, nothing),
    "staff/people/results/": (ADMINISTRATOR, nothing),
    "staff/people/appoint/": (ADMINISTRATOR, nothing),
    "staff/people/<int:pk>/": (ADMINISTRATOR, pk("role")),
    "staff/people/<int:pk>/remove/": (ADMINISTRATOR, pk("role")),
    "staff/people/<int:pk>/link/": (ADMINISTRATOR, pk("role")),
    "staff/audit/": (ADMINISTRATOR, nothing),
    "staff/audit/results/": (ADMINISTRATOR, nothing),
}
#: Our addresses for everybody: what stands in them is public, or known to nobody but the person it was sent to.
PUBLIC = {
    r"^((?:[\w\-]+/)*)$": "the public pages of the site that was asked for",
    "^staff/reports/page-types-usage/": "shut: it would look across organizations",
    "^accounts/password/reset/$": "shut: passwords are reset by an administrator",
    "healthz": "says that the process answers",
    "readyz": "says that its parts answer",
    "metrics": "counts, behind a token of the installation",
    "theme/<int:pk>-<str:mark>.css": "the colours of a public site",
    "media/images/<str:name>": "pictures of public pages",
    "confirm/<str:token>/": "a signed link out of a mail",
    "letters/<str:token>/": "a signed link out of a mail",
    "proof/": "a puzzle for programs",
    "mail/bounces/": "what came back, behind a token of the installation",
    "targets/find/<slug:slug>/": "public offices, and those of the site's own organization",
    "targets/mistake/<path:target_key>/": "public offices, and those of the site's own organization",
}
#: What a forger might send; every form takes of it what it knows.
FORGED = {
    "sure": "1",
    "deed": "hold",
    "reason": "forged",
    "because": "forged",
    "title": "forged",
    "label": "forged",
    "email": "forged@example.org",
    "role": "administrator",
    "type": "none",
    "seen": "on",
    "language": "en",
    "state": "dissolved",
}


def ours(module: str) -> bool:
    return module.startswith("amparo.")


def addresses(patterns=None, prefix=""):
    """Every address, as its route and its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from addresses(pattern.url_patterns, route)


def module_of(pattern: URLPattern) -> str:
    return getattr(pattern.callback, "view_class", pattern.callback).__module__


OURS = {route: pattern for route, pattern in addresses() if ours(module_of(pattern))}


def test_every_address_is_listed():
    assert set(OURS) == {*STAFF, *PUBLIC}


# --- Two organizations ------------------------------------------------------------------------------------------


def a_side(slug: str, word: str) -> SimpleNamespace:
    """An organization with its `word` in everything it stores."""
    organization = an_organization(slug, name=f"Group {word}", boilerplate=word)
    page = an_email_page(
        organization, title=f"Page {word}", standfirst=word, campaign=a_campaign(organization, title=word)
    )
    draft = an_email_page(
        organization, title=f"Draft {word}", slug="draft", live=False, campaign=page.campaign
    )
    writer = a_supporter(organization, given_name=word, email=f"{word.lower()}@supporters.example.net")
    staff = {
        role: a_member_of_staff(organization, role, email=f"{role}-{word.lower()}@example.org")
        for role in Role.values
    }
    for user in staff.values():
        user.last_name = word
        user.save()
    administrator = staff[Role.ADMINISTRATOR]
    letter = a_letter(
        page,
        action=an_action(page, supporter=writer),
        state=Message.State.UNCERTAIN,
        target_name=word,
        target_label=word,
        reason=word,
        subject=word,
        body=word,
    )
    entered = entering.enter(
        organization=organization,
        entry=entering.Entry(word, word, word, f"{word}@example.org"),
        by=administrator,
        now=NOW,
    )
    override = contacting.record_override(
        organization=organization,
        target_key="alvenia/diet/N1",
        type="email",
        value=f"{word}@example.org",
        reason=word,
        by=administrator,
        now=NOW,
    )
    report = contacting.report_mistake(
        organization=organization, target_key=f"exa/{word}", what=word, email=word, now=NOW
    )
    dataset = staging.stage(
        bundle=orlund(slug, slug=f"list-{word.lower()}", title=word, description=word),
        organization=organization,
        now=NOW,
    )
    audit.record(
        verb="hold_letter",
        subject=letter,
        by=administrator,
        organization=organization,
        now=NOW,
        details={"x": word},
    )
    return SimpleNamespace(
        word=word,
        organization=organization,
        page=page,
        draft=draft,
        campaign=page.campaign,
        letter=letter,
        entered=entered,
        override=override,
        report=report,
        dataset=dataset,
        staff=staff,
        role=StaffRole.objects.get(user=staff[Role.EDITOR], organization=organization),
    )


@pytest.fixture
def sides(db, tmp_path, settings):
    """Ours, and theirs, on a server with published targets."""
    settings.AMPARO_VAR = tmp_path
    current.forget()
    alvenia()
    failure = ContactFailure.objects.create(
        address="x@example.org", letter_id=NOW_ID, reason="gone", failed_at=NOW
    )
    postcode = PostcodeOverride.objects.create(
        slug="alvenia", postcode="1002", area_code="N2", reason="known"
    )
    found = [a_side("open-doors", "Zeldanary"), a_side("lamp-light", "Quibanary")]
    for side in found:
        side.failure, side.postcode = failure, postcode
    return SimpleNamespace(ours=found[0], theirs=found[1])


NOW_ID = "01a2014d-25ce-76ea-ae21-c3391fcffadc"


def place(route, side):
    return reverse(OURS[route].name, kwargs=STAFF[route][1](side))


def forged_for(side):
    return FORGED | {"letter": str(side.letter.pk), "organization": str(side.organization.pk)}


def names_a_row(route):
    return "<" in route


def everything_stored():
    """Every row of ours, and every page, as it stands."""
    models = [model for app in apps.get_app_configs() if ours(f"{app.name}.") for model in app.get_models()]
    return {
        model._meta.label: [tuple(map(str, row)) for row in model._base_manager.order_by("pk").values_list()]
        for model in [*models, Page]
    }


def refuses(response):
    """Not found, forbidden, or sent to sign in or home with the news that this is not for them."""
    if response.status_code in {302, 303}:
        return response.url == reverse("wagtailadmin_home") or response.url.startswith("/accounts/login/")
    return response.status_code in {403, 404, 405}


def browser_of(role, side):
    return Client() if role == "anonymous" else signed_in(side.staff[role])


# --- The matrix -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["anonymous", *Role.values])
def test_what_is_theirs_is_not_found_not_shown_and_not_changed(sides, role):
    browser = browser_of(role, sides.ours)
    before = everything_stored()
    for route in STAFF:
        for method in ("get", "post"):
            data = forged_for(sides.theirs) if method == "post" else {}
            response = getattr(browser, method)(place(route, sides.theirs), data)
            told = f"{role} {method.upper()} {route}: {response.status_code}"
            assert sides.theirs.word.lower() not in response.content.decode().lower(), told
            if names_a_row(route):
                assert refuses(response), told
                if role != "anonymous" and LADDER.index(role) >= LADDER.index(STAFF[route][0]):
                    assert response.status_code in {404, 405}, told
    after = everything_stored()
    changed = {label for label, rows in after.items() if rows != before[label]}
    assert changed == set()


@pytest.mark.parametrize("role", ["anonymous", *LADDER])
def test_what_is_ours_is_open_from_the_least_role_on(sides, role):
    browser = signed_in(a_superuser()) if role == SUPERUSER else browser_of(role, sides.ours)
    for route, (least, _kwargs, *only_post) in STAFF.items():
        response = browser.get(place(route, sides.ours))
        told = f"{role} GET {route}: {response.status_code}"
        if role != "anonymous" and LADDER.index(role) >= LADDER.index(least):
            opened = {405} if only_post else {404} if route.endswith("<str:code>/") else {200}
            assert response.status_code in opened, told
        else:
            assert refuses(response), told
            assert response.status_code != 405, told


def test_looking_changes_nothing(sides):
    before = everything_stored()
    root = signed_in(a_superuser())
    for method in ("get", "head", "options"):
        for route in STAFF:
            getattr(root, method)(place(route, sides.ours))
    after = everything_stored()
    del before["accounts.User"], after["accounts.User"]
    assert after == before


def test_the_words_are_there_to_be_seen(sides):
    """The matrix would pass on empty pages: whoever may does see their own word."""
    browser = signed_in(sides.ours.staff[Role.ADMINISTRATOR])
    shown = {
        route
        for route, (_least, _kwargs, *only_post) in STAFF.items()
        if not only_post and sides.ours.word in browser.get(place(route, sides.ours)).content.decode()
    }
    assert len(shown) > len(STAFF) * 0.6


# --- Addresses that are not ours to write, but ours to answer for -------------------------------------------------


def is_wagtails(route, pattern):
    """Whether it is a staff screen of Wagtail's that names nothing but a page."""
    named = route.replace("<int:page_id>", "").replace("<int:parent_page_id>", "")
    is_a_test = "failwhale" in route or "test404" in route
    return route.startswith("staff/") and not ours(module_of(pattern)) and not is_a_test and "<" not in named


WAGTAILS = [route for route, pattern in addresses() if is_wagtails(route, pattern)]


@pytest.mark.parametrize("role", ["anonymous", *Role.values])
def test_wagtails_own_screens_show_nothing_of_theirs(sides, role):
    browser = browser_of(role, sides.ours)
    browser.raise_request_exception = False
    foreign = {"page_id": sides.theirs.draft.pk, "parent_page_id": sides.theirs.draft.get_parent().pk}
    leaks = []
    for route in WAGTAILS:
        path = "/" + route
        for name, value in foreign.items():
            path = path.replace(f"<int:{name}>", str(value))
        for query in ("", "?q=Draft&page_type=wagtailcore.page"):
            response = browser.get(path + query)
            if not response.streaming and sides.theirs.word in response.content.decode(errors="replace"):
                leaks.append(f"{path}{query}: {response.status_code}")
    assert leaks == []
    assert len(WAGTAILS) > 50


def test_a_site_shows_and_finds_nothing_of_another_sites_organization(sides):
    browser = Client(HTTP_HOST="open-doors.test")
    theirs = sides.theirs
    identity = SiteIdentity.objects.get(organization=theirs.organization)
    answers = [
        browser.get(f"/{theirs.page.slug}/{theirs.word}"),
        browser.get("/draft/"),
        browser.post(f"/targets/find/{theirs.entered.dataset.slug}/", {"postal-code": "EX1 1AA"}),
        browser.post(f"/targets/find/{theirs.dataset.slug}/", {"postal-code": "EX1 1AA"}),
        browser.get(f"/targets/mistake/{theirs.entered.key}/"),
        browser.get(f"/theme/{identity.pk}-x.css"),
        browser.get("/confirm/" + "a" * 48 + "/"),
        browser.get("/letters/" + "a" * 48 + "/"),
        browser.get("/metrics"),
        browser.post("/mail/bounces/"),
        browser.get("/"),
    ]
    for response in answers:
        assert theirs.word not in response.content.decode().replace(f"/{theirs.word}", ""), response.request[
            "PATH_INFO"
        ]
    assert answers[4].status_code == 404
