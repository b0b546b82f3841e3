"""What happened, as moments: the change of the world, alarms, promotions, and runs of equal answers as one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crypto_forecast.report.records import Records
from db_handler.ledger.decisions import Decision

SEOUL = ZoneInfo("Asia/Seoul")
FLIPS = ("promoted", "rolled_back")


@dataclass(frozen=True)
class Turn:
    """One decision, or a run of equal ones, for one or several configs at once."""

    at: datetime
    until: datetime
    count: int
    configs: tuple[str, ...]
    subject: str
    verdict: str
    version: int | None  # the challenger's or, after a rollback, the one that is back
    reasons: tuple[str, ...]
    numbers: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        """The verdict and the version that it is about: `promoted version 2`; of a probation how it stands."""
        if self.subject == "probation":
            return f"probation: {self.verdict}"
        version = f" version {self.version}" if self.version is not None else ""
        return f"{self.verdict.replace('_', ' ')}{version}"


def show_time(moment: datetime) -> str:
    """Write a moment as a reader in Seoul knows it: `2025-02-20 09:00`."""
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M}"


def list_rivals(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """List the comparisons of a decision by the rival's name."""
    return {name.removeprefix("against_"): value for name, value in numbers.items() if name.startswith("against_")}


def find_first_champions(records: Records) -> dict[str, datetime]:
    """Find when each config got its first champion."""
    return _first_of_each(_promotions(records))


def find_alarm(records: Records) -> datetime | None:
    """Find when monitoring first raised the alarm, after the change if there was one; a retrain may follow later."""
    checks = [d for d in records.decisions if d.subject == "retrain" and d.verdict != "no"]
    raised = [d.at for d in checks if d.verdict == "retrain" or (d.numbers or {}).get("since")]
    return min((at for at in raised if records.change is None or at >= records.change), default=None)


def find_recoveries(records: Records) -> dict[str, datetime]:
    """Find when a challenger of each config was promoted that such a call had trained."""
    called = {decision.decision_id for decision in _calls(records)}
    return _first_of_each(d for d in _promotions(records) if d.cause in called)


def list_turns(records: Records) -> list[Turn]:
    """List the decisions other than `no`, the oldest first; equal ones in a row, or of several configs, are one."""
    turns: list[Turn] = []
    for config in records.specs:
        decisions = [d for d in records.decisions if d.config == config]
        turns += _run_together([d for d in decisions if d.subject == "retrain"])
        turns += [_as_turn(d) for d in decisions if d.subject != "retrain"]
    merged: dict[tuple[Any, ...], Turn] = {}
    for turn in (turn for turn in turns if turn.verdict != "no"):
        key = (turn.at, turn.until, turn.subject, turn.verdict, turn.version, turn.reasons)
        earlier = merged.get(key)
        merged[key] = replace(earlier, configs=(*earlier.configs, *turn.configs)) if earlier else turn
    return sorted(merged.values(), key=lambda turn: (turn.at, turn.subject != "retrain"))


def list_marks(records: Records) -> list[tuple[datetime, str]]:
    """List the moments that every picture marks, each with a short label."""
    labels: dict[datetime, list[str]] = {}
    if records.change is not None:
        labels.setdefault(records.change, []).append("the world changes")
    if (alarm := find_alarm(records)) is not None:
        labels.setdefault(alarm, []).append("alarm")
    flips = [d for d in records.decisions if d.verdict in FLIPS and d.state == "done"]
    for at, verdict in dict.fromkeys((d.at, d.verdict) for d in flips):
        configs = [d.config for d in flips if (d.at, d.verdict) == (at, verdict)]
        words = "first champions" if at in find_first_champions(records).values() else verdict.replace("_", " ")
        everyone = set(configs) == set(records.specs)
        labels.setdefault(at, []).append(words if everyone else f"{', '.join(configs)} {words}")
    return [(at, " + ".join(words)) for at, words in sorted(labels.items())]


def _promotions(records: Records) -> list[Decision]:
    return [d for d in records.decisions if d.verdict == "promoted" and d.state == "done"]


def _calls(records: Records) -> list[Decision]:
    calls = [d for d in records.decisions if (d.subject, d.verdict) == ("retrain", "retrain")]
    return [d for d in calls if records.change is None or d.at >= records.change]


def _first_of_each(decisions: Iterable[Decision]) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for decision in decisions:
        first.setdefault(decision.config, decision.at)
    return first


def _run_together(decisions: list[Decision]) -> list[Turn]:
    """Merge equal verdicts in a row, with the reasons of the first; each call for a retrain stands alone."""
    turns: list[Turn] = []
    for decision in decisions:
        if turns and turns[-1].verdict == decision.verdict != "retrain":
            turns[-1] = replace(turns[-1], until=decision.at, count=turns[-1].count + 1)
        else:
            turns.append(_as_turn(decision))
    return turns


def _as_turn(decision: Decision) -> Turn:
    at, numbers, reasons = decision.at, decision.numbers or {}, tuple(decision.reasons or ())
    version = numbers.get("challenger")
    return Turn(at, at, 1, (decision.config,), decision.subject, decision.verdict, version, reasons, numbers)
