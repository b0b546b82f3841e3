"""Plays moment after moment in one process, as the demo does, which opens the platform only once."""

import sys
from collections.abc import Sequence
from datetime import datetime

from db_handler.errors import QuartetError
from service.cli.run_command import EXIT_STATUS
from service.contract.ending import listen_for_end
from service.contract.kinds import KINDS
from service.step.outcome import worst_status
from service.workflow.open_platform import move_now, open_platform
from service.workflow.run_kind import run_kind

STOPPED = 143


def play_on(project: str, moments: Sequence[str]) -> int:
    """Play whole moments, the very first with its training, and name each on standard output; answer with a status."""
    listen_for_end()
    try:
        return _play(project, moments)
    except QuartetError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return STOPPED


def _play(project: str, moments: Sequence[str]) -> int:
    platform = open_platform(project)
    for moment in moments:
        text, _, first = moment.partition("=")
        at = datetime.fromisoformat(text)
        now = move_now(platform, platform.clock.now(), at)
        for kind in KINDS if first else ("data", "inference", "monitoring"):
            outcomes = run_kind(platform, kind, platform.specs, at=at, now=now, cause="clock")
            if status := EXIT_STATUS[worst_status(outcomes.values())]:
                sys.stderr.write(f"{text} {kind}: {[outcome.to_plain() for outcome in outcomes.values()]}\n")
                return status
        print(text, flush=True)
    return 0
