"""Makes the secrets that are missing; those that are there are never touched."""

from pathlib import Path

from compose.launch.check_secrets import is_missing
from compose.launch.name_secrets import MAKERS, OPTIONAL
from compose.launch.write_file import write_file

# Containers read them as users of their own; on this machine the folder keeps others out.
FILE_MODE, FOLDER_MODE = 0o444, 0o700


def make_secrets(folder: Path) -> list[str]:
    """Answer with the names of those that were made."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    made = [name for name in MAKERS if is_missing(folder / name)]
    for name in made:
        write_file(folder / name, MAKERS[name](), mode=FILE_MODE)
    for name in OPTIONAL:
        if not (folder / name).exists():
            write_file(folder / name, "", mode=0o644)
    return made
