"""A machine to type make's verbs on."""

from pathlib import Path

import pytest

from compose.launch.containers import wait_until_healthy
from compose.launch.verbs import bring_up_embedded
from tests.compose.machine import Machine


@pytest.fixture
def machine(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(wait_until_healthy, "PAUSE", 0.01)
    monkeypatch.setattr(bring_up_embedded, "PAUSE", 0.02)
    return Machine(tmp_path, capfd)
