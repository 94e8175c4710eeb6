"""A wrong or missing setting is refused at start, in one sentence that says what to type and shows no secret."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

from amparo.config import env
from amparo.config.engines import refuse_bad_smtp_url
from amparo.config.env import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ROOT / "amparo" / "config" / "settings.py"
SECRET = "k9" * 25
READ = ("AMPARO_", "BASE_URL", "BROKER_URL", "CACHE_URL", "DATABASE_URL", "SECRET_KEY", "SMTP_URL")


@pytest.fixture
def surroundings(monkeypatch, tmp_path):
    """An environment with nothing but what every installation needs."""
    for name in [name for name in os.environ if name.startswith(READ)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AMPARO_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("AMPARO_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    return monkeypatch


def load() -> dict[str, object]:
    """The settings as they are in this environment."""
    return runpy.run_path(str(SETTINGS))


def refusal() -> str:
    """The sentence with which the settings refuse to load."""
    with pytest.raises(ConfigurationError) as refused:
        load()
    return str(refused.value)


def test_what_every_installation_needs_is_enough(surroundings, tmp_path):
    found = load()
    assert found["AMPARO_ON_SQLITE"] is True
    assert found["DEBUG"] is False
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


def test_https_makes_everything_strict(surroundings):
    surroundings.setenv("BASE_URL", "https://campaigns.example.org/")
    found = load()
    assert found["BASE_URL"] == "https://campaigns.example.org"
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["ALLOWED_HOSTS"] == ["campaigns.example.org"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("SECRET_KEY", "50 random characters"), ("AMPARO_MASTER_KEY_FILE", "amparo keys create PATH")],
)
def test_what_is_missing_is_named_with_what_to_do(surroundings, name, says):
    surroundings.delenv(name)
    sentence = refusal()
    assert sentence.startswith(f"{name} is not set.")
    assert says in sentence


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BASE_URL", "campaigns.example.org", "write the address of the site"),
        ("BASE_URL", "ftp://campaigns.example.org", "write the address of the site"),
        ("BASE_URL", "https://campaigns.example.org/sub/", "write the address of the site"),
        ("BASE_URL", "https://campaigns.example.org?a=b", "write the address of the site"),
        ("BASE_URL", "https://somebody:secret@campaigns.example.org", "write the address of the site"),
        ("BASE_URL", "https://campaigns.example.org:port", "write the address of the site"),
        ("BASE_URL", "https://[campaigns", "write the address of the site"),
        ("SECRET_KEY", "short", "at least 32 random characters"),
        ("DATABASE_URL", "amparo.sqlite3", "DATABASE_URL cannot be read"),
        ("DATABASE_URL", "postgres://u:p@host:port/name", "DATABASE_URL cannot be read"),
        ("DATABASE_URL", "mysql://user:password@host/name", "names another kind of database"),
        ("AMPARO_ENGINE", "rabbit", "write one of: embedded, celery"),
        ("AMPARO_ENGINE", "celery", "BROKER_URL is not set"),
        ("BROKER_URL", "redis://127.0.0.1/0", "amqp://"),
        ("AMPARO_LETTERS_PER_TARGET_PER_HOUR", "many", "write a whole number from 1 to 3600"),
        ("AMPARO_LETTERS_PER_TARGET_PER_HOUR", "0", "write a whole number from 1 to 3600"),
        ("AMPARO_TRUSTED_PROXIES", "6", "write a whole number from 0 to 5"),
        ("AMPARO_TRUSTED_PROXIES", "-1", "write a whole number from 0 to 5"),
        ("AMPARO_PAGE_CACHE_SECONDS", "1.5", "write a whole number from 0 to 86400"),
        ("AMPARO_DEMO", "perhaps", "write true or false"),
        ("AMPARO_LOG_LEVEL", "LOUD", "write one of: DEBUG, INFO, WARNING, ERROR"),
        ("AMPARO_EXTRA_HOSTS", "https://example.net", "write names such as www.example.org"),
        ("AMPARO_EXTRA_HOSTS", "one.example.net two.example.net", "write names such as www.example.org"),
        ("CACHE_URL", "memcached://127.0.0.1", "CACHE_URL cannot be read"),
        ("SECRET_KEY_FILE", "/nowhere/key", "are both set"),
        ("AMPARO_VAR", "/dev/null/var", "cannot be made"),
        ("AMPARO_MAIL_PROVIDER", "sendgrid", "write one of: smtp, mailgun, mailjet, postmark"),
        ("AMPARO_MAIL_PROVIDER", "mailgun", "AMPARO_MAIL_PROVIDER_KEY is not set"),
        ("AMPARO_MAIL_PROVIDER_REGION", "ca", "write one of: eu, us"),
        ("AMPARO_MAIL_REPORTS_SECRET", "short", "at least 20 random characters"),
        ("AMPARO_MAIL_REPORTS_SECRET", "0123456789abcdef0123", "has no colon; write user:password"),
        ("AMPARO_SMS_PROVIDER", "catcher", "write one of: none, twilio"),
        ("AMPARO_SMS_PROVIDER", "twilio", "AMPARO_SMS_ACCOUNT is not set"),
        ("AMPARO_SMS_SENDERS", "01632 960001", "write a number such as +441632960001"),
        ("AMPARO_SMS_SENDERS", "doors=+441632960001,doors=+441632960002", "slug=+441632960001"),
        ("AMPARO_SMS_SENDERS", "Open Doors Now!", "write a number such as"),
        ("AMPARO_SMS_SENDERS", "MG123=", "write a number such as"),
        ("AMPARO_SMS_URL", "http://api.twilio.com", "does not begin with https://"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_type(surroundings, name, value, says):
    surroundings.setenv(name, value)
    sentence = refusal()
    assert name.removesuffix("_FILE").split("_")[0] in sentence
    assert says in sentence
    assert "\n" not in sentence
    assert "password" not in sentence.replace("user:password", "")


def test_a_provider_of_texts_gets_what_it_asks_for(surroundings):
    assert load()["AMPARO_SMS_PROVIDER"] == "none"
    surroundings.setenv("AMPARO_SMS_PROVIDER", "twilio")
    surroundings.setenv("AMPARO_SMS_ACCOUNT", "AC1")
    assert "AMPARO_SMS_TOKEN is not set" in refusal()
    surroundings.setenv("AMPARO_SMS_TOKEN", "token")
    assert "AMPARO_SMS_SENDERS is not set" in refusal()
    surroundings.setenv("AMPARO_SMS_SENDERS", "+441632960001, lamp-light=Lamp Light,doors=MG" + "0" * 32)
    assert load()["AMPARO_SMS_SENDERS"] == {
        "": "+441632960001",
        "lamp-light": "Lamp Light",
        "doors": "MG" + "0" * 32,
    }


def test_texts_of_a_demonstration_never_leave(surroundings):
    surroundings.setenv("AMPARO_DEMO", "true")
    loaded = load()
    assert loaded["AMPARO_SMS_PROVIDER"] == "catcher"
    assert loaded["AMPARO_SMS_SENDERS"][""].startswith("+441632960")
    surroundings.setenv("AMPARO_SMS_PROVIDER", "twilio")
    assert "write one of: none, catcher" in refusal()


def test_a_provider_of_e_mail_gets_what_it_asks_for(surroundings):
    assert load()["AMPARO_MAIL_PROVIDER"] == "smtp"
    surroundings.setenv("AMPARO_MAIL_PROVIDER", "mailgun")
    surroundings.setenv("AMPARO_MAIL_PROVIDER_KEY", "key-1")
    surroundings.setenv("AMPARO_MAIL_REPORTS_SECRET", "0123456789abcdef0123")
    anymail = load()["ANYMAIL"]
    assert (anymail["MAILGUN_API_KEY"], anymail["WEBHOOK_SECRET"]) == ("key-1", "")
    assert anymail["MAILGUN_API_URL"] == "https://api.eu.mailgun.net/v3"
    assert anymail["MAILGUN_SENDER_DOMAIN"] is None
    assert anymail["MAILGUN_WEBHOOK_SIGNING_KEY"] == "0123456789abcdef0123"
    surroundings.setenv("AMPARO_MAIL_REPORTS_SECRET", "reports:0123456789abcdef0123")
    surroundings.setenv("AMPARO_MAIL_PROVIDER", "mailjet")
    assert refusal() == (
        "AMPARO_MAIL_PROVIDER_KEY has no colon; Mailjet wants two words, written as key:secret."
    )
    surroundings.setenv("AMPARO_MAIL_PROVIDER_KEY", "key-1:secret-1")
    anymail = load()["ANYMAIL"]
    assert (anymail["MAILJET_API_KEY"], anymail["MAILJET_SECRET_KEY"]) == ("key-1", "secret-1")
    assert anymail["WEBHOOK_SECRET"] == "reports:0123456789abcdef0123"


def test_a_demonstration_hands_nobody_to_a_provider(surroundings):
    surroundings.setenv("AMPARO_DEMO", "true")
    surroundings.setenv("AMPARO_MAIL_PROVIDER", "mailgun")
    assert refusal().endswith("write one of: smtp.")


def test_a_value_may_stand_in_a_file(surroundings, tmp_path):
    (tmp_path / "key").write_text(f"{SECRET}\n")
    surroundings.delenv("SECRET_KEY")
    surroundings.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert load()["SECRET_KEY"] == SECRET


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), (b"", "is empty"), (b"\xff\xfe\x00", "is not a text file")],
)
def test_a_file_that_holds_no_value_is_refused(surroundings, tmp_path, content, says):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    surroundings.delenv("SECRET_KEY")
    surroundings.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert says in refusal()


def test_a_state_directory_that_cannot_be_written_is_refused(surroundings, monkeypatch):
    # Asked, not tried: whoever runs this may be root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert "may not write to" in refusal()


def test_a_demonstration_makes_its_own_secret_once(surroundings, tmp_path):
    surroundings.delenv("SECRET_KEY")
    surroundings.setenv("AMPARO_DEMO", "true")
    first = load()["SECRET_KEY"]
    assert load()["SECRET_KEY"] == first
    kept = tmp_path / "var" / "secret_key"
    assert kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_several_names_of_a_site_are_taken(surroundings):
    surroundings.setenv("AMPARO_EXTRA_HOSTS", "www.example.org, .example.net,192.0.2.7")
    assert env.hosts("AMPARO_EXTRA_HOSTS") == ["www.example.org", ".example.net", "192.0.2.7"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mail.example.org", "begins neither with smtp:// nor with smtps://"),
        ("smtp://letters@mail.example.org", "no password"),
        ("smtp://letters:secret@mail.example.org?tls=none", "in clear"),
    ],
)
def test_a_mail_server_that_cannot_be_reached_that_way_is_refused_at_start(settings, url, says):
    settings.SMTP_URL = url
    with pytest.raises(ConfigurationError) as refused:
        refuse_bad_smtp_url()
    assert says in str(refused.value)
    assert "secret" not in str(refused.value)
