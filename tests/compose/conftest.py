"""A machine to type make's verbs on."""

from pathlib import Path

import pytest

from compose.launch import terminal
from tests.compose.machine import Machine


@pytest.fixture
def machine(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(terminal, "PAUSE", 0.01)
    return Machine(tmp_path, capfd)
