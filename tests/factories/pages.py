"""Sites with a home page, campaigns, and live pages that ask for a letter."""

from __future__ import annotations

from wagtail.models import Collection, Locale, Page, Site

from amparo.accounts.roles import open_pages
from amparo.actions.models import EmailTargetPage, SignUpPage
from amparo.content.models import Campaign, HomePage, SiteIdentity
from amparo.organizations.models import Organization
from amparo.supporters import wordings
from amparo.supporters.models import Channel, ConsentWording, Purpose

LETTER = (
    "I am writing about Ilan Sarr, who has been held without trial since 3 March. Please ask the minister when he "
    "will be brought before a judge, and tell me what you were told."
)


def a_site(organization: Organization) -> HomePage:
    """The organization's home page, on a site of its own; the first one also answers for unknown hosts."""
    identity = SiteIdentity.objects.filter(organization=organization).select_related("site").first()
    if identity is not None:
        return identity.site.root_page.specific
    root = _root()
    home = HomePage(
        title=organization.name, slug=organization.slug, introduction=f"We are {organization.name}."
    )
    root.add_child(instance=home)
    first = not SiteIdentity.objects.exists()
    if first:
        Site.objects.filter(is_default_site=True).delete()
    site = Site.objects.create(
        hostname=f"{organization.slug}.test",
        site_name=organization.name,
        root_page=home,
        is_default_site=first,
    )
    SiteIdentity.objects.create(site=site, organization=organization)
    collection = Collection.get_first_root_node().add_child(name=organization.slug)
    open_pages(organization=organization, root=home, collection=collection)
    return home


def a_campaign(organization: Organization, *, title: str = "Free Ilan") -> Campaign:
    return Campaign.objects.get_or_create(organization=organization, title=title)[0]


def an_email_page(organization: Organization, **fields) -> EmailTargetPage:
    """A live page with a letter to a named minister; `fields` are those of `EmailTargetPage`, and `live`."""
    home = a_site(organization)
    fields.setdefault("title", "Write to your minister")
    fields.setdefault("standfirst", "Ilan Sarr, a printer, has been held without trial since 3 March.")
    fields.setdefault("campaign", a_campaign(organization))
    fields.setdefault("subjects", [("subject", "Ilan Sarr: when will he see a judge?")])
    fields.setdefault("paragraphs", [("paragraph", {"wordings": [LETTER], "only_for": {}})])
    if "legislatures" not in fields:
        fields.setdefault("posts", [("post", "exa/minister/justice")])
    page = EmailTargetPage(**fields)
    home.add_child(instance=page)
    if page.live:
        page.save_revision().publish()
        page.refresh_from_db()
    return page


def a_sign_up_page(organization: Organization, **fields) -> SignUpPage:
    """A live page to sign up on; its questions are those of `a_question`."""
    home = a_site(organization)
    fields.setdefault("title", "The latest from us")
    fields.setdefault("standfirst", "News of Ilan and others, and what you can do, about twice a month.")
    fields.setdefault("campaign", a_campaign(organization))
    page = SignUpPage(**fields)
    home.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def a_question(
    organization: Organization,
    *,
    purpose: str = Purpose.NEWS,
    channel: str = Channel.EMAIL,
    language: str = "en",
    text: str = "May we write to you about Ilan?",
) -> ConsentWording:
    """What supporters are asked to agree to."""
    return wordings.word(
        organization=organization,
        purpose=Purpose(purpose),
        channel=Channel(channel),
        language=language,
        text=text,
    )


def _root() -> Page:
    """The root of all pages, made again when a test's flush took it."""
    root = Page.get_first_root_node()
    if root is None:
        Locale.objects.get_or_create(language_code="en")
        root = Page.add_root(title="Root", slug="root")
    return root
