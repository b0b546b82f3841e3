"""What is saved on the laptop runs in the stack: a new project and its DAG, a change, and their removal."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.airflow_api import wait_until
from tests.stack.test_whole_stack_own_environment import PROJECT, plant_toy
from tests.stack.whole_stack import WholeStack

DAG = f"{PROJECT}_data"
SEEN_WITHIN = 90  # seconds from the save


@pytest.fixture(scope="module")
def planted(stack: WholeStack) -> Iterator[tuple[WholeStack, float]]:
    """A new project in the stack's tree, as somebody with a careful umask makes it; and when it was saved."""
    running = {one["Name"]: one["State"]["StartedAt"] for one in stack.list_containers()}
    file = stack.root / "dags" / f"{DAG}_wf.py"
    folder = plant_toy(stack.root, PROJECT)
    file.write_text((file.parent / "crypto_forecast_data_wf.py").read_text().replace("crypto_forecast", PROJECT))
    for path in (file, folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    yield stack, time.monotonic()
    file.unlink()
    shutil.rmtree(folder)
    wait_until(lambda: DAG not in list_dags(stack), "the DAG is gone", 300, pause=5)
    after = {one["Name"]: one["State"]["StartedAt"] for one in stack.list_containers()}
    assert after == running  # nothing was started again for any of it


def list_dags(stack: WholeStack) -> list[str]:
    return [dag["dag_id"] for dag in stack.airflow.ask("GET", "/api/v2/dags?limit=100")["dags"]]


def run_load(stack: WholeStack, run_id: str) -> str:
    """Run the new DAG; answer with the log of its first step."""
    run = stack.airflow.start(DAG, f"2025-01-0{len(run_id)}T00:00:00Z", run_id=run_id)
    assert stack.airflow.wait_for_run(DAG, run) == "success", stack.airflow.explain(DAG, run)
    return stack.airflow.read_log(DAG, run, "steps.load", index=0)


def test_a_new_project_appears_in_airflow_and_runs(planted: tuple[WholeStack, float]) -> None:
    stack, saved = planted
    wait_until(lambda: DAG in list_dags(stack), f"{DAG} appears", SEEN_WITHIN)
    print(f"seen {time.monotonic() - saved:.0f} s after the save")
    assert "load done" in run_load(stack, "a")


def test_a_change_is_in_the_next_run(planted: tuple[WholeStack, float]) -> None:
    stack, _ = planted
    wait_until(lambda: DAG in list_dags(stack), f"{DAG} appears", SEEN_WITHIN)
    file = stack.root / PROJECT / "core" / "load.py"
    file.write_text(file.read_text().replace('{"rows": 0}', '{"rows": 0, "word": "changed on the laptop"}'))
    wait_until(lambda: "changed" in read_code(stack, f"{PROJECT}/core/load.py"), "the change is there", 30)
    assert "changed on the laptop" in run_load(stack, "bb")


def read_code(stack: WholeStack, path: str) -> str:
    return stack.execute("airflow-scheduler", "cat", f"/opt/quartet/{path}").stdout


@pytest.fixture
def littered(stack: WholeStack) -> Iterator[WholeStack]:
    """The stack with things in its tree that are no code, which the copier has had the time to look at."""
    folder, hidden = stack.root / "private", stack.root / "crypto_forecast" / ".hidden"
    folder.mkdir()
    for path in (folder / "customers.csv", hidden):
        path.write_text("no code")
    time.sleep(8)
    yield stack
    shutil.rmtree(folder)
    hidden.unlink()


def test_no_container_that_works_sees_the_rest_of_the_tree(littered: WholeStack) -> None:
    stack = littered
    for service in ("airflow-scheduler", "airflow-dag-processor"):
        listed = stack.execute(service, "find", "/opt/quartet", "-maxdepth", "2").stdout.split()
        assert "/opt/quartet/compose/entrypoint.sh" in listed
        names = {Path(path).name for path in listed}
        assert not {"secrets", ".git", ".env", ".hidden", "private", "artifacts", "launch", "tests"} & names
        touched = stack.execute(service, "touch", "/opt/quartet/dags/x_wf.py")
        assert "Read-only file system" in touched.stderr


def test_who_copies_the_code_sees_no_secret_and_reaches_nobody(stack: WholeStack) -> None:
    (one,) = stack.list_containers("code")
    assert list(one["NetworkSettings"]["Networks"]) == ["none"]
    assert one["HostConfig"]["CapAdd"] == ["CAP_DAC_READ_SEARCH"] or one["HostConfig"]["CapAdd"] == ["DAC_READ_SEARCH"]
    assert stack.execute("code", "sh", "-c", "ls -A /tree/compose; ls -A /run/secrets 2>/dev/null").stdout == ""
    written = json.dumps([mount for mount in one["Mounts"] if mount["RW"]])
    assert "/code" in written
    assert "/tree" not in written
