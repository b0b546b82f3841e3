"""Homes with an MLflow that is set up already: making one takes seconds, copying it does not."""

import json
import logging
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db_handler.settings import HouseSettings
from service.cli.new_project import new_project
from service.cli.run_command import run_command
from service.spec import Spec
from service.spec.load_spec import load_spec
from service.tracking.tracking import Tracking, open_tracking
from tests.service.answer import Answer, Ask

NAME = "demand_of_tests"  # a new project


@pytest.fixture(scope="session")
def made_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that the first opening of a home leaves."""
    home = tmp_path_factory.mktemp("made") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        open_tracking(HouseSettings(home=home))
    return home / "mlflow.db"


@pytest.fixture
def home(tmp_path: Path, made_mlflow: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for one test, with an empty MLflow in it."""
    for name in ("MLFLOW_TRACKING_URI", "QUARTET_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("QUARTET_HOME", str(folder))
    folder.mkdir()
    shutil.copy(made_mlflow, folder / "mlflow.db")
    return folder


@pytest.fixture
def tracking(home: Path) -> Tracking:
    return open_tracking(HouseSettings(home=home))


@pytest.fixture
def ask(
    home: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Ask]:
    """Run a command of the toy, or of another project, in this process."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "QUARTET_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    home.mkdir(exist_ok=True)
    shutil.copy(migrated, home / "quartet.db")
    root, before, terminated = logging.getLogger(), logging.getLogger().handlers[:], signal.getsignal(signal.SIGTERM)

    def ask(*arguments: str, project: str = "toy") -> Answer:
        root.handlers.clear()  # basicConfig then takes the standard error of now
        capsys.readouterr()
        status = run_command(project, arguments)
        out, log = capsys.readouterr()
        assert "Traceback" not in log
        answer = json.loads(out.splitlines()[-1])
        assert len(out.splitlines()) == 1
        assert answer["status"] == {0: "done", 75: "away", 99: "not_yet"}.get(status, "failed")
        return Answer(status, answer, log)

    yield ask
    root.handlers[:] = before
    signal.signal(signal.SIGTERM, terminated)


@pytest.fixture
def demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spec]:
    """A new project as the skeleton makes it."""
    tree = tmp_path / "tree"
    for folder in ("dags", "tests"):
        (tree / folder).mkdir(parents=True)
    new_project(NAME, tree)
    monkeypatch.syspath_prepend(tree)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield load_spec(NAME, "daily")
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]
