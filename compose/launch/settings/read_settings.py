"""The settings: the compose files' defaults, `.env` over them, the environment over that, what was typed over all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import KEYS, PORTS, Command
from compose.launch.settings.secrets import write_file
from compose.launch.terminal import StopError

COMPOSE_FILES = ("docker-compose.yml", "docker-compose.override.yml")
DEFAULT = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")  # ${KEY:-value}
LINE = re.compile(r"\s*(?:export\s+)?([^\s=#]+)\s*=(.*)")
EXECUTORS = {"local": "LocalExecutor", "celery": "CeleryExecutor"}
PROFILES = ("celery", "demo")
# What names a server elsewhere, the file that leaves ours out, and the ports that ours takes on this machine.
ELSEWHERE = {
    "MYSQL_HOST": ("compose/servers/mysql.yml", ("MYSQL_PORT",)),
    "POSTGRES_HOST": ("compose/servers/postgres.yml", ()),
    "REDIS_HOST": ("compose/servers/redis.yml", ()),
    "S3_ENDPOINT_URL": ("compose/servers/store.yml", ("STORE_PORT", "STORE_CONSOLE_PORT")),
}
DEMO_EXCHANGE = "http://exchange:8788/v1"


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
    def published(self) -> list[str]:
        """The keys of the ports that the stack takes on this machine."""
        elsewhere = {port for key, (_, ports) in ELSEWHERE.items() if self[key] for port in ports}
        return [key for key in PORTS if key not in elsewhere]


def read_settings(command: Command) -> Settings:
    """Put all sources together; the profiles and the demo's exchange follow from the executor and DEMO."""
    sources = (parse_settings(_read(command.settings_file)), command.environment, command.typed)
    file, around, typed = ({key: source[key] for key in KEYS if key in source} for source in sources)
    origin = dict.fromkeys(file, "in .env") | dict.fromkeys(around, "in the environment")
    origin |= dict.fromkeys(typed, "as it was typed")
    kept = derive_settings(read_defaults(command.root) | file | typed)
    return Settings(derive_settings(kept | around | typed), kept, origin)


def read_defaults(root: Path) -> dict[str, str]:
    """Read what holds where nobody says anything: the compose files' own defaults."""
    pairs = (pair for name in COMPOSE_FILES for pair in DEFAULT.findall(_read(root / name)))
    return {key: value for key, value in pairs if key in KEYS}


def parse_settings(text: str) -> dict[str, str]:
    """Read lines of KEY=value as Compose does.

    >>> parse_settings("# a\\nA=1 # one\\nexport B='x # y'\\n")
    {'A': '1', 'B': 'x # y'}
    """
    matches = (LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: _strip_value(match[2].strip()) for match in matches if match}


def derive_settings(values: Mapping[str, str]) -> dict[str, str]:
    """Give the executor its full name, and set what follows from it and from DEMO."""
    executor = EXECUTORS.get(values["EXECUTOR"].lower(), values["EXECUTOR"])
    chosen = {"celery": executor == EXECUTORS["celery"], "demo": values.get("DEMO") == "1"}
    profiles = [name for name in values.get("COMPOSE_PROFILES", "").split(",") if name and name not in PROFILES]
    profiles += [name for name in PROFILES if chosen[name]]
    exchange = DEMO_EXCHANGE if chosen["demo"] else values.get("QUARTET_UPBIT_URL", "").replace(DEMO_EXCHANGE, "")
    derived = {"EXECUTOR": executor, "COMPOSE_PROFILES": ",".join(profiles), "QUARTET_UPBIT_URL": exchange}
    return {**values, **derived, **choose_files(values)}


def choose_files(values: Mapping[str, str]) -> dict[str, str]:
    """Add to the compose files one for each server that is elsewhere; without any, Compose finds its files itself."""
    before = [name for name in values.get("COMPOSE_FILE", "").split(":") if name]
    servers = {file: bool(values.get(key)) for key, (file, _) in ELSEWHERE.items()}
    files = [name for name in before or COMPOSE_FILES if name not in servers]
    files += [file for file, elsewhere in servers.items() if elsewhere]
    return {"COMPOSE_FILE": ":".join(files)} if before or files != list(COMPOSE_FILES) else {}


def write_settings(command: Command, settings: Settings) -> None:
    """Keep in `.env` what was typed, and what follows from it; a line whose value changed goes to the end."""
    text = _read(command.settings_file)
    before = parse_settings(text)
    held = read_defaults(command.root) | before
    changed = {
        key: value
        for key, value in settings.kept.items()
        if value != held.get(key, "") or (key in command.typed and key not in before)
    }
    if changed:
        matches = [(line, LINE.fullmatch(line)) for line in text.splitlines()]
        lines = [line for line, match in matches if not match or match[1] not in changed]
        lines += [f"{key}={_quote(value)}" for key, value in changed.items()]
        write_file(command.settings_file, "\n".join([*lines, ""]), mode=0o644)


def _quote(value: str) -> str:
    return value if re.fullmatch(r"[\w./:@,+=?&%~-]*", value, re.ASCII) else f"'{value}'"


def _strip_value(text: str) -> str:
    if len(text) > 1 and text[0] in "'\"" and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return re.sub(r"(^|\s)#.*", "", text).rstrip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StopError(f"{path} can't be read ({error}): mend or delete it; none is needed.") from None
