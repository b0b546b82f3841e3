"""`make mlflow`: a free port, a home with experiments, else one sentence."""

import socket
from pathlib import Path

import pytest

from db_handler.errors import NotYetError, UsageError
from service.cli.make_mlflow import DATABASE, build_command, find_store, read_port


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTET_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_port_in_use_is_told_with_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"Port {port} is in use .* make mlflow port=\d+"):
            read_port(str(port))


@pytest.mark.parametrize("text", ["", "abc", "80", "70000", "-1", "5000; rm", "५०००"])
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(UsageError, match="is no port"):
        read_port(text)


def test_home_without_experiments_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotYetError, match="no experiments"):
        find_store()
    assert not (tmp_path / "home").exists()


def test_tracking_server_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://canary@elsewhere")
    with pytest.raises(UsageError, match="names a server") as caught:
        find_store()
    assert "canary" not in str(caught.value)


def test_command_is_for_this_machine_and_proxies_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / DATABASE).touch()
    command = build_command(find_store(), 5001)
    assert "--no-serve-artifacts" in command
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--backend-store-uri") + 1] == f"sqlite:///{tmp_path}/home/{DATABASE}"
