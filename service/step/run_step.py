"""One step of one unit: run under its lock, begun again after a lost connection, and written to the ledger."""

import logging
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from uuid import uuid4

from db_handler.connection.failures import LostError
from db_handler.errors import AwayError, NotYetError, QuartetError, UsageError
from db_handler.ledger.locks import Lock, hold_lock
from db_handler.ledger.runs import RunRow, finish_run, start_run
from db_handler.tables.values import to_plain
from messenger.failure_alert import put_failure
from messenger.settings import SlackSettings
from service.contract.describe_error import describe_bug
from service.contract.ending import was_terminated
from service.contract.project import ProjectError
from service.step import Run
from service.step.outcome import Outcome
from service.step.results import Failure, StepResult

log = logging.getLogger(__name__)
LEVELS = {"done": logging.INFO, "not_yet": logging.WARNING, "away": logging.WARNING, "failed": logging.ERROR}
STATUS_OF = {NotYetError.exit_status: "not_yet", AwayError.exit_status: "away"}  # of an error's exit status

Body = Callable[..., StepResult]  # what a step does: (spec, run) -> its result


def run_step(run: Run, body: Body, outcome: Outcome) -> None:
    """Run one step of one unit and keep what came of it in the ledger and in `outcome`."""
    started = time.monotonic()
    row = _open_row(run)

    def close(status: str, *, alert: bool = True, **ending: Any) -> None:
        seconds = time.monotonic() - started
        _close_row(run, replace(row, status=status, seconds=seconds, **ending), outcome, alert=alert)

    try:
        with _lock_of(run) as run.lock:
            result = _check_result(run, _run_body(run, body))
    except UsageError as error:  # a setting: no config gets further with it
        close("failed", error=str(error), alert=False)  # the person who typed hears of it anyway
        raise
    except QuartetError as error:
        close(STATUS_OF.get(error.exit_status, "failed"), error=str(error))
    except KeyboardInterrupt:
        sentence = f"{run.spec.unit}: {run.step} was stopped from outside"
        close("failed", error=sentence, alert=was_terminated())  # who pressed Ctrl-C knows it
        raise
    except (Exception, SystemExit) as error:
        log.debug("%s", traceback.format_exc())
        close("failed", error=f"{run.spec.unit}: {run.step} {describe_bug(error)}")
    else:
        close("done", result=result)


def _run_body(run: Run, body: Body) -> StepResult:
    """Run what a step does; one whose database went away on the way begins again, as it would after a kill."""
    try:
        with run.closing:
            return body(run.spec, run)
    except LostError as error:
        log.warning("%s %s begins again: %s", run.spec.unit, run.step, error)
    run.mlflow_run = None
    with run.closing:
        return body(run.spec, run)


def _lock_of(run: Run) -> AbstractContextManager[Lock | None]:
    """Allow one training of a unit at a time; the other kinds may run side by side."""
    if run.kind != "train":
        return nullcontext()
    return hold_lock(run.database, f"train:{run.spec.unit}")


def _open_row(run: Run) -> RunRow:
    row = RunRow(
        run_id=uuid4().hex,
        project=run.spec.project,
        config=run.spec.config,
        kind=run.kind,
        step=run.step,
        at=run.at,
        cause=run.cause,
        started_at=run.now,
        worker=run.platform.worker,
    )
    return run.database.retry(lambda connection: start_run(connection, row))


def _close_row(run: Run, row: RunRow, outcome: Outcome, *, alert: bool) -> None:
    row = replace(row, error=to_plain(row.error))
    outcome.status = row.status
    outcome.results[run.step] = row.result if row.error is None else Failure(error=row.error)
    if alert:
        log.log(LEVELS[row.status], "%s", _describe_ending(run, row))
    run.database.retry(lambda connection: finish_run(connection, row))
    if row.status == "failed" and alert and SlackSettings().alerts != "later":
        put_failure(
            run.platform.messenger, run.database, project=run.spec.project, config=run.spec.config,
            step=run.step, at=run.at, sentence=row.error or "",
        )  # fmt: skip


def _describe_ending(run: Run, row: RunRow) -> str:
    """Say in a line how a step ended, its unit once."""
    words = (row.error or "").removeprefix(f"{run.spec.unit}: ")
    if row.result:
        numbers = [f"{name} {value}" for name, value in row.result.items() if isinstance(value, int | str | bool)]
        words = ", ".join(numbers)[:160]
    colon = ": " if words else ""
    return f"{run.spec.unit} {run.step} {row.status.replace('_', ' ')}{colon}{words} ({row.seconds:.1f} s)"


def _check_result(run: Run, result: object) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise ProjectError(f"{run.spec.unit}: the function {run.step} must return a dict, not {type(result).__name__}")
    return to_plain(result)  # type: ignore[no-any-return]  # a dict stays one
