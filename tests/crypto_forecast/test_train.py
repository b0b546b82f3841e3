"""Learning: what rules leave over, honestly measured on the candles that ship with the project."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crypto_forecast.evaluator.evaluate import naive, score, score_direction
from crypto_forecast.evaluator.evidence import gather_evidence, score_evidence
from crypto_forecast.evaluator.leaks import probe_features, probe_leaks
from crypto_forecast.trainer.rules import fit_rules, predict_rules
from crypto_forecast.trainer.train import choose_trial, fit_challenger, fit_model, fit_point, predict_rows
from db_handler.errors import NotYetError
from service.statistics.bootstrap import block_bootstrap
from service.statistics.probes import TOO_LITTLE
from service.statistics.scores import measure_squares, score_slices
from service.statistics.walk_forward import Purge, walk_forward
from tests.crypto_forecast.real_rows import MARKETS, SLOT, build_market, make_spec, read_all_rows, read_market

SPEC = make_spec()
RULES = ["rule_last", "rule_ewma", "rule_har", "rule_har_tod"]


def ignore(params: Any, metrics: Any) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return read_all_rows()


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> dict[str, Any]:
    return fit_model(SPEC, rows[rows["target_slot"] < "2025-04-01"], ignore)


@pytest.fixture(scope="module")
def evidence(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    end = rows["target_slot"].max() + SLOT
    every = pd.Timedelta(days=SPEC.train.refit_days)
    predicted = walk_forward(
        rows, fit=partial(fit_point, SPEC), predict=predict_rows, end=end, days=90, every=every, purge=Purge(SLOT)
    )
    specs = {market: replace(SPEC, data=SPEC.data.model_copy(update={"market": market})) for market in MARKETS}
    return {market: gather_evidence(spec, rows, predicted) for market, spec in specs.items()}


def train_on(raw: pd.DataFrame, end: pd.Timestamp) -> tuple[dict[str, Any], pd.DataFrame, dict[str, str | None]]:
    """Fit, walk and probe as the steps do, on candles of one market that may be anything."""
    rows = build_market(SPEC, raw).dropna(subset=["target"])
    model = fit_challenger(SPEC, rows[rows["target_slot"] <= end - pd.Timedelta(days=90)], rows)["model"]
    every = pd.Timedelta(days=30)
    predicted = walk_forward(
        rows, fit=partial(fit_point, SPEC), predict=predict_rows, end=end, days=90, every=every, purge=Purge(SLOT)
    )
    found = gather_evidence(SPEC, rows, predicted)
    return model, found, probe_leaks(SPEC, rows, found, score_evidence(found))


@pytest.mark.parametrize("kind", ["half empty", "flat", "without volume"])
def test_odd_markets_are_trained_on_and_no_probe_cries(kind: str) -> None:
    raw = read_market("KRW-BTC")
    raw, end = raw[raw["slot"] >= "2024-01-01"].reset_index(drop=True), raw["slot"].max() + SLOT
    if kind == "half empty":
        raw = raw[np.random.default_rng(3).random(len(raw)) > 0.46].reset_index(drop=True)
    elif kind == "flat":
        raw = raw.assign(high_price=raw["trade_price"], low_price=raw["trade_price"])
    else:
        raw = raw.assign(volume=0.0)
    model, found, probes = train_on(raw, end)
    json.dumps({key: value for key, value in model.items() if key != "booster"}, allow_nan=False)
    assert len(found) > 60
    blind = {"too_good_r2"} if kind == "flat" else set()  # ranges that never vary have no R2
    assert {name for name, sentence in probes.items() if sentence} == blind
    assert all(str(probes[name]).startswith(TOO_LITTLE) for name in blind)


def test_a_market_too_thin_or_gone_is_not_yet() -> None:
    raw = read_market("KRW-BTC")
    raw, end = raw[raw["slot"] >= "2024-01-01"].reset_index(drop=True), raw["slot"].max() + SLOT
    with pytest.raises(NotYetError, match="most of its slots empty"):
        train_on(raw[np.random.default_rng(3).random(len(raw)) > 0.8].reset_index(drop=True), end)
    with pytest.raises(NotYetError, match="no candles in the evaluated days"):
        train_on(raw[raw["slot"] < "2025-01-01"], end)


@pytest.mark.parametrize("market", MARKETS)
def test_model_beats_every_rule_on_real_candles(evidence: dict[str, pd.DataFrame], market: str) -> None:
    own = evidence[market]
    assert len(own) == 540
    ratios = {rule: own["loss"].mean() / own[f"{rule}_loss"].mean() for rule in RULES}
    assert max(ratios.values()) < 0.96
    assert 0.6 < ratios["rule_ewma"] < 0.9
    assert block_bootstrap(own["loss"] - own["rule_har_tod_loss"]).p_value < 0.05


def test_evidence_is_scored_beside_the_rules(evidence: dict[str, pd.DataFrame]) -> None:
    own = evidence["KRW-BTC"]
    scores = score_evidence(own)
    assert scores["loss"] == pytest.approx(own["loss"].mean())
    assert {"rule_last_loss", "rule_har_tod_loss", "direction_accuracy", "reversal_accuracy"} <= scores.keys()
    assert 0.2 < scores["r2_within_weeks"] < 0.6
    slices = score_slices(own)
    assert len(slices) == 8
    assert sum(name.startswith("slice_hour=") for name in slices) == 6


def test_no_probe_fires_on_honest_rows(rows: pd.DataFrame, evidence: dict[str, pd.DataFrame]) -> None:
    own = evidence["KRW-BTC"]
    raw = read_market("KRW-BTC")
    found = {
        **probe_leaks(SPEC, rows, own, score_evidence(own)),
        **probe_features(SPEC, rows, raw, raw["slot"].min()),
    }
    assert found == dict.fromkeys(["permuted_labels", "too_good_r2", "too_good_direction", "truncated_history"])


def test_a_feature_that_looks_ahead_is_seen(rows: pd.DataFrame, evidence: dict[str, pd.DataFrame]) -> None:
    raw, own = read_market("KRW-BTC"), evidence["KRW-BTC"]
    leaky = rows.assign(mean_6=rows["target"])
    assert "mean_6" in str(probe_features(SPEC, leaky, raw, raw["slot"].min())["truncated_history"])
    perfect = own.assign(loss=0.0, direction=(own["returned"] > 0).astype(float))
    found = probe_leaks(SPEC, rows, perfect, score_evidence(perfect))
    assert "too good" in str(found["too_good_r2"])
    assert "too good" in str(found["too_good_direction"])


def test_a_change_of_level_is_no_skill(evidence: dict[str, pd.DataFrame]) -> None:
    own = evidence["KRW-BTC"]
    shift = np.where(own["target_slot"] >= own["target_slot"].max() - pd.Timedelta(days=21), 2.08, 0.0)
    moved = own.assign(truth=own["truth"] + shift, predicted=own["predicted"] + shift)
    assert score_evidence(moved)["r2"] > 0.75
    assert score_evidence(moved)["r2_within_weeks"] < 0.6


def test_model_is_plain_but_for_its_booster(model: dict[str, Any]) -> None:
    plain = {name: value for name, value in model.items() if name != "booster"}
    assert json.loads(json.dumps(plain)) == plain
    assert type(model["booster"]).__module__.startswith("catboost")


def test_same_rows_and_seed_give_the_same_model(rows: pd.DataFrame, model: dict[str, Any]) -> None:
    again = fit_model(SPEC, rows[rows["target_slot"] < "2025-04-01"].sample(frac=1, random_state=2), ignore)
    ahead = rows[rows["target_slot"] >= "2025-04-01"]
    first, second = predict_rows(model, ahead), predict_rows(again, ahead)
    pd.testing.assert_frame_equal(first, second, rtol=0, atol=1e-9)


def test_interval_holds_four_of_five(rows: pd.DataFrame, model: dict[str, Any]) -> None:
    ahead = rows[rows["target_slot"] >= "2025-04-01"]
    predicted = predict_rows(model, ahead)
    covered = (ahead["target"] >= predicted["predicted_low"]) & (ahead["target"] <= predicted["predicted_high"])
    assert 0.72 < covered.mean() < 0.88


def test_alert_flags_what_is_wider_than_usual(rows: pd.DataFrame, model: dict[str, Any]) -> None:
    ahead = rows[rows["target_slot"] >= "2025-04-01"]
    predicted = predict_rows(model, ahead)
    wide = ahead["target"] > ahead["alert_threshold"]
    flagged = predicted["alert"].astype(bool)
    assert wide[flagged].mean() > 2 * wide.mean()
    assert 0.05 < flagged.mean() < 0.3
    above = predicted["predicted"] > ahead["alert_threshold"]
    assert above.mean() < 0.6 * flagged.mean()  # a forecast varies less than what it forecasts
    unknown = predict_rows(model, ahead.assign(alert_threshold=np.nan))
    assert unknown["alert"].isna().all()


def test_three_rows_one_by_one_are_predicted_alike(rows: pd.DataFrame, model: dict[str, Any]) -> None:
    three = rows.tail(3)
    together = predict_rows(model, three)
    alone = pd.concat([predict_rows(model, three.iloc[[place]]) for place in range(3)])
    pd.testing.assert_frame_equal(together, alone)
    assert list(together.index) == list(three.index)
    assert predict_rows(model, three.head(0)).empty


def test_what_can_not_be_predicted_is_missing(rows: pd.DataFrame, model: dict[str, Any]) -> None:
    three = rows.tail(3).copy()
    three["mean_6"] = [np.nan, three["mean_6"].iloc[1], three["mean_6"].iloc[2]]
    three["market"] = ["KRW-BTC", "KRW-XRP", "KRW-BTC"]
    assert list(predict_rows(model, three)["predicted"].isna()) == [True, True, False]


def test_rules_are_those_of_the_books(rows: pd.DataFrame) -> None:
    own = rows[rows["market"] == "KRW-BTC"]
    history, ahead = own.head(1500), own.tail(50)
    predicted = naive(history, ahead)
    inputs = np.column_stack([np.ones(1500), history[["last_range", "mean_6", "mean_42"]]])
    weights = np.linalg.lstsq(inputs, history["target"], rcond=None)[0]
    har = weights[0] + ahead[["last_range", "mean_6", "mean_42"]] @ weights[1:]
    np.testing.assert_allclose(predicted["rule_har"], har, atol=1e-9)
    np.testing.assert_array_equal(predicted["rule_last"], ahead["last_range"])
    np.testing.assert_array_equal(predicted["rule_ewma"], ahead["ewma_12"])
    fitted = predict_rules(fit_rules(history), history)
    assert (
        measure_squares(history["target"], fitted["rule_har_tod"]).mean()
        < measure_squares(history["target"], fitted["rule_har"]).mean()
    )


def test_an_hour_without_training_starts_from_the_middle(rows: pd.DataFrame) -> None:
    own = rows[rows["market"] == "KRW-BTC"]
    rules = fit_rules(own[own["target_hour"] != 8])
    found = predict_rules(rules, own[own["target_hour"] == 8])
    assert found["rule_har_tod"].notna().all()
    assert set(rules["KRW-BTC"]["hours"]) == {"0", "4", "12", "16", "20"}


def test_grid_reports_every_trial_and_its_choice_is_kept(rows: pd.DataFrame) -> None:
    trials: list[tuple[dict[str, Any], dict[str, float]]] = []
    spec = make_spec(grid=({"iterations": 1}, {"iterations": 30}))
    early = rows[rows["target_slot"] < "2025-01-01"]
    chosen = choose_trial(spec, early, lambda params, metrics: trials.append((dict(params), dict(metrics))))
    assert chosen == {"iterations": 30}
    assert [params for params, _ in trials] == [{"iterations": 1}, {"iterations": 30}]
    assert all({"loss", "loss_fold_1", "loss_fold_3"} <= metrics.keys() for _, metrics in trials)
    fixed = spec.with_trial(chosen)
    assert (fixed.model.iterations, fixed.model.grid) == (30, ())
    assert choose_trial(SPEC, early, ignore) == {}


def test_score_of_three_rows() -> None:
    truth, predicted = pd.Series([1.0, 2.0, np.nan]), pd.Series([1.0, 4.0, 7.0])
    found = score(truth, predicted)
    assert found["loss"] == measure_squares(truth, predicted).mean() == 2.0
    assert (found["rows"], found["mae"], found["bias"], found["r2"]) == (2.0, 1.0, 1.0, -7.0)


def test_direction_leaves_still_candles_aside() -> None:
    returned = pd.Series([0.1, -0.1, 0.0, np.nan, 0.2])
    assert score_direction(returned, pd.Series([0.6, 0.7, 0.9, 0.1, 0.5])) == 0.5


def test_a_market_of_its_own_can_be_trained_alone() -> None:
    spec = make_spec(iterations=5)
    rows = build_market(spec, read_market("KRW-ETH"))
    model = fit_model(spec, rows, ignore)
    assert model["markets"] == ["KRW-ETH"]
    assert predict_rows(model, rows.tail(2))["predicted"].notna().all()
