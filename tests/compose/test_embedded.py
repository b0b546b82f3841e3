"""The platform without Docker: real processes that play Airflow and MLflow."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compose.launch import terminal
from compose.launch.processes import supervise
from compose.launch.processes.home import Home
from compose.launch.processes.session import kill_all
from compose.launch.processes.supervise import call, list_processes
from tests.compose.machine import ROOT, Machine

START = "{python} -S -m compose.launch.processes.session /bin/echo begun; sleep 60"
PARTS = ["airflow-apiserver", "airflow-dag-processor", "airflow-scheduler", "airflow-triggerer", "messenger", "mlflow"]


class Embedded:
    """Types verbs with MODE=embedded."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.root = machine, machine.root
        (self.root / "compose/python").mkdir(parents=True, exist_ok=True)
        (self.root / "compose/python/setup.sh").write_text('echo setup "$@" >>"$CALLS"\n')
        (self.root / "requirements-stack.txt").write_text("one==1\n")
        (self.root / ".venv/bin").mkdir(parents=True)
        python = self.root / ".venv/bin/python"
        python.symlink_to(self.root / "programs/python")
        played = (Path(__file__).parent / "fake_python.py").read_text()
        machine.add_program("python", f"#!{sys.executable} -IS\n{played}")

    def type(self, verb: str, *words: str, **environment: str) -> tuple[int, str, str]:
        around = {
            "MODE": "embedded",
            "CALLS": str(self.root / "python-calls"),
            "MLFLOW_TRACKING_URI": "http://elsewhere",
        }
        return self.machine.type(verb, *words, **(around | environment))

    def calls(self) -> str:
        return (self.root / "python-calls").read_text()

    def pids(self, home: str = "artifacts") -> dict[str, int]:
        running = list_processes(Home(self.root / home, demo=False))
        return {process.name: process.pid for process in running if process.is_alive}


@pytest.fixture
def embedded(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    monkeypatch.setattr(terminal, "PAUSE", 0.02)
    monkeypatch.setattr(supervise, "START_SECONDS", 1)
    with tempfile.TemporaryDirectory(prefix="quartet-") as folder:  # the path of a socket must be short
        embedded = Embedded(Machine(Path(folder).resolve(), capfd))
        yield embedded
        embedded.type("down")


def wait_until(look: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_up_starts_all_parts_and_shows_where_they_are(embedded: Embedded) -> None:
    status, out, err = embedded.type("up")
    assert status == 0, err
    assert sorted(embedded.pids()) == PARTS
    assert re.search(r"Quartet is up after \d+ s, embedded: LocalExecutor, home ", out)
    port = embedded.machine.ports["AIRFLOW_PORT"]
    assert re.search(rf"Airflow +http://127\.0\.0\.1:{port} +admin +artifacts/airflow/secrets/admin_password", out)
    assert "setup stack" in embedded.calls()
    secrets = embedded.root / "artifacts/airflow/secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o600}
    password = (secrets / "admin_password").read_text()
    assert password not in out + err + embedded.calls()
    assert not (embedded.root / ".env").exists()


def test_again_starts_only_what_does_not_run(embedded: Embedded) -> None:
    embedded.type("up")
    before, calls = embedded.pids(), embedded.calls()
    call(Home(embedded.root / "artifacts", demo=False), "stopProcess", "airflow-triggerer")
    status, _, err = embedded.type("up")
    assert status == 0
    after = embedded.pids()
    assert after.pop("airflow-triggerer") != before.pop("airflow-triggerer")
    assert after == before
    assert err == ""
    assert "migrate" not in embedded.calls().removeprefix(calls)
    assert embedded.type("up")[2] == ""


def test_process_that_is_killed_comes_back_by_itself(embedded: Embedded) -> None:
    embedded.type("up")
    before = embedded.pids()
    wait_until(lambda: embedded.type("ps")[1].count("running") == len(PARTS))
    os.kill(before["airflow-triggerer"], signal.SIGKILL)
    wait_until(lambda: embedded.pids().get("airflow-triggerer") not in (before["airflow-triggerer"], None, 0))
    assert {name for name, pid in embedded.pids().items() if pid != before[name]} == {"airflow-triggerer"}


def test_nothing_is_left_of_a_supervisor_that_is_killed(embedded: Embedded) -> None:
    embedded.type("up")
    before = embedded.pids()
    supervisor = int((embedded.root / "artifacts/supervisor.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{supervisor}").exists())
    status, _, err = embedded.type("up")
    assert status == 0, err
    wait_until(lambda: not any(is_there(pid) for pid in before.values()))
    assert set(embedded.pids()) == set(PARTS)


def test_supervisor_listens_for_this_user_only_and_gives_nothing_up(embedded: Embedded) -> None:
    embedded.type("up")
    assert stat.S_IMODE((embedded.root / "artifacts/supervisor.sock").stat().st_mode) == 0o700
    config = embedded.root / "artifacts/supervisor.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "inet_http_server" not in config.read_text()
    starts = [int(found) for found in re.findall(r"^startretries = (\d+)", config.read_text(), re.M)]
    a_year, pauses = 365 * 86_400, [count * count / 2 for count in starts]  # the pause grows by a second each time
    assert len(pauses) == len(PARTS)
    assert min(pauses) > a_year


def test_path_that_is_too_long_for_a_socket(embedded: Embedded) -> None:
    status, _, err = embedded.type("up", f"QUARTET_HOME={'a' * 90}")
    assert (status, "is too long for a socket in it" in err) == (2, True)


def test_down_ends_all_processes(embedded: Embedded) -> None:
    embedded.type("up")
    pids = embedded.pids()
    status, out, _ = embedded.type("down")
    assert (status, out) == (0, f"Stopped: {', '.join(PARTS)}. All data are kept.\n")
    assert [name for name, pid in pids.items() if is_there(pid)] == []
    assert embedded.pids() == {}
    assert embedded.type("down")[1] == "Nothing is running.\n"


def test_part_that_dies_at_its_start_is_told_with_its_last_lines(embedded: Embedded) -> None:
    status, out, err = embedded.type("up", FAIL="1")
    assert (status, out) == (1, "")
    assert "airflow-scheduler ended with status 3 at its start. The last lines of" in err
    assert "  | no space left" in err
    wait_until(lambda: embedded.type("ps")[1].count("running") == len(PARTS) - 1)
    alive = {line.split()[0] for line in embedded.type("ps")[1].splitlines() if "running" in line}
    assert alive == set(PARTS) - {"airflow-scheduler"}


def test_demo_has_a_home_an_exchange_and_a_memory(embedded: Embedded) -> None:
    status, out, err = embedded.type("up", "DEMO=1")
    assert status == 0, err
    assert sorted(embedded.pids("artifacts/stack-demo")) == sorted([*PARTS, "exchange"])
    assert "artifacts/stack-demo/airflow/secrets/admin_password" in out
    assert "--airflow-password-file" in embedded.calls()
    assert embedded.machine.settings()["DEMO"] == "1"
    status, _, err = embedded.type("up", "DEMO=")
    assert (status, "is running: type  make down  first" in err) == (2, True)
    assert embedded.type("up")[0] == 0


def test_other_verbs(embedded: Embedded) -> None:
    embedded.machine.set("HTTPS_PROXY", "http://proxy:3128")
    embedded.type("up")
    around = Path(f"/proc/{embedded.pids()['messenger']}/environ").read_text().split("\0")
    assert "HTTPS_PROXY=http://proxy:3128" in around
    wait_until(lambda: embedded.type("ps")[1].count("running") == len(PARTS))
    embedded.root.joinpath("artifacts/logs/mlflow.log").write_text("hello\n")
    assert embedded.type("logs", "s=mlflow")[1] == "hello\n"
    assert "s=mlflwo is no service; did you mean mlflow." in embedded.type("logs", "s=mlflwo")[2]
    status, out, _ = embedded.type("user", "name=anna", "role=Op")
    assert (status, out) == (0, "User anna (Op): artifacts/airflow/secrets/users/anna\n")
    before = embedded.pids()
    assert embedded.type("restart", "s=mlflow")[0] == 0
    assert {name for name, pid in embedded.pids().items() if pid != before[name]} == {"mlflow"}
    assert "There are no workers to scale" in embedded.type("scale", "WORKERS=3")[2]
    assert "on port" in embedded.type("up", "MLFLOW_PORT=31999")[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["EXECUTOR=celery"], "EXECUTOR=celery needs containers"),
        (["QUARTET_HOME=artifacts/50%"], "holds one of % ? # in its path"),
        (["AIRFLOW_PORT=80"], "is no port"),
    ],
)
def test_what_cannot_be(embedded: Embedded, words: list[str], sentence: str) -> None:
    status, _, err = embedded.type("up", *words)
    assert (status, sentence in err) == (2, True)
    assert not (embedded.root / "artifacts").exists()


def test_busy_port(embedded: Embedded) -> None:
    with socket.create_server(("127.0.0.1", embedded.machine.ports["MLFLOW_PORT"])):
        status, _, err = embedded.type("up")
    assert (status, "(MLFLOW_PORT) is in use by another program" in err) == (2, True)


def test_lost_secret_is_not_made_anew(embedded: Embedded) -> None:
    embedded.type("up")
    embedded.type("down")
    (embedded.root / "artifacts/airflow/secrets/fernet_key").unlink()
    status, _, err = embedded.type("up")
    assert (status, "fernet_key is gone, and Airflow's database was made with it" in err) == (2, True)


def test_containers_do_not_come_up_beside_it(embedded: Embedded) -> None:
    embedded.type("up")
    status, _, err = embedded.type("up", "MODE=compose")
    assert (status, "The embedded platform is running (airflow-apiserver" in err) == (2, True)


def test_orphans_of_a_session_are_ended_and_nobody_else(tmp_path: Path) -> None:
    lines = ("sleep 61 & echo $!", "sh -c 'sleep 62 & echo $!; wait' & sleep 0.5; kill -9 $!", "read line", START)
    script = "\n".join(lines).format(python=sys.executable)
    with subprocess.Popen(
        ["sh", "-c", script],
        cwd=ROOT,
        env={**os.environ, "QUARTET_HOME": str(tmp_path)},
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as leader:
        assert leader.stdin is not None
        assert leader.stdout is not None
        child, orphan = int(leader.stdout.readline()), int(leader.stdout.readline())
        assert is_there(orphan)
        leader.stdin.write("go on\n")
        leader.stdin.flush()
        assert leader.stdout.readline() == "begun\n"
        assert (is_there(child), is_there(orphan)) == (True, False)
        kill_all(leader.pid, tmp_path / "another home")
        assert is_there(child)
        kill_all(leader.pid, tmp_path)
    assert not is_there(child)


def test_process_that_has_the_number_of_a_supervisor_from_before_a_reboot_stays(embedded: Embedded) -> None:
    (embedded.root / "artifacts").mkdir()
    note = embedded.root / "artifacts/supervisor.pid"
    for script in ("sleep 63 & echo $!", "echo $$; exec sleep 64"):
        with subprocess.Popen(["sh", "-c", script], start_new_session=True, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            pid = int(other.stdout.readline())
            if pid != other.pid:
                other.wait()  # its session lives on without it
            note.write_text(f"{other.pid}\n")
            assert embedded.type("down")[:2] == (0, "Nothing is running.\n")
            assert is_there(pid)
            os.kill(pid, signal.SIGKILL)
