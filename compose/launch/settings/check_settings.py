"""What is wrong with the settings: one sentence for each."""

import re
import socket
from collections.abc import Collection, Iterator

from compose.launch.command import IMAGES, KEYS, PASSING, PORTS, Command, find_nearest
from compose.launch.settings.read_settings import EXECUTORS, LINE, Settings
from compose.launch.terminal import note


def check_settings(command: Command, settings: Settings) -> list[str]:
    """Name every line and value that can't be used."""
    return [*_check_lines(command), *_check_values(settings), *_check_numbers(settings)]


def check_ports(settings: Settings, keys: Collection[str], *, held: Collection[int]) -> list[str]:
    """Name every port that another program has, with one that is free."""
    faults = []
    taken = {settings.port(key) for key in keys}
    for key in keys:
        port = settings.port(key)
        if port not in held and not is_free(port):
            other = find_free_port(port + 1, avoid=taken)
            taken.add(other)
            faults.append(f"Port {port} ({key}) is in use by another program: end that, or type  make up {key}={other}")
    return faults


def find_free_port(port: int, *, avoid: Collection[int] = ()) -> int:
    """Answer with the first free port from this one on."""
    return next((p for p in range(port, min(port + 200, 65536)) if p not in avoid and is_free(p)), 65535)


def is_free(port: int) -> bool:
    """Say whether a server could listen here; a system that lets two listen is found out by calling."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _check_lines(command: Command) -> Iterator[str]:
    """Pass over keys that are not ours; of one that resembles a key of ours a hint is given."""
    if not command.settings_file.exists():
        return
    seen: set[str] = set()
    for number, line in enumerate(command.settings_file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = LINE.fullmatch(line)
        key = match[1] if match else ""
        if not match:
            yield f".env, line {number}: this is neither KEY=value nor a comment (# ...): {line.strip()[:60]!r}."
        elif key in seen:
            yield f".env, line {number}: {key[:60]} stands there twice; delete one of the lines."
        elif key not in (*KEYS, *PASSING) and (nearest := find_nearest(key, KEYS)):
            note(f".env, line {number}: the key {key[:60]} is not one of ours; did you mean {nearest}?")
        seen.add(key)


def _check_values(settings: Settings) -> Iterator[str]:
    if settings["EXECUTOR"] not in EXECUTORS.values():
        yield f"{_quote(settings, 'EXECUTOR')} is none: make up EXECUTOR=local or EXECUTOR=celery."
    if settings["DEMO"] not in ("", "1"):
        yield f"{_quote(settings, 'DEMO')} is neither: make up DEMO=1 is the demo, DEMO= is none."
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", settings.project):
        yield f"{_quote(settings, 'COMPOSE_PROJECT_NAME')} can't name a stack: use small letters, digits, _ and -."
    for key in IMAGES:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]+", settings[key]):
            yield f"{_quote(settings, key)} names no image: delete the line to have ours."
    for key in KEYS:
        if re.search(r"['\n\r]", settings[key]):
            yield f"{_quote(settings, key)} holds a quote or a line break, which .env can't keep."


def _check_numbers(settings: Settings) -> Iterator[str]:
    if not re.fullmatch(r"0?[1-9]|[12][0-9]|3[0-2]", settings["WORKERS"]):
        yield f"{_quote(settings, 'WORKERS')} can't be: a number from 1 to 32 is, as in WORKERS=2."
    users: dict[int, str] = {}
    for key in PORTS:
        port = int(settings[key]) if re.fullmatch(r"[0-9]{1,5}", settings[key]) else 0
        if not 1024 <= port <= 65535:
            yield f"{_quote(settings, key)} is no port: a number from 1024 to 65535 is."
        elif port in users:
            yield f"{key} and {users[port]} are both {port}: give one of them another number in .env."
        else:
            users[port] = key


def _quote(settings: Settings, key: str) -> str:
    shown = repr(settings[key][:60])[1:-1]
    where = settings.origin.get(key)
    return f"{key}={shown}{f' ({where})' if where else ''}"
