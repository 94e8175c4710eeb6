"""The staff screens on the suppression list."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from amparo.accounts.models import AuditEntry, Role
from amparo.supporters import suppression
from amparo.supporters.models import InstallationSuppression, Origin, Supporter, Suppression
from amparo.supporters.own_pages import preferences
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_superuser, a_supporter, signed_in

pytestmark = pytest.mark.django_db
SUZIE = "suzie@example.org"


@pytest.fixture
def suzie():
    return a_supporter(an_organization(), given_name="Suzie", email=SUZIE)


def browser(supporter, role):
    return signed_in(a_member_of_staff(supporter.organization, role))


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def state():
    return Supporter.objects.get().unreachable


def add(browser, organization, **fields):
    data = {"email": SUZIE, "reason": "staff", "source": "by telephone", "organization": organization.pk}
    return browser.post(reverse("staff_suppression_add"), data | fields)


def test_chidi_adds_an_address_finds_it_and_may_not_lift_it(suzie):
    chidi = browser(suzie, Role.APPROVER)
    assert add(chidi, suzie.organization).url == reverse("staff_suppressions")
    assert state() == "suppressed"
    listed = text_of(chidi.get(reverse("staff_suppressions")))
    assert "by telephone" in listed
    assert SUZIE not in listed
    assert "Bring in a list" not in listed

    row = Suppression.objects.get()
    place = reverse("staff_suppression_lift", args=[row.pk])
    assert chidi.post(reverse("staff_suppression_find"), {"email": SUZIE}).url == place
    assert "Only an administrator" in text_of(chidi.get(place))
    assert "because" not in text_of(chidi.get(place))
    chidi.post(place, {"because": "x"})
    assert state() == "suppressed"


def test_an_administrator_is_told_that_only_she_can_take_her_own_no_back(suzie, now):
    preferences.stop_everything(supporter=suzie, origin=Origin.PREFERENCES, now=now)
    administrator = browser(suzie, Role.ADMINISTRATOR)
    place = reverse("staff_suppression_lift", args=[Suppression.objects.get().pk])

    shown = text_of(administrator.get(place))

    assert "only they can take it back" in shown
    assert "because" not in shown
    assert "only they can take it back" in text_of(administrator.post(place, {"because": "x"}))
    assert state() == "suppressed"


def test_an_administrator_lifts_with_a_reason_and_never_without(suzie, now):
    suppression.suppress(
        organization=suzie.organization,
        email=SUZIE,
        reason=Suppression.Reason.COMPLAINED,
        source="",
        now=now,
    )
    administrator = browser(suzie, Role.ADMINISTRATOR)
    place = reverse("staff_suppression_lift", args=[Suppression.objects.get().pk])
    assert "required" in text_of(administrator.post(place))
    assert state() == "complained"

    assert administrator.post(place, {"because": "she asked on 3 March"}).status_code == 302

    assert state() == ""
    assert "she asked on 3 March" in text_of(administrator.get(place))
    assert "Lifted" in text_of(administrator.get(reverse("staff_suppressions")))


def test_looking_for_an_address_that_is_not_there_says_so(suzie, now):
    chidi = browser(suzie, Role.APPROVER)
    find = reverse("staff_suppression_find")
    assert "not on the list" in text_of(chidi.post(find, {"email": SUZIE}))
    assert "does not look like" in text_of(chidi.post(find, {"email": "suzie@"}))
    suppression.suppress_everywhere(email=SUZIE, reason=Suppression.Reason.LAW, source="", now=now)
    assert "Nobody on this server" in text_of(chidi.post(find, {"email": SUZIE}))


def test_a_list_is_brought_in_and_handed_on(suzie):
    administrator = browser(suzie, Role.ADMINISTRATOR)
    sha = hashlib.sha256(SUZIE.encode()).hexdigest()
    file = SimpleUploadedFile("list.csv", f"\ufeffemail\r\n{sha}\r\nnobody\r\n".encode())
    data = {"file": file, "source": "our former service", "organization": suzie.organization.pk}

    answered = administrator.post(reverse("staff_suppressions_import"), data, follow=True)

    assert "1 address was added. 0 were there already. 1 supporter is marked." in text_of(answered)
    assert "1 line could not be read: 3." in text_of(answered)
    assert state() == "suppressed"
    place = reverse("staff_suppressions_export")
    assert "SHA-256" in text_of(administrator.get(place))
    handed = administrator.post(place, {"organization": suzie.organization.pk})
    assert b"".join(handed.streaming_content).decode() == f"{sha}\r\n"
    assert handed.headers["Content-Disposition"].startswith('attachment; filename="suppressed-open-doors-')
    assert "no-store" in handed.headers["Cache-Control"]
    assert AuditEntry.objects.filter(verb="export_suppressions").count() == 1


def test_a_list_too_long_for_the_screen_names_the_command(suzie, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    file = SimpleUploadedFile("list.csv", b"suzie@example.org\n" * 2)
    data = {"file": file, "source": "x", "organization": suzie.organization.pk}
    shown = text_of(browser(suzie, Role.ADMINISTRATOR).post(reverse("staff_suppressions_import"), data))
    assert "amparo suppression import" in shown
    assert state() == ""


def test_a_list_for_somebody_elses_organization_is_refused(suzie):
    other = an_organization("other")
    administrator = browser(suzie, Role.ADMINISTRATOR)
    file = SimpleUploadedFile("list.csv", b"suzie@example.org\n")
    data = {"file": file, "source": "x", "organization": other.pk}
    administrator.post(reverse("staff_suppressions_import"), data)
    administrator.post(reverse("staff_suppressions_export"), {"organization": other.pk})
    add(administrator, other)
    assert not Suppression.objects.exists()
    assert not AuditEntry.objects.filter(verb="export_suppressions").exists()


def test_the_whole_server_is_for_who_looks_after_it(suzie):
    root = signed_in(a_superuser())
    added = root.post(
        reverse("staff_suppressed_everywhere_add"), {"email": SUZIE, "reason": "law", "source": "an order"}
    )
    assert added.url == reverse("staff_suppressed_everywhere")
    assert state() == "suppressed"
    row = InstallationSuppression.objects.get()
    place = reverse("staff_suppressed_everywhere_lift", args=[row.pk])
    assert "an order" in text_of(root.get(place))
    root.post(place, {"because": "order ended"})
    assert state() == ""
