"""Nothing of one organization is ever readable, or changed, by another's staff (guarantee S1), at any of our addresses.

Every address of ours stands in one of the two tables below; one that does not fails `test_every_address_is_listed`.
Each organization has a word of its own in every text it stores, so that a leak shows wherever it comes out.
"""

from __future__ import annotations

import io
from base64 import b64decode
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from pypdf import PdfReader
from wagtail.models import Page

from amparo.accounts import audit
from amparo.accounts.models import AuditEntry, Role, StaffRole
from amparo.actions import following_up
from amparo.actions.campaigns import siding
from amparo.actions.models import Achievement, Invalidation, Message, Trend
from amparo.actions.signatures import signing
from amparo.cases import cautioning, evidence_files, publishing
from amparo.cases.importing import running
from amparo.content.models import SiteIdentity
from amparo.mailings.automations import arranging
from amparo.mailings.composer import composing, text_composing
from amparo.mailings.models import Breaker, Mailing
from amparo.supporters import custom_fields, looking_up, noting, suppression, tagging
from amparo.supporters.exports import exporting
from amparo.supporters.importing import preparing
from amparo.supporters.merging_people import merging
from amparo.supporters.models import (
    Channel,
    Complaint,
    CustomField,
    InstallationSuppression,
    Supporter,
    Suppression,
)
from amparo.supporters.segmentation import segmenting
from amparo.targets import contacting, current, entering, staging
from amparo.targets.models import ContactFailure, PostcodeOverride
from tests.factories.campaigns import a_demand
from tests.factories.cases import (
    a_case,
    a_development,
    a_figure,
    a_law,
    a_person,
    a_publication_consent,
    a_source,
)
from tests.factories.letters import a_hand_over, a_letter, an_action
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, a_question, an_email_page
from tests.factories.people import a_member_of_staff, a_superuser, a_supporter, signed_in
from tests.factories.signed_pages import a_names_hand_over, a_petition, sign
from tests.factories.targets import alvenia
from tests.targets.orlund import orlund

pytestmark = pytest.mark.pages

EDITOR, APPROVER, ADMINISTRATOR, SUPERUSER = "editor", "approver", "administrator", "superuser"
LADDER = ["volunteer", EDITOR, APPROVER, ADMINISTRATOR, SUPERUSER]


def pk(name):
    """The address names one row: that of `side.<name>`."""
    return lambda side: {"pk": getattr(side, name).pk}


def nothing(_side):
    return {}


def case_record(side):
    """A record of a case of one side."""
    return {"pk": side.case.pk, "kind": "Development", "record": side.development.pk}


#: Our staff addresses: who may at least, what of an organization they name, and whether they answer to POST alone.
STAFF = {
    "staff/letters/": (EDITOR, nothing),
    "staff/letters/results/": (EDITOR, nothing),
    "staff/letters/moderate/": (APPROVER, nothing, "post"),
    "staff/letters/<uuid:pk>/": (EDITOR, pk("letter")),
    "staff/letters/<uuid:pk>/text/": (APPROVER, pk("letter"), "post"),
    "staff/actions/<int:pk>/test/": (EDITOR, pk("page")),
    "staff/supporters/questions/": (ADMINISTRATOR, nothing),
    "staff/supporters/questions/results/": (ADMINISTRATOR, nothing),
    "staff/supporters/questions/add/": (ADMINISTRATOR, nothing),
    "staff/supporters/questions/<uuid:pk>/stop/": (ADMINISTRATOR, pk("question")),
    "staff/cases/": (EDITOR, nothing),
    "staff/cases/results/": (EDITOR, nothing),
    "staff/cases/open/": (EDITOR, nothing),
    "staff/cases/<uuid:pk>/": (EDITOR, pk("case")),
    "staff/cases/imports/": (APPROVER, nothing),
    "staff/cases/imports/results/": (APPROVER, nothing),
    "staff/cases/imports/template/": (APPROVER, nothing),
    "staff/cases/imports/add/": (APPROVER, nothing),
    "staff/cases/imports/<uuid:pk>/": (APPROVER, pk("case_import")),
    "staff/cases/imports/<uuid:pk>/problems/": (APPROVER, pk("case_import")),
    "staff/cases/imports/<uuid:pk>/start/": (APPROVER, pk("case_import")),
    "staff/cases/imports/<uuid:pk>/undo/": (APPROVER, pk("case_import")),
    "staff/cases/imports/<uuid:pk>/forget/": (APPROVER, pk("case_import")),
    "staff/cases/export/": (EDITOR, nothing),
    "staff/cases/<uuid:pk>/export/": (EDITOR, pk("case")),
    "staff/cases/<uuid:pk>/dossier/": (EDITOR, pk("case")),
    "staff/cases/<uuid:pk>/files/": (EDITOR, pk("case")),
    "staff/sources/<uuid:pk>/files/add/": (EDITOR, pk("shared_source")),
    "staff/files/<uuid:pk>/": (EDITOR, pk("file")),
    "staff/files/<uuid:pk>/download/": (EDITOR, pk("redacted_file")),
    "staff/files/<uuid:pk>/page/<int:page>/": (APPROVER, lambda side: {"pk": side.file.pk, "page": 1}),
    "staff/files/<uuid:pk>/redact/": (APPROVER, pk("file")),
    "staff/files/<uuid:pk>/remove/": (APPROVER, pk("file")),
    "staff/cases/<uuid:pk>/safety/": (EDITOR, pk("case")),
    "staff/cases/<uuid:pk>/consent/": (EDITOR, pk("case")),
    "staff/cases/<uuid:pk>/aftermath/": (APPROVER, pk("case")),
    "staff/cases/<uuid:pk>/<str:kind>/add/<uuid:parent>/": (
        EDITOR,
        lambda side: {"pk": side.case.pk, "kind": "Development", "parent": side.case.pk},
    ),
    "staff/cases/<uuid:pk>/<str:kind>/<uuid:record>/": (EDITOR, case_record),
    "staff/cases/<uuid:pk>/<str:kind>/<uuid:record>/remove/": (EDITOR, case_record),
    "staff/cases/<uuid:pk>/<str:kind>/<uuid:record>/publish/": (EDITOR, case_record),
    "staff/cases/<uuid:pk>/<str:kind>/<uuid:record>/cite/": (EDITOR, case_record),
    "staff/cautions/": (EDITOR, nothing),
    "staff/cautions/<str:key>/dismiss/": (EDITOR, lambda side: {"key": side.caution.key}),
    "staff/cited-figures/": (EDITOR, nothing),
    "staff/cited-figures/results/": (EDITOR, nothing),
    "staff/cited-figures/add/": (EDITOR, nothing),
    "staff/cited-figures/<uuid:pk>/": (EDITOR, pk("figure")),
    "staff/cited-figures/<uuid:pk>/correct/": (EDITOR, pk("figure")),
    "staff/sources/": (EDITOR, nothing),
    "staff/sources/results/": (EDITOR, nothing),
    "staff/sources/add/": (EDITOR, nothing),
    "staff/sources/<uuid:pk>/": (EDITOR, pk("shared_source")),
    "staff/sources/<uuid:pk>/remove/": (EDITOR, pk("shared_source")),
    "staff/laws/": (EDITOR, nothing),
    "staff/laws/results/": (EDITOR, nothing),
    "staff/laws/add/": (EDITOR, nothing),
    "staff/laws/<uuid:pk>/": (EDITOR, pk("law")),
    "staff/laws/<uuid:pk>/remove/": (EDITOR, pk("law")),
    "staff/clearances/<uuid:pk>/agree/": (APPROVER, pk("clearance")),
    "staff/clearances/<uuid:pk>/refuse/": (APPROVER, pk("clearance")),
    "staff/clearances/<uuid:pk>/withdraw/": (EDITOR, pk("clearance")),
    "staff/consents/<uuid:pk>/withdraw/": (EDITOR, pk("publication_consent")),
    "staff/signatures/": (APPROVER, nothing),
    "staff/signatures/results/": (APPROVER, nothing),
    "staff/signatures/<uuid:pk>/": (APPROVER, pk("signature")),
    "staff/signed/": (EDITOR, nothing),
    "staff/signed/<int:pk>/paper/": (EDITOR, pk("petition")),
    "staff/signed/<int:pk>/poster/": (EDITOR, pk("petition")),
    "staff/paper/<uuid:pk>/withdraw/": (EDITOR, pk("sheet")),
    "staff/campaigns/": (EDITOR, nothing),
    "staff/campaigns/results/": (EDITOR, nothing),
    "staff/campaigns/open/": (EDITOR, nothing),
    "staff/campaigns/<uuid:pk>/": (EDITOR, pk("campaign")),
    "staff/campaigns/<uuid:pk>/demands/": (EDITOR, pk("campaign")),
    "staff/campaigns/<uuid:pk>/demands/add/": (EDITOR, pk("campaign")),
    "staff/campaigns/<uuid:pk>/voices/add/": (EDITOR, pk("campaign")),
    "staff/demands/<uuid:pk>/": (EDITOR, pk("demand")),
    "staff/demands/<uuid:pk>/outcome/": (EDITOR, pk("demand")),
    "staff/demands/<uuid:pk>/withdraw/": (EDITOR, pk("demand")),
    "staff/voices/<uuid:pk>/withdraw/": (EDITOR, pk("voice")),
    "staff/stances/": (EDITOR, nothing),
    "staff/stances/results/": (EDITOR, nothing),
    "staff/stances/enter/": (EDITOR, nothing),
    "staff/answers/": (APPROVER, nothing),
    "staff/answers/results/": (APPROVER, nothing),
    "staff/answers/<uuid:pk>/": (APPROVER, pk("answer")),
    "staff/abuse/": (APPROVER, nothing),
    "staff/abuse/invalidate/": (APPROVER, nothing),
    "staff/abuse/invalidations/<uuid:pk>/undo/": (APPROVER, pk("invalidation")),
    "staff/abuse/breakers/<uuid:pk>/release/": (APPROVER, pk("breaker")),
    "staff/sending/": (EDITOR, nothing),
    "staff/hours/": (EDITOR, nothing),
    "staff/hours/<int:pk>/reopen/": (APPROVER, pk("page")),
    "staff/hours/<int:pk>/achieved/": (APPROVER, pk("page")),
    "staff/achievements/<uuid:pk>/agree/": (APPROVER, pk("achievement")),
    "staff/achievements/<uuid:pk>/take-back/": (APPROVER, pk("achievement")),
    "staff/figures/": (EDITOR, nothing),
    "staff/figures/results/": (EDITOR, nothing),
    "staff/figures/<int:pk>/": (EDITOR, pk("page")),
    "staff/sending/page/<int:pk>/bundles/": (EDITOR, pk("page")),
    "staff/sending/page/<int:pk>/bundle/": (APPROVER, pk("page")),
    "staff/bundles/<uuid:pk>/": (EDITOR, pk("hand_over")),
    "staff/bundles/<uuid:pk>/document/": (APPROVER, pk("hand_over"), "post"),
    "staff/bundles/<uuid:pk>/signature/": (EDITOR, pk("hand_over")),
    "staff/bundles/<uuid:pk>/handed-over/": (APPROVER, pk("hand_over")),
    "staff/bundles/<uuid:pk>/take-apart/": (APPROVER, pk("hand_over")),
    "staff/bundles/<uuid:pk>/receipt/": (APPROVER, pk("hand_over")),
    "staff/signed/<int:pk>/hand-overs/": (EDITOR, pk("petition")),
    "staff/signed/<int:pk>/hand-overs/plan/": (EDITOR, pk("petition")),
    "staff/bundles/<uuid:pk>/draft/": (EDITOR, pk("names_hand_over")),
    "staff/bundles/<uuid:pk>/agree/": (APPROVER, pk("names_hand_over")),
    "staff/bundles/<uuid:pk>/refuse/": (EDITOR, pk("names_hand_over")),
    "staff/bundles/<uuid:pk>/table/": (APPROVER, pk("names_hand_over"), "post"),
    "staff/bundles/<uuid:pk>/table/signature/": (EDITOR, pk("names_hand_over")),
    "staff/bundles/<uuid:pk>/everybody/": (APPROVER, pk("names_hand_over")),
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
    "staff/complaints/": (ADMINISTRATOR, nothing),
    "staff/complaints/results/": (ADMINISTRATOR, nothing),
    "staff/complaints/<uuid:pk>/": (ADMINISTRATOR, pk("complaint")),
    "staff/supporters/": (EDITOR, nothing),
    "staff/supporters/results/": (EDITOR, nothing),
    "staff/supporters/find/": (APPROVER, nothing),
    "staff/supporters/<uuid:pk>/": (EDITOR, pk("supporter")),
    "staff/supporters/<uuid:pk>/tags/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/note/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/note/<uuid:note>/remove/": (
        APPROVER,
        lambda side: {"pk": side.supporter.pk, "note": side.note.pk},
    ),
    "staff/supporters/<uuid:pk>/details/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/answer/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/withdraw/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/suppress/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/fields/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/copy/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/erase/": (APPROVER, pk("supporter")),
    "staff/supporters/tags/": (EDITOR, nothing),
    "staff/supporters/tags/results/": (EDITOR, nothing),
    "staff/supporters/tags/add/": (APPROVER, nothing),
    "staff/supporters/tags/many/": (APPROVER, nothing),
    "staff/supporters/tags/<uuid:pk>/": (APPROVER, pk("tag")),
    "staff/supporters/tags/<uuid:pk>/remove/": (APPROVER, pk("tag")),
    "staff/supporters/tagged/": (EDITOR, nothing),
    "staff/supporters/tagged/results/": (EDITOR, nothing),
    "staff/supporters/tagged/<uuid:pk>/undo/": (APPROVER, pk("change")),
    "staff/supporters/segments/": (EDITOR, nothing),
    "staff/supporters/segments/results/": (EDITOR, nothing),
    "staff/supporters/segments/add/<uuid:organization>/": (
        EDITOR,
        lambda side: {"organization": side.organization.pk},
    ),
    "staff/supporters/segments/count/<uuid:organization>/": (
        EDITOR,
        lambda side: {"organization": side.organization.pk},
        "post",
    ),
    "staff/supporters/segments/<uuid:pk>/": (EDITOR, pk("segment")),
    "staff/supporters/segments/<uuid:pk>/change/": (EDITOR, pk("segment")),
    "staff/supporters/segments/<uuid:pk>/rename/": (EDITOR, pk("segment")),
    "staff/supporters/segments/<uuid:pk>/copy/": (EDITOR, pk("segment")),
    "staff/supporters/segments/<uuid:pk>/delete/": (EDITOR, pk("segment")),
    "staff/mailings/": (EDITOR, nothing),
    "staff/mailings/results/": (EDITOR, nothing),
    "staff/mailings/new/": (EDITOR, nothing),
    "staff/mailings/<uuid:pk>/": (EDITOR, pk("mailing")),
    **{
        f"staff/mailings/<uuid:pk>/{screen}/": (EDITOR, pk("mailing"))
        for screen in (
            *("change", "copy", "delete", "links", "texts/add"),
            *("pace", "try", "again"),
            *("audience", "ready", "take-back", "pause", "stop"),
        )
    },
    **{
        f"staff/mailings/<uuid:pk>/{screen}/": (APPROVER, pk("mailing"))
        for screen in ("approve", "resume", "late", "unknown", "winner")
    },
    "staff/mailings/automations/": (EDITOR, nothing),
    "staff/mailings/automations/results/": (EDITOR, nothing),
    "staff/mailings/automations/new/": (EDITOR, nothing),
    "staff/mailings/automations/<uuid:pk>/": (EDITOR, pk("automation")),
    **{
        f"staff/mailings/automations/<uuid:pk>/{screen}/": (EDITOR, pk("automation"))
        for screen in ("change", "delete", "off", "add", "remove")
    },
    "staff/mailings/automations/<uuid:pk>/on/": (APPROVER, pk("automation")),
    "staff/mailings/automations/steps/<uuid:pk>/": (EDITOR, pk("automation_step")),
    "staff/deliverability/": (APPROVER, nothing),
    "staff/deliverability/<uuid:pk>/": (APPROVER, pk("organization")),
    "staff/mailings/messages/<uuid:pk>/": (EDITOR, pk("text_message")),
    "staff/mailings/messages/<uuid:pk>/preview/": (EDITOR, pk("text_message")),
    "staff/mailings/messages/<uuid:pk>/test/": (EDITOR, pk("text_message")),
    "staff/mailings/texts/<uuid:pk>/": (EDITOR, pk("mail_text")),
    **{
        f"staff/mailings/texts/<uuid:pk>/{screen}/": (EDITOR, pk("mail_text"))
        for screen in ("remove", "preview", "document", "test")
    },
    "staff/supporters/fields/": (ADMINISTRATOR, nothing),
    "staff/supporters/fields/results/": (ADMINISTRATOR, nothing),
    "staff/supporters/fields/add/": (ADMINISTRATOR, nothing),
    "staff/supporters/fields/<uuid:pk>/": (ADMINISTRATOR, pk("field")),
    "staff/supporters/fields/<uuid:pk>/remove/": (ADMINISTRATOR, pk("field")),
    "staff/supporters/lists/": (APPROVER, nothing),
    "staff/supporters/lists/results/": (APPROVER, nothing),
    "staff/supporters/lists/add/": (APPROVER, nothing),
    "staff/supporters/lists/<uuid:pk>/": (APPROVER, pk("run")),
    "staff/supporters/lists/<uuid:pk>/problems/<str:during>/": (
        APPROVER,
        lambda side: {"pk": side.run.pk, "during": "check"},
    ),
    **{
        f"staff/supporters/lists/<uuid:pk>/{screen}/": (APPROVER, pk("run"))
        for screen in (
            "source",
            "columns",
            "consent",
            "rest",
            "start",
            "pause",
            "resume",
            "cancel",
            "undo",
            "forget",
        )
    },
    "staff/supporters/exports/": (APPROVER, nothing),
    "staff/supporters/exports/results/": (APPROVER, nothing),
    "staff/supporters/exports/ask/": (APPROVER, nothing),
    "staff/supporters/exports/whose/": (APPROVER, nothing),
    "staff/supporters/exports/<uuid:pk>/": (APPROVER, pk("export")),
    "staff/supporters/exports/<uuid:pk>/approve/": (APPROVER, pk("export")),
    "staff/supporters/exports/<uuid:pk>/refuse/": (APPROVER, pk("export")),
    "staff/supporters/exports/<uuid:pk>/fetch/": (APPROVER, pk("export")),
    "staff/supporters/exports/<uuid:pk>/delete/": (APPROVER, pk("export")),
    "staff/data-protection/": (ADMINISTRATOR, nothing),
    "staff/data-protection/breach/": (ADMINISTRATOR, nothing),
    "staff/data-protection/<uuid:pk>/<str:kind>/": (
        ADMINISTRATOR,
        lambda side: {"pk": side.organization.pk, "kind": "article30"},
    ),
    "staff/supporters/duplicates/": (EDITOR, nothing),
    "staff/supporters/merges/": (EDITOR, nothing),
    "staff/supporters/merges/results/": (EDITOR, nothing),
    "staff/supporters/merges/<uuid:pk>/undo/": (ADMINISTRATOR, pk("merge")),
    "staff/supporters/<uuid:pk>/merge/": (APPROVER, pk("supporter")),
    "staff/supporters/<uuid:pk>/merge/<uuid:other>/": (
        EDITOR,
        lambda side: {"pk": side.supporter.pk, "other": side.twin.pk},
    ),
    "staff/suppressions/": (APPROVER, nothing),
    "staff/suppressions/results/": (APPROVER, nothing),
    "staff/suppressions/add/": (APPROVER, nothing),
    "staff/suppressions/find/": (APPROVER, nothing),
    "staff/suppressions/import/": (ADMINISTRATOR, nothing),
    "staff/suppressions/export/": (ADMINISTRATOR, nothing),
    "staff/suppressions/<uuid:pk>/": (APPROVER, pk("suppression")),
    "staff/suppressions/everywhere/": (SUPERUSER, nothing),
    "staff/suppressions/everywhere/results/": (SUPERUSER, nothing),
    "staff/suppressions/everywhere/add/": (SUPERUSER, nothing),
    "staff/suppressions/everywhere/<uuid:pk>/": (SUPERUSER, pk("suppressed_everywhere")),
    "staff/organizations/": (ADMINISTRATOR, nothing),
    "staff/organizations/results/": (ADMINISTRATOR, nothing),
    "staff/organizations/<uuid:pk>/": (ADMINISTRATOR, pk("organization")),
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
    "answer/<str:token>/": "a signed link out of a mail",
    "answer/<str:token>/stop/": "a signed link out of a mail",
    "answer/<str:token>/<str:said>/": "a signed link out of a mail",
    ".well-known/amparo-signing-key": "a public key, the same for everybody",
    "healthz": "says that the process answers",
    "readyz": "says that its parts answer",
    "metrics": "counts, behind a token of the installation",
    "theme/<int:pk>-<str:mark>.css": "the colours of a public site",
    "media/images/<str:name>": "pictures of public pages",
    "confirm/<str:token>/": "a signed link out of a mail",
    "letters/<str:token>/": "a signed link out of a mail",
    "proof/": "a puzzle for programs",
    "me/": "asks for a link to one's own page, and says the same to everybody",
    "me/erased/": "says that somebody was erased, and not who",
    "me/address/<str:token>/": "a signed link out of a mail",
    "me/<str:token>/": "a signed link out of a mail",
    "me/<str:token>/data/": "a signed link out of a mail",
    "me/<str:token>/erase/": "a signed link out of a mail",
    "unsubscribe/<str:token>/": "a signed link out of a mail",
    "signatures/<int:pk>/<int:number>/": "names of those who want to be seen, on the site's own pages",
    "open-letters/<int:pk>/<int:number>/": "a letter that was published, on the site's own pages",
    "open-letters/<int:pk>/<int:number>.pdf": "the same, to print",
    "cases/<int:pk>/hearings.ics": "hearings that were cleared for readers, on the site's own pages",
    "cases/<int:pk>/dossier.pdf": "what was cleared for readers, on the site's own pages",
    "cases/<int:pk>/case.jsonld": "what was cleared for readers, on the site's own pages",
    "campaigns/<int:pk>/updates.atom": "the news of a campaign, on the site's own pages",
    "answered/<int:pk>/": "what offices answered, as staff summed it up, on the site's own pages",
    "answered/by/<path:target_key>/": "what one office answered to the site's own organization",
    "follow/<int:pk>/": "a form that says the same to everybody, under a public case of the site",
    "following/<str:token>/": "a signed link out of a mail",
    "mail/bounces/": "what came back, behind a token of the installation",
    "provider-reports/<slug:provider>/": "what became of mailings, signed by the provider; answers nothing",
    "texts/answers/": "answers to text messages, signed by the provider",
    "texts/reports/<str:token>/": "what became of a text message, signed by the provider",
    "targets/find/<slug:slug>/": "public offices, and those of the site's own organization",
    "targets/mistake/<path:target_key>/": "public offices, and those of the site's own organization",
}
#: What a forger might send; every form takes of it what it knows.
FORGED = {
    "sure": "1",
    "deed": "hold",
    "answer": "forged",
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
    "reference": "forged",
    "name": "forged",
    "on": "2026-06-01",
}
#: Verbs of the trail that say no more than that somebody's data was looked at.
LOOKS = {*looking_up.LOOKS, "read_case", "read_file"}


#: A picture of one dot.
A_DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


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
    complaint = Complaint.objects.create(
        organization=organization, supporter=writer, key=uuid4(), text=word, language="en", received_at=NOW
    )
    hand_over = a_hand_over(page, target_name=word, target_label=word)
    achievement = Achievement.objects.create(
        organization=organization,
        page=page,
        text=word,
        state="waiting",
        asked_by=staff["editor"],
        asked_at=NOW,
    )
    dataset = staging.stage(
        bundle=orlund(slug, slug=f"list-{word.lower()}", title=word, description=word),
        organization=organization,
        now=NOW,
    )
    question = a_question(organization, text=word)
    case = a_case(organization, person=a_person(organization, word), reference=word, slug="", title=word)
    development = a_development(case, "2026-03-03", word, text=word)
    mailing, mail_text = a_draft_mailing(organization, word)
    automation = arranging.begin(organization=organization, kind="welcome", name=word, by=None, now=NOW)
    shared_source = a_source(organization, title=word)
    figure = a_figure(organization, key=word.lower(), unit=word, source=shared_source, recheck_by=NOW.date())
    law = a_law(organization, name=word, about=word, source=shared_source)
    (caution,) = cautioning.of_organization(organization, today=NOW.date())
    publication_consent = a_publication_consent(case.person, "name", giver=word)
    clearance = publishing.ask(
        record=development, column="title", reason=word, consent=None, case=case, by=administrator, now=NOW
    )
    demand = a_demand(page.campaign, word, by=administrator)
    who = siding.Who("", "", word, word)
    said = siding.Said(who, "supports", "staff", NOW.date())
    siding.record(demands=[demand], said=[said], by=administrator, now=NOW)
    voice = siding.raise_voice(
        campaign=page.campaign,
        who=who,
        kind="signed",
        dated=NOW.date(),
        source_url="https://example.org/",
        agrees=False,
        by=administrator,
        now=NOW,
    )
    answered = a_letter(page, state=Message.State.SENT, target_name=word, target_label=word)
    answer = following_up.record(
        message=answered, told=following_up.Told("yes", summary=word, text=word), now=NOW
    )
    petition = a_petition(organization, title=f"Petition {word}", slug="petition", campaign=page.campaign)
    signed = sign(petition, word, word, shown_as="name", comment=word, represents=word)
    names_hand_over = a_names_hand_over(petition, office=word, by=administrator)
    sheet = signing.enter_paper(
        page=petition, number=4, collected_on=NOW.date(), provenance=word, by=administrator, now=NOW
    )
    audit.record(
        verb="hold_letter",
        subject=letter,
        by=administrator,
        organization=organization,
        now=NOW,
        details={"x": word},
    )
    tag = tagging.make_tag(organization=organization, name=word, by=administrator, now=NOW)
    field = custom_fields.make_field(
        organization=organization,
        label=word,
        kind=CustomField.Kind.TEXT,
        privacy=CustomField.Privacy.PERSONAL,
        by=administrator,
        now=NOW,
    )
    custom_fields.answer(supporter=writer, field=field, text=word, by=administrator, now=NOW)
    note = noting.write(supporter=writer, text=word, by=administrator, now=NOW)
    everybody = Supporter.objects.for_organization(organization)
    change = tagging.tag_many(supporters=everybody, tag=tag, chosen={}, by=administrator, now=NOW)
    export = exporting.ask(
        organization=organization,
        chosen={"tag": str(tag.pk)},
        reach="everybody",
        columns=["email"],
        form="csv",
        reason=word,
        by=administrator,
        now=NOW,
    )
    invalidation = Invalidation.objects.create(
        organization=organization, conditions=word, reason=word, chosen=0, invalidated_at=timezone.now()
    )
    Trend.objects.create(
        organization=organization, kind="domain", mark=bytes(32), day=NOW, label=word, count=1, usual=0,
        found_at=NOW,
    )  # fmt: skip
    breaker = Breaker.objects.create(
        organization=organization, scope=str(organization.pk), most=1, tripped_at=NOW
    )
    run = preparing.receive(
        [f"email,{word}\nx@example.org,{word}\n".encode()],
        organization=organization,
        file_name=f"{word}.csv",
        by=administrator,
        now=NOW,
    )
    file = evidence_files.take_in(
        blocks=[A_DOT], name=word, source=shared_source, told={"captured_by": word}, by=administrator, now=NOW
    )
    case_import = running.receive(
        [f"reference,name\n{word}-2,{word}\n".encode()],
        organization=organization,
        file_name=f"{word}.csv",
        existing="refuse",
        by=administrator,
        now=NOW,
    )
    return SimpleNamespace(
        run=run,
        file=file,
        redacted_file=evidence_files.redact(file=file, boxes=[], pages=[1], by=administrator, now=NOW),
        case_import=case_import,
        word=word,
        invalidation=invalidation,
        breaker=breaker,
        organization=organization,
        supporter=writer,
        tag=tag,
        field=field,
        note=note,
        change=change,
        export=export,
        page=page,
        draft=draft,
        campaign=page.campaign,
        letter=letter,
        question=question,
        case=case,
        shared_source=shared_source,
        figure=figure,
        law=law,
        caution=caution,
        development=development,
        publication_consent=publication_consent,
        clearance=clearance,
        petition=petition,
        demand=demand,
        voice=voice,
        answer=answer,
        signature=signed.signature,
        sheet=sheet,
        entered=entered,
        override=override,
        report=report,
        hand_over=hand_over,
        achievement=achievement,
        names_hand_over=names_hand_over,
        complaint=complaint,
        segment=segmenting.keep(
            organization=organization,
            name=f"Segment {word}",
            question={"filter": "acted-on", "pages": [page.pk]},
            by=administrator,
            now=NOW,
        ),
        dataset=dataset,
        mailing=mailing,
        mail_text=mail_text,
        text_message=a_draft_text_message(organization, word),
        automation=automation,
        automation_step=automation.steps.get(),
        staff=staff,
        role=StaffRole.objects.get(user=staff[Role.EDITOR], organization=organization),
    )


def a_draft_mailing(organization, word):
    """A mailing being composed, with the word in everything that is written."""
    mailing = composing.begin(
        organization=organization,
        name=word,
        kind=Mailing.Kind.ALERT,
        campaign=None,
        language="en",
        by=None,
        now=NOW,
    )
    text = mailing.texts.get()
    composing.write(
        text=text,
        subject=word,
        preview=word,
        raw=[{"type": "heading", "value": word}],
        seen=None,
        by=None,
        now=NOW,
    )
    return mailing, text


def a_draft_text_message(organization, word):
    """A text message being written, with the word in it."""
    mailing = composing.begin(
        organization=organization,
        name=f"{word} by text",
        kind=Mailing.Kind.ALERT,
        campaign=None,
        language="en",
        channel=Channel.SMS,
        by=None,
        now=NOW,
    )
    text = mailing.texts.get()
    text_composing.write(text=text, words=f"{word}: answer STOP", seen=None, by=None, now=NOW)
    return text


@pytest.fixture
def sides(db, tmp_path, settings):
    """Ours, and theirs, on a server with published targets."""
    settings.AMPARO_VAR = tmp_path
    settings.AMPARO_SMS_PROVIDER, settings.AMPARO_SMS_SENDERS = "catcher", {"": "+441632960000"}
    current.forget()
    alvenia()
    failure = ContactFailure.objects.create(
        address="x@example.org", letter_id=NOW_ID, reason="gone", failed_at=NOW
    )
    postcode = PostcodeOverride.objects.create(
        slug="alvenia", postcode="1002", area_code="N2", reason="known"
    )
    found = [a_side("open-doors", "Zeldanary"), a_side("lamp-light", "Quibanary")]
    nobody = {"email": "nobody@example.org", "reason": Suppression.Reason.LAW, "source": "an order"}
    suppression.suppress_everywhere(**nobody, now=NOW)
    for side in found:
        side.failure, side.postcode = failure, postcode
        side.suppressed_everywhere = InstallationSuppression.objects.get()
        merge_and_suppress(side)
    return SimpleNamespace(ours=found[0], theirs=found[1])


def merge_and_suppress(side):
    """Two records of one person, and an address never to be written to."""
    organization, word, by = side.organization, side.word, side.staff[Role.ADMINISTRATOR]
    side.twin, absorbed = (
        a_supporter(organization, given_name=word, email=f"{which}-{word.lower()}@supporters.example.net")
        for which in ("twin", "old")
    )
    side.merge = merging.merge(survivor=side.twin, absorbed=absorbed, by=by, now=NOW)
    suppression.suppress_by_staff(
        organization=organization,
        email=f"{word.lower()}@example.org",
        reason=Suppression.Reason.STAFF,
        source=word,
        by=by,
        now=NOW,
    )
    side.suppression = Suppression.objects.get(organization=organization)


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
        model._meta.label: [tuple(map(str, row)) for row in _rows_of(model).order_by("pk").values_list()]
        for model in [*models, Page]
    }


def _rows_of(model):
    """Every row, but for entries of the trail that say no more than that a person's data was looked at."""
    rows = model._base_manager.all()
    return rows.exclude(verb__in=LOOKS) if model is AuditEntry else rows


def refuses(response):
    """Not found, forbidden, or sent to sign in or home with the news that this is not for them."""
    if response.status_code in {302, 303}:
        return response.url == reverse("wagtailadmin_home") or response.url.startswith("/accounts/login/")
    return response.status_code in {403, 404, 405}


def what_is_said(response):
    """What was answered, also when it came bit by bit, or as a document to print."""
    said = b"".join(response.streaming_content) if response.streaming else response.content
    if response.get("Content-Type") == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(said)).pages)
    return said.decode(errors="replace")


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
            assert sides.theirs.word.lower() not in what_is_said(response).lower(), told
            if names_a_row(route):
                assert refuses(response), told
                if role != "anonymous" and LADDER.index(role) >= LADDER.index(STAFF[route][0]):
                    assert response.status_code in {404, 405}, told
    after = everything_stored()
    changed = {label for label, rows in after.items() if rows != before[label]}
    assert changed == set()
    assert not AuditEntry.objects.filter(organization=sides.theirs.organization, verb__in=LOOKS).exists()


def mixed_addresses(sides):
    """Every address that names two things, with one of them theirs, and what was put into it."""
    for route, (_least, named, *_only_post) in STAFF.items():
        ours, theirs = named(sides.ours), named(sides.theirs)
        for name in ours:
            if len(ours) > 1 and ours[name] != theirs[name]:
                yield (
                    f"{route} with their {name}",
                    reverse(OURS[route].name, kwargs={**ours, name: theirs[name]}),
                )


def test_nothing_of_theirs_is_reached_by_way_of_ours(sides):
    browser = signed_in(sides.ours.staff[Role.ADMINISTRATOR])
    before = everything_stored()
    mixed = list(mixed_addresses(sides))
    for told, address in mixed:
        for method in ("get", "post"):
            response = getattr(browser, method)(address, FORGED if method == "post" else {})
            assert refuses(response), f"{method.upper()} {told}: {response.status_code}"
            assert sides.theirs.word.lower() not in what_is_said(response).lower(), told
    assert everything_stored() == before
    assert len(mixed) > 10


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
            response = browser.post(place(route, sides.ours), FORGED)
            assert refuses(response), f"{role} POST {route}: {response.status_code}"
            assert response.status_code != 405, f"{role} POST {route}"


def test_looking_changes_nothing(sides):
    before = everything_stored()
    root = signed_in(a_superuser())
    for method in ("get", "head", "options"):
        for route in STAFF:
            getattr(root, method)(place(route, sides.ours))
    after = everything_stored()
    del before["accounts.User"], after["accounts.User"]
    assert {label for label, rows in after.items() if rows != before[label]} == set()


def test_the_words_are_there_to_be_seen(sides):
    """The matrix would pass on empty pages: whoever may does see their own word."""
    browser = signed_in(sides.ours.staff[Role.ADMINISTRATOR])
    shown = {
        route
        for route, (_least, _kwargs, *only_post) in STAFF.items()
        if not only_post and sides.ours.word in what_is_said(browser.get(place(route, sides.ours)))
    }
    assert len(shown) > len(STAFF) * 0.6
    assert "staff/signed/<int:pk>/poster/" in shown


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
        browser.get("/me/" + "a" * 48 + "/"),
        browser.post("/unsubscribe/" + "a" * 48 + "/"),
        browser.post("/me/", {"email": f"{theirs.word}@supporters.example.net"}, follow=True),
        browser.get("/metrics"),
        browser.post("/mail/bounces/"),
        browser.post("/provider-reports/mailgun/"),
        browser.get("/"),
    ]
    for response in answers:
        assert theirs.word not in response.content.decode().replace(f"/{theirs.word}", ""), response.request[
            "PATH_INFO"
        ]
    assert answers[4].status_code == 404
