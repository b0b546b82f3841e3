"""One task that does real work: the step `load` of one project's data, for one config, when you ask for it.

For who meets Airflow for the first time and has seen `hello`. *Trigger* asks for three params:

| param | what |
| --- | --- |
| `project` | the project whose data is extracted |
| `config` | one of its configs: a file in `<project>/configs`, without its ending |
| `at` | the moment to extract for, as `2026-11-20T02:05Z`; empty means now |

**What happens**: the task starts `python -m <project>.run data --step load --config <config> --at <at>`, as you could
on a terminal. The log shows what the step says, line by line; its result (how many rows, up to when) is its XCom.

**What the colours mean**: green is done; pink is skipped, because there is nothing to do yet, and the log says what is
missing; red is a failure, with one sentence on what to do. Run it as often as you like: what is there already stays.

**Where to go on**: `<project>_data` does the same for all configs, makes model rows of it, and tells the next workflow.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from _run_step import run_project
from _tell_slack import tell_slack
from airflow.sdk import DAG, Param, get_current_context, task

# A project is a folder beside this one that has a run.py; a file is looked for, none is imported.
PROJECTS = sorted(path.parent.name for path in Path(__file__).resolve().parents[1].glob("[a-z]*/run.py"))

with DAG(
    "data_extract",
    description=__doc__.splitlines()[0],
    doc_md=__doc__,
    schedule=None,  # only by hand
    max_active_runs=1,  # a second run waits until the first has ended
    catchup=False,
    default_args={"owner": "quartet"},  # shown beside each task
    tags=["data_extract", "example"],
    params={
        "project": Param("ineligible_loan", enum=PROJECTS, description="Whose data."),
        "config": Param("batch", type="string", pattern="^[a-z][a-z0-9_]*$", description="One of its configs."),
        "at": Param(None, type=["null", "string"], description="The moment, as 2026-11-20T02:05Z; empty means now."),
    },
) as dag:

    @task(
        retries=3,  # a source that does not answer may do so a little later,
        retry_delay=timedelta(seconds=10),  # and each time it is given twice as long
        retry_exponential_backoff=2.0,
        on_failure_callback=tell_slack,  # what has failed for good is told, where Slack is set up
        execution_timeout=timedelta(hours=1),  # what takes longer hangs, and is ended
        doc_md="Runs the step `load` in a process of its own; the last line that it prints becomes the result.",
    )
    def extract() -> dict[str, Any]:
        context = get_current_context()  # what Airflow knows of this run
        params = context["params"]  # what was typed into the form
        at = params["at"] or context["dag_run"].run_after.isoformat()
        answer = run_project(params["project"], "data", step="load", config=params["config"], at=at)
        result: dict[str, Any] = answer["results"][params["config"]]["load"]
        return result

    extract()
