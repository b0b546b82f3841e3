"""What the gate does over three years of months in which nothing is better, and what honest evidence says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from bench.measurements.families import measure_families
from bench.measurements.probation import falls
from bench.row import Row
from service.promotion.gate import Verdict, judge_champion
from service.spec import Train
from service.statistics.walk_forward import Purge, walk_forward

MONTHS = 36
NOISE = 0.135  # standard deviation of a row's loss difference, as a share of the loss
WORSE, VARIES = 1.02, 0.01
FITS = 13  # of the evidence, each a week of it
WORLDS, RUNS = 300, 1000
ENOUGH = {0.0: 400, 0.6: 1600}  # rows a month by how much of a difference the next one keeps
BOUND = 1.645  # of a normal, for 95 %
DAY, DELAY, SERVED = timedelta(days=1), timedelta(days=28), 30
ALONE = "the 95 % bound alone"

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """What is tried each month: its loss beside the first champion's, and how much each fit of it varies."""

    loss: float = 1.0
    varies: float = 0.0


def measure_judgement(tiny: bool) -> Iterator[Row]:
    """Compare what is claimed with what comes true, over worlds and over runs of three years."""
    worlds, runs = (2, 5) if tiny else (WORLDS, RUNS)
    honest, knowing = measure_own_age(worlds, honest=True), measure_own_age(worlds, honest=False)
    flaw = "" if abs(honest - 1) <= 0.02 else "beyond 2 % of 1"
    work = "a recipe over its month-old self, labels 28 days late"
    yield Row(work, "of its loss", honest, "fits that know all labels before them", knowing, flaw=flaw)
    for follows, rows in ENOUGH.items():
        theirs = count_promoted(rows, follows, runs, bound_alone=True)
        for probation, words in ((False, "is promoted"), (True, "is promoted and not rolled back")):
            work = f"a recipe 2 % worse {words} in 36 months: {rows} rows, AR({follows:g})"
            ours = count_promoted(rows, follows, runs, probation=probation)
            yield Row(work, "% false", ours, ALONE, theirs, flaw="above 5 %" if ours > 5 else "")
    for recipe, name in ((Recipe(1.0, VARIES), "equal"), (Recipe(WORSE, VARIES), "2 % worse")):
        work = f"loss after 36 months of {name} recipes whose fits vary by 1 %"
        ours, theirs = (
            float(np.mean(play(recipe, ENOUGH[0.0], 0.0, runs, bound_alone=alone))) for alone in (False, True)
        )
        yield Row(work, "of the first", ours, ALONE, theirs, flaw="above the first" if ours > 1.001 else "")
    yield from measure_families(tiny)


def count_promoted(
    rows: int, follows: float, runs: int, *, bound_alone: bool = False, probation: bool = False
) -> float:
    """Give the share of runs in percent that end with a champion of a recipe that is always 2 % worse."""
    ends = play(Recipe(WORSE), rows, follows, runs, bound_alone=bound_alone, probation=probation)
    return 100 * float(np.mean(ends > 1))


def measure_own_age(worlds: int, *, honest: bool) -> float:
    """Compare the evidence of a recipe with its own fit of a month ago that serves since, in worlds that don't change.

    The recipe is the mean of the newest labels, and the world has moods of some days: only labels that nobody has yet
    would help.
    """
    ours, theirs, end = 0.0, 0.0, datetime(2026, 1, 1, tzinfo=UTC)
    promoted = end - SERVED * DAY
    purge = Purge(timedelta(0), label_at="label_at" if honest else None)
    for world in range(worlds):
        rows = draw_world(world, end)
        predicted = walk_forward(rows, fit=fit, predict=predict, end=end, days=90, every=7 * DAY, purge=purge)
        served = rows[rows["target_slot"] >= promoted]
        champion = fit(rows[rows["label_at"] <= promoted])
        ours += float(((served["target"] - predicted.loc[served.index, "predicted"]) ** 2).sum())
        theirs += float(((served["target"] - champion) ** 2).sum())
    return ours / theirs


def draw_world(seed: int, end: datetime, days: int = 400) -> pd.DataFrame:
    """Draw a row a day whose label comes late: a mood that fades by half in five days, and noise."""
    draws = np.random.default_rng(seed)
    keeps = 0.5 ** (1 / 5)
    mood = lfilter([np.sqrt(1 - keeps**2)], [1, -keeps], draws.normal(size=days + 200))[200:]
    times = pd.DatetimeIndex([end - DAY * (days - day) for day in range(days)])
    return pd.DataFrame({"target_slot": times, "label_at": times + DELAY, "target": mood + draws.normal(0, 1.5, days)})


def fit(seen: pd.DataFrame) -> float:
    """Take the mean of the newest labels, drawn to the long run's, since moods pass."""
    return 0.5 * float(seen["target"].tail(10).mean())


def predict(level: float, ahead: pd.DataFrame) -> pd.DataFrame:
    """Predict the level."""
    return pd.DataFrame({"predicted": level}, index=ahead.index)


def play(
    recipe: Recipe, rows: int, follows: float, runs: int, *, bound_alone: bool = False, probation: bool = False
) -> Numbers:
    """Judge a challenger each month, and answer with the true loss of the champion after the last, run by run.

    Its evidence is that of the recipe's fits; what is promoted is one more fit, which varies as they do. With probation
    the champion before answers beside it in the month after.
    """
    draws, later = np.random.default_rng(5), np.random.default_rng(6)
    losses = np.ones(runs)
    for _ in range(MONTHS):
        fits = recipe.loss + recipe.varies * draws.normal(size=(runs, FITS))
        shown = np.repeat(fits, -(-rows // FITS), axis=1)[:, :rows]
        differences = shown - losses[:, None] + NOISE * draw_noise(draws, runs, rows, follows)
        passed = pass_bound(differences) if bound_alone else pass_gate(differences)
        promoted = np.where(passed, recipe.loss + recipe.varies * draws.normal(size=runs), losses)
        fell = fall(promoted - losses, passed, follows, later) if probation else np.zeros(runs, dtype=bool)
        losses = np.where(fell, losses, promoted)
    return losses


def fall(worse: Numbers, passed: NDArray[np.bool_], follows: float, draws: np.random.Generator) -> NDArray[np.bool_]:
    """Let those that were promoted stand on probation: say which fall, by how much each is worse."""
    fell = np.zeros(len(passed), dtype=bool)
    for place in np.flatnonzero(passed):
        noise = NOISE * draw_noise(draws, 1, Train().probation_rows, follows)[0]
        fell[place] = falls(worse[place] + noise)
    return fell


def draw_noise(draws: np.random.Generator, runs: int, rows: int, follows: float) -> Numbers:
    """Draw noise of variance 1, each value of which keeps a part of the one before."""
    white = draws.normal(size=(runs, rows + 30))
    return np.asarray(lfilter([np.sqrt(1 - follows**2)], [1, -follows], white, axis=1)[:, 30:])


def pass_gate(differences: Numbers) -> NDArray[np.bool_]:
    """Let the gate judge; where the rows themselves show a loss it says no, whatever chance may hide."""
    train, passed = Train(), np.asarray(differences.mean(axis=1) <= 0)
    for place in np.flatnonzero(passed):
        verdict = Verdict()
        pair = pd.DataFrame({"loss": 1 + differences[place], "champion_loss": 1.0})
        judge_champion(verdict, pair, train, drop=None)
        passed[place] = verdict.passed
    return passed


def pass_bound(differences: Numbers) -> NDArray[np.bool_]:
    """Judge by the upper bound of the difference alone, which must stay below the margin."""
    error = differences.std(axis=1) / np.sqrt(differences.shape[1])
    return np.asarray(differences.mean(axis=1) + BOUND * error < Train().margin)
