"""Whether a stack's data were made in real time or in the demo's, which must not be mixed."""

from pathlib import Path

from compose.launch.command import House
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_file import write_file

PREFIX = ".made-as."
KINDS = {True: "demo", False: "real"}


def check_made_as(house: House, settings: Settings, *, has_data: bool) -> list[str]:
    """Refuse the demo on a stack with real data, and the other way round."""
    was, wanted = read_made_as(house, settings), KINDS[settings.demo]
    if not has_data or not was or was == wanted:
        return []
    other = f"make up {'DEMO=1' if settings.demo else 'DEMO='} COMPOSE_PROJECT_NAME={settings.project}-{wanted}"
    keep = "make up DEMO=" if settings.demo else "make up DEMO=1"
    return [
        f"The stack {settings.project} holds {'real data' if was == 'real' else 'data of the demo'}, which "
        f"{'the demo' if settings.demo else 'real work'} can't go on with:  {keep}  goes on as it was,  make clean  "
        f"begins with nothing, and  {other}  is a second stack."
    ]


def read_made_as(house: House, settings: Settings) -> str:
    """Answer with `demo`, `real`, or nothing where that was never noted."""
    try:
        return _note(house, settings.project).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def write_made_as(house: House, settings: Settings) -> None:
    if read_made_as(house, settings) != KINDS[settings.demo]:
        write_file(_note(house, settings.project), KINDS[settings.demo], mode=0o644)


def list_stacks(house: House) -> list[str]:
    """Name the stacks that were brought up from this clone."""
    return sorted(path.name.removeprefix(PREFIX) for path in house.secrets.glob(f"{PREFIX}*"))


def _note(house: House, project: str) -> Path:
    return house.secrets / f"{PREFIX}{project}"
