"""Homes with an MLflow that is set up already: making one takes seconds, copying it does not."""

import shutil
from pathlib import Path

import pytest

from db_handler.settings import HouseSettings
from service.tracking import Tracking, open_tracking


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
