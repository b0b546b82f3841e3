"""MLflow in the home: runs, trials, evidence, and what is said when it fails."""

import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from db_handler.errors import UsageError
from db_handler.settings import HouseSettings
from service.tracking.registry import read_alias
from service.tracking.tracking import Tracking, open_tracking
from service.tracking.tracking_error import TrackingError, explain_mlflow

AT = datetime(2025, 3, 1, 4, tzinfo=UTC)
TRAINING: dict[str, Any] = {"project": "shop", "config": "east", "kind": "train", "at": AT, "cause": "clock"}


def open_home(home: Path) -> Tracking:
    return open_tracking(HouseSettings(home=home))


def refuse(home: Path) -> str:
    with pytest.raises(TrackingError) as caught, open_home(home).start_run(**TRAINING):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_with_its_trials(tracking: Tracking, capfd: pytest.CaptureFixture[str]) -> None:
    with tracking.start_run(**TRAINING, tags={"colour": "blue"}) as run_id:
        trials = [tracking.log_trial(run_id, {"depth": depth}, {"loss": depth / 10}) for depth in (4, 6)]
        tracking.log(run_id, params={"depth": 4})
        tracking.log(run_id, metrics={"loss": 0.4, "odd": float("nan")})
    run = tracking.client.get_run(run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "east 2025-03-01T04:00Z")
    expected = {"unit": "shop.east", "kind": "train", "at": "2025-03-01T04:00Z", "cause": "clock", "colour": "blue"}
    assert expected.items() <= run.data.tags.items()
    assert (run.data.params, run.data.metrics["loss"]) == ({"depth": "4"}, 0.4)
    trial = tracking.client.get_run(trials[1])
    assert (trial.data.tags["mlflow.parentRunId"], trial.data.metrics, trial.info.status) == (
        run_id,
        {"loss": 0.6},
        "FINISHED",
    )
    assert capfd.readouterr() == ("", "")


def test_what_a_killed_training_left_open_is_ended_and_nothing_else(tracking: Tracking) -> None:
    experiment = tracking.client.create_experiment("shop")
    tags = {"unit": "shop.east"}
    killed = tracking.client.create_run(experiment, tags=tags).info.run_id
    trial = tracking.client.create_run(experiment, tags={"mlflow.parentRunId": killed}).info.run_id
    other = tracking.client.create_run(experiment, tags={"unit": "shop.west"}).info.run_id
    with tracking.start_run(**TRAINING) as done:
        pass
    tracking.end_cut_off_runs("shop", "east")
    states = [tracking.client.get_run(run).info.status for run in (killed, trial, other, done)]
    assert states == ["KILLED", "KILLED", "RUNNING", "FINISHED"]


def test_a_run_that_fails_says_so(tracking: Tracking) -> None:
    with pytest.raises(KeyError), tracking.start_run(**TRAINING) as run_id:
        raise KeyError
    assert tracking.client.get_run(run_id).info.status == "FAILED"


def test_evidence_comes_back_as_it_was(tracking: Tracking, home: Path) -> None:
    frame = pd.DataFrame({"slot": pd.date_range(AT, periods=3, freq="4h"), "loss": [0.1, 1 / 3, None], "live": True})
    with tracking.start_run(**TRAINING) as run_id:
        tracking.log_evidence(run_id, frame, "walk_forward")
    pd.testing.assert_frame_equal(tracking.read_evidence(run_id, "walk_forward"), frame)
    assert list((home / "mlflow-artifacts" / "shop").rglob("walk_forward.parquet"))
    with pytest.raises(TrackingError, match="MLflow at"):
        tracking.read_evidence(run_id, "nothing")


def test_the_environment_stays_as_it_was(tracking: Tracking, home: Path) -> None:
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert tracking.uri == f"sqlite:///{home}/mlflow.db"


def test_the_database_is_in_wal_mode(tracking: Tracking) -> None:
    with tracking.client._tracking_client.store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_a_home_made_anew_is_not_mistaken_for_the_old_one(tracking: Tracking, home: Path, made_mlflow: Path) -> None:
    with tracking.start_run(**TRAINING) as run_id:
        pass
    (home / "mlflow.db").unlink()
    for leftover in home.glob("mlflow.db-*"):
        leftover.unlink()
    (home / "mlflow.db").write_bytes(made_mlflow.read_bytes())
    with open_home(home).start_run(**TRAINING) as other:
        pass
    with pytest.raises(TrackingError):
        open_home(home).log(run_id, metrics={"loss": 1.0})
    assert other != run_id


def test_a_damaged_database_is_one_sentence_and_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "mlflow.db").write_text("no database" * 500)
    began = time.monotonic()
    assert "mlflow.db can't be used: the file is no SQLite database" in refuse(tmp_path)
    (tmp_path / "mlflow.db").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    assert "mlflow.db can't be used" in refuse(tmp_path)
    assert time.monotonic() - began < 10


def test_an_mlflow_that_can_not_be_used_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "http://user:canary@127.0.0.1:9"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    sentence = refuse(tmp_path)
    assert "MLflow at" in sentence
    assert "canary" not in sentence
    assert os.environ["MLFLOW_TRACKING_URI"] == uri


def test_a_server_that_is_not_there_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert refuse(tmp_path) == (
        "MLflow at http://127.0.0.1:9 can't be reached or is in trouble; check that it runs and run again "
        "(connection refused)"
    )


class Troubled(BaseHTTPRequestHandler):
    """A server that answers every request in one way; status 0 is to cut the connection off."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = cast("TroubledServer", self.server).status
        if status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"<html>no</html>")

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None: ...


class TroubledServer(ThreadingHTTPServer):
    status = 500


@pytest.mark.parametrize(
    ("status", "exit_status", "says"),
    [
        (0, 75, "connection cut off"),
        (500, 75, "it keeps answering with errors"),
        (503, 75, "it keeps answering with errors"),
        (429, 75, "it asks for fewer requests"),
        (200, 1, "not in a valid JSON format"),
        (401, 1, "refused access; check MLFLOW_TRACKING_USERNAME"),
        (404, 1, "refused what was asked"),
    ],
)
def test_what_passes_by_itself_and_what_does_not(
    monkeypatch: pytest.MonkeyPatch, status: int, exit_status: int, says: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with TroubledServer(("127.0.0.1", 0), Troubled) as server:
        server.status = status
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        uri = f"http://user:canary@127.0.0.1:{server.server_port}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        tracking = open_tracking()
        with pytest.raises(TrackingError, match=says) as asked:
            read_alias(tracking, "shop.east", "champion")
        assert asked.value.exit_status == exit_status
        if status != 200:
            files = get_artifact_repository("mlflow-artifacts:/x", tracking_uri=uri)
            with pytest.raises(TrackingError) as kept, explain_mlflow(tracking.place):
                files.log_artifact(__file__)
            assert kept.value.exit_status == exit_status
            assert "canary" not in str(asked.value) + str(kept.value)
        server.shutdown()


def test_what_was_begun_without_room_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def fill(draft: Path, _path: Path) -> None:
        draft.write_text("half a database")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("service.tracking.mlflow_store._migrate_draft", fill)
        assert "mlflow.db can't be used: [Errno 28] No space left on device" in refuse(tmp_path)
    assert not list(tmp_path.glob("mlflow*.db*"))


@pytest.mark.parametrize(
    "uri", ["nonsense://user:canary@x", "./mlruns", "localhost:5000", "http://", "http://host:99999"]
)
def test_what_is_no_address_is_a_setting_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(UsageError, match=r"no place for MLflow here: write it like http") as caught:
        open_home(tmp_path)
    assert "canary" not in str(caught.value)


OPEN = (
    "import sys; from pathlib import Path; from db_handler.settings import HouseSettings;"
    "from service.tracking.tracking import open_tracking;"
    "print(open_tracking(HouseSettings(home=Path(sys.argv[1])))._find_experiment('shop'))"
)


def start_process(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", OPEN, str(home)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"},
    )  # fmt: skip


def test_two_processes_open_an_empty_home_at_once_after_a_kill_left_a_draft(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for leftover in ("mlflow-draft.db", "mlflow-draft.db-wal"):
        (home / leftover).write_bytes(b"half a database")
    answers = [process.communicate(timeout=120) for process in [start_process(home), start_process(home)]]
    assert {error for _, error in answers} == {""}
    assert len({answer.strip() for answer, _ in answers}) == 1
    assert not list(home.glob("mlflow-draft.db*"))
