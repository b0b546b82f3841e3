"""The whole stack: how long it takes to come up, what it weighs, and what Airflow adds to a moment's work."""

import json
import re
import time
from collections.abc import Iterator

from bench.row import Row, Skipped, Target
from bench.stopwatch import time_work
from db_handler.errors import QuartetError
from tests.stack.server import has_docker
from tests.stack.whole_stack import WholeStack, open_stack, write_key

WORK = "the stack"
WAIT = "docker compose up --wait"
KINDS = ("data", "inference", "monitoring")
REST = 60  # seconds after which a stack that has nothing to do is idle
GOAL = 2000.0
DEMO_ONLY = "exchange"  # not in the stack that the goal is meant for
UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def measure_stack(tiny: bool) -> Iterator[Row | Skipped]:
    """Bring up a stack of its own, measure it and take it down; tiny figures would cost as much as real ones."""
    if tiny or not has_docker():
        yield Skipped(WORK, "it takes a Docker engine and some ten minutes")
        return
    with open_stack(moments=2) as stack:
        stack.up("DEMO=1")  # builds the image
        empty(stack)
        by_compose = time_work(lambda: stack.compose("up", "-d", "--wait", seconds=600))
        again_by_compose = time_work(lambda: stack.compose("up", "-d", "--wait", seconds=600))
        empty(stack)
        ours, again = time_work(stack.up), time_work(stack.up)
        target = Target(0.9, "peer", "90 % of Compose alone")
        yield Row("make up, empty volumes", "s", ours, WAIT, by_compose, target=target)
        note = "Compose alone checks neither the machine nor the settings, nor whether the image is to be built"
        yield Row("make up, again", "s", again, WAIT, again_by_compose, note=note)
        yield measure_moment(stack)
        time.sleep(REST)
        yield weigh_services(stack)
        yield weigh_image(stack)


def empty(stack: WholeStack) -> None:
    """Take the stack down with its volumes."""
    stack.compose("down", "-v", "-t", "10")


def measure_moment(stack: WholeStack) -> Row:
    """Time three workflows of all configs for one moment, as Airflow runs them and as one process a workflow."""
    for at in stack.moments:  # the first one trains
        stack.airflow.wait_for_chain(write_key(at))
    key = write_key(stack.moments[-1])
    runs = [stack.airflow.list_runs(f"crypto_forecast_{kind}", key)[0] for kind in KINDS]
    tasks = [task for run in runs for task in stack.airflow.list_tasks(run["dag_id"], run["dag_run_id"])]
    ran = [task for task in tasks if task["state"] == "success"]
    seconds = sum(run["duration"] for run in runs)
    alone = time_work(lambda: run_alone(stack, write_key(stack.next_moment())))
    note = f"{len(ran)} tasks of Airflow, {seconds / len(ran):.1f} s each; run.py alone takes three processes"
    return Row("a moment, three markets", "s", seconds, "run.py alone", alone, note=note)


def run_alone(stack: WholeStack, key: str) -> None:
    """Run the three workflows by hand, in the container that Airflow would run them in."""
    account = "export MLFLOW_TRACKING_USERNAME=trainer MLFLOW_TRACKING_PASSWORD=$MLFLOW_TRAINER_PASSWORD"
    commands = [f"python -m crypto_forecast.run {kind} --at {key} --cause clock" for kind in KINDS]
    line = " && ".join([account, *commands])
    done = stack.execute("airflow-scheduler", "compose/entrypoint.sh", "sh", "-c", line)
    if done.returncode:
        raise QuartetError(f"run.py failed in the stack: {done.stderr[-2000:]}")


def weigh_services(stack: WholeStack) -> Row:
    """Add up what the containers hold in memory when nothing runs; the demo's own is named, and not counted."""
    ids = stack.compose("ps", "-q").split()
    lines = stack.docker("stats", "--no-stream", "--format", "{{json .}}", *ids).stdout.splitlines()
    used = {container["Name"]: read_size(container["MemUsage"].split("/")[0]) for container in map(json.loads, lines)}
    named = {name.removeprefix(f"{stack.name}-").rstrip("-0123456789"): size for name, size in sorted(used.items())}
    extra = named.pop(DEMO_ONLY)
    note = "idle, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in named.items())
    note += f"; not counted: the demo's {DEMO_ONLY} {extra:.0f}"
    return Row("memory of all services", "MB", sum(named.values()), "the goal", GOAL, note=note)


def weigh_image(stack: WholeStack) -> Row:
    """Hold the image against the packages that it is made of."""
    image = stack.environment["QUARTET_IMAGE"]
    size = int(stack.docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    inside = stack.docker("run", "--rm", "--entrypoint=du", image, "-sm", "/opt/venv").stdout
    return Row("the platform's image", "MB", size / 1e6, "its packages alone", float(inside.split()[0]) * 1.048576)


def read_size(text: str) -> float:
    """Read a size as Docker prints it, in MB.

    >>> read_size("1.5GiB")
    1610.612736
    """
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text.strip()).groups()  # type: ignore[union-attr]  # Docker's form
    return float(number) * UNITS[unit] / 1e6
