"""The gate of promotion: what a challenger must show, and the sentences that say whether it did."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

import pandas as pd

from service.spec import Train
from service.statistics.bootstrap import block_bootstrap
from service.statistics.probes import TOO_LITTLE

SAME = 1e-9  # a reloaded artifact reproduces its predictions up to this
# The rows that raised an alarm are those on which the champion did worst. Losses of champion and challenger that go
# together as 0.95 are then better by luck in 16 of 100 cases at 0.05, and in 5 of 100 at a fifth of it.
SELECTED = 0.2
AGAINST_CHAMPION = "against_champion"  # in the numbers of a decision: the comparison with the one that served
NEXT_TRY = 0.5  # each try after one change takes this part of what is left of one error budget
FINER, MOST_DRAWS = 10, 100_000  # draws can show a p that is so many times smaller than the one that is wanted


@dataclass
class Verdict:
    """What the gate found; a challenger passes when nothing was held against it and nothing lacks.

    What `lacks` are rows: they come with time, and the challenger of a later training is judged by them.
    """

    reasons: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.objections and not self.lacks

    def note(self, holds: bool, sentence: str) -> None:
        (self.reasons if holds else self.objections).append(sentence)


@dataclass(frozen=True)
class Drop:
    """The drop in performance that called for a training: from which rows on it is judged, and how often it was before.

    Fits of the evidence that ended before the change could not know of it, so the rows that they predict don't count.
    """

    since: datetime
    tries: int = 0

    def share(self, p_value: float) -> float:
        """Say which p is small enough, after the alarm chose the rows and earlier tries took their part.

        >>> round(Drop(datetime(2025, 1, 1)).share(0.05), 4)
        0.005
        """
        return p_value * SELECTED * NEXT_TRY ** (self.tries + 1)


def judge_rules(verdict: Verdict, evidence: pd.DataFrame, train: Train) -> None:
    """Hold against the challenger every naive rule that it does not clearly beat."""
    rules = list_rules(evidence)
    if not rules:
        verdict.note(False, "the evidence holds no naive rule to beat")
    for rule, name in rules.items():
        rows = evidence[["loss", rule]].dropna()
        if len(rows) < train.min_timestamps:
            verdict.lacks.append(f"not enough evidence against {name}: {len(rows)} rows, {train.min_timestamps} wanted")
            continue
        test = block_bootstrap(rows["loss"] - rows[rule], block=train.block, draws=train.draws, seed=train.seed)
        ratio = divide(rows["loss"].mean(), rows[rule].mean())
        verdict.numbers[f"against_{name}"] = {"ratio": ratio, "p": test.p_value, "rows": len(rows)}
        beats = test.mean < 0 and test.p_value < train.p_value
        verdict.note(
            beats, f"{'beats' if beats else 'does not beat'} {name}: {ratio:.3f} of its loss, p {test.p_value:.3f}"
        )


def judge_rules_since(verdict: Verdict, later: pd.DataFrame, train: Train) -> None:
    """Hold against the challenger every naive rule that is ahead of it since the change.

    So few rows can't show a usual gain over a rule with p < 0.05; they can show that the change took it away.
    """
    for rule, name in list_rules(later).items():
        rows = later[["loss", rule]].dropna()
        if len(rows) < train.wanted_since_change:
            continue  # the comparison with the champion says what lacks
        ratio = divide(rows["loss"].mean(), rows[rule].mean())
        verdict.numbers[f"since_change_{name}"] = {"ratio": ratio, "rows": len(rows)}
        ahead = ratio < 1.0
        words = "ahead of" if ahead else "not ahead of"
        verdict.note(ahead, f"{words} {name} since the change: {ratio:.3f} of its loss on {len(rows)} rows")


def list_rules(evidence: pd.DataFrame) -> dict[str, str]:
    """Name the columns that hold the loss of a naive rule, and the rule of each."""
    names = [name for name in map(str, evidence) if name.startswith("rule_") and name.endswith("_loss")]
    return {name: name.removeprefix("rule_").removesuffix("_loss") for name in names}


def judge_champion(verdict: Verdict, paired: pd.DataFrame, train: Train, *, drop: Drop | None) -> None:
    """Compare with the champion on the rows that count for both (columns target time, loss, champion_loss).

    After a drop the challenger must be better; else it must not be worse: neither by what chance may hide, nor on the
    rows that were seen, since a champion that gets a little worse at each training ends far below the first.
    """
    wanted = train.wanted_since_change if drop else train.min_timestamps
    if len(paired) < wanted:
        since = "the change" if drop else "it was promoted"
        verdict.lacks.append(
            f"not enough evidence against the champion: {len(paired)} rows since {since}, {wanted} wanted"
        )
        return
    limit = drop.share(train.p_value) if drop else train.p_value
    draws = max(train.draws, min(ceil(FINER / limit), MOST_DRAWS))
    test = block_bootstrap(paired["loss"] - paired["champion_loss"], block=train.block, draws=draws, seed=train.seed)
    champion_loss = float(paired["champion_loss"].mean())
    ratio, worst = divide(paired["loss"].mean(), champion_loss), divide(test.upper95, champion_loss, nothing=0.0)
    verdict.numbers[AGAINST_CHAMPION] = {"ratio": ratio, "p": test.p_value, "upper95": worst, "rows": len(paired)}
    if drop is not None:
        better = test.mean < 0 and test.p_value < limit
        words = "better" if better else "not clearly better"
        verdict.note(
            better,
            f"{words} than the champion since the change: {ratio:.3f} of its loss, p {test.p_value:.4f} "
            f"(below {limit:.2g} wanted on rows that an alarm chose)",
        )
    else:
        close = worst < train.margin and ratio <= 1.0
        words = "not worse" if close else "perhaps worse"
        verdict.note(
            close,
            f"{words} than the champion: {ratio:.3f} of its loss, at most {worst:+.1%} with 95 % "
            f"(at most 1.000 and {train.margin:+.0%} wanted)",
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


def judge_probes(verdict: Verdict, probes: dict[str, str | None], accepted: str | None = None) -> None:
    """Hold every leak probe that fired against the challenger, unless a person has accepted it and said why.

    A silent probe has no sentence; one that had too little to look at lacks rows.
    """
    said = {name: sentence for name, sentence in probes.items() if sentence}
    for sentence in said.values():
        if accepted:
            verdict.note(True, f"{sentence} (accepted by a person: {accepted})")
        elif sentence.startswith(TOO_LITTLE):
            verdict.lacks.append(sentence)
        else:
            verdict.note(False, sentence)
    if not said:
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
