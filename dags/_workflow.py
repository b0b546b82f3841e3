"""The shape that all workflows share: plan, then each config through its steps, then the next workflow.

A step is a process of its own, `python -m <project>.run`, whose last line is the result: no project is imported here.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from _run_step import read_request, run_project
from _tell_slack import tell_slack
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    DAG,
    Asset,
    CronPartitionTimetable,
    CronTriggerTimetable,
    Param,
    PartitionedAssetTimetable,
    PartitionedAtRuntime,
    chain,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

Unit = dict[str, str]  # config, at, cause: the request of a step
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)  # a backfill reaches back to here
IS_DEMO = bool(os.environ.get("QUARTET_DEMO"))  # its ticker keeps the time, not our schedules

# The first collection of a long history and a training on it may take their time; anything longer hangs.
HOURS = {"load": 6, "train": 6, "evaluate": 6}  # one hour for all others
# Short at first: a task whose worker was killed is missed after a minute, and tried again within a minute and a half.
PERSISTENT = {"retries": 5, "retry_delay": timedelta(seconds=5), "retry_exponential_backoff": 2.0}
STEPS = {
    "load": "Collects what is new from outside and stores it; what makes no sense is set aside and counted.",
    "preprocess": "Makes model rows of new and revised raw rows.",
    "check": "Looks whether the model rows are fit to train on.",
    "train": "Chooses a recipe and fits a challenger on everything up to `at`.",
    "evaluate": "Gathers walk-forward evidence for the challenger, the naive rules beside it.",
    "promote": "Makes the challenger the champion, if the evidence allows; the ledger says why or why not.",
    "inference": "The champion predicts what has no prediction yet, every naive rule beside it.",
    "score": "Scores the predictions whose truth has come.",
    "monitor": "Holds the live loss against the baseline's and decides whether to train again.",
}
PARAMS = {
    "config": Param(None, type=["null", "string"], description="Only these configs (commas between); all if empty."),
    "at": Param(None, type=["null", "string"], description="The moment to run for, as 2026-11-20T00:05Z."),
    "cause": Param(None, type=["null", "string"], description="What called for it: a decision's id. Leave it empty."),
}


@contextmanager
def workflow(file: str, doc: str, schedule: Any) -> Iterator[DAG]:
    """Make the DAG of a file `<project>_<kind>_wf.py`; all that is made inside belongs to it."""
    dag_id = Path(file).stem.removesuffix("_wf")
    project, _, kind = dag_id.rpartition("_")
    with DAG(
        dag_id,
        description=doc.splitlines()[0],
        doc_md=doc,
        schedule=schedule,
        start_date=LONG_AGO,
        catchup=False,
        max_active_runs=3 if kind == "train" else 1,  # two at a time would lose the order of the moments
        tags=[project, kind],
        params=PARAMS,
        default_args={
            "owner": project,
            "on_failure_callback": tell_slack,
            "execution_timeout": timedelta(hours=1),
            **PERSISTENT,
        },
    ) as dag:
        yield dag


def on_clock(cron: str, *, partitioned: bool = False) -> Any:
    """Tick by a clock of its own, in UTC; in the demo a ticker starts data, and monitoring alone calls for training."""
    if IS_DEMO:
        return PartitionedAtRuntime() if partitioned else None
    if not partitioned:
        return CronTriggerTimetable(cron, timezone="UTC")
    return CronPartitionTimetable(cron, timezone="UTC", key_format="%Y-%m-%dT%H:%M:%SZ")


def after(asset: str) -> PartitionedAssetTimetable:
    """Run for every moment that the workflow before has finished."""
    return PartitionedAssetTimetable(assets=Asset(asset))


def name_project(dag: DAG) -> str:
    return str(dag.dag_id.rpartition("_")[0])


def plan(dag: DAG) -> Any:
    """Settle which configs run for which moment; what is wrong with the request is said here, before anything ran."""

    @task(task_id="plan", execution_timeout=timedelta(minutes=10), doc_md=plan.__doc__)
    def settle() -> list[dict[str, Any]]:
        request = read_request(get_current_context())
        answer = run_project(name_project(dag), "plan", config=request["config"], at=request["at"])
        at, cause = answer["at"], request["cause"]
        return [{"config": name, "at": at, "cause": cause, **result} for name, result in answer["results"].items()]

    return settle()


def run_steps(dag: DAG, names: list[str], planned: Any) -> Any:
    """Take every config through the steps; one that fails stops no other."""

    @task_group(group_id="steps")
    def steps(unit: Unit) -> None:  # answering with nothing makes the whole group the answer: who waits, waits for all
        # The first one also runs where no training was missing; after it, what failed or was skipped ends its config.
        made = [_make_step(dag, names[0], "none_failed_min_one_success")(unit)]
        made += [_make_step(dag, name, "all_success")(unit) for name in names[1:]]
        chain(*made)

    return steps.expand(unit=planned)


def _make_step(dag: DAG, name: str, rule: str) -> Callable[[Unit], Any]:
    project, _, kind = dag.dag_id.rpartition("_")

    @task(
        task_id=name,
        map_index_template="{{ config }}",
        trigger_rule=rule,
        execution_timeout=timedelta(hours=HOURS.get(name, 1)),
        doc_md=STEPS[name],
    )
    def step(unit: Unit) -> dict[str, Any]:
        get_current_context()["config"] = unit["config"]  # type: ignore[typeddict-unknown-key]  # names it in the UI
        answer = run_project(project, kind, step=name, config=unit["config"], at=unit["at"], cause=unit["cause"])
        result: dict[str, Any] = answer["results"][unit["config"]]
        return result

    return step


def train_missing(dag: DAG, planned: Any) -> Any:
    """Have a first champion trained where a config has none, and wait for it; at most once a day."""
    project = name_project(dag)

    @task(task_id="find_missing", doc_md="Names the configs that no champion serves yet.")
    def find_missing(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        missing = [unit for unit in units if unit.get("needs_training")]
        return [_call_training(f"{project}.{u['config']}:{u['at'][:10]}:first", u, "clock") for u in missing]

    return TriggerDagRunOperator.partial(
        task_id="train_missing",
        trigger_dag_id=f"{project}_train",
        wait_for_completion=True,
        deferrable=True,
        poke_interval=5,
        execution_timeout=timedelta(hours=24),  # longer than the training's own time-outs together
        allowed_states=["success", "failed"],  # without a champion inference itself says so
        skip_when_already_exists=True,
        doc_md=train_missing.__doc__,
    ).expand_kwargs(find_missing(planned))


def call_trainings(dag: DAG, planned: Any, monitored: Any) -> Any:
    """Report the result of monitoring to Slack, in one message for all configs, and start the trainings."""
    project = name_project(dag)

    @task(task_id="announce", trigger_rule="all_done", doc_md=call_trainings.__doc__)
    def announce(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        insist_on_success("steps.monitor")
        configs = ",".join(unit["config"] for unit in units)
        results = run_project(project, "announce", config=configs, at=units[0]["at"])["results"]
        calls = [(unit, results[unit["config"]]) for unit in units]
        return [
            _call_training(call["training_run"], unit, call["calls_for_training"])
            for unit, call in calls
            if call.get("calls_for_training")
        ]

    calls = announce(planned)
    monitored >> calls
    return TriggerDagRunOperator.partial(
        task_id="train_again",
        trigger_dag_id=f"{project}_train",
        skip_when_already_exists=True,  # a decision trains once, however often it is announced
        doc_md="Starts the training of each config whose decision calls for it; the run is named after the decision.",
    ).expand_kwargs(calls)


def publish(asset: str, last_step: str) -> Any:
    """Tell the next workflow that this moment is ready, as soon as one config is done."""

    @task(task_id="publish", trigger_rule="all_done", outlets=[Asset(asset)], doc_md=publish.__doc__)
    def tell() -> None:
        insist_on_success(f"steps.{last_step}")

    return tell()


def insist_on_success(task_id: str) -> None:
    """Go on only if a mapped step succeeded for some config: Airflow's own rules take one skipped config for all."""
    context = get_current_context()
    ti, run_id = context["ti"], context["run_id"]
    states = set(ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[run_id])[run_id].values())
    if "success" in states:
        return
    if states <= {"skipped"}:
        raise AirflowSkipException("Nothing could be done yet for any config: the skipped steps say why.")
    raise AirflowFailException("No config came to its end: the failed steps say why.")


def _call_training(run_id: str, unit: Mapping[str, Any], cause: str) -> dict[str, Any]:
    return {"trigger_run_id": run_id, "conf": {"config": unit["config"], "at": unit["at"], "cause": cause}}
