"""A step's processes in the container that runs it: itself, its task, and those above them."""

import subprocess
import time
from dataclasses import dataclass
from typing import Any

from tests.stack.airflow_api import TRAIN, wait_until
from tests.stack.whole_stack import WholeStack

GONE_SECONDS = 10
STEP, TASK, SUPERVISOR = range(3)  # places of a step's processes, from itself up
# Prints the process of a step and those above it, up to the container's first one.
FIND = """
import pathlib, sys
def read(pid, name): return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
def parent(pid): return int(read(pid, "stat").decode().rpartition(")")[2].split()[1])
for entry in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        words = read(entry.name, "cmdline").decode().split("\\0")
        if "crypto_forecast.run" in words and f"--config={sys.argv[1]}" in words:
            pid = int(entry.name)
            while pid > 1:
                print(pid)
                pid = parent(pid)
            break
    except OSError:
        pass
"""
KILL = "import os, sys, time; os.kill(int(sys.argv[1]), 9); print(time.time())"
# A process that has ended and was not asked for yet has no files open.
WAIT = """
import os, sys, time
def lives():
    try:
        return bool(os.listdir(f"/proc/{sys.argv[1]}/fd"))
    except OSError:
        return False
while lives():
    time.sleep(0.1)
print(time.time())
"""
KILLED = 137  # a program that ended with its container


@dataclass(frozen=True)
class Training:
    """A run of training whose first step is at work: the task, its container, and its processes from the step up."""

    stack: WholeStack
    config: str
    run: str
    task: dict[str, Any]
    container: dict[str, Any]
    processes: list[int]

    def kill(self, process: int) -> None:
        """Kill -9 one of its processes, and wait for the end of its step."""
        self.wait_until_gone(self._run(KILL, process))

    def wait_until_gone(self, since: float) -> None:
        """Wait for the end of its step, which may take ten seconds."""
        took = self._run(WAIT, self.processes[STEP]) - since
        print(f"{self.config}: gone after {took:.1f} s")
        assert took < GONE_SECONDS

    def _run(self, program: str, process: int) -> float:
        """Run a program in the container of the step; answer with when it ended, or the container with it."""
        done = execute(self.stack, self.container, program, process)
        assert done.returncode in (0, KILLED), done.stderr
        return float(done.stdout or time.time())


def begin_training(stack: WholeStack, key: str, config: str) -> Training:
    """Start a training and wait until its first step is at work."""
    return find_training(
        stack, stack.airflow.start(TRAIN, conf={"at": key, "config": config, "cause": "clock"}), config
    )


def find_training(stack: WholeStack, run: str, config: str) -> Training:
    """Wait until a step of a training is at work."""
    _, task = stack.airflow.wait_for_step(TRAIN, run_id=run)
    container = next(one for one in stack.list_containers() if one["Config"]["Hostname"] == task["hostname"])

    def find_processes() -> list[int]:
        done = execute(stack, container, FIND, config)
        assert done.returncode == 0, done.stderr
        return [int(word) for word in done.stdout.split()]

    step = task["task_id"].removeprefix("steps.")
    noted = f"SELECT 1 FROM quartet_run WHERE step = '{step}' AND config = '{config}' AND status = 'running'"
    wait_until(lambda: stack.ask_mysql(noted), f"the step of {config} is in the ledger", 120, pause=0.3)
    processes = wait_until(find_processes, f"the step of {config} has a process", 60, pause=0.3)
    return Training(stack, config, run, task, container, processes)


def execute(
    stack: WholeStack, container: dict[str, Any], program: str, argument: object
) -> "subprocess.CompletedProcess[str]":
    return stack.docker("exec", container["Id"], "python", "-c", program, str(argument))
