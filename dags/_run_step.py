"""One call of a project's `run.py`: its arguments, its log, and the meaning of its last line to Airflow."""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

log = logging.getLogger("quartet")
KNOWN = ("config", "at", "cause")
CHANGES_MODELS = ("train", "monitoring")  # all others log in to MLflow as the one who only reads
FOR_ALL = ("plan", "announce")  # one call for all configs
WRONG_REQUEST, NOT_YET = 2, 99  # exit statuses of run.py
SECONDS_TO_END = 20


def read_request(context: Mapping[str, Any]) -> dict[str, str | None]:
    """Read the request of a run: `at` is the param, else the partition key, else the run's own time."""
    run, params = context["dag_run"], dict(context["params"])
    unknown = sorted({*(run.conf or {}), *params} - set(KNOWN))
    if unknown:
        what = f"{unknown[0]!r:.60}, which means nothing here"
        raise AirflowFailException(f"The run was given {what}: there are {', '.join(KNOWN)}.")
    key = run.partition_key
    if params["at"] and key and not _is_same(params["at"], key):
        advice = "leave at empty, or start a run without a partition key"
        raise AirflowFailException(f"The run is for {key}, and at={params['at']!r:.60} contradicts it: {advice}.")
    at = params["at"] or key or f"{run.run_after.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    cause = params["cause"] or ("person" if run.run_type == "manual" else "clock")
    return {"config": params["config"], "at": at, "cause": cause}


def _is_same(one: str, other: str) -> bool:
    """Say whether two texts name the same moment; what is no moment is left for run.py to say."""
    try:
        first, second = (datetime.fromisoformat(text.strip()) for text in (one, other))
    except ValueError:
        return True
    return first.replace(tzinfo=first.tzinfo or UTC) == second.replace(tzinfo=second.tzinfo or UTC)


def run_project(project: str, kind: str, **options: str | None) -> dict[str, Any]:
    """Run `python -m <project>.run <kind> ...` and return its result; an error's sentence becomes Airflow's."""
    status, answer = _run([f"{project}.run", kind, *_write_arguments(options)], _choose_account(kind))
    if status == 0 or (kind in FOR_ALL and any(r["status"] == "done" for r in answer.get("results", {}).values())):
        return answer  # what is wrong with one config is said by its own steps, where it stops no other
    sentence = _read_sentence(answer) or f"{project} {kind} ended with status {status} and said nothing."
    if status == NOT_YET:
        raise AirflowSkipException(sentence)
    raise (AirflowFailException if status == WRONG_REQUEST else AirflowException)(sentence)


def _write_arguments(options: Mapping[str, str | None]) -> list[str]:
    arguments = []
    for name, value in options.items():
        if value is not None:
            values = [part.strip() for part in value.split(",") if part.strip()] if name == "config" else [value]
            arguments += [f"--{name}", *values] if len(values) > 1 else [f"--{name}={''.join(values)}"]
    return arguments


def _choose_account(kind: str) -> dict[str, str]:
    """Choose the account of MLflow, where there are accounts; neither password goes to a step that needs the other."""
    account = "trainer" if kind in CHANGES_MODELS else "reader"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "_AIRFLOW_"))}
    passwords = {who: environment.pop(f"MLFLOW_{who.upper()}_PASSWORD", "") for who in ("trainer", "reader")}
    if passwords[account]:
        environment |= {"MLFLOW_TRACKING_USERNAME": account, "MLFLOW_TRACKING_PASSWORD": passwords[account]}
    return environment | {"QUARTET_ALERTS": "later"}  # Airflow may try again: its callback reports what stays failed


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[int, dict[str, Any]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(  # noqa: S603  # a fixed program, and arguments that no shell reads
            [sys.executable, "-m", *arguments], env=environment, stdout=out, stderr=subprocess.PIPE, text=True
        )
        try:
            for line in process.stderr or ():
                log.info("%s", line.rstrip())
            status = process.wait()
        finally:
            _end(process)
        out.seek(0)
        return status, _read_answer(out.read())


def _end(process: "subprocess.Popen[str]") -> None:
    """End a step that was left behind by a time-out or by somebody who marked the task."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()


def _read_answer(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else {}
    except ValueError:
        answer = {}
    return answer if isinstance(answer, dict) else {}


def _read_sentence(answer: Mapping[str, Any]) -> str:
    """Find the sentence of a command that failed, or those of its configs and steps."""
    if answer.get("error"):
        return str(answer["error"])
    sentences = [
        step["error"]
        for result in answer.get("results", {}).values()
        for step in [result, *(value for value in result.values() if isinstance(value, dict))]
        if step.get("error")
    ]
    return "; ".join(sentences)
