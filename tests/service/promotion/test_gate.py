"""The gate of promotion: what is held against a challenger, and what is not."""

import math

import numpy as np
import pandas as pd
import pytest

from service.promotion.gate import (
    Drop,
    Verdict,
    judge_champion,
    judge_probes,
    judge_rules,
    judge_rules_since,
    judge_slices,
)
from service.spec import Train
from service.spec.load_spec import load_spec
from service.statistics.probes import TOO_LITTLE
from tests.service.toy_world import START

TRAIN: Train = load_spec("toy", "a").train.model_copy(update={"min_timestamps": 60, "margin": 0.05})


def losses(ours: float, theirs: float, *, rows: int = 120, theirs_name: str = "rule_zero_loss") -> pd.DataFrame:
    chance = np.random.default_rng(3)
    return pd.DataFrame({"loss": ours + chance.normal(0, 0.1, rows), theirs_name: theirs + chance.normal(0, 0.1, rows)})


def paired(ours: float, theirs: float, rows: int = 120) -> pd.DataFrame:
    return losses(ours, theirs, rows=rows, theirs_name="champion_loss")


@pytest.mark.parametrize(
    ("evidence", "passes", "says"),
    [
        (losses(0.5, 1.0), True, "beats zero: 0.4"),
        (losses(1.0, 1.0), False, "does not beat zero: "),
        (losses(1.2, 1.0), False, "does not beat zero: "),
        (losses(0.5, 1.0, rows=59), False, "not enough evidence against zero: 59 rows, 60 wanted"),
        (losses(0.5, 1.0).assign(rule_zero_loss=np.nan), False, "not enough evidence against zero: 0 rows"),
        (losses(0.5, 1.0).iloc[:0], False, "not enough evidence against zero: 0 rows"),
        (losses(0.5, 1.0).assign(rule_zero_loss=0.0), False, "does not beat zero: inf of its loss"),
        (pd.DataFrame({"loss": 0.0, "rule_zero_loss": 0.0}, index=range(90)), False, "does not beat zero: 1.000"),
        (losses(0.5, 1.0)[["loss"]], False, "the evidence holds no naive rule to beat"),
    ],
)
def test_every_rule_must_be_clearly_beaten(evidence: pd.DataFrame, passes: bool, says: str) -> None:
    verdict = Verdict()
    judge_rules(verdict, evidence, TRAIN)
    assert verdict.passed is passes
    assert says in (verdict.reasons or verdict.objections or verdict.lacks)[0]


def test_one_rule_of_two_that_is_not_beaten_is_enough() -> None:
    verdict = Verdict()
    judge_rules(verdict, losses(0.5, 1.0).assign(rule_good_loss=0.1), TRAIN)
    assert (len(verdict.reasons), len(verdict.objections)) == (1, 1)
    assert set(verdict.numbers) == {"against_zero", "against_good"}


@pytest.mark.parametrize(
    ("rows", "dropped", "passes", "says"),
    [
        (paired(0.5, 1.0), True, True, "better than the champion since the change"),
        (paired(1.0, 1.0), True, False, "not clearly better than the champion since the change"),
        (paired(0.999, 1.0), False, True, "not worse than the champion: "),
        (paired(1.02, 1.0), False, False, "perhaps worse than the champion: "),
        (paired(1.1, 1.0), False, False, "perhaps worse than the champion: "),
        (paired(0.5, 1.0, rows=59), True, False, "not enough evidence against the champion: 59 rows"),
        (pd.DataFrame({"loss": 0.0, "champion_loss": 0.0}, index=range(90)), False, True, "not worse"),
        (pd.DataFrame({"loss": 0.5, "champion_loss": 0.0}, index=range(90)), False, False, "perhaps worse"),
    ],
)  # fmt: skip
def test_the_champion_is_beaten_after_a_drop_and_not_undercut_otherwise(
    rows: pd.DataFrame, dropped: bool, passes: bool, says: str
) -> None:
    verdict = Verdict()
    judge_champion(verdict, rows, TRAIN, drop=Drop(START) if dropped else None)
    assert verdict.passed is passes
    assert says in (verdict.reasons or verdict.objections or verdict.lacks)[0]


def test_a_slice_that_gets_worse_is_held_against_it_and_a_small_one_is_not() -> None:
    rows = pd.concat(
        [
            paired(1.0, 1.0, rows=60).assign(slice_age="young"),
            paired(1.5, 1.0, rows=60).assign(slice_age="old"),
            paired(9.0, 1.0, rows=TRAIN.slice_min_rows - 1).assign(slice_age="rare"),
        ]
    )
    verdict = Verdict()
    judge_slices(verdict, rows, TRAIN)
    assert len(verdict.objections) == 1
    assert verdict.objections[0].startswith("worse where age is old: +")
    assert set(verdict.numbers) == {"slice_age=young", "slice_age=old"}


def test_a_probe_that_fired_is_held_against_it() -> None:
    silent, fired = Verdict(), Verdict()
    judge_probes(silent, {"permuted labels": None, "too good": None})
    judge_probes(fired, {"permuted labels": None, "too good": "R2 of 0.99 is too good to be true"})
    assert silent.reasons == ["no leak probe fired (permuted labels, too good)"]
    assert fired.objections == ["R2 of 0.99 is too good to be true"]
    accepted, blind = Verdict(), Verdict()
    judge_probes(accepted, {"too good": "R2 of 0.99 is too good to be true"}, "the sensor is exact")
    assert accepted.passed
    assert accepted.reasons == ["R2 of 0.99 is too good to be true (accepted by a person: the sensor is exact)"]
    judge_probes(blind, {"permuted labels": f"{TOO_LITTLE}: 3 rows"})
    assert (blind.passed, blind.objections, blind.lacks) == (False, [], ["too little to look at: 3 rows"])


def test_an_equal_challenger_rarely_passes_for_better() -> None:
    chance, passed = np.random.default_rng(11), 0
    for _ in range(60):
        verdict = Verdict()
        rows = pd.DataFrame(chance.normal(1, 0.3, (120, 2)), columns=["loss", "champion_loss"])
        judge_champion(verdict, rows, TRAIN, drop=Drop(START))
        passed += verdict.passed
    assert passed <= 3
    assert not math.isnan(verdict.numbers["against_champion"]["p"])


def test_what_lacks_is_no_objection() -> None:
    verdict = Verdict()
    judge_champion(verdict, paired(0.5, 1.0, rows=59), TRAIN, drop=None)
    assert verdict.lacks == ["not enough evidence against the champion: 59 rows since it was promoted, 60 wanted"]
    assert not verdict.objections
    assert not verdict.passed


def test_a_config_may_want_more_rows_since_a_change() -> None:
    patient, verdict = TRAIN.model_copy(update={"min_changed_rows": 121}), Verdict()
    judge_champion(verdict, paired(0.5, 1.0), patient, drop=Drop(START))
    assert verdict.lacks == ["not enough evidence against the champion: 120 rows since the change, 121 wanted"]


def test_all_tries_of_one_decision_share_its_error() -> None:
    shares = [Drop(START, tries).share(0.05) for tries in range(50)]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 0.05 * 0.2 + 1e-12


def test_a_second_try_must_be_surer_than_the_first() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 120)
    noise -= noise.mean()
    rows = pd.DataFrame({"loss": 0.97 + noise, "champion_loss": 1.0})
    first, second = Verdict(), Verdict()
    judge_champion(first, rows, TRAIN, drop=Drop(START))
    judge_champion(second, rows, TRAIN, drop=Drop(START, tries=2))
    p_value = first.numbers["against_champion"]["p"]
    assert Drop(START, 2).share(TRAIN.p_value) < p_value < Drop(START).share(TRAIN.p_value)
    assert (first.passed, second.passed) == (True, False)


@pytest.mark.parametrize("draws", [300, 2000])
def test_one_that_is_better_on_every_row_passes_at_any_try(draws: int) -> None:
    rows, train = paired(0.5, 1.0), TRAIN.model_copy(update={"draws": draws})
    for tries in range(6):
        verdict = Verdict()
        judge_champion(verdict, rows, train, drop=Drop(START, tries))
        assert verdict.passed, verdict.objections


def test_no_rule_may_be_ahead_since_the_change() -> None:
    ahead, level = (pd.DataFrame({"loss": loss, "rule_zero_loss": 1.0}, index=range(60)) for loss in (0.95, 1.0))
    for rows, passes, says in ((ahead, True, "ahead of zero"), (level, False, "not ahead of zero")):
        verdict = Verdict()
        judge_rules_since(verdict, rows, TRAIN)
        assert verdict.passed is passes
        assert [sentence.partition(" since the change: ")[0] for sentence in verdict.reasons + verdict.objections] == [
            says
        ]
    few = Verdict()
    judge_rules_since(few, level.iloc[:59], TRAIN)
    assert not few.objections
