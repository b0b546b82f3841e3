"""Drift once a day: the newest model rows against the champion's training sample; two checks in a row must agree."""

from datetime import datetime, timedelta

from db_handler.clock import TICK
from db_handler.ledger.metrics import read_metrics
from db_handler.ledger.models import ModelRow
from db_handler.rows.frames import read_rows
from service.statistics.drift import Drift, Reference, measure_drift, prepare_references
from service.step import Run
from service.training.evidence import read_training_sample

EVERY = timedelta(days=1)
SUSPECTS, P_VALUE = "drift_suspects", "drift_p."


def watch_drift(run: Run, champion: ModelRow) -> tuple[dict[str, float], tuple[str, ...]]:
    """Answer with the metrics of today's check, if it is due, and the features that this check and the last suspect."""
    last = find_last_check(run)
    if last is not None and run.at - last < EVERY:
        return {}, ()
    drifts = compare_rows(run, champion)
    suspects = [drift.feature for drift in drifts if drift.p_value < run.spec.monitoring.drift_p]
    metrics = {f"{P_VALUE}{drift.feature}": drift.p_value for drift in drifts}
    before = read_suspects(run, last) if last is not None and suspects else set()
    return {**metrics, SUSPECTS: float(len(suspects))} if drifts else {}, tuple(s for s in suspects if s in before)


def find_last_check(run: Run) -> datetime | None:
    """Find when drift was last looked at, within two days."""
    with run.database.begin(writing=False) as connection:
        checks = read_metrics(
            connection, run.spec.project, run.spec.config, name=SUSPECTS, since=run.at - 2 * EVERY, until=run.at
        )
    return None if checks.empty else checks["at"].max().to_pydatetime()


def read_suspects(run: Run, at: datetime) -> set[str]:
    """Read which features an earlier check suspected."""
    with run.database.begin(writing=False) as connection:
        rows = read_metrics(connection, run.spec.project, run.spec.config, since=at, until=at + TICK)
    low = rows[rows["name"].str.startswith(P_VALUE) & (rows["value"] < run.spec.monitoring.drift_p)]
    return set(low["name"].str.removeprefix(P_VALUE))


def compare_rows(run: Run, champion: ModelRow) -> list[Drift]:
    """Compare the newest model rows with the sample; too few of them are not compared."""
    data, wanted = run.spec.data, run.spec.monitoring.drift_window_rows
    with run.database.begin(writing=False) as connection:
        window = read_rows(
            connection,
            data.features,
            where=data.where_in(data.features),
            until=(data.target_slot, run.at + data.horizon),
            order_by=f"-{data.target_slot}",
            limit=wanted,
        )
    return measure_drift(read_references(run, champion), window) if len(window) == wanted else []


def read_references(run: Run, champion: ModelRow) -> dict[str, Reference]:
    """Prepare the champion's training sample for comparison, once a process."""
    key, spec = (run.spec.unit, champion.version), run.spec
    if key not in run.platform.references:
        sample = read_training_sample(run, champion.mlflow_run)
        rows = spec.monitoring.drift_window_rows
        columns = tuple(name for name in spec.features.columns if name in sample)
        run.platform.references[key] = prepare_references(sample, columns, window_rows=rows, seed=spec.train.seed)
    return run.platform.references[key]
