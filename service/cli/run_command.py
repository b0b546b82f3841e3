"""The body of every project's `run.py`: the typed command, its moment, and one JSON line with the result."""

import argparse
import json
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from db_handler.errors import DatabaseError, QuartetError, UsageError
from service.cli.arguments import make_parser, read_options, read_step
from service.contract.describe_error import describe_bug
from service.contract.ending import listen_for_end, refuse_silent_end, was_terminated
from service.contract.kinds import CLOCK, KINDS, PERSON, VERBS
from service.contract.moment import write_at
from service.contract.own_environment import enter

NEEDS_CONFIG = ("promote", "rollback", "resume")  # nobody means all configs by leaving them out
EXIT_STATUS = {"done": 0, "failed": 1, "away": 75, "not_yet": 99}


def main(project: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command of a project and leave with its exit status."""
    if not sys.warnoptions and not os.environ.get("QUARTET_DEBUG"):
        warnings.simplefilter("ignore")  # what libraries tell their programmers
    refuse_silent_end()
    status = run_command(project, sys.argv[1:] if arguments is None else arguments, entering=True)
    with suppress(AttributeError, OSError, ValueError):  # closed
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print at the end is no result
    sys.exit(status)


def run_command(project: str, arguments: Sequence[str], *, entering: bool = False) -> int:
    """Run one command, `entering` the project's own environment before it; the last line is its result as JSON."""
    _set_up_logging()
    log, typed = logging.getLogger("quartet"), None
    try:
        listen_for_end()
        typed = make_parser(project).parse_args(arguments)
        if entering:
            enter(project, arguments)
        answer, status = carry_out(project, typed)
    except QuartetError as error:
        sentence, status = str(error), error.exit_status
        if status in (1, 2) or isinstance(error, DatabaseError):
            _tell_unseen(project, typed, sentence)
    except KeyboardInterrupt:
        signum = signal.SIGTERM if was_terminated() else signal.SIGINT
        sentence, status = f"stopped by {signum.name}; run it again to go on", 128 + signum
    except Exception as error:
        log.debug("%s", traceback.format_exc())
        sentence, status = f"{project}: {describe_bug(error)}", 1
        _tell_unseen(project, typed, sentence)
    else:
        return _write_answer(answer, status)
    log.error("%s", sentence)
    name = next((name for name, number in EXIT_STATUS.items() if number == status), "failed")
    return _write_answer({"status": name, "results": {}, "error": sentence}, status)


def _tell_unseen(project: str, typed: argparse.Namespace | None, sentence: str) -> None:
    """Tell, once a day, what ended a command of the clock as a whole; Airflow tells of it itself."""
    if typed is None or typed.cause != CLOCK or typed.kind not in KINDS:
        return
    from db_handler.clock import WallClock
    from messenger.failure_alert import tell_failure
    from messenger.settings import SlackSettings

    if SlackSettings().alerts == "later":
        return
    try:
        at = write_at(typed.at or WallClock().now())
        tell_failure(project=project, config=None, step="run", at=at, sentence=sentence)
    except Exception as error:  # it must not hide what ended the command
        logging.getLogger("quartet").error("Nobody could be told: %s", error)


def _write_answer(answer: dict[str, Any], status: int) -> int:
    """Write the last line; a closed pipe does not change the status."""
    if sys.stdout is None:  # closed before we began
        return status
    try:
        sys.stdout.write(json.dumps(answer, default=str, allow_nan=False) + "\n")
        sys.stdout.flush()
    except OSError as error:
        with Path(os.devnull).open("wb") as nowhere:  # else Python itself complains when it ends
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            logging.getLogger("quartet").error("The result can't be written to standard output: %s", error.strerror)
            return status or 1
    return status


def carry_out(project: str, typed: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Open the platform, run the command, flush the outbox; return the JSON result and the exit status."""
    step = read_step(typed.kind, typed.step)
    options = read_options(typed)
    if typed.kind == "announce" and typed.at is None:
        raise UsageError("announce needs --at: the moment at which the step monitor ran")
    from service.workflow.open_platform import find_causes, open_platform
    from service.workflow.plan import set_aside_broken
    from service.workflow.replay import begin_replay
    from service.workflow.run_kind import run_kind, run_verb

    broken = set_aside_broken(project, typed) if typed.kind == "plan" else {}
    if broken and not typed.config:
        return _sum_up(broken, typed.at)
    if options.pop("replay", False):
        begin_replay(typed.at)
    platform = open_platform(project, typed.config)
    now, at = _settle_moment(platform, typed, step)
    configs = typed.config or list(platform.specs)
    if typed.kind in NEEDS_CONFIG and not typed.config and len(configs) > 1:
        raise UsageError(f"{typed.kind} needs --config (c=...): it would touch {', '.join(configs)}")
    if typed.kind in VERBS:
        cause = typed.cause or PERSON
        outcomes = run_verb(platform, typed.kind, configs, at=at, now=now, cause=cause, options=options)
    else:
        cause = typed.cause or find_causes(platform, typed.kind, step, configs, at)
        outcomes = run_kind(platform, typed.kind, configs, step=step, at=at, now=now, cause=cause, **options)
    platform.messenger.flush()
    return _sum_up(outcomes | broken, at)


def _sum_up(outcomes: dict[str, Any], at: datetime | None) -> tuple[dict[str, Any], int]:
    from service.step.outcome import worst_status

    status = worst_status(outcomes.values())
    results = {config: outcome.to_plain() for config, outcome in outcomes.items()}
    return {"status": status, "at": at and write_at(at), "results": results}, EXIT_STATUS[status]


def _settle_moment(platform: Any, typed: argparse.Namespace, step: str | None) -> tuple[datetime, datetime]:
    """Read the clock once, here, and choose the moment of the run."""
    from service.workflow.open_platform import find_newest_at, move_now

    now = platform.clock.now()
    if typed.at is None:
        newest = find_newest_at(platform, typed.kind, step, typed.config) if step else None
        if newest:
            sentence = "no --at: taking %s, the newest at which the step before is done"
            logging.getLogger("quartet").info(sentence, write_at(newest))
        return now, newest or now
    return move_now(platform, now, typed.at), typed.at


def _set_up_logging() -> None:
    level = logging.DEBUG if os.environ.get("QUARTET_DEBUG") else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for room in ("quartet", "service", "db_handler", "messenger"):
        logging.getLogger(room).setLevel(level)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its retries end well, or in our own sentence
