"""A demo that was played, and what its ledger holds of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from crypto_forecast import demo
from crypto_forecast.demo import Story
from db_handler.ledger.decisions import read_decisions
from service.spec import Spec
from service.step.platform import Platform
from service.workflow.open_platform import open_platform


@dataclass
class Played:
    """The result of playing the story."""

    home: Path
    platform: Platform

    @property
    def verdicts(self) -> list[tuple[datetime, str, str, str]]:
        """At, config, subject and verdict of each decision."""
        with self.platform.database.begin(writing=False) as connection:
            decisions = read_decisions(connection, self.platform.project.name)
        return [(decision.at, decision.config, decision.subject, decision.verdict) for decision in decisions]

    def count(self, subject: str, verdict: str) -> int:
        return sum((subject, verdict) == entry[2:] for entry in self.verdicts)


def play(story: Story, home: Path, console: Console) -> Played:
    return Played(home.resolve(), demo.play(story, home, console))


def play_quickly(story: Story, home: Path, console: Console) -> Played:
    """Fit fewer and smaller models, for a test of the wiring alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "open_platform", _open_quick)
        return play(story, home, console)


def _open_quick(project: str) -> Platform:
    platform = open_platform(project)
    platform.specs = {name: _make_quick(spec) for name, spec in platform.specs.items()}
    return platform


def _make_quick(spec: Spec) -> Spec:
    model = spec.model.model_copy(update={"iterations": 30, "grid": spec.model.grid[:1]})
    return replace(spec, model=model, train=spec.train.model_copy(update={"evidence_days": 30, "draws": 200}))
