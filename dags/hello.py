"""The smallest DAG that teaches something: two tasks, the first passes a value to the second.

**Start it**: the button *Trigger* at the top right; the form asks for `name`, press *Trigger* once more. It has no
schedule, so nothing runs unless somebody does this.

**Look at it**: *Runs* lists what was started. A run has a square for each task, green when it is done. A click on
`greet`, then *Logs*, shows what it printed; *XCom* shows the value that `make_greeting` handed over.

**Read it**: the page *Code* shows this file. `make_greeting()` inside the `with` does not run the function, it puts a
task into the DAG; that its answer goes into `greet` is all that Airflow needs to know to run one after the other.
"""

from airflow.sdk import DAG, Param, task

with DAG(
    "hello",  # its id: how the UI and the command line call it
    description=__doc__.splitlines()[0],  # shown in the list of all DAGs
    doc_md=__doc__,  # the text above, shown under "Docs" in the UI
    schedule=None,  # only by hand
    catchup=False,  # and nothing of the past to make up for
    max_active_runs=1,
    tags=["hello", "example"],
    default_args={"owner": "quartet"},  # shown beside each task
    params={"name": Param("world", type="string", maxLength=80, description="Who is greeted.")},
) as dag:

    @task(doc_md="Makes a text out of the param `name`; what a task returns is kept as its XCom.")
    def make_greeting(params: dict[str, str] | None = None) -> str:
        # Airflow fills arguments that it knows by their names: params, dag_run, ti and some more.
        return f"Hello, {(params or {})['name']}!"

    @task(doc_md="Takes the value of the task before and prints it: see this task's log.")
    def greet(greeting: str) -> None:
        print(greeting)  # noqa: T201  # what a task prints stands in its log

    greet(make_greeting())  # type: ignore[arg-type]  # when it runs, it gets the text
