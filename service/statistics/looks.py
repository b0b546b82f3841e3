"""Looks at a new model beside the one before it on the same rows: all together call an equal one worse in 1 % at most.

`python -m bench --only probation` prints how often.
"""

from typing import NamedTuple

import pandas as pd

from service.statistics.bootstrap import block_bootstrap

FEWEST = 60  # rows of a first look: on fewer that depend on each other so small a chance is not kept
EARLY, LAST = 0.001, 0.005  # chances below which a look says worse: what is not spent early finds more in the end
DRAWS = 2000  # the fewest that show so small a chance


class Look(NamedTuple):
    """After how many rows to look, and below which chance the new model is called worse."""

    rows: int
    limit: float


def list_looks(wanted: int) -> tuple[Look, ...]:
    """List the looks: after all rows, and after half of them where that is enough.

    >>> [look.rows for look in list_looks(120)], [look.rows for look in list_looks(80)]
    ([60, 120], [80])
    """
    half = -(-wanted // 2)
    last = Look(wanted, LAST)
    return (Look(half, EARLY), last) if half >= FEWEST else (last,)


def measure_chance_of_worse(loss_difference: pd.Series, *, block: int, draws: int, seed: int) -> float:
    """Measure how often chance would show such a loss (the new model's minus the other's) where both are equal."""
    return block_bootstrap(-loss_difference, block=block, draws=max(draws, DRAWS), seed=seed).p_value
