"""The numbers of the loop: rows, live scores beside the naive rules, evidence, and the sentences that tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from crypto_forecast.report.events import find_alarm, find_first_champions, find_recoveries, show_time
from crypto_forecast.report.records import Records
from db_handler.ledger.models import ModelRow

POOLED = "all"
ALL_LIVE = "live"
BEFORE, SINCE = "before the change", "since the change"
BETWEEN, AFTER = "until the promotion", "after the promotion"


def count_rows(records: Records) -> list[dict[str, Any]]:
    """Count what was collected of each market, and the gaps with their reasons."""
    counts = []
    for config, spec in records.specs.items():
        candles, features = (frame[frame["config"] == config] for frame in (records.candles, records.features))
        named = [spec.data.market in str(name).split(":") for name in records.gaps["name"]]
        gaps = records.gaps.loc[named, "reason"].value_counts().to_dict()
        slots = candles["slot"]
        ends = [show_time(slots.min()), show_time(slots.max())] if len(slots) else ["-", "-"]
        row = {"market": spec.data.market, "ends": ends, "candles": len(candles), "features": len(features)}
        counts.append({**row, "gaps": gaps})
    return counts


def measure_phases(records: Records) -> pd.DataFrame:
    """Measure the live predictions before the change, until the promotion and after it, per config and pooled.

    Columns: phase, config, rows, ratio (loss over the baseline's), coverage, and the RMSE of `model` and of each rule.
    """
    live = records.performance[records.performance["state"] == "live"]
    live = live.assign(phase=_name_phases(live, records.change, find_recoveries(records)))
    measured = [
        {"phase": phase, "config": config, **_measure(rows)}
        for phase in (BEFORE, SINCE, BETWEEN, AFTER, ALL_LIVE)
        for config in (*records.specs, POOLED)
        if len(rows := live[(live["phase"] == phase) & ((live["config"] == config) | (config == POOLED))])
    ]
    return pd.DataFrame(measured, columns=["phase", "config", "rows", "ratio", "coverage", "model", *rules_of(records)])


def pooled_ratios(phases: pd.DataFrame) -> dict[str, float]:
    """Pick the pooled live loss over the baseline's of each phase."""
    pooled = phases[phases["config"] == POOLED]
    return dict(zip(pooled["phase"], pooled["ratio"], strict=True))


def rules_of(records: Records) -> list[str]:
    """Name the naive rules as people read them: `ewma`, not `rule_ewma`."""
    return [rule.removeprefix("rule_") for rule in next(iter(records.specs.values())).data.rules]


@dataclass(frozen=True)
class JudgedModel:
    """A model with the rows that it learnt from, what was decided about it, and ratio and p against each rival."""

    row: ModelRow
    rows: int
    verdict: str
    evidence: dict[str, Any]


def list_models(records: Records) -> list[JudgedModel]:
    """List the models with what was decided about them, and the evidence: ratio and p against each rival."""
    verdicts = {(d.config, d.numbers.get("challenger")): d for d in records.decisions if d.subject == "promotion"}
    models = []
    for model in records.models:
        decision = verdicts.get((model.config, model.version))
        numbers = decision.numbers if decision else {}
        evidence = {name: numbers.get(f"against_{name}") for name in (*rules_of(records), "champion")}
        verdict = decision.verdict.replace("_", " ") if decision else "not judged"
        models.append(JudgedModel(model, count_trained(records, model), verdict, evidence))
    order = list(records.specs)
    return sorted(models, key=lambda model: (model.row.at, order.index(model.row.config)))


def count_trained(records: Records, model: ModelRow) -> int:
    """Count the rows of all its markets that lie in a model's training."""
    spec = records.specs[model.config]
    markets = {*spec.train.markets, spec.data.market}
    learnt = [name for name, other in records.specs.items() if other.data.market in markets]
    rows = records.features[records.features["config"].isin(learnt) & records.features["target"].notna()]
    inside = rows["target_slot"].between(model.training_start, model.training_end - spec.data.horizon)
    return int(inside.sum())


def tell_story(records: Records, phases: pd.DataFrame) -> list[str]:
    """Tell what happened, in sentences computed from the records."""
    champions, alarm, recoveries = find_first_champions(records), find_alarm(records), find_recoveries(records)
    sentences = [
        f"{len(records.candles):,} candles of {_join([spec.data.market for spec in records.specs.values()])}"
        + (f", first champions at {show_time(min(champions.values()))} KST." if champions else "; no champion yet.")
    ]
    ratios = pooled_ratios(phases)
    if records.change is None:
        alarmed = f"the alarm was raised at {show_time(alarm)} KST" if alarm else "no alarm was raised"
        live = f" Live loss was {ratios[ALL_LIVE]:.2f} of the baseline's." if ALL_LIVE in ratios else ""
        return [*sentences, f"The world did not change, and {alarmed}.{live}"]
    sentences.append(_tell_change(records.change, alarm, recoveries))
    live_ratios = [f"{ratio:.2f} {phase}" for phase, ratio in ratios.items()]
    if live_ratios:
        sentences.append(f"Live loss over the baseline's: {_join(live_ratios)}.")
    return [*sentences, *_tell_probations(records)]


def _tell_probations(records: Records) -> list[str]:
    """Tell what the champions before would have lost on the rows of the new ones."""
    newest = {d.config: d for d in records.decisions if d.subject == "probation" and d.numbers.get("rows")}
    said = [f"{config} {decision.reasons[0]} ({decision.verdict})" for config, decision in sorted(newest.items())]
    return [f"On probation beside the champions before: {_join(said)}."] if said else []


def _tell_change(change: datetime, alarm: datetime | None, recoveries: dict[str, datetime]) -> str:
    sentence = f"The world changed on {show_time(change)} KST"
    if alarm is None:
        return f"{sentence}; no alarm was raised since."
    sentence += f", the alarm was raised at {show_time(alarm)} ({(alarm - change).days} days later)"
    if not recoveries:
        return f"{sentence}; no challenger was promoted since."
    moments = _join([show_time(at) for at in dict.fromkeys(sorted(recoveries.values()))])
    return f"{sentence}, and the challengers of {_join(sorted(recoveries))} were promoted at {moments}."


def _name_phases(live: pd.DataFrame, change: datetime | None, recoveries: dict[str, datetime]) -> pd.Series:
    """Find the moment after a promotion, from which on it serves."""
    if change is None:
        return pd.Series(ALL_LIVE, index=live.index)
    promoted = pd.to_datetime(live["config"].map(recoveries), utc=True)
    since = np.where(live["at"] > promoted, AFTER, BETWEEN if recoveries else SINCE)
    return pd.Series(np.where(live["target_slot"] < change, BEFORE, since), index=live.index)


def _measure(rows: pd.DataFrame) -> dict[str, Any]:
    """Pool by moment first, so that each moment counts once."""
    losses = [name for name in map(str, rows.columns) if name.endswith("loss")]
    pooled = rows.groupby("target_slot")[losses].mean()
    rules = {name.removeprefix("rule_").removesuffix("_loss"): name for name in losses if name.startswith("rule_")}
    return {
        "rows": len(rows),
        "ratio": float(pooled["loss"].sum() / pooled["baseline_loss"].sum()),
        "coverage": float(rows["covered"].astype("Float64").astype(float).mean()),
        "model": float(np.sqrt(pooled["loss"].mean())),
        **{rule: float(np.sqrt(pooled[column].mean())) for rule, column in rules.items()},
    }


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
