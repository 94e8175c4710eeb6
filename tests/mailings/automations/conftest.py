from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from amparo.mailings.delivery import delivering_mailings
from tests.factories.organizations import an_organization
from tests.fakes.pipelining_server import a_server


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture
def post(settings, tmp_path):
    """Sends what waits and returns the mails of everybody so far, by the name before the @."""
    settings.AMPARO_VAR = str(tmp_path)
    with a_server() as server:
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}?tls=none&timeout=5"

        def send(now) -> dict[str, list]:
            delivering_mailings.Session(now_source=lambda: now).run()
            found: dict[str, list] = {}
            for name, content in zip(server.took, server.contents, strict=True):
                found.setdefault(name, []).append(message_from_bytes(content, policy=policy.default))
            return found

        yield send
