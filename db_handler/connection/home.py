"""The home: the folder of the embedded mode, which knows its own path and says so when it was moved."""

import os
import tempfile
from pathlib import Path

from db_handler.errors import UsageError

MARKER = ".quartet-home"


def open_home(path: Path | str) -> Path:
    """Create the home where it is missing, and give its absolute path."""
    home = Path(path).expanduser().resolve()
    if "?" in str(home):  # in a database's URL, the only way to name a file to MLflow, it ends the path
        raise UsageError(f"The home {home} has a ? in its path: set QUARTET_HOME to a folder without one.")
    try:
        home.mkdir(parents=True, exist_ok=True)
        made_at = _read_or_write_marker(home)
    except OSError as error:
        why = "it is a file" if home.is_file() else error.strerror
        raise UsageError(
            f"The home {home} can't be written ({why}); set QUARTET_HOME to a folder that you may write to."
        ) from None
    if made_at != str(home):
        raise UsageError(
            f"The home {home} was made at {made_at}, and its files know that path: move it back there, "
            "or set QUARTET_HOME to a new folder."
        )
    return home


def _read_or_write_marker(home: Path) -> str:
    marker = home / MARKER
    if not marker.exists():
        # A replaced file is whole or not there, so that processes that start at once see a whole marker.
        handle, draft = tempfile.mkstemp(dir=home, prefix=f"{MARKER}-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(str(home))
        Path(draft).replace(marker)
    elif not os.access(home, os.W_OK):
        raise PermissionError(13, "Permission denied")
    return marker.read_text(encoding="utf-8").strip()
