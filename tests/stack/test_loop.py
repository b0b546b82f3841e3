"""The toy's loop on MySQL: the very tests that SQLite passes, and a server that restarts in the middle."""

# ruff: noqa: F403, F401, F811
import shutil
import threading
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows
from service.step.platform import Platform
from tests.service.conftest import made_mlflow
from tests.service.monitoring import test_probation as probation
from tests.service.toy_world import live
from tests.service.workflow.test_loop import *
from tests.service.workflow.test_loop import toy, train
from tests.stack.conftest import Server


@pytest.fixture(autouse=True)
def mlflow(home: Path, made_mlflow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow in the home, made already."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    home.mkdir(exist_ok=True)
    shutil.copy(made_mlflow, home / "mlflow.db")


def test_a_server_that_restarts_in_the_middle_of_the_loop_changes_nothing(toy: Platform, mysql_server: Server) -> None:
    """Faults 4 and 7: steps wait for the server, and what was cut off begins again."""
    train(toy, 100)
    restart = threading.Thread(target=mysql_server.restart)
    restart.start()
    day, outcomes = 101, []
    while restart.is_alive() or day < 106:
        outcomes += [outcome["a"] for outcome in live(toy, day, day + 1).values()]
        day += 1
    restart.join()
    assert {outcome.status for outcome in outcomes} == {"done"}
    with toy.database.begin() as connection:
        scored = read_rows(connection, toy.specs["a"].data.performance, where={"series": "a"})
    assert len(scored) == day - 101


def test_a_champion_on_probation_falls_on_mysql_too(toy: Platform) -> None:
    train(toy, 60)
    train(toy, probation.PROMOTED)
    probation.want(toy, probation.WANTED)
    found = probation.live(toy, right=1).results["monitor"]["probation"]
    assert (found["verdict"], probation.champion(toy)) == ("worse", 1)
    assert len(probation.shadow(toy)) == probation.WANTED
    again = probation.run(toy, "monitoring", probation.END).results["monitor"]["probation"]
    assert (again, len(probation.told(toy))) == (found, 1)
