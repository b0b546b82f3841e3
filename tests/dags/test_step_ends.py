"""A step ends with its task: whatever of Airflow's is killed, nothing of the step is left within ten seconds."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.dags.parsed import ROOT

# The step of a project: it listens as every run.py does, and works until it is ended; a deaf one hears no SIGTERM, and
# neither does a process that it has forked.
RUN = """
import os, pathlib, signal, sys, time
from service.contract.ending import listen_for_end
listen_for_end()
if "--config=deaf" in sys.argv:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    if (worker := os.fork()) == 0:
        time.sleep(120)
    pathlib.Path(__file__).with_name("worker").write_text(str(worker))
pathlib.Path(__file__).with_name("pid").write_text(str(os.getpid()))
try:
    time.sleep(120)
except KeyboardInterrupt:
    pathlib.Path(__file__).with_name("heard").touch()
"""
# A supervisor starts the task as a child of its own and waits for it, as Airflow's does.
SUPERVISOR = """
import subprocess, sys
task = subprocess.Popen([sys.executable, "-W", "ignore", sys.argv[1]], stdin=subprocess.PIPE, text=True)
print(task.pid, flush=True)
task.stdin.write(sys.argv[2] + "\\n")
task.stdin.flush()
task.wait()
"""
SECONDS = 10


class Task:
    """A supervisor, its task and the task's step."""

    def __init__(self, folder: Path, config: str) -> None:
        self.project = folder / "sleeper"
        self.project.mkdir()
        (self.project / "__init__.py").touch()
        (self.project / "run.py").write_text(RUN)
        told = {"do": "run_project", "project": "sleeper", "kind": "train", "told": {"config": config}}
        program = [sys.executable, "-c", SUPERVISOR, str(Path(__file__).with_name("answer_requests.py"))]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        paths = os.pathsep.join([str(ROOT / "dags"), str(ROOT), str(folder)])
        self.supervisor = subprocess.Popen(
            [*program, json.dumps(told)],
            env={**environment, "AIRFLOW_HOME": str(folder / "airflow"), "PYTHONPATH": paths},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.supervisor.stdout is not None
        self.pid = int(self.supervisor.stdout.readline())
        pid_file = self.project / "pid"
        wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()), seconds=60)
        self.step = int(pid_file.read_text())
        self.worker = int((self.project / "worker").read_text()) if config == "deaf" else None

    def answer(self) -> str:
        assert self.supervisor.stdout is not None
        return self.supervisor.stdout.readline()

    def end(self) -> None:
        for pid in (self.step, self.worker, self.pid, self.supervisor.pid):
            if pid and is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.supervisor.communicate()


def wait_until(holds: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Task]]:
    tasks: list[Task] = []

    def begin(config: str) -> Task:
        tasks.append(Task(tmp_path, config))
        return tasks[-1]

    yield begin
    for task in tasks:
        task.end()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the states of processes from /proc")
@pytest.mark.parametrize("config", ["hears", "deaf"])
@pytest.mark.parametrize(
    ("whom", "number"),
    [("pid", signal.SIGKILL), ("pid", signal.SIGTERM), ("supervisor", signal.SIGKILL), ("step", signal.SIGKILL)],
    ids=["task killed", "task stopped", "supervisor killed", "step killed"],
)
def test_a_step_ends_with_its_task(
    start: Callable[[str], Task], whom: str, number: signal.Signals, config: str
) -> None:
    task, began = start(config), time.monotonic()
    os.kill({"pid": task.pid, "supervisor": task.supervisor.pid, "step": task.step}[whom], number)
    wait_until(lambda: not is_alive(task.step), seconds=SECONDS)
    if config == "deaf":
        wait_until(lambda: not is_alive(task.worker or 0), seconds=SECONDS)
    if whom == "step":  # the task answers at once: it waits for no pipe that the worker holds
        assert "It was killed" in task.answer()
        assert time.monotonic() - began < 2 * SECONDS
    assert (task.project / "heard").exists() == (config == "hears" and whom != "step")
