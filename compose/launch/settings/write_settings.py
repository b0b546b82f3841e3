"""Keeps in `.env` what was typed, and what follows from it; only lines whose value changed are touched."""

import re
from collections.abc import Mapping

from compose.launch.command import KEYS, Command
from compose.launch.settings.read_settings import LINE, Settings, parse_settings
from compose.launch.settings.write_file import write_file

HEAD = "# What somebody changed; compose/.env.example lists all settings.\n"


def write_settings(command: Command, settings: Settings) -> bool:
    """Bring `.env` up to date; answers whether it was changed."""
    path, kept = command.settings_file, settings.kept
    before = path.read_bytes().decode("utf-8") if path.exists() else ""
    stay = {*parse_settings(before), *command.typed}
    wanted = {
        key: kept.get(key, "") for key in KEYS if key in stay or kept.get(key, "") != settings.defaults.get(key, "")
    }
    after = edit_settings(before or HEAD, wanted) if wanted else before
    if after != before:
        write_file(path, after, mode=0o644)
    return after != before


def edit_settings(text: str, wanted: Mapping[str, str]) -> str:
    """Change the lines of keys that have another value, and add those that are missing; comments and order stay.

    >>> edit_settings("# ports\\nA=1\\nB=2\\n", {"A": "3", "B": "2", "C": "4"})
    '# ports\\nA=3\\nB=2\\nC=4\\n'
    """
    current = parse_settings(text)
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        match = LINE.fullmatch(line.rstrip("\r\n"))
        if match and match[1] in wanted and current[match[1]] != wanted[match[1]]:
            ending = line[len(line.rstrip("\r\n")) :]
            lines[number] = f"{match[1]}={_quote(wanted[match[1]])}{ending}"
    missing = [f"{key}={_quote(value)}\n" for key, value in wanted.items() if key not in current]
    if missing and lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines, *missing])


def _quote(value: str) -> str:
    return value if re.fullmatch(r"[\w./:@,+=?&%~-]*", value, re.ASCII) else f"'{value}'"
