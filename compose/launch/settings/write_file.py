"""Writes a file whole or not at all, and never where somebody else could have put a link."""

import os
import tempfile
from pathlib import Path


def write_file(path: Path, text: str, *, mode: int) -> None:
    """Put a file in its place by one rename."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8", newline="")
        draft.chmod(mode)
        draft.replace(path)


def check_place(path: Path, *, folder: bool = False) -> list[str]:
    """Say why a path can't be written to, if it can't.

    >>> check_place(Path("/nowhere"))
    []
    """
    if path.is_symlink():
        return [f"{path} is a link: secrets and settings are only written to what is really there; remove the link."]
    if path.exists() and path.is_dir() != folder:
        kind, wanted = ("file", "folder") if folder else ("folder", "file")
        return [f"{path} is a {kind} and should be a {wanted}: move it away."]
    if path.exists() and path.stat().st_uid != os.getuid():
        return [f"{path} belongs to another user: run make up as that user, or move it away."]
    return []
