"""What the gate promises over years in which nothing is better, in seeded simulations by its own functions."""

import numpy as np

from bench.measurements import families
from bench.measurements.bootstrap import NOISES, draw_differences
from bench.measurements.judgement import ENOUGH, RUNS, VARIES, WORLDS, WORSE, Recipe, measure_own_age, play
from bench.measurements.probation import MOST_FALSE, NOISE, ROWS, TRIALS, count_falls
from service.spec import Train


def test_a_recipe_does_not_beat_its_month_old_self_in_a_world_that_does_not_change() -> None:
    assert abs(measure_own_age(WORLDS, honest=True) - 1) <= 0.02
    assert measure_own_age(40, honest=False) < 0.95  # what it would claim if its fits knew labels to come


def test_a_recipe_that_is_always_worse_is_rarely_promoted_in_three_years() -> None:
    for follows, rows in ENOUGH.items():
        alone, with_probation = (
            float(np.mean(play(Recipe(WORSE), rows, follows, RUNS, probation=probation) > 1))
            for probation in (False, True)
        )
        assert with_probation <= alone <= 0.05


def test_probation_rarely_makes_an_equal_champion_fall_and_often_a_worse_one() -> None:
    for rows in ROWS:
        for noise in NOISES:
            assert count_falls(-draw_differences(noise, TRIALS, rows))[0] <= MOST_FALSE
    noise = draw_differences(NOISES[0], TRIALS // 5, Train().probation_rows)
    found = [count_falls(noise + loss / NOISE)[0] for loss in (0.05, 0.1)]
    assert found[0] > 65
    assert found[1] > 95


def test_equal_recipes_make_the_champion_no_worse_over_three_years() -> None:
    assert float(np.mean(play(Recipe(1.0, VARIES), 400, 0.0, RUNS // 2))) <= 1.0
    alone = play(Recipe(WORSE, VARIES), 400, 0.0, RUNS // 2, bound_alone=True)
    assert float(np.mean(alone)) > 1.015  # the ratchet of non-inferiority alone


def test_worse_recipes_whose_fits_vary_leave_the_champion_as_it_was() -> None:
    assert float(np.mean(play(Recipe(WORSE, VARIES), 400, 0.0, RUNS))) <= 1.001


def test_another_family_that_is_five_points_better_goes_live_by_the_rows_that_are_named() -> None:
    for noise, enough in families.ENOUGH.items():
        assert families.count_promoted(families.ROWS, noise, 300, drop=None)[0] >= families.WANTED
        since_change = families.count_promoted(enough, noise, 300, drop=families.ALARM)[0]
        assert since_change >= families.WANTED - 2  # of 300 trials
