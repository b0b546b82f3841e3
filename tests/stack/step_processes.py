"""A step's processes in the container that runs it: itself, its task, and those above them."""

import subprocess
import time
from dataclasses import dataclass
from typing import Any

from db_handler.connection.exclusive import is_free
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from tests.stack.airflow_api import TRAIN, wait_until
from tests.stack.whole_stack import WholeStack

GONE_SECONDS = 10
STEP, TASK, SUPERVISOR, CELERY = 0, 1, 2, -1  # places of a step's processes, from itself up
# Prints the process of a step and those above it, up to the first one: the number of each, and when it started.
FIND = """
import pathlib, sys
def read(pid, name): return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
def read_stat(pid): return read(pid, "stat").decode().rpartition(")")[2].split()
for entry in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        words = read(entry.name, "cmdline").decode().split("\\0")
        if "crypto_forecast.run" in words and f"--config={sys.argv[1]}" in words:
            pid = int(entry.name)
            while pid > 1:
                print(pid, read_stat(pid)[19])
                pid = int(read_stat(pid)[1])
            break
    except OSError:
        pass
"""
# Kills processes, if any are named, and waits for the end of a step: prints how long it took.
# A process that has ended and was not asked for yet has no files open; another one may have its number.
WAIT = """
import os, pathlib, sys, time
pid, started, *victims = sys.argv[1:]
def lives():
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[19] == started and bool(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False
begun = time.time()
for victim in victims:
    os.kill(int(victim), 9)
while lives():
    time.sleep(0.1)
print(time.time() - begun)
"""


@dataclass(frozen=True)
class Training:
    """A run of training whose first step is at work.

    Its task, its container, its processes from the step up (number and start of each), and the id of the step's row.
    """

    stack: WholeStack
    config: str
    run: str
    task: dict[str, Any]
    container: dict[str, Any]
    processes: list[list[str]]
    row: str

    def kill(self, place: int) -> None:
        """Kill -9 one of its processes, and wait for the end of its step."""
        self._assert_gone_in_time(self._wait(self.processes[place][0]))

    def wait_until_gone(self, since: float) -> None:
        """Wait for the end of its step."""
        self._wait()
        self._assert_gone_in_time(time.time() - since)

    def _assert_gone_in_time(self, took: float) -> None:
        """Hold that the step took ten seconds at most to end, and its lock too."""
        print(f"{self.config}: gone after {took:.1f} s")
        assert took < GONE_SECONDS
        wait_until(lambda: has_no_lock(self.stack, self.config), "its lock is free", GONE_SECONDS - took, pause=0.1)

    def assert_tried_again(self) -> None:
        """Wait for another try, which has to come to the end of the run; the row of this one is closed."""
        airflow = self.stack.airflow
        assert airflow.wait_for_run(TRAIN, self.run) == "success", airflow.explain(TRAIN, self.run)
        tasks = {task["task_id"]: task for task in airflow.list_tasks(TRAIN, self.run)}
        assert {name: task["state"] for name, task in tasks.items() if task["state"] != "success"} == {}
        assert tasks[self.task["task_id"]]["try_number"] > 1
        ((status,),) = self.stack.ask_mysql(f"SELECT status FROM quartet_run WHERE run_id = '{self.row}'")
        assert status in ("failed", "lost")

    def _wait(self, *victims: str) -> float:
        """Wait for the end of the step, or of its container, with which all its processes end; say how long it took."""
        begun = time.time()
        done = execute(self.stack, self.container, WAIT, *self.processes[STEP], *victims)
        if done.returncode:
            wait_until(self._has_lost_container, f"{done.stdout}{done.stderr}: the container has ended", GONE_SECONDS)
            return time.time() - begun
        return float(done.stdout)

    def _has_lost_container(self) -> bool:
        first = self.stack.docker("inspect", "-f", "{{.State.Pid}}", self.container["Id"]).stdout.strip()
        return first != str(self.container["State"]["Pid"])


def begin_training(stack: WholeStack, key: str, config: str) -> Training:
    """Start a training and wait until its first step is at work."""
    return find_training(
        stack, stack.airflow.start(TRAIN, conf={"at": key, "config": config, "cause": "clock"}), config
    )


def find_training(stack: WholeStack, run: str, config: str) -> Training:
    """Wait until a step of a training is at work."""
    _, task = stack.airflow.wait_for_step(TRAIN, run_id=run)
    container = next(one for one in stack.list_containers() if one["Config"]["Hostname"] == task["hostname"])

    def find_processes() -> list[list[str]]:
        done = execute(stack, container, FIND, config)
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]

    step = task["task_id"].removeprefix("steps.")
    noted = f"SELECT run_id FROM quartet_run WHERE step = '{step}' AND config = '{config}' AND status = 'running'"
    ((row,),) = wait_until(lambda: stack.ask_mysql(noted), f"the step of {config} is in the ledger", 120, pause=0.3)
    wait_until(lambda: not has_no_lock(stack, config), f"the step of {config} holds its lock", 30, pause=0.1)
    processes = wait_until(find_processes, f"the step of {config} has a process", 60, pause=0.3)
    return Training(stack, config, run, task, container, processes, row)


def has_no_lock(stack: WholeStack, config: str) -> bool:
    """Say whether nobody holds the lock of a config's training."""
    with open_database(HouseSettings(database_url=stack.database_url())) as database:
        return is_free(database, f"train:crypto_forecast.{config}")


def execute(
    stack: WholeStack, container: dict[str, Any], program: str, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    return stack.docker("exec", container["Id"], "python", "-c", program, *arguments)
