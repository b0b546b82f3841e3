"""The live losses of a unit, window by window, and the ratio to the rule that they are held against."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from db_handler.clock import TICK
from db_handler.rows.frames import read_rows
from service.monitoring.pool import list_units
from service.statistics.ratios import measure_expected, measure_expected_loss, measure_ratio
from service.statistics.windows import Alarm, Labels, Limit, cut_windows, judge_windows, pool_by_time
from service.step import Run
from service.step.champion import find_champion_version, find_promotion, read_version
from service.tracking.tracking_error import EvidenceDamagedError
from service.training.evidence import read_evidence

log = logging.getLogger(__name__)


def watch_live(run: Run) -> tuple[Alarm, dict[str, float]]:
    """Judge the windows and measure the newest; units that are pooled and judged alike share the answer."""
    rules = run.spec.monitoring

    def watch() -> tuple[Alarm, dict[str, float]]:
        live, predicted_at = read_live_rows(run)
        labelled_at = live.loc[live["loss"].notna() & live["baseline_loss"].notna(), "time"]
        windows = cut_windows(
            weigh_rows(run, fill_earlier(run, live)),
            find_end(run),
            days=rules.window_days,
            count=rules.n,
            min_rows=rules.min_rows,
            labels=Labels(predicted_at, labelled_at) if run.spec.data.label_at else None,
            min_share=rules.min_label_share,
        )
        metrics = measure_live(live, run)
        if windows[0].label_share is not None:
            metrics["label_share"] = windows[0].label_share
        alarm = judge_windows(windows, limit=find_limit(run), k=rules.k, loss_limit=find_loss_limit(run))
        return alarm, metrics

    units = tuple(unit.spec.config for unit in list_watched(run))
    return run.once(("live", rules, units), watch)


def list_watched(run: Run) -> list[Run]:
    """Name the units that are judged together, without others of which an evidence can't be read."""
    watched = []
    for unit in list_units(run):
        damage = _find_damage(unit)
        if damage and unit.spec.config == run.spec.config:
            raise damage
        if damage is None:
            watched.append(unit)
    return watched


def _find_damage(run: Run) -> EvidenceDamagedError | None:
    """Find what is wrong with the evidence of a unit's champion, once a command."""

    def find() -> EvidenceDamagedError | None:
        version = find_champion_version(run)
        try:
            if version is not None:
                _read_losses(run, version)
        except EvidenceDamagedError as error:
            log.warning("%s is left out of what is watched: %s", run.spec.unit, error)
            return error
        return None

    return run.once(("evidence", run.spec.unit), find)


def fill_earlier(run: Run, live: pd.DataFrame) -> pd.DataFrame:
    """Fill the windows before the newest, as far as they lie before a promotion, from the new champion's evidence.

    Without it two windows would have to pass after each promotion before anything could be said.
    """
    rules, end = run.spec.monitoring, find_end(run)
    newest, oldest = (end - timedelta(days=rules.window_days * count) for count in (1, rules.n))
    earlier = []
    for unit in list_units(run):
        version = find_champion_version(unit)
        promoted = None if version is None else find_promotion(unit, version)
        if version is not None and promoted is not None and promoted > oldest and _find_damage(unit) is None:
            losses = _read_losses(unit, version)
            earlier.append(losses[losses["time"].between(oldest, min(promoted, newest), inclusive="left")])
    return pd.concat([*earlier, live], ignore_index=True).sort_values("time", kind="stable") if earlier else live


def find_end(run: Run) -> datetime:
    """Say where the newest window ends: where labels come late, at the last rows whose labels should be there."""
    return run.at - run.spec.data.label_delay


def read_live_rows(run: Run) -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    """Read the live rows of the champions that serve now, and the times of all that they predicted.

    Rows hold a version and no unit: those from before its training are another unit's, whose table it goes on with.
    """
    units = [_read_unit(unit) for unit in list_watched(run)]
    live = pd.concat([rows for rows, _ in units], ignore_index=True)
    predicted_at = pd.concat([times for _, times in units], ignore_index=True)
    return live, predicted_at


def weigh_rows(run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Take the rows that have both losses; where units are pooled, each moment counts once."""
    return pool_by_time(rows) if run.spec.monitoring.pooled else rows.dropna(subset=["loss", "baseline_loss"])


def _read_unit(run: Run) -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    data, rules = run.spec.data, run.spec.monitoring
    columns = {data.target_slot: "time", "loss": "loss", "baseline_loss": "baseline_loss", "covered": "covered"}
    version = find_champion_version(run)
    served = {"version": -1 if version is None else version}
    trained = run.at if version is None else read_version(run, version).at
    window: dict[str, Any] = {
        "since": (data.target_slot, find_end(run) - timedelta(days=rules.window_days * rules.n)),
        "until": (data.target_slot, run.at - data.horizon + TICK),
    }
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.performance,
            columns=["at", *(name for name in columns if name in data.performance.columns)],
            where={**data.where_in(data.performance), "state": "live", **served},
            **window,
        )
        predicted = read_rows(
            connection,
            data.predictions,
            columns=["at", data.target_slot],
            where={**data.where_in(data.predictions), "on_time": True, "fallback": None, **served},
            **window,
        )
    rows, predicted = rows[rows["at"] >= trained], predicted[predicted["at"] >= trained]
    return rows.drop(columns="at").rename(columns=columns), predicted[data.target_slot]


def find_limit(run: Run) -> Limit:
    """Say which ratio is too bad: the config's own threshold, else what the champions' evidence leads to expect."""
    fixed = run.spec.monitoring.threshold
    if fixed is not None:
        return lambda _rows: fixed
    expected = measure_expected(_read_expected(run), block=run.spec.train.block)
    return expected.limit if expected else lambda _rows: float("inf")


def find_loss_limit(run: Run) -> Limit | None:
    """Say which loss of the model itself is too bad, where a change hits the rule that it is divided by as well."""
    if not run.spec.monitoring.own_loss:
        return None
    expected = measure_expected_loss(_read_expected(run), block=run.spec.train.block)
    return expected.limit if expected else None


def _read_expected(run: Run) -> pd.DataFrame:
    """Read the evidence of the champions that serve now, pooled as the live rows are."""
    units = [(unit, version) for unit in list_watched(run) if (version := find_champion_version(unit)) is not None]
    losses = [_read_losses(unit, version) for unit, version in units]
    evidence = pd.concat(losses, ignore_index=True).sort_values("time", kind="stable")
    return weigh_rows(run, evidence)


def _read_losses(run: Run, version: int) -> pd.DataFrame:
    key, spec = (run.spec.unit, version), run.spec
    losses = run.platform.expected
    if key not in losses:
        evidence = read_evidence(run, read_version(run, version).mlflow_run)
        columns = {spec.data.target_slot: "time", "loss": "loss", f"{spec.monitoring.baseline}_loss": "baseline_loss"}
        losses[key] = evidence[list(columns)].rename(columns=columns)
    return losses[key]


def measure_live(live: pd.DataFrame, run: Run) -> dict[str, float]:
    """Measure the newest window: loss over the baseline's with its interval, and coverage."""
    rules = run.spec.monitoring
    newest = live[live["time"] >= find_end(run) - timedelta(days=rules.window_days)]
    metrics = {"live_rows": float(len(newest))}
    if "covered" in newest and newest["covered"].notna().any():
        metrics["coverage"] = float(newest["covered"].astype(float).mean())
    weighed = weigh_rows(run, newest)
    if len(weighed) >= rules.min_rows and float(weighed["baseline_loss"].sum()) > 0:
        ratio = measure_ratio(
            weighed["loss"], weighed["baseline_loss"], block=run.spec.train.block, seed=run.spec.train.seed
        )
        metrics |= {"live_ratio": ratio.value, "live_ratio_low": ratio.low, "live_ratio_high": ratio.high}
    return metrics
