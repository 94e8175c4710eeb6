from __future__ import annotations

import pytest

from tests.factories.organizations import an_organization
from tests.fakes.mail_provider import a_provider


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture
def own_state(settings, tmp_path):
    settings.AMPARO_VAR = str(tmp_path)


@pytest.fixture
def provider(settings, own_state):
    """The provider next door; `use` says as which one it is asked."""
    with a_provider() as fake:
        at = f"http://127.0.0.1:{fake.port}/"
        settings.AMPARO_MAIL_REPORTS_SECRET = "reports:0123456789abcdef"
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key-mailgun",
            "MAILGUN_API_URL": f"{at}v3",
            "MAILGUN_WEBHOOK_SIGNING_KEY": settings.AMPARO_MAIL_REPORTS_SECRET,
            "MAILJET_API_KEY": "key-mailjet",
            "MAILJET_SECRET_KEY": "secret",
            "MAILJET_API_URL": f"{at}v3.1",
            "POSTMARK_SERVER_TOKEN": "key-postmark",
            "POSTMARK_API_URL": at,
            "POSTMARK_MESSAGE_STREAM": "broadcast",
            "IGNORE_RECIPIENT_STATUS": True,
            "REQUESTS_TIMEOUT": (1, 1),
        }

        def use(name):
            settings.AMPARO_MAIL_PROVIDER = name
            secret = settings.AMPARO_MAIL_REPORTS_SECRET
            settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": "" if name == "mailgun" else secret}

        fake.use = use
        yield fake
