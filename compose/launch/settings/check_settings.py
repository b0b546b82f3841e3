"""What is wrong with the settings: one sentence for each."""

import re
from collections import Counter

from compose.launch.command import KEYS, House, suggest
from compose.launch.settings.read_settings import EXECUTORS, LINE, Settings

PORTS = ("AIRFLOW_PORT", "MLFLOW_PORT", "MYSQL_PORT", "STORE_PORT", "STORE_CONSOLE_PORT")
IMAGES = tuple(key for key in KEYS if key.endswith("_IMAGE"))


def check_settings(house: House, settings: Settings) -> list[str]:
    """Name every line, key and value that can't be used."""
    return [*_check_lines(house), *_check_values(settings), *_check_ports(settings)]


def _check_lines(house: House) -> list[str]:
    try:
        lines = house.settings_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    wrong = []
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = LINE.fullmatch(line)
        key = match[1] if match else ""
        seen[key] += 1
        if not match:
            wrong.append(
                f".env, line {number}: this is neither KEY=value nor a comment (# ...): {line.strip()[:60]!r}."
            )
        elif key not in KEYS:
            wrong.append(f".env, line {number}: the key {key[:60]} is not known{suggest(key, KEYS)}.")
        elif seen[key] == 2:
            wrong.append(f".env, line {number}: {key} stands there twice; delete one of the lines.")
    return wrong


def _check_values(settings: Settings) -> list[str]:
    wrong = []
    if settings["EXECUTOR"] not in EXECUTORS.values():
        wrong.append(f"{_quote(settings, 'EXECUTOR')} is none: make up EXECUTOR=local or EXECUTOR=celery.")
    if settings["DEMO"] not in ("", "1"):
        wrong.append(f"{_quote(settings, 'DEMO')} is neither: make up DEMO=1 is the demo, DEMO= is none.")
    if not (re.fullmatch(r"[0-9]{1,2}", settings["WORKERS"]) and 1 <= int(settings["WORKERS"]) <= 32):
        wrong.append(f"{_quote(settings, 'WORKERS')} can't be: a number from 1 to 32 is, as in WORKERS=2.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", settings.project):
        wrong.append(
            f"{_quote(settings, 'COMPOSE_PROJECT_NAME')} can't name a stack: use small letters, digits, _ and -."
        )
    for key in IMAGES:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:@-]+", settings[key]):
            wrong.append(f"{_quote(settings, key)} names no image; compose/.env.example has the line as it was.")
    for key, value in settings.values.items():
        if key in KEYS and re.search(r"['\n\r]", value):
            wrong.append(f"{_quote(settings, key)} holds a quote or a line break, which .env can't keep.")
    return wrong


def _check_ports(settings: Settings) -> list[str]:
    wrong = []
    users: dict[int, str] = {}
    for key in PORTS:
        text = settings[key]
        port = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
        if not 1024 <= port <= 65535:
            wrong.append(f"{_quote(settings, key)} is no port: a number from 1024 to 65535 is.")
        elif port in users:
            wrong.append(f"{key} and {users[port]} are both {port}: give one of them another number in .env.")
        else:
            users[port] = key
    return wrong


def _quote(settings: Settings, key: str) -> str:
    shown = repr(settings[key][:60])[1:-1]
    where = settings.origin.get(key)
    return f"{key}={shown}{f' ({where})' if where else ''}"
