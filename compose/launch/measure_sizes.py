"""How much lies in folders and volumes."""

import json
import os
from pathlib import Path

from compose.launch.run_docker import Docker


def measure_path(path: Path) -> str:
    """Add up the files of a folder; links count for nothing."""
    if not path.is_dir() or path.is_symlink():
        return write_size(path.lstat().st_size)
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += (Path(folder) / name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
    return write_size(total)


def measure_volumes(docker: Docker) -> dict[str, str]:
    """Ask the engine for the sizes of its volumes; what it doesn't know is left out."""
    try:
        told = json.loads(docker.ask("system", "df", "-v", "--format", "{{json .Volumes}}").stdout)
        return {str(one["Name"]): str(one["Size"]) for one in told if one.get("Size") not in (None, "N/A")}
    except (ValueError, KeyError, TypeError):
        return {}


def write_size(count: float) -> str:
    """Write a number of bytes for a person.

    >>> write_size(512), write_size(1_530_000_000)
    ('512 B', '1.5 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
