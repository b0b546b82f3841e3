"""Every project through its four workflows in the stack, and one that is made from the skeleton while it runs."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from tests.stack.airflow_api import ENDED, wait_until
from tests.stack.conftest import TICKED
from tests.stack.whole_stack import ROOT, WholeStack, write_key

PROJECTS = ("credit_score", "income", "ineligible_loan")
FIRST_DAY = "2024-08-01"
MADE = "made_here"


@pytest.fixture(scope="module")
def made(stack: WholeStack) -> float:
    """A new project, made in the running stack's tree as its user would; and when that was."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUARTET")}
    subprocess.run(
        [sys.executable, "-m", "service.cli.new_project"],
        cwd=stack.root,
        env={**environment, "QUARTET_TYPED": "name", "name": MADE, "PYTHONPATH": str(stack.root)},
        check=True,
    )
    return time.monotonic()


def run_chain(stack: WholeStack, project: str) -> None:
    """Fill the sources, start data for a moment, and wait until what follows from it has come to its end."""
    at = stack.moments[TICKED - 1]
    airflow, key = stack.airflow, write_key(at)
    told = {"project": project, "from": FIRST_DAY, "to": f"{at:%Y-%m-%d}"}
    run = airflow.start("generate_practice_data", conf=told, run_id=f"fill-{project}")
    assert airflow.wait_for_run("generate_practice_data", run) == "success", airflow.explain(
        "generate_practice_data", run
    )
    airflow.start(f"{project}_data", key)
    for kind in ("data", "inference", "monitoring"):
        airflow.wait_for_kind(f"{project}_{kind}", key, seconds=900)
    trained = airflow.list_called(f"{project}_train")
    assert trained
    assert {run["state"] for run in trained} == {"success"}, airflow.explain(
        f"{project}_train", trained[-1]["dag_run_id"]
    )


def check_outcome(stack: WholeStack, project: str) -> None:
    ((predicted,),) = stack.ask_mysql(f"SELECT COUNT(*) FROM `{project}_predictions` WHERE version IS NOT NULL")
    assert predicted > 0
    verdicts = stack.ask_mysql(
        f"SELECT verdict FROM quartet_decision WHERE project = '{project}' AND subject = 'promotion'"
    )
    assert "promoted" in {verdict for (verdict,) in verdicts}


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_goes_through_its_workflows(played: WholeStack, project: str) -> None:
    started = time.monotonic()
    run_chain(played, project)
    print(f"{project}: {time.monotonic() - started:.0f} s")
    check_outcome(played, project)


def test_a_laptop_runs_single_workflows_in_the_stack(played: WholeStack) -> None:
    """MODE=compose: a file of this machine is asked about, and the champion of the test before answers each row."""
    (played.root / ".venv").symlink_to(ROOT / ".venv")
    asked = played.root / "asked.csv"
    asked.write_text("age,education-num,occupation\n39,13,Sales\n52,9,Craft-repair\n28,14,Prof-specialty\n")
    at = played.moments[TICKED - 1]
    day = f"{at - timedelta(days=1):%Y-%m-%d}"
    count = "SELECT COUNT(*) FROM income_predictions WHERE version IS NOT NULL"
    ((before,),) = played.ask_mysql(count)
    run_in_stack(played, "k=import", f"file={asked}", f"from={day}", f"to={day}")
    run_in_stack(played, "k=data", f"at={write_key(at)}")
    run_in_stack(played, "k=inference", f"at={write_key(at)}")
    assert played.ask_mysql(count) == [(before + 3,)]


def run_in_stack(stack: WholeStack, *words: str) -> None:
    done = stack.make("run", "p=income", *words, "MODE=compose")
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def test_a_new_project_has_a_champion_within_minutes(played: WholeStack, made: float) -> None:
    def look() -> bool:
        dags = {dag["dag_id"] for dag in played.airflow.ask("GET", "/api/v2/dags?limit=100")["dags"]}
        return {f"{MADE}_{kind}" for kind in ("data", "train", "inference", "monitoring")} <= dags

    wait_until(look, f"the DAGs of {MADE} appear", 120)
    seen = time.monotonic() - made
    wait_until(lambda: is_offered(played), "the generator offers it", 120)
    run_chain(played, MADE)
    print(f"{MADE}: in Airflow after {seen:.0f} s, a champion and its answers after {time.monotonic() - made:.0f} s")
    check_outcome(played, MADE)


def is_offered(stack: WholeStack) -> bool:
    told = stack.airflow.ask("GET", "/api/v2/dags/generate_practice_data/details")["params"]
    return MADE in str(told)


def test_none_of_it_stopped_another(played: WholeStack) -> None:
    for dag in ("crypto_forecast_data", "crypto_forecast_inference"):
        assert {run["state"] for run in played.airflow.list_called(dag) if run["state"] in ENDED} == {"success"}
    errors = played.airflow.ask("GET", "/api/v2/importErrors")["import_errors"]
    assert errors == []
