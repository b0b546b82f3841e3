"""What was typed on make's command line, and where the launcher works."""

import difflib
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.launch.terminal import StopError

PORTS = ("AIRFLOW_PORT", "MLFLOW_PORT", "MYSQL_PORT", "STORE_PORT", "STORE_CONSOLE_PORT")
IMAGES = ("POSTGRES_IMAGE", "MYSQL_IMAGE", "STORE_IMAGE", "REDIS_IMAGE", "PYTHON_IMAGE", "QUARTET_IMAGE")
STACK = ("COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "COMPOSE_FILE", "EXECUTOR", "WORKERS", "DEMO", "QUARTET_UPBIT_URL")
# Servers elsewhere, and how they are reached.
HOSTS = ("MYSQL_HOST", "POSTGRES_HOST", "REDIS_HOST")
REACHED = ("POSTGRES_PORT", "REDIS_PORT")
BUCKET = ("S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY_ID")
SERVERS = (*HOSTS, *REACHED, "MYSQL_ADMIN", "POSTGRES_ADMIN", "S3_ENDPOINT_URL", *BUCKET)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# Settings that `.env` may hold; what is typed of them is kept there.
KEYS = (*STACK, *PORTS, *SERVERS, *IMAGES, "SLACK_CHANNEL", "SLACK_API_URL", *PROXIES)
# Settings that are typed or stand in the environment, and are not kept.
PASSING = ("MODE", "QUARTET_HOME", "QUARTET_UP_SECONDS")
WORDS = {"logs": ("s", "follow"), "restart": ("s",), "user": ("name", "role", "reset")}


@dataclass(frozen=True)
class Command:
    """The repository, the environment for programs that are started, and what was typed: settings and words."""

    root: Path
    environment: Mapping[str, str]
    typed: Mapping[str, str]
    words: Mapping[str, str]
    seconds: int  # that a start may take

    @property
    def settings_file(self) -> Path:
        return self.root / ".env"

    @property
    def secrets(self) -> Path:
        return self.root / "compose" / "secrets"

    def name_path(self, path: Path) -> str:
        """Write a path as a person in the repository would."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def read_command(verb: str, root: Path, environment: Mapping[str, str]) -> Command:
    """Sort the environment that make hands over; an unknown name or mode stops."""
    names = environment.get("QUARTET_TYPED", "").split()
    typed = {name: environment.get(name, "") for name in names if name == name.upper()}
    words = {name: environment.get(name, "") for name in names if name != name.upper()}
    allowed = (*WORDS.get(verb, ()), *KEYS, *PASSING)
    unknown = [name for name in sorted(set(names)) if name not in allowed and not name.startswith("DOCKER_")]
    faults = [f"{name}= is not known to make {verb}{suggest(name, allowed)}." for name in unknown]
    mode, seconds = environment.get("MODE", ""), environment.get("QUARTET_UP_SECONDS") or "300"
    if mode not in ("", "compose", "embedded"):
        faults.append(f"MODE={mode[:40]} is none: MODE=compose or MODE=embedded.")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", seconds):
        faults.append(f"QUARTET_UP_SECONDS={seconds[:20]} can't be: a number of seconds is, as in 600.")
    if faults:
        raise StopError(*faults)
    kept = {name: value for name, value in environment.items() if name not in words and name != "QUARTET_TYPED"}
    return Command(root.resolve(), kept, typed, words, int(seconds))


def check_service(command: Command, services: Iterable[str]) -> list[str]:
    """Answer with the service that was typed, if one was; a name of no service stops."""
    name = command.words.get("s", "")
    if name and name not in services:
        raise StopError(f"s={name[:60]} is no service{suggest(name, sorted(set(services)))}.")
    return [name] if name else []


def suggest(name: str, words: Iterable[str]) -> str:
    """Name the nearest word, or all where none is near."""
    nearest = find_nearest(name, words)
    return f"; did you mean {nearest}" if nearest else f"; known are {', '.join(words)}"


def find_nearest(name: str, words: Iterable[str]) -> str:
    """Answer with the word that resembles the name, or nothing."""
    by_capitals = {word.upper(): word for word in words}
    nearest = difflib.get_close_matches(re.sub(r"\W", "", name).upper(), by_capitals, n=1, cutoff=0.6)
    return by_capitals[nearest[0]] if nearest else ""


def run_program(
    words: list[str], root: Path, env: Mapping[str, str], given: str = "", seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; one that can't be started or takes too long counts as failed."""
    try:
        return subprocess.run(  # noqa: S603
            words, cwd=root, env=env, input=given, capture_output=True, encoding="utf-8", errors="replace",
            timeout=seconds, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else f"no answer within {seconds} s"
        return subprocess.CompletedProcess(words, 124, "", f"{why}")
