"""The parts of the tabular layer by themselves: dirt, rules, trees, scores, what to expect of a live ratio."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.spec import Spec
from service.spec.load_spec import load_spec
from service.spec.targets import name_columns, take
from service.statistics.ratios import measure_expected
from service.statistics.scores import measure_log_loss, measure_usual_loss, score_classes, score_numbers
from service.tabular.labels import name_unread
from service.tabular.mending import read_categories, read_numbers
from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules
from tests.service.visits_world import invent_visits


@pytest.fixture
def spec() -> Spec:
    return load_spec("visits", "shop")


@pytest.fixture
def numbers(spec: Spec) -> Spec:
    """The visits with a number for a target."""
    from dataclasses import replace

    return replace(spec, data=spec.data.model_copy(update={"classes": ()}))


def test_dirt_in_numbers_is_mended_and_counted() -> None:
    counts: Counter[str] = Counter()
    texts = pd.Series(["28", "28_", "_", "-500", "1,200.5", "", None, "x", "inf", " 30 "], name="age")
    found = read_numbers(texts, counts, low=0, high=2000)
    assert found.fillna(-1).tolist() == [28, 28, -1, -1, 1200.5, -1, -1, -1, -1, 30]
    assert counts == {"age: stray characters": 2, "age: no number": 2, "age: missing": 3, "age: out of range": 1}


GERMAN = {"decimal": ",", "thousands": ".", "unit": "€"}


@pytest.mark.parametrize(
    ("named", "texts", "expected"),
    [
        ({}, ["1.200,50", "1 200,5", "5 €", "(5)", "12%", "1,5", "12,34,567", "0,125", "1e3", "2.10 $", "$3"],
         [None] * 8 + [1000, 2.1, 3]),
        (GERMAN, ["1.200,50", "1.200", "5 €", "-0,5", "1.20", "1,200.5", "$ 3", "1.200.300,5"],
         [1200.5, 1200, 5, -0.5, None, None, None, 1200300.5]),
        ({"thousands": " "}, ["1 200.5", "1\u202f200", "12 00", "1,200", " _3_ "], [1200.5, 1200, None, None, 3]),
        ({"thousands": ""}, ["1200", "1,200"], [1200, None]),
        ({"unit": "%"}, ["12%", "12 %", "12", "% 12", "12 %%", "12 kg"], [12, 12, 12, 12, None, None]),
    ],
)  # fmt: skip
def test_a_number_in_another_format_is_missing_and_counted_and_never_a_thousandth(
    named: dict[str, Any], texts: list[str], expected: list[float | None]
) -> None:
    counts: Counter[str] = Counter()
    found = read_numbers(pd.Series(texts, name="sum"), counts, **named)
    assert found.replace({np.nan: None}).tolist() == expected
    assert counts["sum: no number"] == expected.count(None)
    assert counts["sum: stray characters"] == (2 if not named else 1 if "_" in str(texts) else 0)


def test_a_format_with_one_sign_for_two_things_is_refused() -> None:
    with pytest.raises(ValueError, match="must be two"):
        read_numbers(pd.Series(["1"]), Counter(), decimal=",", thousands=",")


def test_labels_that_are_no_class_are_named_whoever_read_them(caplog: pytest.LogCaptureFixture) -> None:
    income = load_spec("income", "adult")
    raw = pd.DataFrame({"income": [">50K", "rich", " rich ", "poor", "", None]})
    counts = Counter({"income: no class": 2})  # whatever the project counted
    told = name_unread(income, raw, pd.Series([1.0, *[np.nan] * 5]), counts)
    assert (told, counts) == ({"rich": 2, "poor": 1}, {"income: no class": 3})
    assert "income.adult: 3 labels are none of the classes ('low', 'high'): 'rich' (2), 'poor' (1)" in caplog.text
    assert name_unread(income, raw[:1], pd.Series([1.0]), Counter()) == {}


def test_dirt_in_categories_is_mended_and_counted() -> None:
    counts: Counter[str] = Counter()
    found = read_categories(pd.Series(["a", " b ", "!@9#%8", "", None], name="kind"), counts, junk=["!@9#%8"])
    assert found.tolist() == ["a", "b", None, None, None]
    assert counts == {"kind: stray characters": 1, "kind: no category": 1, "kind: missing": 2}


def test_nothing_at_all_can_be_read() -> None:
    counts: Counter[str] = Counter()
    empty = pd.Series([], dtype="str", name="age")
    assert read_numbers(empty, counts).tolist() == read_categories(empty, counts).tolist() == []
    assert not counts


def make_rows(spec: Spec, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"pages": 1.0, "hour": 1.0, "source": "ad", **columns})


def test_the_split_finds_the_column_that_tells_most(spec: Spec) -> None:
    rows = make_rows(spec, source=["mail", "mail", "ad", None] * 25, target=[1.0, 1.0, 0.0, 0.0] * 25)
    found = fit_rules(spec, rows)
    assert (found["split"]["column"], found["split"]["kind"], found["split"]["mark"]) == ("source", "is", "mail")
    odds = predict_rules(found, make_rows(spec, source=["mail", "never met", None]))
    assert (odds["rule_split_yes"] > 0.9).tolist() == [True, False, False]
    assert odds["rule_prior_yes"].tolist() == [0.5] * 3
    assert np.allclose(odds.filter(like="rule_split").sum(axis=1), 1)


def test_the_split_of_numbers_and_of_missing_ones(numbers: Spec) -> None:
    pages = [1.0, 2.0, np.nan, np.nan] * 25
    found = fit_rules(numbers, make_rows(numbers, pages=pages, target=[0.0, 0.0, 8.0, 8.0] * 25))
    assert found["split"]["kind"] == "missing"
    assert predict_rules(found, make_rows(numbers, pages=[np.nan, 3.0]))["rule_split"].tolist() == [8.0, 0.0]
    assert found["prior"] == [4.0]


def test_columns_that_say_nothing_leave_the_prior(spec: Spec) -> None:
    found = fit_rules(spec, make_rows(spec, pages=[np.nan] * 4, hour=np.nan, source=None, target=[0.0, 1.0, 1.0, 1.0]))
    assert predict_rules(found, make_rows(spec, pages=[1.0]))["rule_split_yes"].tolist() == [4 / 6]


def test_one_class_alone_is_the_answer_to_all(spec: Spec) -> None:
    fitted = fit_booster(spec, make_rows(spec, pages=[1.0, 2.0], target=1.0))
    found = predict_booster(fitted, make_rows(spec, pages=[5.0]))
    assert found[["predicted", "predicted_no", "predicted_yes"]].to_numpy().tolist() == [[1.0, 0.0, 1.0]]


def test_no_rows_have_no_predictions(spec: Spec, numbers: Spec) -> None:
    rows = invent_visits(5)
    for each in (spec, numbers):
        found = predict_booster(fit_booster(each, rows), rows.iloc[:0])
        assert found.empty
        assert set(name_columns(each.data, "predicted")) <= set(found)


def test_a_category_never_met_and_a_missing_one_are_answered(spec: Spec) -> None:
    fitted = fit_booster(spec, invent_visits(20))
    odd = make_rows(spec, source=["never met", None, "ad"], pages=[np.nan, 1.0, 1e12])
    assert predict_booster(fitted, odd).notna().all().all()


def test_a_class_that_training_never_met_has_no_odds(spec: Spec) -> None:
    from dataclasses import replace

    three = replace(spec, data=spec.data.model_copy(update={"classes": ("no", "perhaps", "yes")}))
    rows = invent_visits(5)
    found = predict_booster(fit_booster(three, rows.assign(target=rows["target"] * 2)), rows)
    assert (found["predicted_perhaps"] == 0).all()
    assert set(found["predicted"]) <= {0.0, 2.0}


def test_scores_of_classes() -> None:
    odds = pd.DataFrame({"no": [0.8, 0.3, 0.5], "yes": [0.2, 0.7, 0.5]})
    truth = pd.Series([0.0, 1.0, np.nan])
    assert measure_log_loss(truth, odds).round(4).tolist()[:2] == [0.2231, 0.3567]
    found = score_classes(truth, odds)
    assert (found["rows"], found["accuracy"], found["macro_f1"]) == (2, 1, 1)
    assert found["loss"] == pytest.approx((0.2231 + 0.3567) / 2, abs=1e-4)
    assert found["calibration_error"] == pytest.approx(0.25)
    assert score_classes(truth[2:], odds[2:])["rows"] == 0


def test_a_wrong_certainty_costs_much_but_not_all() -> None:
    assert measure_log_loss(pd.Series([1.0]), pd.DataFrame({"no": [1.0], "yes": [0.0]})).item() < 14


def test_scores_of_numbers() -> None:
    found = score_numbers(pd.Series([1.0, 3.0, np.nan]), pd.Series([1.0, 2.0, 5.0]))
    assert (found["rows"], found["loss"], found["bias"], found["r2"]) == (2, 0.5, -0.5, 0.5)
    assert measure_usual_loss(pd.Series([3.0]), pd.Series([1.0])).tolist() == [4.0]


def test_a_prediction_is_a_number_or_a_column_a_class(spec: Spec, numbers: Spec) -> None:
    frame = pd.DataFrame({"predicted": [1.0], "predicted_no": [0.4], "predicted_yes": [0.6]})
    assert take(spec.data, frame, "predicted").to_dict("list") == {"no": [0.4], "yes": [0.6]}
    assert take(numbers.data, frame, "predicted").tolist() == [1.0]


def invent_losses(rows: int, ratio: float, seed: int) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    baseline = draws.exponential(1.0, rows)
    return pd.DataFrame({"loss": ratio * baseline * draws.uniform(0.5, 1.5, rows), "baseline_loss": baseline})


def test_chance_alone_stays_below_the_limit_and_a_lost_skill_does_not() -> None:
    expected = measure_expected(invent_losses(2000, 0.8, seed=0), block=12)
    assert expected is not None
    ratios = [(f := invent_losses(200, 0.8, seed)).loss.sum() / f.baseline_loss.sum() for seed in range(1, 401)]
    above = sum(ratio > expected.limit(200) for ratio in ratios)
    assert above <= 4  # one in a hundred at most; the alarm wants two of three
    worse = [(f := invent_losses(200, 1.0, seed)).loss.sum() / f.baseline_loss.sum() for seed in range(1, 101)]
    assert sum(ratio > expected.limit(200) for ratio in worse) >= 95


def test_small_windows_have_wider_limits_and_no_evidence_has_none() -> None:
    expected = measure_expected(invent_losses(2000, 0.8, seed=0), block=12)
    assert expected is not None
    assert expected.limit(30) > expected.limit(300) >= 0.8 * 1.04
    assert measure_expected(invent_losses(10, 0.8, seed=0), block=12) is None


def test_scores_of_three_classes_are_the_known_ones() -> None:
    odds = pd.DataFrame({"a": [0.6, 0.2, 0.1, 0.5], "b": [0.3, 0.7, 0.2, 0.4], "c": [0.1, 0.1, 0.7, 0.1]})
    found = score_classes(pd.Series([0.0, 1.0, 1.0, 0.0]), odds)
    assert found["loss"] == pytest.approx(-np.log([0.6, 0.7, 0.2, 0.5]).mean(), abs=1e-15)
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3, abs=1e-15)  # c was predicted once, and wrongly
    assert score_classes(pd.Series([0.0, 1.0]), odds[:2])["macro_f1"] == 1.0  # c neither was nor was predicted


def test_r2_of_a_truth_that_never_moves_is_missing() -> None:
    assert np.isnan(score_numbers(pd.Series([2.0, 2.0]), pd.Series([1.0, 2.0]))["r2"])
    assert np.isnan(score_numbers(pd.Series([2.0]), pd.Series([2.0]))["r2"])
    found = score_numbers(pd.Series([1.0, 2.0, 4.0]), pd.Series([1.5, 2.0, 3.0]))
    assert found["r2"] == pytest.approx(1 - 1.25 / (14 / 3), abs=1e-15)


@settings(deadline=None)  # the first call imports scikit-learn
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_macro_f1_is_the_mean_over_classes(pairs: list[tuple[int, int]]) -> None:
    truth, chosen = np.array(pairs, dtype=float).T
    odds = pd.DataFrame(np.eye(3)[chosen.astype(int)], columns=["a", "b", "c"])
    hits = [int(((truth == code) & (chosen == code)).sum()) for code in range(3)]
    either = [int((truth == code).sum() + (chosen == code).sum()) for code in range(3)]
    expected = np.mean([2 * hit / count if count else 1.0 for hit, count in zip(hits, either, strict=True)])
    assert score_classes(pd.Series(truth), odds)["macro_f1"] == pytest.approx(expected, abs=1e-12)
