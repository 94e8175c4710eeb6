"""Reads compose.yaml and the Dockerfile as a careful administrator would, without a container engine.

Where Docker's own `docker compose` is at hand, it is asked too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "compose.yaml"
DOCKERFILE = ROOT / "Dockerfile"
#: The only door to the outside; a proxy with a certificate stands before it.
PUBLISHED = "127.0.0.1:8000:8000"
INSTRUCTIONS = {
    *("FROM", "ARG", "ENV", "LABEL", "WORKDIR", "USER", "VOLUME", "EXPOSE"),
    *("ADD", "COPY", "RUN", "SHELL", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "uniqueItems": True}
NAMED = {"type": ["object", "null"]}
FILE = {"type": "object", "required": ["file"], "properties": {"file": TEXT}, "additionalProperties": False}
#: The parts of the Compose specification that we use, and nothing else: a misspelt key is an error.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "services", "volumes", "secrets"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": TEXT,
        "volumes": {"type": "object", "additionalProperties": NAMED},
        "networks": {"type": "object", "additionalProperties": NAMED},
        "configs": {"type": "object", "additionalProperties": FILE},
        "secrets": {"type": "object", "additionalProperties": FILE},
        "services": {
            "type": "object",
            "required": ["web", "worker", "postgres", "rabbitmq"],
            "additionalProperties": {"$ref": "#/$defs/service"},
        },
    },
    "$defs": {
        "service": {
            "type": "object",
            "required": ["image", "healthcheck", "restart", "security_opt"],
            "additionalProperties": False,
            "properties": {
                "image": {"type": "string", "pattern": r"^[a-z0-9/._-]+:[A-Za-z0-9._-]+$"},
                "build": {"type": ["string", "object"]},
                "command": TEXTS,
                "environment": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number"]},
                },
                "healthcheck": {
                    "type": "object",
                    "required": ["test", "interval", "timeout", "retries"],
                    "additionalProperties": False,
                    "properties": {
                        "test": {"type": "array", "items": TEXT, "minItems": 2},
                        "interval": {"$ref": "#/$defs/duration"},
                        "timeout": {"$ref": "#/$defs/duration"},
                        "start_period": {"$ref": "#/$defs/duration"},
                        "retries": {"type": "integer", "minimum": 1},
                    },
                },
                "depends_on": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["condition"],
                        "properties": {"condition": {"enum": ["service_healthy", "service_started"]}},
                    },
                },
                "ports": {"type": "array", "items": TEXT},
                "volumes": TEXTS,
                "tmpfs": TEXTS,
                "networks": TEXTS,
                "secrets": TEXTS,
                "configs": {
                    "type": "array",
                    "items": {"type": "object", "required": ["source", "target"]},
                },
                "init": {"type": "boolean"},
                "read_only": {"type": "boolean"},
                "restart": {"enum": ["unless-stopped", "always"]},
                "user": TEXT,
                "hostname": TEXT,
                "cap_drop": TEXTS,
                "cap_add": TEXTS,
                "security_opt": {"type": "array", "contains": {"const": "no-new-privileges:true"}},
                "stop_grace_period": {"$ref": "#/$defs/duration"},
                "shm_size": TEXT,
            },
        },
        "duration": {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"},
    },
}


def compose_problems(text: str) -> list[str]:
    """What is wrong with a compose file, one sentence each."""
    try:
        compose = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"compose.yaml is not YAML: {error}"]
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(compose)
    problems = [
        f"compose.yaml, {'/'.join(map(str, error.path)) or 'top'}: {error.message}" for error in errors
    ]
    if problems:
        return problems
    for name, service in compose["services"].items():
        problems += [f"compose.yaml, {name}: {problem}" for problem in _service_problems(service, compose)]
    return problems


def _service_problems(service: dict[str, Any], compose: dict[str, Any]) -> list[str]:
    """What one service names that is not there, or opens that should be closed."""
    problems = [
        f"publishes {port}; only {PUBLISHED} may be" for port in service.get("ports", []) if port != PUBLISHED
    ]
    wanted = {
        "services": list(service.get("depends_on", {})),
        "networks": service.get("networks", []),
        "secrets": service.get("secrets", []),
        "configs": [config["source"] for config in service.get("configs", [])],
        "volumes": [volume.split(":")[0] for volume in service.get("volumes", [])],
    }
    for kind, names in wanted.items():
        problems += [f"{kind} has no {name}" for name in names if name not in compose.get(kind, {})]
    environment = service.get("environment", {})
    problems += [
        f"{name} is written out; keep it in a secret"
        for name, value in environment.items()
        if re.search(r"PASSWORD|SECRET|TOKEN|KEY", name) and not str(value).startswith(("/run/", "${"))
    ]
    return problems


def dockerfile_problems(text: str) -> list[str]:
    """What is wrong with a Dockerfile, one sentence each."""
    joined = re.sub(r"\\\n(?:\s*#.*\n)*", " ", text)
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    parsed = [(line.split(None, 1)[0], line.split(None, 1)[-1]) for line in lines]
    problems = [f"Dockerfile: {word} is no instruction" for word, _ in parsed if word not in INSTRUCTIONS]
    if not parsed or parsed[0][0] not in {"FROM", "ARG"}:
        problems.append("Dockerfile: it must begin with FROM")
    users = [rest for word, rest in parsed if word == "USER"]
    if not users or users[-1].split(":")[0] in {"root", "0"}:
        problems.append("Dockerfile: the last USER must not be root")
    missing = {"HEALTHCHECK", "CMD"} - {word for word, _ in parsed}
    problems += [f"Dockerfile: {word} is missing" for word in sorted(missing)]
    for word, rest in parsed:
        if word in {"CMD", "ENTRYPOINT"} and not _is_list(rest):
            problems.append(f"Dockerfile: {word} must be a JSON list, or signals do not reach the server")
        if word == "COPY" and "--from=" not in rest:
            sources = [part for part in rest.split() if not part.startswith("--")][:-1]
            problems += [
                f"Dockerfile: COPY names {s}, which is not there" for s in sources if not (ROOT / s).exists()
            ]
    return problems


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


def docker_problems() -> list[str]:
    """What `docker compose` itself says, where it is installed."""
    try:
        version = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if version.returncode != 0:
            return []
        command = ["docker", "compose", "-f", str(COMPOSE), "config", "--quiet"]
        env = {**os.environ, "BASE_URL": "https://example.org", "SMTP_URL": "smtp://mail.example.org"}
        answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    except OSError:
        return []
    return [answer.stderr.strip()] if answer.returncode else []


def main() -> int:
    """Print every problem."""
    problems = compose_problems(COMPOSE.read_text(encoding="utf-8"))
    problems += dockerfile_problems(DOCKERFILE.read_text(encoding="utf-8")) + docker_problems()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
