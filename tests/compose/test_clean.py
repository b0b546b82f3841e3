"""`make clean`: says what would be lost, asks, and deletes only what is ours."""

import io
from pathlib import Path

import pytest

from tests.compose.machine import Machine


@pytest.fixture
def full(machine: Machine) -> Machine:
    """A clone with everything that can be deleted."""
    machine.fill()
    (machine.root / ".venv/bin").mkdir(parents=True)
    (machine.root / ".venv/bin/python").write_text("x" * 2000)
    (machine.root / "artifacts/quartet.db").write_text("rows")
    return machine


def clean(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, said: str = "yes\n", **environment: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    return machine.type("clean", **environment)


def test_yes_deletes_everything_that_it_named(full: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, _ = clean(full, monkeypatch)
    assert status == 0
    for line in (
        ".venv",
        "artifacts",
        "compose/secrets",
        ".env",
        "volume quartet_mysql-data",
        "docker image rm quartet:local",
    ):
        assert line in out
    assert "Type yes to go on: " in out
    assert out.endswith("Deleted.\n")
    assert full.calls("down", "--volumes")
    assert full.state["volumes"] == full.state["containers"] == []
    assert not [name for name in (".venv", "artifacts", "compose/secrets", ".env") if (full.root / name).exists()]


@pytest.mark.parametrize("said", ["", "\n", "no\n", "y\n", "YES\n", "yes please\n"])
def test_anything_but_yes_deletes_nothing(full: Machine, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    status, out, _ = clean(full, monkeypatch, said)
    assert status == 0
    assert out.endswith("Nothing was deleted.\n")
    assert not full.calls("down")
    assert len(full.state["volumes"]) == 3
    assert all((full.root / name).exists() for name in (".venv", "artifacts", "compose/secrets", ".env"))


def test_nothing_to_delete(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean(machine, monkeypatch)[:2] == (0, "Nothing to delete.\n")


def test_folder_that_is_no_home(full: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter").write_text("one")
    status, _, err = clean(full, monkeypatch, QUARTET_HOME=str(foreign))
    assert status == 2
    assert "does not look like a home of Quartet: nothing is deleted" in err
    assert (foreign / "chapter").exists()
    assert (full.root / ".venv").exists()


@pytest.mark.parametrize("home", [".", "..", "/"])
def test_home_that_holds_the_repository(full: Machine, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    (full.root / ".quartet-home").touch()
    status, _, err = clean(full, monkeypatch, QUARTET_HOME=home)
    assert status == 2
    assert "holds this repository" in err
    assert (full.root / ".venv").exists()


def test_home_elsewhere(full: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "house"
    home.mkdir()
    (home / ".quartet-home").touch()
    assert clean(full, monkeypatch, QUARTET_HOME=str(home))[0] == 0
    assert not home.exists()
    assert (full.root / "artifacts").exists()


def test_links_are_taken_away_and_what_they_name_stays(
    full: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shared = tmp_path_factory.mktemp("shared")
    (shared / "python").touch()
    (full.root / ".venv/bin/python").unlink()
    (full.root / ".venv/bin").rmdir()
    (full.root / ".venv").rmdir()
    (full.root / ".venv").symlink_to(shared)
    assert clean(full, monkeypatch)[0] == 0
    assert (shared / "python").exists()
    assert not (full.root / ".venv").is_symlink()


def test_secrets_stay_while_the_volumes_cannot_be_deleted(full: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    full.state |= {"info": {}, "engine_says": "Cannot connect"}
    status, out, err = clean(full, monkeypatch)
    assert status == 0
    assert "its secrets and .env are kept" in err
    assert "compose/secrets" not in out
    assert full.secret("redis_password").exists()
    assert not (full.root / ".venv").exists()


def test_second_stack_of_this_clone_is_deleted_too(full: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    full.type("up", "COMPOSE_PROJECT_NAME=other")
    out = clean(full, monkeypatch)[1]
    assert "volume quartet_mysql-data" in out
    told = [call["settings"]["COMPOSE_PROJECT_NAME"] for call in full.told() if "down" in call["words"]]
    assert "quartet" in told
