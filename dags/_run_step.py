"""One call of a project's `run.py`: its arguments, its log, and the meaning of its last line to Airflow."""

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

log = logging.getLogger("quartet")
EXAMPLE = "2025-03-01T00:05:00Z"
KNOWN = ("config", "at", "cause")
CHANGES_MODELS = ("train", "monitoring")  # all others log in to MLflow as the one who only reads
FOR_ALL = ("plan", "announce")  # one call for all configs
WRONG_REQUEST, AWAY, NOT_YET = 2, 75, 99  # exit statuses of run.py; what is away is tried as often as Airflow likes
KILLED = {number for kill in (signal.SIGKILL, signal.SIGTERM) for number in (-kill, 128 + kill)}
TRIES_OF_A_BUG = 2  # a machine's whim is gone the second time, a bug is not, nor is a crash of native code
TRIES_OF_A_KILL = 3  # memory may be there the next time
SECONDS_TO_END = 3  # Airflow's own patience is 5
LIFELINE = "QUARTET_LIFELINE"  # names the pipe at whose end a step ends, too


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
    if os.environ.get("QUARTET_DEMO") and not (params["at"] or key):
        advice = f"give at a moment that a run of data shows as its partition key, such as {EXAMPLE}"
        raise AirflowFailException(f"The demo lives in a time of its own, and this run has no moment of it: {advice}.")
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
    results = answer.get("results", {}).values()
    some_done = kind in FOR_ALL and any(result["status"] == "done" for result in results)
    if (status == 0 and answer) or some_done:
        return answer  # what is wrong with one config is said by its own steps, where it stops no other
    sentence = (
        _read_sentence(answer) or f"{project} {kind} ended with status {status} and said nothing.{_guess(status)}"
    )
    if status == NOT_YET:
        raise AirflowSkipException(sentence)
    tries = TRIES_OF_A_KILL if status in KILLED else TRIES_OF_A_BUG
    if status == WRONG_REQUEST or (status != AWAY and _count_tries() >= tries):
        raise AirflowFailException(sentence)
    raise AirflowException(sentence)


def _guess(status: int) -> str:
    """Say what a kill or a crash usually means."""
    if status in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return " It was killed, most often for want of memory: give the worker more, or let fewer tasks run at once."
    if status < 0 and status not in KILLED:
        return f" Native code of a library crashed ({signal.Signals(-status).name})."
    return ""


def _count_tries() -> int:
    """Count the tries of this task, this one among them."""
    try:
        return int(get_current_context()["ti"].try_number)
    except RuntimeError:  # there is no task around us
        return 1


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
    """Run a step that ends with this task, however the task ends: the step reads a pipe that only we hold open.

    What it starts is of its group of processes, and ends with it.
    """
    reading, writing = os.pipe()
    try:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out, _raise_at_sigterm():
            process = subprocess.Popen(  # noqa: S603  # a fixed program, and arguments that no shell reads
                [sys.executable, "-m", *arguments],
                env=environment | {LIFELINE: str(reading)},
                pass_fds=(reading,),
                stdout=out,
                stderr=subprocess.PIPE,
                process_group=0,
            )
            try:
                _copy_log(process)
                status = process.wait()
            finally:
                _end(process)
            out.seek(0)
            return status, _read_answer(out.read())
    finally:
        os.close(reading)
        os.close(writing)


def _copy_log(process: "subprocess.Popen[bytes]") -> None:
    """Copy the step's log line by line until it ends."""
    unfinished = b""
    for text in _read_log(process):
        *lines, unfinished = (unfinished + text).split(b"\n")
        _log_lines(lines)
    _log_lines([unfinished])


def _read_log(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """Read the step's log until it ends; stop when the supervisor of this task is gone."""
    assert process.stderr is not None  # noqa: S101  # it is a pipe
    supervisor = os.getppid()
    with process.stderr as log_pipe, selectors.DefaultSelector() as selector:
        selector.register(log_pipe, selectors.EVENT_READ)
        while True:
            if os.getppid() != supervisor:
                raise AirflowException("The process that supervised this task is gone: its step is ended.")
            if has_ended := process.poll() is not None:
                _kill_group(process)  # who is left would hold the pipe open
            if selector.select(0 if has_ended else 1.0):
                text = os.read(log_pipe.fileno(), 65_536)
                if not text:
                    return
                yield text
            elif has_ended:
                return


def _log_lines(lines: list[bytes]) -> None:
    for line in lines:
        if line.strip():
            log.info("%s", line.decode(errors="replace").rstrip())


@contextmanager
def _raise_at_sigterm() -> Iterator[None]:
    """Let a SIGTERM end this task: Airflow's own handler would only ask an operator to end its work."""

    def stop(_signum: int, _frame: object) -> None:
        raise AirflowException("The task was stopped from outside: its step is ended.")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a step that was left behind by a time-out or by somebody who marked the task, and all that it started."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
    _kill_group(process)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS says so of those that only wait
        os.killpg(process.pid, signal.SIGKILL)


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
