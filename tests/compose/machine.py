"""A machine for the launcher: a clone in a folder of its own, and a docker program that is played."""

import json
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from compose.launch.__main__ import main
from compose.launch.command import PORTS, read_command
from compose.launch.settings.check_settings import is_free
from compose.launch.settings.read_settings import COMPOSE_FILES, read_defaults
from compose.launch.settings.secrets import MAKERS, OPTIONAL, make_secrets

ROOT = Path(__file__).resolve().parents[2]
ENGINE = {"ServerVersion": "20.10.24+dfsg1", "MemTotal": 8_000_000_000, "DockerRootDir": "/"}
PUBLISHED = {"airflow-apiserver": 8080, "mlflow": 5000, "mysql": 3306}


class Machine:
    """Types make's verbs and shows what was said and called."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root, self.capture = root, capture
        self.programs, self.folder = root / "programs", root / "docker"
        for folder in (self.programs, self.folder, root / "compose", root / "service"):
            folder.mkdir()
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        for file in COMPOSE_FILES:
            text = (ROOT / file).read_text()
            for name, port in self.ports.items():
                text = re.sub(rf"\$\{{{name}:-\d+}}", f"${{{name}:-{port}}}", text)
            (root / file).write_text(text)
        self.state: dict[str, Any] = {
            "info": ENGINE, "engine_says": "", "compose": "2.40.3-3", "volumes": [], "containers": [], "frames": [],
            "images": ["quartet:local", "python:3.13-slim-trixie", "postgres:17", "mysql:9.7", "redis:8"],
            "services": services(), "started": [whole()], "logs": {}, "exec_says": [],
            "config_says": "", "build_says": "", "pull_says": "", "up_says": "",
        }  # fmt: skip
        played = (Path(__file__).parent / "fake_docker.py").read_text()
        self.add_program("docker", f"#!{sys.executable} -IS\n{played}")

    def add_program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def type(self, verb: str, *words: str, **environment: str) -> tuple[int, str, str]:
        """Do what make does: `word` is NAME=value as it was typed."""
        typed = dict(word.split("=", 1) for word in words)
        around = {"PATH": f"{self.programs}:/usr/bin:/bin", "FAKE_DOCKER": str(self.folder), "HOME": str(self.root)}
        around |= environment | typed | {"QUARTET_TYPED": " ".join(typed)}
        (self.folder / "state.json").write_text(json.dumps(self.state))
        self.capture.readouterr()
        status = main([verb], self.root, around)
        self.state = json.loads((self.folder / "state.json").read_text())
        said = self.capture.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    def calls(self, *beginning: str) -> list[list[str]]:
        """List the docker calls that hold these words."""
        return [call["words"] for call in self.told() if set(beginning) <= set(call["words"])]

    def told(self) -> list[dict[str, Any]]:
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def forget(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)

    def settings(self) -> dict[str, str]:
        """What holds for the next call: the defaults, and what .env has instead."""
        return read_defaults(self.root) | {"COMPOSE_PROFILES": ""} | self.kept()

    def kept(self) -> dict[str, str]:
        """What .env has."""
        path = self.root / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def set(self, key: str, value: str) -> None:
        """Change a line of .env as a person would."""
        kept = self.kept() | {key: value}
        (self.root / ".env").write_text("".join(f"{key}={value}\n" for key, value in kept.items()))

    def secret(self, name: str) -> Path:
        return self.root / "compose/secrets" / name

    def fill(self) -> None:
        """Leave behind what a first `make up` does: settings, secrets, containers, and data in volumes."""
        command = read_command("up", self.root, {"PATH": ""})
        self.set("WORKERS", "2")
        make_secrets(command.secrets, MAKERS, mode=0o444)
        for name in OPTIONAL:
            self.secret(name).touch()
        self.secret(".made-as.quartet").write_text("real")
        (self.root / "artifacts/logs").mkdir(parents=True)
        self.state["containers"] = whole()
        self.state["volumes"] = ["quartet_mysql-data", "quartet_postgres-data", "quartet_store-data"]


def free_ports(count: int) -> list[int]:
    """Choose ports below those that systems give to outgoing connections, so that they stay free."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 30_000)
        if port not in found and is_free(port):
            found.append(port)
    return found


def services(*, workers: int = 0) -> dict[str, Any]:
    """What Compose says is switched on: two stores, a job, and servers."""
    probed = {"restart": "unless-stopped", "healthcheck": {"test": ["CMD", "true"]}}
    told: dict[str, Any] = {
        "mysql": {**probed, "image": "mysql:9.7"},
        "mysql-init": {"restart": "no", "image": "mysql:9.7"},
        "mlflow": {**probed, "image": "quartet:local"},
        "airflow-apiserver": {**probed, "image": "quartet:local"},
    }
    for name, port in PUBLISHED.items():
        told[name]["ports"] = [{"target": port, "published": "1"}]
    if workers:
        told["airflow-worker"] = {**probed, "image": "quartet:local", "deploy": {"replicas": workers}}
    return told


def container(service: str, state: str = "running", health: str = "healthy", **more: Any) -> dict[str, Any]:
    """One container as `docker inspect` shows it."""
    name = more.get("id", service)
    return {
        "Id": name,
        "RestartCount": more.get("restarts", 0),
        "Config": {"Labels": {"com.docker.compose.service": service}},
        "HostConfig": {"PortBindings": {"1/tcp": [{"HostPort": str(more["port"])}]} if "port" in more else {}},
        "State": {
            "Status": state,
            "ExitCode": more.get("exit", 0),
            "StartedAt": more.get("started", f"first start of {name}"),
            "Health": {"Status": health, "Log": [{"Output": more.get("probe", "")}]} if health else None,
        },
    }


def whole(*, workers: int = 0) -> list[dict[str, Any]]:
    """All containers as they should be."""
    servers = [container(name) for name in ("mysql", "mlflow", "airflow-apiserver")]
    extra = [container("airflow-worker", id=f"worker-{number}") for number in range(workers)]
    return [*servers, container("mysql-init", "exited", ""), *extra]


def but(*changed: dict[str, Any], without: str = "") -> list[dict[str, Any]]:
    """All containers, some of them otherwise."""
    names = {one["Config"]["Labels"]["com.docker.compose.service"] for one in changed} | {without}
    kept = [one for one in whole() if one["Config"]["Labels"]["com.docker.compose.service"] not in names]
    return [*kept, *changed]


def copy_launcher(root: Path) -> None:
    """Put the launcher itself into the clone, for calls through make or the shell."""
    shutil.copytree(ROOT / "compose/launch", root / "compose/launch", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("compose/__init__.py", "compose/launch.sh"):
        shutil.copy(ROOT / name, root / name)
    (root / "compose/python").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "compose/python/setup.sh", root / "compose/python/setup.sh")
