"""What is wrong with the settings: one sentence for each."""

import re
import socket
from collections.abc import Collection, Iterator

from compose.launch.command import BUCKET, HOSTS, IMAGES, KEYS, PASSING, PORTS, REACHED, Command, find_nearest
from compose.launch.settings.read_settings import LINE, Settings
from compose.launch.settings.secrets import OPTIONAL, check_place, is_missing
from compose.launch.terminal import note

# Keys, what their values look like, and what to say of another one.
VALUES = (
    (("EXECUTOR",), "(Local|Celery)Executor", "is none: make up EXECUTOR=local or EXECUTOR=celery."),
    (("DEMO",), "1?", "is neither: make up DEMO=1 is the demo, DEMO= is none."),
    (("COMPOSE_PROJECT_NAME",), "[a-z0-9][a-z0-9_-]{0,40}", "can't name a stack: use small letters, digits, _ and -."),
    (("WORKERS",), "0?[1-9]|[12][0-9]|3[0-2]", "can't be: a number from 1 to 32 is, as in WORKERS=2."),
    (IMAGES, "[A-Za-z0-9][A-Za-z0-9._/:@-]+", "names no image: delete the line to have ours."),
    (HOSTS, r"[\w.-]*", "is no host: a name or an IPv4 address is, without a port, as in db.example.com."),
    (REACHED, "([1-9][0-9]{0,4})?", "is no port: a number is."),
    (("MYSQL_ADMIN", "POSTGRES_ADMIN", *BUCKET), r"[\w.@/+=-]*", "holds a sign that no such name has."),
    (
        ("S3_ENDPOINT_URL",),
        r"(https?://[\w.:/-]+)?",
        "is no address: one is as in https://s3.eu-central-1.amazonaws.com.",
    ),
    (KEYS, r"[^'\n\r]*", "holds a quote or a line break, which .env can't keep."),
)


def check_slack(command: Command, settings: Settings) -> list[str]:
    """Name what is missing of a Slack that was set up by half."""
    paths, channel = [command.secrets / name for name in OPTIONAL], settings["SLACK_CHANNEL"]
    faults = [fault for path in paths for fault in check_place(path)]
    if not is_missing(paths[0]) and not channel:
        faults.append(f"{paths[0]} holds a token, but no channel is named: type  make up SLACK_CHANNEL=...")
    if channel and all(is_missing(path) for path in paths):
        faults.append(f"SLACK_CHANNEL names a channel, but {paths[0]} is empty: fill it, or empty SLACK_CHANNEL.")
    return faults


def check_ports(settings: Settings, keys: Collection[str]) -> list[str]:
    """Name every port that another program has, with one that is free."""
    faults, taken = list[str](), {int(settings[key]) for key in keys}
    for key in keys:
        if not is_free(port := int(settings[key])):
            taken.add(other := find_free_port(port + 1, avoid=taken))
            faults.append(f"Port {port} ({key}) is in use by another program: end that, or type  make up {key}={other}")
    return faults


def find_free_port(port: int, *, avoid: Collection[int] = ()) -> int:
    """Answer with the first free port from this one on."""
    return next((p for p in range(port, min(port + 200, 65536)) if p not in avoid and is_free(p)), 65535)


def is_free(port: int) -> bool:
    """Say whether no server listens here."""
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex(("127.0.0.1", port)) != 0


def _check_lines(command: Command) -> Iterator[str]:
    """Pass over keys that are not ours; of one that resembles a key of ours a hint is given."""
    path, seen = command.settings_file, set[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else (), start=1):
        match, where = LINE.fullmatch(line), f".env, line {number}:"
        key = match[1] if match else ""
        if not match and line.strip() and not line.lstrip().startswith("#"):
            yield f"{where} this is neither KEY=value nor a comment (# ...): {line.strip()[:60]!r}."
        elif key and key in seen:
            yield f"{where} {key[:60]} stands there twice; delete one of the lines."
        elif key not in (*KEYS, *PASSING) and (nearest := find_nearest(key, KEYS)):
            note(f"{where} the key {key[:60]} is not one of ours; did you mean {nearest}?")
        seen.add(key)


def check_settings(command: Command, settings: Settings) -> list[str]:
    """Name every line and value that can't be used."""
    faults = list(_check_lines(command))
    for keys, pattern, sentence in VALUES:
        for key in keys:
            if not re.fullmatch(pattern, settings[key]):
                faults.append(f"{_quote(settings, key)} {sentence}")
    users: dict[int, str] = {}
    for key in PORTS:
        port = int(settings[key]) if re.fullmatch("[0-9]{1,5}", settings[key]) else 0
        if not 1024 <= port <= 65535:
            faults.append(f"{_quote(settings, key)} is no port: a number from 1024 to 65535 is.")
        elif users.setdefault(port, key) != key:
            faults.append(f"{key} and {users[port]} are both {port}: give one of them another number in .env.")
    return faults


def _quote(settings: Settings, key: str) -> str:
    origin = f" ({settings.origin[key]})" if key in settings.origin else ""
    return f"{key}={repr(settings[key][:60])[1:-1]}{origin}"
