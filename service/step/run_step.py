"""How a kind is run: step after step over the configs, each step in the ledger, one failed config stopping no other."""

import logging
import os
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from socket import gethostname
from typing import Any
from uuid import uuid4

from db_handler.connection.failures import LostError
from db_handler.errors import NotYetError, QuartetError, UsageError
from db_handler.ledger.locks import hold_lock
from db_handler.ledger.runs import finish_run, start_run
from db_handler.tables.values import to_plain
from messenger.failure_alert import put_failure
from messenger.settings import tells_at_once
from service.contract.describe_error import describe_bug
from service.contract.project import ProjectError
from service.step import Run
from service.step.outcome import Outcome

log = logging.getLogger(__name__)
TRAIN_LOCK_SECONDS = 3600
LEVELS = {"done": logging.INFO, "not_yet": logging.WARNING, "failed": logging.ERROR}


def run_step(run: Run, body: Callable[..., dict[str, Any]], outcome: Outcome) -> None:
    """Run one step of one unit and keep what came of it in the ledger and in `outcome`."""
    started = time.monotonic()
    run_id = _open_row(run)
    try:
        with _lock_of(run):
            result = _check_result(run, _run_body(run, body))
    except UsageError as error:  # a setting: no config gets further with it
        _close_row(run, run_id, outcome, "failed", started, error=str(error), aloud=False)
        raise
    except NotYetError as error:
        status = "not_yet" if error.exit_status == NotYetError.exit_status else "failed"
        _close_row(run, run_id, outcome, status, started, error=str(error))
    except QuartetError as error:
        _close_row(run, run_id, outcome, "failed", started, error=str(error))
    except KeyboardInterrupt as stop:
        sentence = f"{run.spec.unit}: {run.step} was stopped from outside"
        by_hand = type(stop) is KeyboardInterrupt  # who pressed Ctrl-C knows it
        _close_row(run, run_id, outcome, "failed", started, error=sentence, aloud=not by_hand)
        raise
    except (Exception, SystemExit) as error:
        log.debug("%s", traceback.format_exc())
        sentence = f"{run.spec.unit}: {run.step} {describe_bug(error)}"
        _close_row(run, run_id, outcome, "failed", started, error=sentence)
    else:
        _close_row(run, run_id, outcome, "done", started, result=result)


def _run_body(run: Run, body: Callable[..., Any]) -> Any:
    """Run what a step does; one whose database went away on the way begins again, as it would after a kill."""
    try:
        with run.closing:
            return body(run.spec, run)
    except LostError as error:
        log.warning("%s %s begins again: %s", run.spec.unit, run.step, error)
    run.mlflow_run = None
    with run.closing:
        return body(run.spec, run)


def _lock_of(run: Run) -> AbstractContextManager[object]:
    """One training of a unit at a time; the other kinds bear being run side by side."""
    return (
        hold_lock(run.database, f"train:{run.spec.unit}", seconds=TRAIN_LOCK_SECONDS)
        if run.kind == "train"
        else nullcontext()
    )


def _open_row(run: Run) -> str:
    run_id = uuid4().hex
    run.database.retry(
        lambda connection: start_run(
            connection,
            run_id=run_id,
            project=run.spec.project,
            config=run.spec.config,
            kind=run.kind,
            step=run.step,
            at=run.at,
            cause=run.cause,
            started_at=run.now,
            worker=f"{gethostname()}:{os.getpid()}",
        )
    )
    return run_id


def _close_row(
    run: Run,
    run_id: str,
    outcome: Outcome,
    status: str,
    started: float,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
    aloud: bool = True,
) -> None:
    """Close the row of a step; `aloud` is False where the one who typed hears of it anyway."""
    seconds = time.monotonic() - started
    outcome.status = status
    outcome.results[run.step] = result if error is None else {"error": error}
    if aloud:
        log.log(LEVELS[status], "%s", _describe_end(run, status, result or {}, error, seconds))
    run.database.retry(
        lambda connection: finish_run(
            connection, run_id=run_id, status=status, result=result, error=error, seconds=seconds
        )
    )
    if status == "failed" and aloud and tells_at_once():
        put_failure(
            run.platform.messenger, run.database, project=run.spec.project, config=run.spec.config,
            step=run.step, at=run.at, sentence=error or "",
        )  # fmt: skip


def _describe_end(run: Run, status: str, result: dict[str, Any], error: str | None, seconds: float) -> str:
    """Say in a line how a step ended, its unit once."""
    told = ", ".join(f"{name} {value}" for name, value in result.items() if isinstance(value, int | str | bool))[:160]
    words = error.removeprefix(f"{run.spec.unit}: ") if error else told
    return f"{run.spec.unit} {run.step} {status.replace('_', ' ')}{': ' if words else ''}{words} ({seconds:.1f} s)"


def _check_result(run: Run, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ProjectError(f"{run.spec.unit}: the function {run.step} must return a dict, not {type(found).__name__}")
    return to_plain(found)  # type: ignore[no-any-return]  # a dict stays one
