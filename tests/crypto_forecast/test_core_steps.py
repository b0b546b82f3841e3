"""The learning steps on a database: what they read, what they leave, and what they answer when it is too early."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crypto_forecast.core import evaluate as evaluate_step
from crypto_forecast.core.evaluate import evaluate
from crypto_forecast.core.inference import inference
from crypto_forecast.core.preprocess import preprocess
from crypto_forecast.core.train import train
from db_handler.connection.database import Database
from db_handler.errors import NotYetError
from db_handler.ledger.watermarks import lower_watermark, move_watermark, read_watermark
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from service.contract.project import Project
from service.spec import Spec
from service.step.champion import Champion
from service.step.golden_raw import keep_golden_raw, mark_changed
from service.step.results import Fallback
from tests.crypto_forecast.real_rows import MARKETS, SLOT, make_spec, read_market

AT = datetime(2024, 7, 1, tzinfo=UTC)


@dataclass
class FakeRun:
    """As much of a Run as the project's steps use, without tracking."""

    database: Database
    at: datetime
    serving: Champion | None = None
    results: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    project: Project = field(default_factory=lambda: Project("crypto_forecast"))
    now: datetime | None = None  # by the home's clock; the moment itself, where a test does not say

    @property
    def written_at(self) -> datetime:
        return self.now or self.at

    def result(self, step: str) -> Any:
        return self.results[step]

    def once(self, key: Any, read: Any) -> Any:
        return read()


@pytest.fixture(autouse=True)
def without_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training leave its model and its trials with the FakeRun, and inference find its champion there."""

    def keep_model(run: FakeRun, model: Any, **more: Any) -> dict[str, Any]:
        run.kept |= {"model": model, **more}
        return {"version": 1, "chosen": more["params"]}

    def load_champion(run: FakeRun) -> Champion:
        assert run.serving is not None
        return run.serving

    steps = "crypto_forecast.core"
    monkeypatch.setattr(f"{steps}.train.keep_model", keep_model)
    monkeypatch.setattr(f"{steps}.train.find_same_model", lambda run, rows: run.kept.get("known"))
    monkeypatch.setattr(
        f"{steps}.train.record_trial", lambda run, *trial: run.kept.setdefault("trials", []).append(trial)
    )
    monkeypatch.setattr(f"{steps}.inference.load_champion", load_champion)


@pytest.fixture
def specs(database: Database) -> dict[str, Spec]:
    base = make_spec(grid=({"depth": 3}, {"depth": 4}), iterations=20)
    base = replace(base, train=base.train.model_copy(update={"evidence_days": 60, "refit_days": 30}))
    for table in (base.data.raw, base.data.features, base.data.predictions):
        ensure_table(database, table)
    specs = {m: replace(base, data=base.data.model_copy(update={"market": m})) for m in MARKETS}
    for market, spec in specs.items():
        collect(database, spec, until=AT, market=market)
    return specs


def collect(database: Database, spec: Spec, *, until: datetime, market: str) -> None:
    raw = read_market(market)
    raw = raw[(raw["slot"] >= "2024-01-01") & (raw["slot"] < until)]
    with database.begin() as connection:
        upsert_rows(connection, spec.data.raw, raw)
        move_watermark(connection, spec.project, f"raw:{market}:240", until)


def read_features(database: Database, spec: Spec) -> pd.DataFrame:
    with database.begin(writing=False) as connection:
        return read_rows(connection, spec.data.features, where=spec.data.where)


def prepare_all(database: Database, specs: dict[str, Spec], at: datetime) -> None:
    for spec in specs.values():
        preprocess(spec, FakeRun(database, at))  # type: ignore[arg-type]


def run_train(database: Database, spec: Spec) -> FakeRun:
    run = FakeRun(database, AT + timedelta(minutes=5))
    run.results["train"] = train(spec, run)  # type: ignore[arg-type]
    return run


def serve(run: FakeRun, moment: datetime, now: datetime | None = None, **more: Any) -> FakeRun:
    champion = Champion(version=1, at=AT, training_end=AT, model=run.kept["model"], row={})
    return FakeRun(run.database, moment, serving=replace(champion, **more), now=now)


def test_features_grow_with_the_candles_and_equal_those_of_everything(
    database: Database, specs: dict[str, Spec]
) -> None:
    spec = specs["KRW-BTC"]
    for days in (60, 20, 1, 0):
        run = FakeRun(database, AT - timedelta(days=days))
        preprocess(spec, run)  # type: ignore[arg-type]
    grown = read_features(database, spec)
    with database.begin() as connection:
        mark = read_watermark(connection, spec.project, "features:KRW-BTC:240")
        lower_watermark(connection, spec.project, "features:KRW-BTC:240", datetime(2024, 1, 1, tzinfo=UTC))
    assert mark == AT
    preprocess(spec, FakeRun(database, AT))  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(grown, read_features(database, spec), rtol=0, atol=1e-9)
    assert grown["target"].isna().sum() == 1
    assert preprocess(spec, FakeRun(database, AT))["rows"] == 0  # type: ignore[arg-type]


def test_a_revised_candle_changes_the_row_before_and_those_after(database: Database, specs: dict[str, Spec]) -> None:
    spec = specs["KRW-BTC"]
    preprocess(spec, FakeRun(database, AT))  # type: ignore[arg-type]
    before = read_features(database, spec).set_index("slot")
    slot = AT - 10 * SLOT
    revised = read_market("KRW-BTC").query("slot == @slot").assign(last_tick=2)
    with database.begin() as connection:
        upsert_rows(connection, spec.data.raw, revised.assign(high_price=revised["high_price"] * 1.05))
        lower_watermark(connection, spec.project, "features:KRW-BTC:240", slot)
    assert preprocess(spec, FakeRun(database, AT))["rows"] == 11  # type: ignore[arg-type]
    after = read_features(database, spec).set_index("slot")
    changed = after.index[(after["target"] != before["target"]) & after["target"].notna()]
    assert list(changed) == [slot - SLOT]
    assert after.loc[slot, "last_range"] > before.loc[slot, "last_range"]


def test_a_changed_setting_of_features_makes_all_rows_anew(database: Database, specs: dict[str, Spec]) -> None:
    spec, other = specs["KRW-BTC"], specs["KRW-ETH"]
    prepare_all(database, {"btc": spec, "eth": other}, AT)
    first, eth = read_features(database, spec), read_features(database, other)
    features = spec.features.model_copy(update={"ewma_lookback": 60, "columns": spec.features.columns[:3]})
    changed = replace(spec, features=features)
    assert preprocess(changed, FakeRun(database, AT))["updated"] == len(first)  # type: ignore[arg-type]
    rows = read_features(database, spec).set_index("slot").loc[first["slot"]]
    assert (rows["ewma_12"].to_numpy() != first["ewma_12"].to_numpy()).all()
    assert preprocess(changed, FakeRun(database, AT))["rows"] == 0  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(read_features(database, other), eth)
    read = replace(changed, features=features.model_copy(update={"columns": spec.features.columns}))
    assert preprocess(read, FakeRun(database, AT))["rows"] == 0  # type: ignore[arg-type]  # what a model reads of them


def test_without_candles_it_is_not_yet(database: Database, specs: dict[str, Spec]) -> None:
    spec = specs["KRW-BTC"]
    unknown = replace(spec, data=spec.data.model_copy(update={"market": "KRW-XRP"}))
    with pytest.raises(NotYetError, match="no candles of KRW-XRP yet"):
        preprocess(unknown, FakeRun(database, AT))  # type: ignore[arg-type]


def test_a_market_that_lags_or_is_missing_stops_its_own_training_and_no_other(
    database: Database, specs: dict[str, Spec], caplog: pytest.LogCaptureFixture
) -> None:
    preprocess(specs["KRW-BTC"], FakeRun(database, AT))  # type: ignore[arg-type]
    preprocess(specs["KRW-ETH"], FakeRun(database, AT - 30 * SLOT))  # type: ignore[arg-type]
    with pytest.raises(NotYetError, match=r"KRW-ETH.*2024-07-01 00:00 UTC.*2024-06-26 00:00 UTC"):
        run_train(database, specs["KRW-ETH"])
    rows = run_train(database, specs["KRW-BTC"]).kept["rows"]
    assert rows.groupby("market")["target_slot"].max().to_dict() == {
        "KRW-BTC": AT - SLOT, "KRW-ETH": AT - 31 * SLOT
    }  # fmt: skip
    assert "without KRW-ADA" in caplog.text


def test_a_market_that_no_config_trains_on_is_trained_on_its_own_rows_too(
    database: Database, specs: dict[str, Spec]
) -> None:
    prepare_all(database, specs, AT)
    own = specs["KRW-ADA"]
    spec = replace(own, train=own.train.model_copy(update={"markets": ("KRW-BTC",)}))
    run = run_train(database, spec)
    assert sorted(run.kept["model"]["markets"]) == ["KRW-ADA", "KRW-BTC"]
    assert set(run.kept["rows"]["market"]) == {"KRW-ADA", "KRW-BTC"}


@pytest.mark.parametrize(("volume", "trouble"), [(None, "unfit_to_train"), (0.0, "broken"), (7.5, "broken")])
def test_six_candles_at_one_price_are_trouble(
    database: Database, specs: dict[str, Spec], volume: float | None, trouble: str
) -> None:
    spec, prices = specs["KRW-BTC"], ["opening_price", "high_price", "low_price", "trade_price"]
    candles = read_market("KRW-BTC")
    still = candles[candles["slot"] < AT].tail(6).assign(last_tick=2, **dict.fromkeys(prices, 100.0))
    still = still if volume is None else still.assign(volume=volume)
    found = []
    for candle in range(6):
        with database.begin() as connection:
            upsert_rows(connection, spec.data.raw, still.iloc[[candle]])
        found.append(preprocess(spec, FakeRun(database, AT - (5 - candle) * SLOT)))  # type: ignore[arg-type]
    assert [trouble in result for result in found] == [False] * 5 + [True]
    assert "the last 6 candles of KRW-BTC (2024-06-30 00:00 to 2024-06-30 20:00 UTC)" in found[-1][trouble]
    assert trouble in preprocess(spec, FakeRun(database, AT))  # type: ignore[arg-type]  # nothing new, and as before


def test_a_changed_setting_under_a_champion_names_the_columns_that_moved(
    database: Database, specs: dict[str, Spec]
) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run: Any = run_train(database, spec)
    run.spec, kept = spec, dict[str, pd.DataFrame]()
    run.tracking = SimpleNamespace(
        log_evidence=lambda _, frame, name: kept.update({name: frame}), read_evidence=lambda _, name: kept[name]
    )
    rows, raw = run.kept["rows"], run.kept["raw"]
    golden = rows[rows["market"] == "KRW-BTC"].tail(64)
    made_by = keep_golden_raw(run, "training", golden, run.kept["model"], raw)
    assert (len(kept["golden_made"]), len(raw)) == (64, 64 + 539)
    row: Any = SimpleNamespace(mlflow_run="training", version=1, recipe={**spec.recipe(), "golden_raw": made_by})
    champion = Champion(version=1, at=AT, training_end=AT, model=run.kept["model"], row=row)
    assert mark_changed(run, champion).fallback is None
    row.recipe["golden_raw"] = "other code"  # that makes the same rows
    assert mark_changed(run, champion).fallback is None
    run.spec = replace(spec, features=spec.features.model_copy(update={"ewma_lookback": 3}))
    fallback = mark_changed(run, champion).fallback
    assert fallback
    assert (fallback["by"], fallback["instead_of"]) == ("changed_rows", 1)
    assert "since today's code makes ewma_3, ewma_6, ewma_12 otherwise" in fallback["reason"]


def test_a_market_that_has_stopped_is_not_trained(database: Database, specs: dict[str, Spec]) -> None:
    later = AT + timedelta(days=70)
    spec = specs["KRW-ADA"]
    alone = replace(spec, train=spec.train.model_copy(update={"markets": ("KRW-ADA",)}))
    with database.begin() as connection:
        move_watermark(connection, spec.project, "raw:KRW-ADA:240", later)
    preprocess(alone, FakeRun(database, later))  # type: ignore[arg-type]
    with pytest.raises(NotYetError, match="was it delisted"):
        train(alone, FakeRun(database, later))  # type: ignore[arg-type]


def test_train_wants_twice_the_evaluated_days(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    long = replace(spec, train=spec.train.model_copy(update={"evidence_days": 90}))
    with pytest.raises(NotYetError, match="twice the 90 days"):
        run_train(database, long)


def test_train_and_evaluate_leave_model_and_evidence(
    database: Database, specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-ETH"]
    run = run_train(database, spec)
    assert run.kept["training_end"] == AT
    assert run.kept["rows"]["target_slot"].max() == AT - SLOT
    assert set(run.kept["rows"]["market"]) == set(MARKETS)
    assert len(run.kept["trials"]) == 3  # two of the grid, one for the interval
    assert run.kept["params"]["depth"] in (3, 4)
    assert {"held_out_loss", "held_out_rule_har_tod_loss"} <= run.kept["metrics"].keys()

    monkeypatch.setattr(evaluate_step, "keep_evidence", lambda run, frame, metrics: run.kept.update(evidence=frame))
    found = evaluate(spec, run)  # type: ignore[arg-type]
    evidence = run.kept["evidence"]
    assert found["rows"] == len(evidence) == 360
    assert set(evidence["market"]) == {"KRW-ETH"}
    assert found["probes"] == dict.fromkeys(found["probes"])
    assert found["scores"]["loss"] < found["scores"]["rule_ewma_loss"]
    assert {"loss", "target_slot", "slice_hour", "slice_week"} <= set(evidence)


def test_the_same_training_answers_with_what_is_there(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    run = FakeRun(database, AT, kept={"known": {"version": 7}})
    assert train(specs["KRW-BTC"], run) == {"version": 7}  # type: ignore[arg-type]


def test_inference_predicts_once_and_only_what_opens_after_training(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run = run_train(database, spec)
    first = inference(spec, serve(run, AT + timedelta(minutes=5)))  # type: ignore[arg-type]
    assert (first["predicted"], first["late"], first["version"], first["stale"]) == (1, 0, 1, False)
    again = inference(spec, serve(run, AT + timedelta(minutes=6)))  # type: ignore[arg-type]
    assert again["predicted"] == 0

    with database.begin(writing=False) as connection:
        row = read_rows(connection, spec.data.predictions).iloc[0]
    assert row["target_slot"] == pd.Timestamp(AT)
    assert row["predicted_low"] < row["predicted"] < row["predicted_high"]
    assert row[["rule_last", "rule_ewma", "rule_har", "rule_har_tod", "range_percent"]].notna().all()
    assert 0 < row["direction"] < 1


def test_an_on_time_prediction_replaces_a_late_one_and_never_the_reverse(
    database: Database, specs: dict[str, Spec]
) -> None:
    late, on_time = AT + timedelta(minutes=45), AT + timedelta(minutes=5)
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run = run_train(database, spec)
    assert inference(spec, serve(run, late))["late"] == 1  # type: ignore[arg-type]
    assert inference(spec, serve(run, late))["predicted"] == 0  # type: ignore[arg-type]
    assert inference(spec, serve(run, on_time))["predicted"] == 1  # type: ignore[arg-type]
    assert inference(spec, serve(run, late))["predicted"] == 0  # type: ignore[arg-type]
    with database.begin(writing=False) as connection:
        assert list(read_rows(connection, spec.data.predictions)["on_time"]) == [True]


def test_what_is_late_goes_by_the_clock_and_not_by_the_moment_alone(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec, at = specs["KRW-BTC"], AT + timedelta(minutes=5)
    run = run_train(database, spec)
    hours_later = at + timedelta(hours=3)
    assert inference(spec, serve(run, at, hours_later))["late"] == 1  # type: ignore[arg-type]
    assert inference(spec, serve(run, at, hours_later))["predicted"] == 0  # type: ignore[arg-type]
    assert inference(spec, serve(run, at, AT + timedelta(minutes=30)))["late"] == 0  # type: ignore[arg-type]


def test_the_champion_answers_again_what_a_rule_answered_only_while_there_is_time(
    database: Database, specs: dict[str, Spec]
) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run = run_train(database, spec)
    known = read_features(database, spec).dropna(subset=["target"])
    by_rule = {"fallback": Fallback(by="rule_har", instead_of=1, reason="damaged"), "known": known, "version": None}
    on_time, late = AT + timedelta(minutes=5), AT + timedelta(minutes=45)
    for _ in range(2):
        found = inference(spec, serve(run, on_time, **by_rule))  # type: ignore[arg-type]
    assert (found["predicted"], found["alerts"], found["version"]) == (0, 0, None)

    def read() -> pd.Series:
        with database.begin(writing=False) as connection:
            (row,) = read_rows(connection, spec.data.predictions).to_dict("records")
        return pd.Series(row)

    row = read()
    assert (row["fallback"], row["predicted"], row["on_time"]) == ("rule_har", row["rule_har"], True)
    assert row[["version", "alert", "predicted_low", "range_percent"]].isna().all()
    assert inference(spec, serve(run, late))["predicted"] == 0  # type: ignore[arg-type]
    assert inference(spec, serve(run, on_time))["predicted"] == 1  # type: ignore[arg-type]
    assert (pd.isna(read()["fallback"]), read()["version"]) == (True, 1)
    assert read()["predicted"] != row["predicted"]


def test_what_was_missed_is_predicted_late(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run = run_train(database, spec)
    end = AT + 6 * SLOT
    collect(database, spec, until=end, market="KRW-BTC")
    preprocess(spec, FakeRun(database, end))  # type: ignore[arg-type]
    found = inference(spec, serve(run, end + timedelta(minutes=5)))  # type: ignore[arg-type]
    assert (found["predicted"], found["late"]) == (7, 6)


def test_a_backfill_answers_its_own_moment_where_a_later_run_did_and_late_all_the_same(
    database: Database, specs: dict[str, Spec]
) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run, later = run_train(database, spec), AT + 2 * SLOT + timedelta(minutes=5)
    collect(database, spec, until=AT + 2 * SLOT, market="KRW-BTC")
    preprocess(spec, FakeRun(database, later))  # type: ignore[arg-type]
    inference(spec, serve(run, later))  # type: ignore[arg-type]
    for again in (1, 0):
        at = AT + timedelta(minutes=5)
        found = inference(spec, serve(run, at, later, version=2))  # type: ignore[arg-type]
        assert (found["predicted"], found["late"]) == (again, again)
    with database.begin(writing=False) as connection:
        rows = read_rows(connection, spec.data.predictions, order_by=["target_slot"])
    assert rows["version"].tolist() == [2, 1, 1]
    assert rows["on_time"].tolist() == [False, False, True]


def test_an_old_champion_is_flagged_or_refused(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    old = serve(run_train(database, spec), AT, at=AT - timedelta(days=200))
    assert inference(spec, old)["stale"]  # type: ignore[arg-type]
    strict = replace(spec, inference=spec.inference.model_copy(update={"when_stale": "refuse"}))
    with pytest.raises(NotYetError, match="too old"):
        inference(strict, old)  # type: ignore[arg-type]


def test_a_row_that_lacks_an_input_is_counted_not_predicted(database: Database, specs: dict[str, Spec]) -> None:
    prepare_all(database, specs, AT)
    spec = specs["KRW-BTC"]
    run = run_train(database, spec)
    row = read_features(database, spec).tail(1).assign(mean_6=np.nan)
    with database.begin() as connection:
        upsert_rows(connection, spec.data.features, row)
    found = inference(spec, serve(run, AT))  # type: ignore[arg-type]
    assert (found["predicted"], found["unpredictable"]) == (0, 1)
