"""The Dockerfile and compose.yaml are what their comments claim."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from amparo.kit.master_keys import MasterKeys
from scripts import check_containers

COMPOSE = check_containers.COMPOSE.read_text()
DOCKERFILE = check_containers.DOCKERFILE.read_text()


def test_the_compose_file_is_sound() -> None:
    assert check_containers.compose_problems(COMPOSE) == []


def test_there_are_a_web_server_a_worker_a_database_and_a_broker() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert set(services) == {"web", "worker", "postgres", "rabbitmq"}
    assert services["postgres"]["image"] == "postgres:17"
    assert services["rabbitmq"]["image"] == "rabbitmq:4"


def test_only_the_web_server_is_reached_from_outside_and_only_by_this_machine() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert {name: s["ports"] for name, s in services.items() if "ports" in s} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    assert services["postgres"]["networks"] == services["rabbitmq"]["networks"] == ["inside"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("127.0.0.1:8000:8000", "8000:8000", "publishes 8000:8000"),
        ("image: postgres:17", "imag: postgres:17", "'image' is a required property"),
        ("networks: [inside, outside]", "networks: [inside, outsid]", "networks has no outsid"),
        ("secrets: [database_password]", "secrets: [forgotten]", "secrets has no forgotten"),
        ("- database:/var", "- databse:/var", "volumes has no databse"),
        ("/run/secrets/secret_key", "plain words", "keep it in a secret"),
        ("name: amparo\n", "name: [amparo\n", "is not YAML"),
    ],
)
def test_a_mistake_in_the_compose_file_is_named(right: str, wrong: str, said: str) -> None:
    assert right in COMPOSE
    problems = check_containers.compose_problems(COMPOSE.replace(right, wrong))
    assert said in "\n".join(problems)


def test_the_dockerfile_is_sound() -> None:
    assert check_containers.dockerfile_problems(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("USER amparo", "USER root", "must not be root"),
        ("HEALTHCHECK", "#", "HEALTHCHECK is missing"),
        ('CMD ["amparo", "serve"', "CMD amparo serve #", "must be a JSON list"),
        ("COPY requirements.lock", "COPY requirement.lock", "requirement.lock, which is not there"),
        ("WORKDIR", "WORKDRI", "WORKDRI is no instruction"),
    ],
)
def test_a_mistake_in_the_dockerfile_is_named(right: str, wrong: str, said: str) -> None:
    assert right in DOCKERFILE
    assert said in "\n".join(check_containers.dockerfile_problems(DOCKERFILE.replace(right, wrong)))


def test_what_the_dockerfile_copies_is_not_kept_from_the_builder() -> None:
    let_through = {
        line.removeprefix("!") for line in (check_containers.ROOT / ".dockerignore").read_text().splitlines()
    }
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY") and "--from=" not in line:
            sources = [part for part in line.split()[1:-1] if not part.startswith("--")]
            assert set(sources) <= let_through


def make_secrets(place: Path) -> str:
    (place / "scripts").mkdir(exist_ok=True)
    shutil.copy(check_containers.ROOT / "scripts" / "make_secrets.sh", place / "scripts")
    command = ["sh", str(place / "scripts" / "make_secrets.sh")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_secrets_fit_together_and_are_never_overwritten(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    secrets = {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}
    files = yaml.safe_load(COMPOSE)["secrets"] | yaml.safe_load(COMPOSE)["configs"]
    assert {Path(entry["file"]).name for entry in files.values()} <= set(secrets)
    assert MasterKeys.parse(secrets["master_key"], name="master_key").current_id.startswith("key-")
    assert len(secrets["secret_key"]) >= 50
    assert secrets["database_password"] in secrets["database_url"]
    assert secrets["broker_password"] in secrets["broker_url"]
    assert secrets["broker_password"] in secrets["rabbitmq.conf"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0

    assert "stays" in make_secrets(tmp_path)
    assert secrets == {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}


def test_the_container_starts_with_a_key_of_its_own_and_steps_aside(tmp_path: Path) -> None:
    script = (check_containers.ROOT / "scripts" / "container.sh").read_text()
    for folder in ("/run/secrets", "/run/amparo", "/srv/amparo/static"):
        (tmp_path / folder[1:]).mkdir(parents=True)
    (tmp_path / "run" / "secrets" / "master_key").write_text("a key\n")
    (tmp_path / "container.sh").write_text(
        script.replace(" /srv", f" {tmp_path}/srv").replace("/run/", f"{tmp_path}/run/")
    )
    (tmp_path / "var").mkdir()
    env = {**os.environ, "AMPARO_VAR": str(tmp_path / "var")}
    for _start in range(2):
        command = ["sh", str(tmp_path / "container.sh"), "echo", "the server"]
        answer = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        assert answer.stdout == "the server\n"
    key = tmp_path / "run" / "amparo" / "master.key"
    assert key.read_text() == "a key\n"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var" / "static").resolve() == tmp_path / "srv" / "amparo" / "static"
