"""What the Docker engine says of itself, or why it can't be used."""

import json
from dataclasses import dataclass

from compose.launch.containers.run_docker import NO_ANSWER, Docker
from compose.launch.terminal import last_lines


@dataclass(frozen=True)
class Engine:
    """An engine that answers, with Compose beside it."""

    version: str
    compose: str
    memory: int
    folder: str  # where it keeps its data


def look_at_engine(docker: Docker) -> Engine | str:
    """Answer with the engine, or with the reason why there is none."""
    if docker.program is None:
        return "there is no Docker here"
    told = _read_json(docker.ask("info", "--format", "{{json .}}", seconds=30).stdout)
    if not told.get("ServerVersion"):
        return _explain_silence(docker)
    version = docker.compose("version", "--short", seconds=30)
    if version.returncode:
        return "Docker is here, but Docker Compose is not (install its plugin, docker-compose-plugin)"
    memory, folder = told.get("MemTotal"), told.get("DockerRootDir")
    return Engine(
        str(told["ServerVersion"]),
        version.stdout.strip(),
        memory if isinstance(memory, int) else 0,
        folder if isinstance(folder, str) else "",
    )


def _explain_silence(docker: Docker) -> str:
    done = docker.ask("version", "--format", "{{.Server.Version}}", seconds=20)
    if "permission denied" in done.stderr.lower():
        return "Docker's engine refuses this user (sudo usermod -aG docker $USER, then log in again)"
    if done.returncode == NO_ANSWER:
        return f"Docker's engine doesn't answer ({done.stderr})"
    return f"Docker's engine doesn't answer ({'; '.join(last_lines(done.stderr, 1))[:200] or 'start it'})"


def _read_json(text: str) -> dict[str, object]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
