"""Which of the two modes `make up` takes: containers, or the same platform without Docker."""

from dataclasses import dataclass

from compose.launch.house import House
from compose.launch.look_at_engine import Engine, look_at_engine
from compose.launch.run_docker import Docker
from compose.launch.say import note
from compose.launch.stop_error import StopError


@dataclass(frozen=True)
class Choice:
    """The engine if containers are meant, else none."""

    engine: Engine | None


def choose_mode(house: House, docker: Docker) -> Choice:
    """Take what MODE says, else containers where Docker answers."""
    if house.mode == "embedded":
        return Choice(None)
    engine = look_at_engine(docker)
    if isinstance(engine, Engine):
        return Choice(engine)
    reason = engine[0].upper() + engine[1:]
    if house.mode == "compose":
        raise StopError(f"{reason}, and MODE=compose needs it: mend that, or type  make up MODE=embedded")
    if docker.program and had_stack(house):
        raise StopError(
            f"{reason}, and this clone has a stack in containers: start Docker and type  make up  again. "
            "An empty platform beside it comes with  make up MODE=embedded"
        )
    note(f"{reason}: the platform comes up embedded, on this machine's own Python.")
    return Choice(None)


def had_stack(house: House) -> bool:
    """Say whether a stack in containers was brought up from this clone."""
    return house.settings_file.exists() and (house.secrets / "postgres_password").exists()
