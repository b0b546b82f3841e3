"""Writes a file whole or not at all, and never where somebody else could have put a link."""

import os
import tempfile
from pathlib import Path


def write_file(path: Path, text: str, *, mode: int) -> None:
    """Put a file in its place by one rename."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(draft).chmod(mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def check_place(path: Path, *, folder: bool) -> str:
    """Say why a path can't be written to, or nothing.

    >>> check_place(Path("/nowhere"), folder=False)
    ''
    """
    if path.is_symlink():
        return f"{path} is a link: secrets and settings are only written to what is really there; remove the link."
    if not path.exists():
        return ""
    if path.is_dir() != folder:
        found, wanted = ("file", "folder") if folder else ("folder", "file")
        return f"{path} is a {found} and should be a {wanted}: move it away."
    if path.stat().st_uid != os.getuid():
        return f"{path} belongs to another user: run make up as that user, or move it away."
    return ""
