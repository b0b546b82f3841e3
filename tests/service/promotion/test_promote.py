"""What a reloaded artifact must reproduce, rows that nothing can predict among them."""

import numpy as np

from service.promotion.gate import SAME
from service.promotion.gather_evidence import measure_distance


def test_what_neither_predicts_is_the_same_and_what_only_one_predicts_is_not() -> None:
    ours, theirs = np.array([1.0, np.nan]), np.array([1.5, np.nan])
    assert measure_distance(ours, ours) == 0.0
    assert measure_distance(ours, theirs) == 0.5
    assert not measure_distance(np.array([1.0, 2.0]), ours) <= SAME
