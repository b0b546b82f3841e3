"""Practice data: fills the source tables of a project with invented rows, day by day, when a person asks for them.

They stand in the same tables as real rows would: this is for a platform that has none. A day comes out the same however
often it is made. `drift` names the day from which on the world is another, so that monitoring has something to find.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from _run_step import run_project
from _tell_slack import tell_slack
from _workflow import LONG_AGO, PERSISTENT
from airflow.sdk import DAG, Param, get_current_context, task

PROJECTS = sorted(path.parts[-3] for path in Path(__file__).parents[1].glob("[!.]*/loader/generate.py"))
PARAMS = {
    "project": Param(PROJECTS[0] if PROJECTS else None, enum=PROJECTS or [None], description="Whose tables to fill."),
    "from": Param("2025-01-01", type="string", format="date", description="The first day."),
    "to": Param("2025-12-31", type="string", format="date", description="The last day."),
    "drift": Param(None, type=["null", "string"], format="date", description="The day of the change; none if empty."),
    "delay": Param(None, type=["null", "integer"], minimum=0, description="Days until a label is known."),
}

with DAG(
    "generate_practice_data",
    description=__doc__.splitlines()[0],
    doc_md=__doc__,
    schedule=None,
    start_date=LONG_AGO,
    catchup=False,
    max_active_runs=1,
    tags=["practice"],
    params=PARAMS,
    default_args={"owner": "quartet", "on_failure_callback": tell_slack, **PERSISTENT},
):

    @task(task_id="generate", execution_timeout=timedelta(hours=6), doc_md="Generates the days and stores their rows.")
    def generate() -> dict[str, Any]:
        params = dict(get_current_context()["params"])
        options = {name: None if value is None else str(value) for name, value in params.items()}
        return run_project(str(options.pop("project")), "generate", **options)

    generate()
