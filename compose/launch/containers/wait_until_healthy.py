"""Watches a start until all is healthy, and stops at once when something has failed."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from compose.launch.containers.judge_start import Failure, Verdict, judge_start, name_slowest
from compose.launch.containers.read_containers import Container, read_containers
from compose.launch.containers.read_plan import Plan
from compose.launch.containers.run_docker import Docker
from compose.launch.settings.secrets import mask_secrets, read_secrets
from compose.launch.terminal import Progress, StopError, last_lines

PAUSE = 0.5


@dataclass(frozen=True)
class Watch:
    """What to look at: the stack, what was there before, and where its secrets lie."""

    docker: Docker
    project: str
    plan: Plan
    before: list[Container]
    secrets: Path


def wait_until_healthy(
    watch: Watch, starter: "subprocess.Popen[bytes] | None", log: Path, *, seconds: float, progress: Progress
) -> None:
    """Return when all is ready; whatever else happens is a StopError with the log lines that matter."""
    told: set[str] = set()
    while True:
        ended = starter is None or starter.poll() is not None  # asked before looking, so that the look is newer
        now = read_containers(watch.docker, watch.project)
        verdict = judge_start(watch.plan, watch.before, now)
        if verdict.failure:
            raise explain_failure(watch, verdict.failure)
        if ended and starter is not None and starter.returncode:
            raise explain_starter(watch, log)
        _tell_ready(watch.plan, verdict, told, progress)
        if ended and not verdict.waiting:
            return
        if progress.seconds >= seconds:
            slowest = name_slowest(watch.plan, now, verdict.waiting or list(watch.plan.services))
            raise explain_failure(watch, Failure(slowest, f"{slowest} is not ready after {progress.seconds} s"))
        time.sleep(PAUSE)


def explain_failure(watch: Watch, failure: Failure) -> StopError:
    """Name the service, with its last lines."""
    logs = watch.docker.compose("logs", "--no-log-prefix", "--no-color", "--tail", "15", failure.service)
    lines = last_lines(logs.stdout + logs.stderr)
    probe = last_lines(failure.probe, 3)
    known = read_secrets(watch.secrets)
    shown = [f"  | {mask_secrets(line, known)}" for line in lines] or ["  (it said nothing)"]
    checked = ["Its health check says:", *(f"  | {mask_secrets(line, known)}" for line in probe)] if probe else []
    return StopError(
        f"{failure.reason}. Its last lines:",
        *shown,
        *checked,
        f"The stack is not up; what has started keeps running:  make logs s={failure.service}  make ps  make down",
        status=1,
    )


def explain_starter(watch: Watch, log: Path) -> StopError:
    """Docker Compose itself gave up: its own last lines."""
    known = read_secrets(watch.secrets)
    lines = last_lines(log.read_text(encoding="utf-8", errors="replace"), 8)
    return StopError(
        "Docker Compose could not start the stack:",
        *(f"  | {mask_secrets(line, known)}" for line in lines),
        "The stack is not up; what has started keeps running:  make ps  make down",
        status=1,
    )


def _tell_ready(plan: Plan, verdict: Verdict, told: set[str], progress: Progress) -> None:
    for name in verdict.ready:
        if name in verdict.anew - told:
            told.add(name)
            progress.tell(f"{name} {'done' if plan.services[name].job else 'healthy'} after {progress.seconds} s")
    waiting = ", ".join(verdict.waiting) or "Docker Compose"
    progress.show(f"{len(verdict.ready)} of {len(plan.services)} ready; waiting for {waiting}")
