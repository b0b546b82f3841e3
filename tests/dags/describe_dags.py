"""A program that parses a DAG folder as Airflow's dag-processor does, and prints as JSON what it found.

A process of its own, so that Airflow's settings, warnings and database stay out of the tests.
"""

import json
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.utils.file import might_contain_dag


def main(folder: Path) -> None:
    before = set(sys.modules)
    bag = read_dags(folder)
    imported = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
    told = {
        "errors": bag.import_errors,
        "dags": {dag_id: describe_dag(dag) for dag_id, dag in bag.dags.items()},
        "imported": imported,
        "all_modules": sorted({name.partition(".")[0] for name in sys.modules}),
        "seen": {path.name: might_contain_dag(str(path), True) for path in sorted(folder.glob("*_wf.py"))},
        "seconds": parse_again(folder),
    }
    print(json.dumps(told))


def read_dags(folder: Path) -> BundleDagBag:
    return BundleDagBag(str(folder), safe_mode=True, bundle_path=folder, bundle_name="dags-folder")


def describe_dag(dag: Any) -> dict[str, Any]:
    return {
        "file": Path(dag.fileloc).name,
        "schedule": type(dag.timetable).__name__,
        "doc": dag.doc_md,
        "description": dag.description,
        "tags": sorted(dag.tags),
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "params": sorted(dag.params),
        "tasks": {task.task_id: describe_task(task) for task in dag.tasks},
    }


def describe_task(task: Any) -> dict[str, Any]:
    callbacks = task.partial_kwargs["on_failure_callback"] if task.is_mapped else task.on_failure_callback
    callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    return {
        "doc": task.doc_md,
        "owner": task.owner,
        "retries": task.retries,
        "delay": task.retry_delay.total_seconds(),
        "backoff": float(task.retry_exponential_backoff),
        "timeout": task.execution_timeout and task.execution_timeout.total_seconds(),
        "callbacks": [callback.__name__ for callback in callbacks if callback],
        "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "outlets": [asset.name for asset in task.outlets or ()],
        "after": sorted(task.upstream_task_ids),
        "calls": getattr(task, "partial_kwargs", {}).get("trigger_dag_id"),
    }


def parse_again(folder: Path) -> dict[str, float]:
    """The dag-processor forks off a process that has Airflow loaded: what a file itself takes is what counts."""
    bag = read_dags(folder)
    return {Path(stat.file).name: stat.duration.total_seconds() for stat in bag.dagbag_stats if "_wf" in stat.file}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
