"""Where the launcher works, and what was typed on make's command line."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.launch.terminal import StopError

KEYS = tuple(
    "COMPOSE_PROJECT_NAME COMPOSE_PROFILES EXECUTOR WORKERS DEMO QUARTET_UPBIT_URL AIRFLOW_PORT MLFLOW_PORT MYSQL_PORT "
    "STORE_PORT STORE_CONSOLE_PORT POSTGRES_IMAGE MYSQL_IMAGE STORE_IMAGE REDIS_IMAGE PYTHON_IMAGE QUARTET_IMAGE "
    "SLACK_CHANNEL SLACK_API_URL".split()
)
# Settings that are typed or stand in the environment, and are not kept.
PASSING = ("MODE", "QUARTET_HOME", "QUARTET_UP_SECONDS")
MODES = ("compose", "embedded")
WORDS = {
    "up": (),
    "down": (),
    "ps": (),
    "logs": ("s", "follow"),
    "restart": ("s",),
    "user": ("name", "role", "reset"),
    "scale": (),
    "clean": (),
}


@dataclass(frozen=True)
class House:
    """The repository, the environment for programs that are started, and what was typed: settings and words."""

    root: Path
    environment: Mapping[str, str]
    typed: Mapping[str, str]
    words: Mapping[str, str]

    @property
    def settings_file(self) -> Path:
        return self.root / ".env"

    @property
    def example(self) -> Path:
        return self.root / "compose" / ".env.example"

    @property
    def secrets(self) -> Path:
        return self.root / "compose" / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "artifacts" / "logs"

    @property
    def mode(self) -> str:
        """The mode that is forced, if one is."""
        return self.typed.get("MODE", self.environment.get("MODE", ""))

    def name_path(self, path: Path) -> str:
        """Write a path as a person in the repository would."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def open_house(verb: str, root: Path, environment: Mapping[str, str]) -> House:
    """Sort the environment that make hands over; a name or a mode that is not known stops."""
    names = environment.get("QUARTET_TYPED", "").split()
    typed = {name: environment.get(name, "") for name in names if name == name.upper()}
    words = {name: environment.get(name, "") for name in names if name != name.upper()}
    known = (*WORDS[verb], *KEYS, *PASSING)
    unknown = [
        f"{name}= is not known to make {verb}{suggest(name, known)}."
        for name in sorted(set(names))
        if name not in known and not name.startswith("DOCKER_")
    ]
    kept = {name: value for name, value in environment.items() if name not in words and name != "QUARTET_TYPED"}
    house = House(root.resolve(), kept, typed, words)
    if house.mode not in ("", *MODES):
        unknown.append(f"MODE={house.mode[:40]} is none: MODE=compose or MODE=embedded.")
    if unknown:
        raise StopError(*unknown)
    return house


def suggest(name: str, known: Iterable[str]) -> str:
    """Name the nearest known word, or all where none is near.

    >>> suggest("AIRFLOW_PROT", ["AIRFLOW_PORT", "DEMO"])
    '; did you mean AIRFLOW_PORT'
    """
    known = [word for word in known if word]
    near = difflib.get_close_matches(re.sub(r"\W", "", name).upper(), [word.upper() for word in known], n=1, cutoff=0.6)
    found = next((word for word in known if near and word.upper() == near[0]), None)
    return f"; did you mean {found}" if found else f"; known are {', '.join(known)}"
