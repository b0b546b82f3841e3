"""The gate of promotion: what a challenger must show, and the sentences that say whether it did."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from service.spec import Train
from service.statistics.bootstrap import block_bootstrap

SAME = 1e-9  # a reloaded artifact reproduces its predictions up to this


@dataclass
class Verdict:
    """What the gate found; a challenger passes when nothing was held against it."""

    reasons: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.objections

    def note(self, holds: bool, sentence: str) -> None:
        (self.reasons if holds else self.objections).append(sentence)


def judge_rules(verdict: Verdict, evidence: pd.DataFrame, train: Train) -> None:
    """Hold against the challenger every naive rule that it does not clearly beat."""
    rules = [name for name in map(str, evidence) if name.startswith("rule_") and name.endswith("_loss")]
    if not rules:
        verdict.note(False, "the evidence holds no naive rule to beat")
    for rule in rules:
        rows = evidence[["loss", rule]].dropna()
        name = rule.removeprefix("rule_").removesuffix("_loss")
        if len(rows) < train.min_timestamps:
            verdict.note(False, f"not enough evidence against {name}: {len(rows)} rows, {train.min_timestamps} wanted")
            continue
        test = block_bootstrap(rows["loss"] - rows[rule], block=train.block, draws=train.draws, seed=train.seed)
        ratio = divide(rows["loss"].mean(), rows[rule].mean())
        verdict.numbers[f"against_{name}"] = {"ratio": ratio, "p": test.p_value, "rows": len(rows)}
        beats = test.mean < 0 and test.p_value < train.p_value
        verdict.note(
            beats, f"{'beats' if beats else 'does not beat'} {name}: {ratio:.3f} of its loss, p {test.p_value:.3f}"
        )


def judge_champion(verdict: Verdict, paired: pd.DataFrame, train: Train, *, since: datetime | None) -> None:
    """Compare with the champion on the rows that count for both (columns target time, loss, champion_loss).

    After a drop (`since` is where it began) the challenger must be better; else it must not be worse.
    """
    if len(paired) < train.min_timestamps:
        verdict.note(
            False,
            f"not enough evidence against the champion: {len(paired)} rows after its training, "
            f"{train.min_timestamps} wanted",
        )
        return
    test = block_bootstrap(
        paired["loss"] - paired["champion_loss"], block=train.block, draws=train.draws, seed=train.seed
    )
    champion_loss = float(paired["champion_loss"].mean())
    ratio, worst = divide(paired["loss"].mean(), champion_loss), divide(test.upper95, champion_loss, nothing=0.0)
    verdict.numbers["against_champion"] = {"ratio": ratio, "p": test.p_value, "upper95": worst, "rows": len(paired)}
    if since is not None:
        better = test.mean < 0 and test.p_value < train.p_value
        words = "better" if better else "not clearly better"
        verdict.note(
            better, f"{words} than the champion since the change: {ratio:.3f} of its loss, p {test.p_value:.3f}"
        )
    else:
        close = worst < train.margin
        words = "not worse" if close else "perhaps worse"
        verdict.note(
            close,
            f"{words} than the champion: {ratio:.3f} of its loss, at most {worst:+.1%} with 95 % "
            f"(margin {train.margin:.0%})",
        )


def judge_slices(verdict: Verdict, paired: pd.DataFrame, train: Train) -> None:
    """Hold against the challenger every important slice that gets worse than the champion's by more than its margin."""
    for column in [name for name in map(str, paired) if name.startswith("slice_")]:
        for value, rows in paired.groupby(column, observed=True):
            if len(rows) < train.slice_min_rows:
                continue
            worse = divide(rows["loss"].mean(), rows["champion_loss"].mean()) - 1
            verdict.numbers[f"{column}={value}"] = worse
            if worse > train.slice_margin:
                name = column.removeprefix("slice_")
                verdict.note(
                    False,
                    f"worse where {name} is {value}: {worse:+.1%} (margin {train.slice_margin:.0%}, {len(rows)} rows)",
                )


def judge_probes(verdict: Verdict, probes: dict[str, str | None]) -> None:
    """Hold every leak probe that fired against the challenger; a silent probe has no sentence."""
    fired = {name: sentence for name, sentence in probes.items() if sentence}
    for sentence in fired.values():
        verdict.note(False, sentence)
    if not fired:
        verdict.note(True, f"no leak probe fired ({', '.join(probes)})")


def judge_artifact(verdict: Verdict, distance: float) -> None:
    """Hold against the challenger that its artifact, loaded again, predicts otherwise than when it was fitted."""
    same = distance <= SAME
    words = "reproduces" if same else "does not reproduce"
    verdict.numbers["reload_distance"] = distance
    verdict.note(same, f"the artifact loaded again {words} its predictions")


def divide(ours: float, theirs: float, *, nothing: float = 1.0) -> float:
    """Divide losses, one of which may be none at all; nothing beside nothing is `nothing`.

    >>> divide(1.0, 0.0), divide(0.0, 0.0)
    (inf, 1.0)
    """
    if theirs:
        return float(ours / theirs)
    return nothing if ours == 0 else float("inf") * (1 if ours > 0 else -1)
