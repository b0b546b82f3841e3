"""Keeps settings in `.env`: made from the example once, then only lines whose value changed are touched."""

import os
import re
from collections.abc import Mapping

from compose.launch.command import KEYS, House
from compose.launch.settings.read_settings import LINE, Settings, parse_settings
from compose.launch.settings.write_file import write_file

PLAIN = re.compile(r"[\w./:@,+=?&%~-]*", re.ASCII)


def write_settings(house: House, settings: Settings) -> bool:
    """Bring `.env` up to date; answers whether it was changed."""
    source = house.settings_file if house.settings_file.exists() else house.example
    before = source.read_bytes().decode("utf-8")
    after = edit_settings(before, {key: settings.kept[key] for key in KEYS if key in settings.kept})
    if source == house.settings_file and after == before:
        return False
    write_file(house.settings_file, after, mode=0o644 & ~_mask())
    return True


def edit_settings(text: str, wanted: Mapping[str, str]) -> str:
    """Change the lines of keys that have another value; comments and order stay.

    >>> edit_settings("# ports\\nA=1\\nB=2\\n", {"A": "3", "B": "2"})
    '# ports\\nA=3\\nB=2\\n'
    """
    current = parse_settings(text)
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        match = LINE.fullmatch(line.rstrip("\r\n"))
        if match and match[1] in wanted and current[match[1]] != wanted[match[1]]:
            ending = line[len(line.rstrip("\r\n")) :]
            lines[number] = f"{match[1]}={_quote(wanted[match[1]])}{ending}"
    missing = [f"{key}={_quote(value)}\n" for key, value in wanted.items() if value and key not in current]
    if missing and lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines, *missing])


def _quote(value: str) -> str:
    return value if PLAIN.fullmatch(value) else f"'{value}'"


def _mask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
