"""The body of every project's `run.py`: what is asked, at which moment, and one JSON line with what came of it."""

import argparse
import difflib
import json
import logging
import os
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from db_handler.errors import QuartetError, UsageError
from service.bug import describe_bug
from service.filling.verb_options import add_flags, read_options
from service.kinds import KINDS, PERSON
from service.moment import parse_at, write_at
from service.own_environment import enter

VERBS = {
    "promote": "let the newest trained version face the gate because a person asks",
    "rollback": "put the previous champion back, at once",
    "import": "read a CSV file into the project's source tables, as often as you like (--file)",
    "generate": "fill them with practice data, day by day (--from --to, --drift for a change)",
    "plan": "say which champion serves each config, and which one needs a training first",
    "announce": "tell what the step monitor found at --at, and name the trainings that it calls for",
}
HELP = {
    "data": "collect what is new, verify it, store it, make the model rows",
    "train": "fit, gather evidence, promote if the evidence allows",
    "inference": "predict with the champion, score what has matured",
    "monitoring": "watch the live loss; start a training where it calls for one",
}
EXIT_STATUS = {"done": 0, "failed": 1, "not_yet": 99}


class Terminated(KeyboardInterrupt):
    """The process was asked to stop (SIGTERM), as a scheduler does on a time-out."""


class OneSentenceParser(argparse.ArgumentParser):
    """Argparse whose mistakes are one sentence, with the nearest valid word."""

    def error(self, message: str) -> NoReturn:
        missing = message.endswith("required: kind")
        message = f"say what to run: {', '.join([*KINDS, *VERBS])}" if missing else message.removeprefix("argument ")
        raise UsageError(f"{self.prog}: {message}; --help shows what can be asked")


def main(project: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command of a project and leave with its exit status."""
    if not sys.warnoptions and not os.environ.get("QUARTET_DEBUG"):
        warnings.simplefilter("ignore")  # what libraries tell their programmers
    sys.exit(run_command(project, sys.argv[1:] if arguments is None else arguments, entering=True))


def run_command(project: str, arguments: Sequence[str], *, entering: bool = False) -> int:
    """Run one command, `entering` the project's own environment before it; the last line is its result as JSON."""
    _set_up_logging()
    signal.signal(signal.SIGTERM, _terminate)
    log = logging.getLogger("quartet")
    try:
        if entering:
            enter(project, arguments)
        answer, status = carry_out(project, make_parser(project).parse_args(arguments))
    except QuartetError as error:
        log.error("%s", error)
        answer, status = _tell_failure(str(error)), error.exit_status
    except KeyboardInterrupt as stop:
        signum = signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT
        sentence = f"stopped by {signum.name}; run it again to go on"
        log.error("%s", sentence)
        answer, status = _tell_failure(sentence), 128 + signum
    except Exception as error:
        log.debug("%s", traceback.format_exc())
        sentence = f"{project}: {describe_bug(error)}"
        log.error("%s", sentence)
        answer, status = _tell_failure(sentence), 1
    return _write_answer(answer, status)


def _tell_failure(sentence: str) -> dict[str, Any]:
    return {"status": "failed", "results": {}, "error": sentence}


def _write_answer(answer: dict[str, Any], status: int) -> int:
    """Write the last line; a reader that has left changes nothing about what was done."""
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


def make_parser(project: str) -> argparse.ArgumentParser:
    """Describe the command line of a project."""
    kinds = "\n".join(f"  {name:<11} {text}{_steps_of(name)}" for name, text in {**HELP, **VERBS}.items())
    parser = OneSentenceParser(
        prog=f"{project}.run", formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        description=f"Run one workflow of {project}, or one step of it.\n\n{kinds}",
        epilog=f"example: python -m {project}.run train --config btc --at 2026-11-20T00:05Z\n"
        "exit status: 0 done, 1 a config failed, 2 bad usage or config, 99 could not be done yet",
    )  # fmt: skip
    parser.add_argument("kind", metavar="kind", type=_read_kind, help=", ".join([*KINDS, *VERBS]))
    parser.add_argument("--step", metavar="NAME", help="only this step of the kind")
    parser.add_argument("--config", metavar="NAME", nargs="+", default=[], help="only these configs (default: all)")
    parser.add_argument(
        "--at", type=parse_at, metavar="TIME", help="the moment to run for, e.g. 2026-11-20T00:05Z (default: now)"
    )
    parser.add_argument(
        "--cause",
        type=_read_cause,
        help="what called for it: person (the default), clock, or the id of a decision",
    )
    add_flags(parser)
    return parser


def carry_out(project: str, asked: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Open the house, run what is asked, flush the outbox; answer with the JSON result and the exit status."""
    step = _read_step(asked.kind, asked.step)
    options = read_options(asked)
    if asked.kind == "announce" and asked.at is None:
        raise UsageError("announce needs --at: the moment at which the step monitor ran")
    from service.conduct import run_kind, run_verb
    from service.door import find_causes, open_platform
    from service.plan import set_aside_broken

    broken = set_aside_broken(project, asked) if asked.kind == "plan" else {}
    if broken and not asked.config:
        return _sum_up(broken, asked.at)
    platform = open_platform(project, asked.config)
    now, at = _settle_moment(platform, asked, step)
    configs = asked.config or list(platform.specs)
    if asked.kind in VERBS:
        cause = asked.cause or PERSON
        outcomes = run_verb(platform, asked.kind, configs, at=at, now=now, cause=cause, options=options)
    else:
        cause = asked.cause or find_causes(platform, asked.kind, step, configs, at)
        outcomes = run_kind(platform, asked.kind, configs, step=step, at=at, now=now, cause=cause)
    platform.messenger.flush()
    return _sum_up(outcomes | broken, at)


def _sum_up(outcomes: dict[str, Any], at: datetime | None) -> tuple[dict[str, Any], int]:
    from service.workflow import worst_status

    status = worst_status(outcomes.values())
    results = {config: outcome.to_plain() for config, outcome in outcomes.items()}
    return {"status": status, "at": at and write_at(at), "results": results}, EXIT_STATUS[status]


def _settle_moment(platform: Any, asked: argparse.Namespace, step: str | None) -> tuple[datetime, datetime]:
    """Read the clock once, here, and settle which moment the run is for."""
    from service.door import find_newest_at, move_now

    now = platform.clock.now()
    if asked.at is None:
        newest = find_newest_at(platform, asked.kind, step, asked.config) if step else None
        if newest:
            logging.getLogger("quartet").info(
                "no --at: taking %s, the newest at which the step before is done", write_at(newest)
            )
        return now, newest or now
    return move_now(platform, now, asked.at), asked.at


def _read_kind(text: str) -> str:
    if text in KINDS or text in VERBS:
        return text
    raise UsageError(f"there is no kind {text!r:.60}: {_suggest(text, [*KINDS, *VERBS])}")


def _read_cause(text: str) -> str:
    if re.fullmatch(r"[!-~]{1,255}", text):
        return text
    raise UsageError("--cause is person, clock, or the id of a decision: one word of at most 255 letters")


def _read_step(kind: str, step: str | None) -> str | None:
    steps = KINDS.get(kind, ())
    if step is None or step in steps:
        return step
    if not steps:
        raise UsageError(f"{kind} has no steps: leave --step out")
    home = next((name for name, own in KINDS.items() if step in own), None)
    hint = f"it is a step of {home}" if home else _suggest(step, steps)
    raise UsageError(f"{kind} has no step {step!r:.60}: {hint}")


def _suggest(word: str, words: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(words)}"


def _steps_of(kind: str) -> str:
    return f" ({' -> '.join(KINDS[kind])})" if len(KINDS.get(kind, ())) > 1 else ""


def _set_up_logging() -> None:
    level = logging.DEBUG if os.environ.get("QUARTET_DEBUG") else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for room in ("quartet", "service", "db_handler", "messenger"):
        logging.getLogger(room).setLevel(level)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its retries end well, or in our own sentence


def _terminate(_signum: int, _frame: object) -> NoReturn:
    raise Terminated
