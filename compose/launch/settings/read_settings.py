"""The settings: what `.env.example` says, `.env` over it, the environment over that, and what was typed over all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import KEYS, House
from compose.launch.terminal import StopError

LINE = re.compile(r"\s*(?:export\s+)?([^\s=#]+)\s*=(.*)")
EXECUTORS = {"local": "LocalExecutor", "celery": "CeleryExecutor"}
DEMO_EXCHANGE = "http://exchange:8788/v1"
# What holds where neither file says anything.
DEFAULTS = {
    "COMPOSE_PROJECT_NAME": "quartet",
    "EXECUTOR": "LocalExecutor",
    "WORKERS": "2",
    "AIRFLOW_PORT": "8080",
    "MLFLOW_PORT": "5000",
    "MYSQL_PORT": "3306",
    "STORE_PORT": "9000",
    "STORE_CONSOLE_PORT": "9001",
    "QUARTET_IMAGE": "quartet:local",
}


@dataclass(frozen=True)
class Settings:
    """`values` hold for this call, `kept` is what `.env` should say, `origin` tells where a value comes from."""

    values: Mapping[str, str]
    kept: Mapping[str, str]
    origin: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")

    @property
    def celery(self) -> bool:
        return self["EXECUTOR"] == EXECUTORS["celery"]

    @property
    def demo(self) -> bool:
        return self["DEMO"] == "1"

    @property
    def project(self) -> str:
        return self["COMPOSE_PROJECT_NAME"]

    def port(self, key: str) -> int:
        return int(self[key])


def read_settings(house: House) -> Settings:
    """Put all sources together; the profile and the demo's exchange follow from the executor and DEMO."""
    example = parse_settings(_read(house.example))
    file = parse_settings(_read(house.settings_file))
    typed = {key: value for key, value in house.typed.items() if key in KEYS}
    around = {key: house.environment[key] for key in KEYS if key in house.environment and key not in typed}
    kept = derive_settings(DEFAULTS | example | file | typed)
    origin = (
        dict.fromkeys(file, "in .env")
        | dict.fromkeys(around, "in the environment")
        | dict.fromkeys(typed, "as it was typed")
    )
    return Settings(derive_settings(kept | around), kept, origin)


def parse_settings(text: str) -> dict[str, str]:
    """Read lines of KEY=value as Compose does.

    >>> parse_settings("# a\\nA=1 # one\\nexport B='x # y'\\n")
    {'A': '1', 'B': 'x # y'}
    """
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: _strip_value(match[2]) for match in found if match}


def derive_settings(values: Mapping[str, str]) -> dict[str, str]:
    """Give the executor its full name, and set what follows from it and from DEMO."""
    executor = EXECUTORS.get(values["EXECUTOR"].lower(), values["EXECUTOR"])
    wanted = {"celery": executor == EXECUTORS["celery"], "demo": values.get("DEMO") == "1"}
    base = values.get("QUARTET_UPBIT_URL", "")
    if wanted["demo"]:
        base = DEMO_EXCHANGE
    elif base == DEMO_EXCHANGE:
        base = ""
    profiles = ",".join(name for name, on in wanted.items() if on)
    return {**values, "EXECUTOR": executor, "COMPOSE_PROFILES": profiles, "QUARTET_UPBIT_URL": base}


def _strip_value(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in "'\"" and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return re.sub(r"(^|\s)#.*", "", text).rstrip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise StopError(f"{path} can't be read ({why}): mend or delete it; make up writes a new one.") from None


TIME_LIMIT, DEFAULT_SECONDS = "QUARTET_UP_SECONDS", "300"


def read_time_limit(house: House) -> int:
    """Take QUARTET_UP_SECONDS, or five minutes."""
    text = house.environment.get(TIME_LIMIT) or DEFAULT_SECONDS
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 86_400):
        raise StopError(f"{TIME_LIMIT}={text[:20]} can't be: a number of seconds is, as in  make up {TIME_LIMIT}=600")
    return int(text)
