"""Calls the docker program, with a list of arguments and a time limit."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from compose.launch.command import Command
from compose.launch.settings.read_settings import Settings

NO_ANSWER = 124
DESCRIBE = ("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")  # a hash, "-dirty" behind it if it is


@dataclass(frozen=True)
class Docker:
    """The program, or none, and the environment that carries the settings."""

    root: Path
    program: str | None
    environment: Mapping[str, str] = field(repr=False)

    def ask(self, *arguments: str, seconds: float = 60, given: str = "") -> subprocess.CompletedProcess[str]:
        """Call and wait; one that does not answer in time counts as failed."""
        command = [self.program or "docker", *arguments]
        try:
            return subprocess.run(  # noqa: S603
                command,
                cwd=self.root,
                env=dict(self.environment),
                input=given,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, NO_ANSWER, "", f"no answer within {seconds:.0f} s")
        except OSError as error:
            return subprocess.CompletedProcess(command, NO_ANSWER, "", f"{error.strerror}")

    def begin(self, *arguments: str, output: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Call without waiting; a Ctrl-C on the terminal does not reach it."""
        return subprocess.Popen(  # noqa: S603
            [self.program or "docker", *arguments],
            cwd=self.root,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def show(self, *arguments: str) -> int:
        """Call with the user's own terminal."""
        command = [self.program or "docker", *arguments]
        return subprocess.run(command, cwd=self.root, env=dict(self.environment), check=False).returncode  # noqa: S603


def end_program(process: "subprocess.Popen[bytes]") -> None:
    """End what was begun and still runs; containers stay as they are."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


def open_docker(command: Command, settings: Settings) -> Docker:
    """Find the program; what Compose reads from the environment are the settings as they were settled."""
    path = command.environment.get("PATH", os.defpath)
    git = shutil.which("git", path=path)
    words = [git or "false", *DESCRIBE]
    described = subprocess.run(words, cwd=command.root, capture_output=True, text=True, check=False)  # noqa: S603
    revision = described.stdout.strip() if described.returncode == 0 else "unknown"
    environment = {"BUILDKIT_PROGRESS": "plain", **command.environment, **settings.values, "GIT_REVISION": revision}
    return Docker(command.root, shutil.which("docker", path=path), environment)
