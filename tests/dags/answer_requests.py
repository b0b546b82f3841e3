"""A program that holds `dags/_run_step.py`: a request as a JSON line comes in, what it returned or raised goes out."""

import json
import os
import sys
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import _run_step  # type: ignore[import-not-found]  # the DAG folder is on the path

NO_PARAMS = {"config": None, "at": None, "cause": None}


def read_request(asked: dict[str, Any]) -> Any:
    os.environ["QUARTET_DEMO"] = asked.get("demo", "")
    run = SimpleNamespace(
        conf=asked.get("conf"),
        partition_key=asked.get("key"),
        run_after=datetime.fromisoformat(asked.get("run_after", "2025-03-01T12:00:00+09:00")),
        run_type=asked.get("run_type", "scheduled"),
    )
    return _run_step.read_request({"dag_run": run, "params": NO_PARAMS | asked.get("params", {})})


def run_project(asked: dict[str, Any]) -> Any:
    _run_step._count_tries = lambda: asked.get("tries", 1)  # as a task would be told
    return _run_step.run_project(asked["project"], asked["kind"], **asked["told"])


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Airflow's own log goes to standard output
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told = {"returned": {"read_request": read_request, "run_project": run_project}[asked["do"]](asked)}
        except Exception as error:
            told = {"raised": type(error).__name__, "said": str(error)}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
