"""Calls the docker program, with a list of arguments and a time limit."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from compose.launch.command import Command, run_program
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, quote

DESCRIBE = ("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")  # a hash, "-dirty" behind it if it is


@dataclass(frozen=True)
class Docker:
    """The program, or none, and the environment that carries the settings."""

    root: Path
    program: str | None
    environment: Mapping[str, str] = field(repr=False)

    def ask(self, *arguments: str, seconds: float = 60, given: str = "") -> subprocess.CompletedProcess[str]:
        """Call and wait."""
        return run_program([self.program or "docker", *arguments], self.root, self.environment, given, seconds)

    def do(self, *arguments: str, failing: str) -> None:
        """Call and wait; what fails stops with a sentence and Docker's own words."""
        done = self.ask(*arguments, seconds=300)
        if done.returncode:
            raise StopError(failing, *quote(done.stderr, 5), status=1)

    def show(self, *arguments: str) -> int:
        """Call with the user's own terminal."""
        words = [self.program or "docker", *arguments]
        return subprocess.run(words, cwd=self.root, env=self.environment, check=False).returncode  # noqa: S603

    @contextmanager
    def begin(self, *arguments: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Call without waiting; a Ctrl-C does not reach it, and at the end only the program ends, not a container."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                [self.program or "docker", *arguments],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def open_docker(command: Command, settings: Settings) -> Docker:
    """Find the program; what Compose reads from the environment are the settings as they were settled."""
    described = run_program(["git", *DESCRIBE], command.root, command.environment)
    revision = described.stdout.strip() if described.returncode == 0 else "unknown"
    environment = {"BUILDKIT_PROGRESS": "plain", **command.environment, **settings.values, "GIT_REVISION": revision}
    return Docker(command.root, shutil.which("docker", path=command.environment.get("PATH", os.defpath)), environment)
