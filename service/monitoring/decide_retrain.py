"""The decision to retrain: what calls for it, and what still stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.spec import Monitoring
from service.statistics.windows import Alarm

FAILURES_FOR_A_HUMAN = 3
A_DAY = timedelta(days=1)  # between the trainings for a champion that can't answer


@dataclass(frozen=True)
class Answer:
    """What a check says: `retrain`, `pending`, `wait`, `ask_a_human` or `no`, with its reasons."""

    verdict: str
    reasons: list[str]
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """All that the decision looks at, gathered before, so that the decision itself is pure."""

    at: datetime
    alarm: Alarm
    champion_at: datetime
    max_age_days: int
    drifted: tuple[str, ...]
    new_rows: int
    last_training: datetime | None
    attempts: Sequence[bool]  # whether earlier retrains, newest first, ended in a promotion
    pending: str | None  # id of a decision whose training has not ended
    data_problem: str | None
    damage: str | None = None  # why the champion can't answer
    lacking: int = 0  # rows since the change that are still to come before a challenger can be compared on them
    hurry: str | None = None  # why no alarm can be raised between two trainings
    new_since: str = "the champion's training"  # when the count of new rows begins
    calls_again: int = 0  # how often an overdue training was called for; 0 while it runs or waits for its turn


def decide_retrain(situation: Situation, rules: Monitoring) -> Answer:
    """Decide whether to retrain, and say why or why not."""
    calls = list(name_calls(situation, rules))
    if not calls:
        return Answer("no", [describe_calm(situation, rules)])
    failures = count_failures(situation.attempts)
    numbers: dict[str, Any] = {"failures_in_a_row": failures, "new_rows": situation.new_rows}
    if situation.pending:
        sentence = f"the training that {situation.pending} called for has not ended"
        if situation.calls_again:
            numbers |= {"calls_again": situation.pending, "call": situation.calls_again + 1}
            sentence += ": it was cut off or never began, and is called for again"
        return Answer("pending", [*calls, sentence], {**numbers, "pending": situation.pending})
    if failures >= FAILURES_FOR_A_HUMAN:
        return Answer(
            "ask_a_human", [*calls, f"{failures} retrains in a row were not promoted: a person has to look"], numbers
        )
    obstacles = list(name_obstacles(situation, rules, failures))
    return Answer("wait" if obstacles else "retrain", [*calls, *obstacles], numbers)


def name_calls(situation: Situation, rules: Monitoring) -> list[str]:
    """Name what calls for a retrain."""
    calls = []
    if situation.damage:
        calls.append(situation.damage)
    if situation.alarm.raised and "ratio" in situation.alarm.by:
        ratios = ", ".join("-" if w.ratio is None else f"{w.ratio:.2f}" for w in situation.alarm.windows)
        calls.append(
            f"live loss over the baseline's is above {situation.alarm.limit:.3g} in {rules.k} of {rules.n} windows "
            f"({ratios}, newest first)"
        )
    if situation.alarm.raised and "loss" in situation.alarm.by:
        losses = ", ".join("-" if w.loss is None else f"{w.loss:.3g}" for w in situation.alarm.windows)
        calls.append(
            f"live loss is above {situation.alarm.loss_limit:.3g}, the most that its evidence and chance lead to "
            f"expect, in {rules.k} of {rules.n} windows ({losses}, newest first)"
        )
    if situation.at - situation.champion_at > timedelta(days=situation.max_age_days):
        calls.append(f"the champion of {situation.champion_at:%Y-%m-%d} is older than {situation.max_age_days} days")
    if situation.drifted and rules.drift_triggers:
        calls.append(f"the features drifted: {', '.join(situation.drifted)}")
    return calls


def name_obstacles(situation: Situation, rules: Monitoring, failures: int) -> list[str]:
    """Name what stands in the way of a retrain that is called for."""
    obstacles = []
    if situation.data_problem:
        obstacles.append(f"the data is not fit to train on: {situation.data_problem}")
    cool_down = A_DAY if situation.damage else timedelta(days=rules.cool_down_days) * 2**failures
    if situation.last_training is not None and situation.at - situation.last_training < cool_down:
        until = situation.last_training + cool_down
        obstacles.append(
            f"the last training was at {situation.last_training:%Y-%m-%d %H:%M}, "
            f"cooling down until {until:%Y-%m-%d %H:%M} UTC"
        )
    if situation.new_rows < rules.min_new_rows and not situation.damage:
        obstacles.append(f"only {situation.new_rows} new rows since {situation.new_since}, {rules.min_new_rows} wanted")
    if situation.lacking and not situation.damage:
        obstacles.append(f"{situation.lacking} more labelled rows since the change are wanted, to compare by")
    return obstacles


def describe_calm(situation: Situation, rules: Monitoring) -> str:
    """Say in one sentence why nothing calls for a retrain."""
    newest = situation.alarm.windows[0]
    if newest.ratio is None:
        share = "" if newest.label_share is None else f", {newest.label_share:.0%} of its labels have come"
        sentence = (
            f"not enough data: {newest.rows} matured live moments in the newest window, {rules.min_rows} wanted{share} "
            "(answers that came late do not count)"
        )
        if all(0 < window.rows < rules.min_rows for window in situation.alarm.windows):
            sentence += (
                f"; no window of {rules.window_days} days had as many: at this rate there is never a verdict, set "
                "Monitoring.window_days higher or min_rows lower"
            )
        return f"{sentence}; {situation.hurry}" if situation.hurry else sentence
    ratio = f"live loss is {newest.ratio:.2f} of the baseline's in the newest window"
    return f"{ratio} (threshold {situation.alarm.limit:.3g}, {rules.k} of {rules.n})"


def count_failures(attempts: Sequence[bool]) -> int:
    """Count the retrains in a row, newest first, that did not end in a promotion."""
    return next((place for place, promoted in enumerate(attempts) if promoted), len(attempts))
