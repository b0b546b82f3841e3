"""A small made-up world that has been played: all tables that the end of the demo reads, a change, a retrain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from crypto_forecast.utils.utils import load_spec_from_config
from db_handler.connection.database import Connection, Database
from db_handler.ledger.decisions import Decision, record_decision
from db_handler.ledger.ledger_tables import GAP
from db_handler.ledger.metrics import Metric, record_metrics
from db_handler.ledger.models import ModelRow, record_model
from db_handler.ledger.runs import RunRow, finish_run, start_run
from db_handler.open_database import open_database
from db_handler.rows.frames import upsert_rows
from db_handler.settings import HouseSettings
from db_handler.tables.ensure_table import ensure_table
from service.spec import Spec

SLOT = timedelta(hours=4)
LIVE = datetime(2025, 1, 20, tzinfo=UTC)
CHANGE = datetime(2025, 2, 3, tzinfo=UTC)
ALARM = CHANGE + timedelta(days=14)
END = ALARM + timedelta(days=14)
START = LIVE - timedelta(days=20)
NASTY = "</script><script>alert(1)</script> [bold]&"


def build_world(
    home: Path, *, change: datetime | None = CHANGE, end: datetime = END
) -> tuple[Database, dict[str, Spec]]:
    """Fill a database of its own as the loop would have."""
    specs = {name: load_spec_from_config(name) for name in ("btc", "eth", "ada")}
    database = open_database(HouseSettings(home=home, database_url=None))
    for table in ("raw", "features", "predictions", "performance"):
        ensure_table(database, getattr(specs["btc"].data, table))
    for seed, spec in enumerate(specs.values()):
        fill_market(database, spec, np.random.default_rng(seed), change, end)
        with database.begin() as connection:
            fill_ledger(connection, spec, change, end)
    with database.begin() as connection:
        gap = {"project": "crypto_forecast", "name": "raw:KRW-BTC:240", "slot": START + 9 * SLOT, "reason": "exchange"}
        upsert_rows(connection, GAP, pd.DataFrame([{**gap, "asked": 3, "found_at": LIVE}]))
    return database, specs


def fill_market(
    database: Database, spec: Spec, chance: np.random.Generator, change: datetime | None, end: datetime
) -> None:
    """Write candles with a made-up log range, and predictions of it that the change spoils until the promotion."""
    slots = pd.date_range(START, end - SLOT, freq=SLOT)
    wide = np.asarray(slots >= (change or end))
    after = np.asarray(slots > ALARM)
    truth = -4.3 + 0.5 * np.sin(np.arange(len(slots)) / 9) + chance.normal(0, 0.45, len(slots)) + np.log(8) * wide
    opens = 1e8 / (1 + 40 * spec.config.count("a")) * np.exp(np.cumsum(chance.normal(0, 0.004, len(slots))))
    closes = opens * np.exp(chance.normal(0, 0.3, len(slots)) * np.exp(truth))
    low = np.minimum(opens, closes) * 0.9999
    high = np.maximum(low * np.exp(np.exp(truth)), np.maximum(opens, closes))
    key = {"market": spec.data.market, "unit": spec.data.unit}
    prices = {"opening_price": opens, "high_price": high, "low_price": low, "trade_price": closes}
    raw = pd.DataFrame(
        {**key, "slot": slots, **prices, "volume": 1.0, "value": 1.0, "last_tick": 1, "fetched_at": slots}
    )
    features = pd.DataFrame(
        {**key, "slot": slots - SLOT, "target_slot": slots, "target": truth, "last_range": truth, "target_empty": False}
    )

    live = np.asarray(slots >= LIVE)
    spoilt = np.where(wide & ~after, 0.75, 0.4)
    predictions = pd.DataFrame({**key, "target_slot": slots, "slot": slots - SLOT, "at": slots, "on_time": True})
    predictions["version"] = np.where(after & (change is not None), 2, 1)
    predictions["predicted"] = truth + chance.normal(0, 1, len(slots)) * spoilt
    predictions["predicted_low"], predictions["predicted_high"] = (
        predictions["predicted"] + side for side in (-0.55, 0.55)
    )
    for rule in spec.data.rules:
        predictions[rule] = truth + chance.normal(0, 0.55, len(slots))
    performance = predictions[[*spec.data.predictions.key, "slot", "at", "version"]].assign(state="live", truth=truth)
    performance["loss"] = (truth - predictions["predicted"]) ** 2
    for rule in spec.data.rules:
        performance[f"{rule}_loss"] = (truth - predictions[rule]) ** 2
    performance["baseline_loss"] = performance["rule_ewma_loss"]
    performance["covered"] = (truth - predictions["predicted"]).abs() < 0.55
    performance["scored_at"] = slots + SLOT
    with database.begin() as connection:
        upsert_rows(connection, spec.data.raw, raw)
        upsert_rows(connection, spec.data.features, features)
        upsert_rows(connection, spec.data.predictions, predictions[live])
        upsert_rows(connection, spec.data.performance, performance[live])


def fill_ledger(connection: Connection, spec: Spec, change: datetime | None, end: datetime) -> None:
    """Write the models, a check every four hours, the alarm and what it led to."""
    train(connection, spec, LIVE, 1, None, "clock", "promoted")
    for at in map(pd.Timestamp.to_pydatetime, pd.date_range(LIVE + SLOT, end, freq=SLOT)):
        days = (at - (change or end)) / timedelta(days=1)
        verdict = "retrain" if at == ALARM else "wait" if ALARM < at <= ALARM + 6 * SLOT else "no"
        ratio = 1.3 if 4 < days <= 14 else 0.8
        reason = f"live loss is {ratio:.2f} of the baseline's {NASTY}"
        decide(connection, spec, at, "retrain", verdict if change else "no", reason, {"windows": [], "since": None})
        values = {"live_ratio": ratio, "live_ratio_low": ratio - 0.2, "live_ratio_high": ratio + 0.2}
        unit = {"project": spec.project, "config": spec.config}
        record_metrics(connection, [Metric(**unit, at=at, name=n, value=v, version=1) for n, v in values.items()])
    if change is not None:
        train(connection, spec, ALARM, 2, 1, f"{spec.unit}:{ALARM:%Y%m%dT%H%M%S}:retrain", "promoted")
        train(connection, spec, end - 2 * SLOT, 3, 2, "clock", "kept")


def train(
    connection: Connection, spec: Spec, at: datetime, version: int, before: int | None, cause: str, verdict: str
) -> None:
    """Write a model, the run that made it and the decision about it."""
    unit, run = {"project": spec.project, "config": spec.config}, f"{spec.unit}:{version}"
    trained = {"training_start": START, "training_end": at, "data_hash": "d", "recipe": {}, "recipe_hash": "h"}
    model = ModelRow(**unit, version=version, mlflow_run=run, at=at, cause=cause, **trained, files={})
    record_model(connection, model)
    row = RunRow(run_id=run, **unit, kind="train", step="train", at=at, cause=cause, started_at=at)
    finish_run(connection, replace(start_run(connection, row), status="done", seconds=2.5))
    numbers = {rule.replace("rule_", "against_"): {"ratio": 0.8, "p": 0.001, "rows": 500} for rule in spec.data.rules}
    if before is not None:
        p_value = 0.2 if verdict == "kept" else 0.0
        numbers["against_champion"] = {"ratio": 0.9, "p": p_value, "upper95": -0.01, "rows": 80}
    versions = {"version_before": before, "version_after": version if verdict == "promoted" else before}
    numbers["challenger"] = version
    reason = "beats ewma: 0.800 of its loss, p 0.001"
    decide(connection, spec, at, "promotion", verdict, reason, numbers, cause=cause, **versions)


def decide(connection, spec, at, subject, verdict, reason, numbers, *, cause="clock", **versions) -> None:
    """Write one decision."""
    decided = {
        "at": at,
        "decided_at": at,
        "subject": subject,
        "verdict": verdict,
        "reasons": [reason],
        "numbers": numbers,
    }
    name = f"{spec.unit}:{at:%Y%m%dT%H%M%S}:{subject}"
    unit = {"project": spec.project, "config": spec.config}
    record_decision(connection, Decision(decision_id=name, **unit, **decided, cause=cause, **versions))
