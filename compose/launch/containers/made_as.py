"""Whether a stack's data were made in real time or in the demo's, which must not be mixed."""

from compose.launch.command import Command
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_file import write_file

PREFIX = ".made-as."


def check_made_as(command: Command, settings: Settings) -> list[str]:
    """Refuse the demo on a stack with real data, and the other way round."""
    path, project = command.secrets / f"{PREFIX}{settings.project}", settings.project
    kind = "demo" if settings.demo else "real"
    if not path.exists() or path.read_text(encoding="utf-8").strip() == kind:
        return []
    holds, other, keep = ("data of the demo", "real work", "1")
    if settings.demo:
        holds, other, keep = ("real data", "the demo", "")
    second = f"make up DEMO={settings['DEMO']} COMPOSE_PROJECT_NAME={project}-{kind}"
    return [
        f"The stack {project} holds {holds}, which {other} can't go on with:  make up DEMO={keep}  goes on as it was,  "
        f"make clean  begins with nothing, and  {second}  is a second stack."
    ]


def write_made_as(command: Command, settings: Settings) -> None:
    write_file(command.secrets / f"{PREFIX}{settings.project}", "demo" if settings.demo else "real", mode=0o644)


def list_stacks(command: Command) -> list[str]:
    """Name the stacks that were brought up from this clone."""
    return sorted(path.name.removeprefix(PREFIX) for path in command.secrets.glob(f"{PREFIX}*"))
