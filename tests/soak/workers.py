"""The processes of a world: the warm server, the commands it forks, and the outbox's sender."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.messenger.slack_stand_in import CHANNEL, TOKEN

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ("QUARTET_", "MLFLOW_", "SLACK_")
SECONDS_TO_END = 30.0
Strike = Callable[[int], None]  # what is done to a process that has come to its place


def make_environment(home: Path, slack_url: str, *paths: Path) -> dict[str, str]:
    """Make what a home's processes see: as in the stack, messages have a sender, and a retried step reports nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {
        "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QUARTET_HOME": str(home),
        "QUARTET_ALERTS": "later",
        "QUARTET_SENDER": "own",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_CHANNEL": CHANNEL,
        "SLACK_API_URL": slack_url,
    }


class Workers:
    """The processes of a home; `folder` holds what the last command said."""

    def __init__(self, project: str, folder: Path, environment: dict[str, str]) -> None:
        self.project, self.folder, self.environment = project, folder, environment
        self.log = ""
        self._start()

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text(encoding="utf-8")

    def run(
        self,
        arguments: Sequence[str],
        *,
        program: str = "run",
        places: Sequence[int] = (),
        strike: Strike | None = None,
        **environment: str,
    ) -> int:
        """Run a program to its end and answer with its status; at each of those acts `strike` is done to it."""
        for name in ("out", "log", "acts"):
            (self.folder / name).unlink(missing_ok=True)
        server = self._server
        process = self._fork(arguments, program, places, environment)
        said = self._hear()
        while "stopped" in said and strike is not None:
            strike(process)
            said = self._hear() if self._server is server else {"status": -signal.SIGKILL}
        self.log = (self.folder / "log").read_text(encoding="utf-8")
        return int(said["status"])

    def count_acts(self) -> int | None:
        path = self.folder / "acts"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def restart(self, process: int) -> None:
        """Kill the server and what it runs, have the sender end, and start them again."""
        os.kill(process, signal.SIGKILL)
        self.close()
        self._start()

    def close(self) -> None:
        self._end_sender()
        self._server.kill()
        self._server.wait()
        for pipe in (self._server.stdin, self._server.stdout):
            assert pipe is not None
            pipe.close()

    def _start(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.soak.warm", self.project],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert "ready" in self._hear()
        self._sender = self._fork((), "send", (), {})

    def _end_sender(self) -> None:
        """Have the sender end, which it does when what it is sending is sent."""
        deadline = time.monotonic() + SECONDS_TO_END
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._sender, signal.SIGTERM)
        while is_alive(self._sender):
            assert time.monotonic() < deadline, "the sender does not end"
            time.sleep(0.05)

    def _fork(self, arguments: Sequence[str], program: str, places: Sequence[int], environment: dict[str, str]) -> int:
        folder = self.folder / "sender" if program == "send" else self.folder
        folder.mkdir(exist_ok=True)
        command = {
            "program": program,
            "folder": str(folder),
            "arguments": list(arguments),
            "places": list(places),
            "environment": environment,
        }
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(command) + "\n")
        self._server.stdin.flush()
        return int(self._hear()["process"])

    def _hear(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, "the warm server has ended"
        return dict(json.loads(line))


def is_alive(process: int) -> bool:
    """Say whether a process runs; one that has ended and was not asked for yet does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")
