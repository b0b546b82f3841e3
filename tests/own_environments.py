"""Tests of a project that has an environment of its own run in that one, as one test of this session."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.contract.own_environment import REQUIREMENTS, provide

ROOT = Path(__file__).resolve().parents[1]


class OwnTestsFailedError(Exception):
    """The tests of a project failed; the text is what they printed."""


class OwnTests(pytest.Item):
    """All tests of one project."""

    def runtest(self) -> None:
        python = provide(ROOT / self.path.name)
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/{self.path.name}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OwnTestsFailedError(done.stdout + done.stderr)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None) -> str:  # type: ignore[override]
        return str(excinfo.value) if excinfo.errisinstance(OwnTestsFailedError) else str(super().repr_failure(excinfo))


class OwnFolder(pytest.Directory):
    """The folder of a project's tests, seen from another environment than its own."""

    def collect(self) -> Iterator[OwnTests]:
        yield OwnTests.from_parent(self, name="in_its_own_environment")


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the tests of a project as one, unless this is the environment that they want."""
    project = ROOT / path.name
    if path.parent != ROOT / "tests" or not (project / REQUIREMENTS).is_file():
        return None
    if Path(sys.prefix).resolve() == (project / ".venv").resolve():
        return None
    folder: pytest.Collector = OwnFolder.from_parent(parent, path=path)
    return folder
