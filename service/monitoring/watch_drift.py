"""Drift once a day: the newest rows, answers and errors against those of the champion's training.

Two checks in a row must agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from db_handler.clock import TICK
from db_handler.ledger.metrics import read_metrics
from db_handler.ledger.models import ModelRow
from db_handler.rows.frames import read_rows
from service.spec.targets import name_columns
from service.statistics.drift import Reference, measure_drift, prepare_references
from service.statistics.rising_errors import find_rise
from service.statistics.strange_rows import FARTHEST, Cloud, measure_strangeness, prepare_cloud
from service.step import Run
from service.step.champion import read_newest
from service.training.evidence import read_evidence, read_training_sample

EVERY = timedelta(days=1)
SUSPECTS, SUSPECT, P_VALUE = "drift_suspects", "drift_suspect.", "drift_p."
# What may be suspected besides a feature.
TOGETHER, ANSWERS, ERRORS = "all features together", "the answers", "the errors"


@dataclass(frozen=True)
class Memory:
    """What a champion was trained on and how its evidence looks, prepared for comparison."""

    features: dict[str, Reference]
    answers: dict[str, Reference]
    unwatched: tuple[str, ...]  # features whose drift can't be told from chance
    cloud: Cloud | None  # of rows that stand by themselves
    usual_loss: float


@dataclass(frozen=True)
class Watched:
    """A check of drift: its metrics, what it and the last one suspect, and the features that it can't watch."""

    metrics: dict[str, float]
    drifted: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()


def watch_drift(run: Run, champion: ModelRow) -> Watched:
    """Look for drift, if a check is due and there are rows enough."""
    last, wanted = find_last_check(run), run.spec.monitoring.drift_window_rows
    if last is not None and run.at - last < EVERY:
        return Watched({})
    memory, newest = recall(run, champion), read_newest(run, wanted)
    chances = measure_drift(memory.features, newest) if len(newest) == wanted else {}
    if not chances:
        return Watched({})
    suspects = {name for name, chance in chances.items() if chance < run.spec.monitoring.drift_p}
    metrics = {f"{P_VALUE}{name}": chance for name, chance in chances.items()}
    if is_answered_otherwise(run, champion, memory):
        suspects.add(ANSWERS)
    if memory.cloud:
        metrics["drift_strangeness"] = measure_strangeness(memory.cloud, newest)
        if metrics["drift_strangeness"] > FARTHEST:
            suspects.add(TOGETHER)
        if is_wrong_more_often(run, champion, memory):
            suspects.add(ERRORS)
    metrics |= {f"{SUSPECT}{name}": 1.0 for name in suspects} | {SUSPECTS: float(len(suspects))}
    before = read_suspects(run, last) if last is not None else set()
    return Watched(metrics, tuple(sorted(suspects & before)), memory.unwatched)


def find_last_check(run: Run) -> datetime | None:
    """Find when drift was last looked at, within two days."""
    with run.database.begin(writing=False) as connection:
        checks = read_metrics(
            connection, run.spec.project, run.spec.config, name=SUSPECTS, since=run.at - 2 * EVERY, until=run.at
        )
    return None if checks.empty else checks["at"].max().to_pydatetime()


def read_suspects(run: Run, at: datetime) -> set[str]:
    """Read what an earlier check suspected."""
    with run.database.begin(writing=False) as connection:
        rows = read_metrics(connection, run.spec.project, run.spec.config, since=at, until=at + TICK)
    return set(rows.loc[rows["name"].str.startswith(SUSPECT), "name"].str.removeprefix(SUSPECT))


def is_answered_otherwise(run: Run, champion: ModelRow, memory: Memory) -> bool:
    """Say whether the champion's newest answers are spread otherwise than those of its evidence."""
    data, rules = run.spec.data, run.spec.monitoring
    with run.database.begin(writing=False) as connection:
        answers = read_rows(
            connection,
            data.predictions,
            columns=name_columns(data, "predicted"),
            where={**data.where_in(data.predictions), "version": champion.version, "fallback": None},
            since=("at", champion.at),
            until=(data.target_slot, run.at + data.horizon),
            order_by=f"-{data.target_slot}",
            limit=rules.drift_window_rows,
        )
    if len(answers) < rules.drift_window_rows:
        return False
    return min(measure_drift(memory.answers, answers).values(), default=1.0) < rules.drift_p


def is_wrong_more_often(run: Run, champion: ModelRow, memory: Memory) -> bool:
    """Say whether live losses above what was usual in the evidence have become more frequent since the promotion."""
    data = run.spec.data
    with run.database.begin(writing=False) as connection:
        losses = read_rows(
            connection,
            data.performance,
            columns=["loss"],
            where={**data.where_in(data.performance), "state": "live", "version": champion.version},
            since=("at", champion.at),
            until=(data.target_slot, run.at),
            order_by=data.target_slot,
        )["loss"].dropna()
    return find_rise(np.asarray(losses > memory.usual_loss, dtype=np.float64)) is not None


def recall(run: Run, champion: ModelRow) -> Memory:
    """Prepare the champion's training sample and evidence for comparison, once a process."""
    key, spec = (run.spec.unit, champion.version), run.spec
    memories: dict[tuple[str, int], Memory] = run.platform.memories
    if key not in memories:
        sample, evidence = read_training_sample(run, champion.mlflow_run), read_evidence(run, champion.mlflow_run)
        moving = [name for name in spec.features.columns if name in sample and name not in spec.features.calendar]
        answers = [name for name in name_columns(spec.data, "predicted") if name in evidence]
        rules, sizes = spec.monitoring, {"window_rows": spec.monitoring.drift_window_rows, "seed": spec.train.seed}
        features = prepare_references(sample, tuple(moving), **sizes)
        least = {name: reference.find_least_chance(rules.drift_window_rows) for name, reference in features.items()}
        memories[key] = Memory(
            features=features,
            answers=prepare_references(evidence, tuple(answers), **sizes),
            unwatched=tuple(name for name, chance in least.items() if chance >= rules.drift_p),
            cloud=None if spec.data.in_series else prepare_cloud(sample, tuple(moving)),
            usual_loss=float(np.nanmedian(evidence["loss"])),
        )
    return memories[key]
