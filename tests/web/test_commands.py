"""`serve`, `worker`, `status`, `doctor`, `keys` and `staff`: what they say, and when they say no."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ConnectionHandler
from django.db.utils import OperationalError
from django.utils import timezone

from amparo.accounts.models import AuditEntry, Role, StaffRole, User
from amparo.actions.models import Message
from amparo.kit import heartbeat, http, sealing, work
from amparo.kit.findings import Finding
from amparo.kit.master_keys import MasterKeys, create_master_key_file
from amparo.kit.registry import NotRegistered
from amparo.organizations import pausing
from amparo.supporters.rights import tombstones
from amparo.web import checkup, overview, readiness, serving, static_files
from tests.factories.letters import a_letter
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter


def said(*words: str, **options: object) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*words, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.fixture
def state(settings, tmp_path):
    """A state directory of its own, in which no engine has been heard."""
    settings.AMPARO_VAR = tmp_path
    return tmp_path


@pytest.fixture
def own_keys(settings, state):
    """A key file of its own, in force for one test."""
    path = state / "master.key"
    create_master_key_file(path)
    settings.AMPARO_MASTER_KEY_FILE = path
    sealing.forget_keys()
    yield path
    sealing.forget_keys()


def an_engine_lives(state, **lines: heartbeat.LineBeat) -> None:
    now = timezone.now()
    beat = heartbeat.Heartbeat(pid=7, started_at=now - timedelta(hours=1), at=now, lines=lines)
    heartbeat.write_heartbeat(beat, path=state / heartbeat.FILE_NAME)


# --- serve and worker ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_neither_starts_on_a_database_that_is_behind(command, monkeypatch):
    monkeypatch.setattr(readiness, "pending_migrations", lambda: ["actions.0009_later"])
    arguments = {"bind": f"127.0.0.1:{a_free_port()}"} if command == "serve" else {}
    with pytest.raises(readiness.MigrationsPending, match="run `amparo migrate`"):
        call_command(command, **arguments)


@pytest.mark.django_db
def test_a_migrated_database_lacks_nothing():
    assert readiness.pending_migrations() == []


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_serve_says_at_once_that_an_address_is_taken():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        bind = f"127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(CommandError, match="choose another with --bind"):
            call_command("serve", bind=bind)


@pytest.mark.parametrize("bind", ["8000", ":8000", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000"])
def test_serve_refuses_what_is_no_address(bind):
    with pytest.raises(CommandError, match=r"such as 127\.0\.0\.1:8000"):
        serving.refuse_taken_address(bind)


def test_sqlite_gets_one_process_and_postgresql_several(settings):
    settings.AMPARO_ON_SQLITE = True
    assert serving.usual_processes() == (1, 16)
    settings.AMPARO_ON_SQLITE = False
    assert serving.usual_processes()[0] >= 2


def test_the_web_server_logs_no_visitor():
    server = serving.Server(bind="127.0.0.1:0", processes=1, threads=2)
    assert server.cfg.accesslog is None
    assert server.cfg.control_socket_disable
    logger = server.cfg.logger_class(server.cfg)
    heard = []
    logger.error_log.handle = lambda record: heard.append(record.getMessage())
    logger.warning("Invalid request from ip=192.0.2.7: no method")
    try:
        raise ValueError("192.0.2.7")
    except ValueError:
        logger.exception("Error handling request /confirm/sometoken/")
    assert heard == ["A request failed with ValueError."]


def test_worker_names_the_lines_there_are():
    with pytest.raises(NotRegistered, match="letters"):
        call_command("worker", lines="lettres")


# --- static files -------------------------------------------------------------------------------------------


@pytest.fixture
def gathered(settings, tmp_path, monkeypatch):
    """An empty static root; how often it was filled."""
    settings.STATIC_ROOT = tmp_path / "static"
    times = []

    def gather(*_words, **_options):
        times.append(1)
        settings.STATIC_ROOT.mkdir(exist_ok=True)
        (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")

    monkeypatch.setattr(static_files, "call_command", gather)
    return times


def test_styles_are_gathered_once(gathered):
    assert static_files.gather_when_stale()
    assert not static_files.gather_when_stale()
    assert gathered == [1]


def test_styles_are_gathered_again_when_a_package_changed(gathered, monkeypatch):
    static_files.gather_when_stale()
    monkeypatch.setattr(static_files, "distributions", list)
    assert static_files.gather_when_stale()


def test_styles_are_gathered_again_when_those_of_any_app_changed(gathered, tmp_path, monkeypatch):
    theirs = tmp_path / "accounts" / "static" / "staff" / "staff.css"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("a {}")
    monkeypatch.setattr(static_files, "OURS", tmp_path)
    static_files.gather_when_stale()
    theirs.write_text("b {}")
    assert static_files.gather_when_stale()


def test_no_app_brings_styles_from_where_nobody_looks():
    ours = [Path(app.path) for app in apps.get_app_configs() if app.name.startswith("amparo.")]
    known = {path.parent for path in static_files.OURS.glob("*/static")}
    assert {path for path in ours if (path / "static").is_dir()} == known


def test_what_an_image_gathered_is_left_alone(gathered, settings):
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")
    assert not static_files.gather_when_stale()


# --- status -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_status_without_a_worker_says_so_and_fails(state, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("status")
    assert ended.value.code == 1
    assert "start one with `amparo worker`" in capsys.readouterr().out


@pytest.mark.django_db
def test_status_counts_letters_and_names_pauses(state):
    organization = an_organization()
    page = an_email_page(organization)
    for letter_state in ("queued", "queued", "in_flight", "sent", "failed"):
        a_letter(page, state=letter_state, now=timezone.now() - timedelta(hours=3))
    an_engine_lives(state)
    pausing.pause_organization(organization=organization, now=timezone.now())
    found = json.loads(said("status", json=True))
    letters = next(line for line in found["lines"] if line["name"] == "letters")
    assert (letters["due"], letters["claimed"], letters["done"], letters["failed"]) == (0, 1, 1, 1)
    assert letters["states"][Message.State.QUEUED] == 2
    assert [pause["of"] for pause in found["pauses"]] == ["organization"]
    pausing.resume_organization(organization=organization)
    plain = said("status")
    assert "3 hours" in plain
    assert "Nothing is paused." in plain
    assert "running" in plain


@pytest.mark.django_db
def test_a_line_without_rows_is_counted_by_its_engine(state):
    an_engine_lives(state, erasure=heartbeat.LineBeat(done=12, failed=1, last_error="OperationalError"))
    line = next(line for line in overview.look(now=timezone.now()).lines if line.name == "erasure")
    assert (line.done, line.failed, line.last_error) == (12, 1, "OperationalError")


@pytest.mark.django_db
def test_an_engine_that_fell_silent_is_called_so(state):
    an_engine_lives(state)
    later = timezone.now() + overview.SILENT_FOR
    assert overview.engine_state(now=timezone.now()).lives
    assert not overview.engine_state(now=later).lives


@pytest.mark.django_db
def test_every_line_is_shown(state):
    assert [line.name for line in overview.look(now=NOW).lines] == list(work.lines)


@pytest.mark.django_db
def test_every_pause_switch_is_named(state):
    page = an_email_page(an_organization())
    page.sending_paused_at = page.campaign.sending_paused_at = NOW
    page.save()
    page.campaign.save()
    pausing.pause_installation(because="restored from a backup", now=NOW)
    found = overview.pauses()
    assert [pause.of for pause in found] == ["installation", "campaign", "page"]
    assert found[0].because == "restored from a backup"


# --- doctor -------------------------------------------------------------------------------------------------


def findings(subject: str) -> dict[str, str]:
    """What the doctor finds about one subject: levels to sentences."""
    return {
        finding.level: finding.says
        for finding in checkup.examine(now=timezone.now())
        if finding.subject == subject
    }


@pytest.fixture
def a_mail_server():
    from tests.fakes.mail_server import FakeMailServer

    server = FakeMailServer()
    yield server.start()
    server.stop()


@pytest.fixture
def on_disk(monkeypatch, db):
    """Tests on SQLite run in memory, which the doctor would rightly call a danger."""
    if checkup.connection.vendor == "sqlite":
        answers = {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2", "PRAGMA foreign_keys": "1"}
        monkeypatch.setattr(checkup, "_asked", answers.__getitem__)


def test_a_healthy_installation_has_nothing_to_mend(state, own_keys, settings, a_mail_server, on_disk):
    settings.SMTP_URL = a_mail_server
    an_organization()
    an_engine_lives(state)
    bad = [finding for finding in checkup.examine(now=timezone.now()) if finding.level == "bad"]
    assert bad == []
    assert "every commit on the disk" in findings("database")["good"]


def test_doctor_fails_when_something_must_be_done(state, own_keys, settings, capsys, on_disk):
    settings.SMTP_URL = f"smtp://127.0.0.1:{a_free_port()}"
    with pytest.raises(SystemExit):
        call_command("doctor", json=True)
    found = {(finding["subject"], finding["level"]) for finding in json.loads(capsys.readouterr().out)}
    assert ("mail", "bad") in found
    assert ("worker", "bad") in found
    assert ("database", "good") in found


@pytest.mark.django_db
def test_doctor_asks_the_database_itself_and_not_the_settings(monkeypatch, state, own_keys):
    monkeypatch.setattr(checkup.connection, "vendor", "sqlite")
    answers = {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "1", "PRAGMA foreign_keys": "1"}
    monkeypatch.setattr(checkup, "_asked", answers.__getitem__)
    assert "synchronous=1" in findings("database")["bad"]
    answers["PRAGMA synchronous"] = "2"
    assert "good" in findings("database")


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_our_own_settings_make_sqlite_keep_every_commit(monkeypatch, tmp_path):
    """A file as an installation has it, opened with the options of the settings."""
    from amparo.config.settings import DATABASES

    handler = ConnectionHandler({"default": {**DATABASES["default"], "NAME": tmp_path / "amparo.sqlite3"}})
    monkeypatch.setattr(checkup, "connection", handler["default"])
    found = [finding.level for finding in checkup._sqlite()]
    handler["default"].close()
    assert found == ["good"]


@pytest.mark.django_db
def test_doctor_names_what_postgresql_has_switched_off(monkeypatch, state, own_keys):
    monkeypatch.setattr(checkup.connection, "vendor", "postgresql")
    answers = {
        "SHOW fsync": "on",
        "SHOW synchronous_commit": "off",
        "SHOW full_page_writes": "on",
        "SHOW server_version_num": "150004",
    }
    monkeypatch.setattr(checkup, "_asked", answers.__getitem__)
    assert "synchronous_commit is off" in findings("database")["bad"]
    answers |= {"SHOW synchronous_commit": "on", "SHOW server_version_num": "140011"}
    assert "14 is older than 15" in findings("database")["bad"]


def test_doctor_misses_the_key_of_an_organization(state, own_keys, settings, on_disk):
    an_organization(name="Open Doors")
    other = state / "other.key"
    create_master_key_file(other)
    settings.AMPARO_MASTER_KEY_FILE = other
    sealing.forget_keys()
    assert "Open Doors" in findings("keys")["bad"]


def test_doctor_erases_again_whom_a_restored_backup_brought_back(state, own_keys, on_disk):
    amina = a_supporter(an_organization())
    line = tombstones.Line(str(amina.organization_id), str(amina.pk), (), "staff", NOW.isoformat())
    tombstones.write([line])
    found = findings("erasures")
    assert "1 who had been erased" in found["note"]
    assert "1 are remembered" in found["good"]
    amina.refresh_from_db()
    assert amina.email is None
    assert "note" not in findings("erasures")


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_nothing_is_served_or_sent_before_the_erased_are_erased_again(command, state, db, monkeypatch):
    """Found while restoring a file: a backup from before an erasure holds the person."""
    amina = a_supporter(an_organization())
    tombstones.write(
        [tombstones.Line(str(amina.organization_id), str(amina.pk), (), "staff", NOW.isoformat())]
    )

    class ReachedError(Exception):
        """What would serve or send is reached, and by then nobody is left."""

    def stop(*_words, **_options):
        raise ReachedError

    monkeypatch.setattr(serving.Server, "run", stop)
    monkeypatch.setattr(static_files, "gather_when_stale", stop)
    monkeypatch.setattr("amparo.config.management.commands.worker.Engine", stop)
    monkeypatch.setattr("amparo.config.management.commands.worker.connections.close_all", lambda: None)
    if command == "migrate":
        assert "1 person was erased again" in said(command)
    else:
        arguments = {"bind": f"127.0.0.1:{a_free_port()}"} if command == "serve" else {}
        with pytest.raises(ReachedError):
            call_command(command, **arguments)
    amina.refresh_from_db()
    assert amina.email is None


def test_doctor_looks_at_the_providers_of_mailings_and_texts(state, own_keys, on_disk, settings, monkeypatch):
    """They were set up, and a key that nobody takes was found out by the first mailing."""
    an_organization()
    settings.AMPARO_MAIL_PROVIDER, settings.AMPARO_MAIL_REPORTS_SECRET = "mailjet", ""
    settings.ANYMAIL = {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"}
    settings.AMPARO_SMS_PROVIDER, settings.AMPARO_SMS_SENDERS = "twilio", {"": "+441632960000"}
    settings.AMPARO_SMS_ACCOUNT, settings.AMPARO_SMS_TOKEN = "AC0000", "a token"
    monkeypatch.setattr(http, "ask", lambda url, **_words: http.Answer(401, url, {}))
    found = {
        finding.says
        for finding in checkup.examine(now=timezone.now())
        if finding.subject in {"mailings", "texts"} and finding.level == "bad"
    }
    assert {"Mailjet does not take our key (401).", "Twilio does not take our token (401)."} < found


def test_doctor_does_not_trip_over_a_database_that_is_away(state, own_keys, monkeypatch):
    def away(_question):
        raise OperationalError("connection refused\nIs it running?")

    monkeypatch.setattr(checkup, "_asked", away)
    found = list(checkup.examine(now=NOW))
    assert [finding.says for finding in found if finding.subject == "database"] == [
        "cannot be used: connection refused"
    ]
    assert "organizations" not in {finding.subject for finding in found}


def test_doctor_finds_a_missing_key_file_and_letters_on_an_open_road(state, settings, monkeypatch):
    settings.AMPARO_MASTER_KEY_FILE = state / "none.key"
    settings.BASE_URL = "http://campaigns.example.org"
    sealing.forget_keys()
    monkeypatch.setattr(checkup, "_database", lambda: iter([Finding("database", "bad", "away")]))
    assert "amparo keys create" in findings("keys")["bad"]
    assert "not encrypted" in findings("settings")["bad"]
    sealing.forget_keys()


def test_doctor_notices_a_full_disk(state, own_keys, monkeypatch):
    monkeypatch.setattr(checkup, "_database", lambda: iter([Finding("database", "bad", "away")]))
    usage = checkup.shutil.disk_usage(state)
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda _path: usage._replace(free=10_000_000))
    assert "0.0 GB of" in findings("disk")["bad"]


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_keys_are_rotated_without_losing_what_they_seal(own_keys):
    organization = an_organization()
    old = MasterKeys.read(own_keys).current_id
    assert "run `amparo keys add` first" in said("keys", "rotate")
    said("keys", "add")
    sealing.forget_keys()
    status = json.loads(said("keys", "status", "--json"))
    assert status["keys"][old] == 1
    assert status["current"] != old
    rotated = said("keys", "rotate")
    assert "1 organization rewrapped" in rotated
    assert f"No longer used, and their lines may go: {old}." in rotated
    from amparo.organizations.keys import data_key

    assert data_key(organization.pk)


@pytest.mark.django_db
def test_a_key_that_is_missing_is_shown(own_keys, settings, state):
    an_organization()
    lost = MasterKeys.read(own_keys).current_id
    settings.AMPARO_MASTER_KEY_FILE = state / "other.key"
    create_master_key_file(settings.AMPARO_MASTER_KEY_FILE)
    sealing.forget_keys()
    assert f"{lost}: MISSING" in said("keys", "status")


# --- staff --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_somebody_is_appointed_with_a_password_that_works_and_is_shown_once():
    organization = an_organization(slug="open-doors")
    made = json.loads(
        said(
            "staff", "create", "Chidi@example.org", "--organization", "open-doors", "--role", "approver",
            "--name", "Chidi Eze", "--json",
        )
    )  # fmt: skip
    user = User.objects.get(email="chidi@example.org")
    assert user.check_password(made["password"])
    assert user.get_full_name() == "Chidi Eze"
    assert StaffRole.objects.get(user=user, organization=organization).role == Role.APPROVER
    assert AuditEntry.objects.filter(verb="appoint").exists()
    again = said("staff", "create", "chidi@example.org", "--organization", "open-doors", "--role", "editor")
    assert "their password stays" in again
    assert StaffRole.objects.get(user=user).role == Role.EDITOR
    assert User.objects.get(pk=user.pk).check_password(made["password"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bruno@example.org", "--organization", "none"], "There is no organization called “none”"),
        (["bruno", "--organization", "open-doors"], "is not an e-mail address"),
        (["bruno@example.org", "--organization", "open-doors", "--role", "queen"], "invalid choice"),
    ],
)
def test_nobody_is_appointed_by_mistake(arguments, says):
    an_organization(slug="open-doors")
    with pytest.raises(CommandError, match=says):
        said("staff", "create", *arguments)
    assert not User.objects.exists()
