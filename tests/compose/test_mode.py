"""Which mode `make up` takes, and what it says when Docker is not what it should be."""

import pytest

from tests.compose.machine import Machine

SILENT = {"ServerErrors": ["Cannot connect to the Docker daemon"]}


def test_no_docker_here(machine: Machine, embedded: list[str]) -> None:
    (machine.programs / "docker").unlink()
    status, _, err = machine.type("up", PATH=str(machine.programs))
    assert (status, embedded) == (0, ["up"])
    assert err == "There is no Docker here: the platform comes up embedded, on this machine's own Python.\n"


def test_engine_that_is_silent(machine: Machine, embedded: list[str]) -> None:
    machine.state |= {"info": SILENT, "engine_says": "Cannot connect to the Docker daemon at unix:///x"}
    _, _, err = machine.type("up")
    assert embedded == ["up"]
    assert "Docker's engine doesn't answer (Cannot connect to the Docker daemon at unix:///x): the platform" in err
    assert err.count("\n") == 1


def test_engine_that_is_silent_for_a_clone_with_a_stack(machine: Machine, embedded: list[str]) -> None:
    machine.fill()
    machine.state |= {"info": SILENT, "engine_says": "Cannot connect"}
    status, _, err = machine.type("up")
    assert (status, embedded) == (2, [])
    assert "this clone has a stack in containers: start Docker" in err
    assert machine.type("up", "MODE=embedded")[0] == 0
    assert embedded == ["up"]


def test_engine_that_refuses_this_user(machine: Machine, embedded: list[str]) -> None:
    machine.state |= {"info": {}, "engine_says": "permission denied while trying to connect to the Docker daemon"}
    assert "refuses this user (sudo usermod -aG docker $USER" in machine.type("up")[2]


def test_compose_is_missing(machine: Machine, embedded: list[str]) -> None:
    machine.state["compose"] = ""
    assert "Docker Compose is not (install its plugin, docker-compose-plugin)" in machine.type("up")[2]
    assert embedded == ["up"]


def test_forced_compose_without_docker(machine: Machine, embedded: list[str]) -> None:
    machine.state |= {"info": SILENT, "engine_says": "Cannot connect"}
    status, _, err = machine.type("up", "MODE=compose")
    assert (status, embedded) == (2, [])
    assert "MODE=compose needs it" in err


def test_forced_embedded_asks_docker_nothing(machine: Machine, embedded: list[str]) -> None:
    assert machine.type("up", "MODE=embedded")[0] == 0
    assert (embedded, machine.told()) == (["up"], [])


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note that the embedded platform would have been brought up."""
    brought: list[str] = []
    monkeypatch.setattr("compose.launch.__main__.bring_up_embedded", lambda command, settings: brought.append("up"))
    return brought
