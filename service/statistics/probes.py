"""Probes for leaks: each returns a sentence about the leak that it sees, else nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

SAME = 1e-9
NO_SKILL = 0.05  # that chance may give on permuted labels


def probe_permuted(
    seen: pd.DataFrame,
    ahead: pd.DataFrame,
    *,
    target: str,
    fit: Callable[[pd.DataFrame], Any],
    measure: Callable[[Any, pd.DataFrame], float],
    seed: int,
) -> str | None:
    """Fit on labels that were shuffled over all rows; a model with skill at them has seen them.

    `measure` gives the share of the loss by chance that a model saves.
    """
    labels = np.random.default_rng(seed).permutation(pd.concat([seen[target], ahead[target]]).to_numpy())
    model = fit(seen.assign(**{target: labels[: len(seen)]}))
    skill = measure(model, ahead.assign(**{target: labels[len(seen) :]}))
    if not skill > NO_SKILL:
        return None
    return f"permuted labels were predicted with {skill:.0%} less loss than by chance: something leaks"


def probe_too_good(name: str, value: float, limit: float) -> str | None:
    """Name a score that no honest model of its project reaches."""
    return f"{name} {value:.2f} is too good to be true (above {limit:g}): look for a leak" if value > limit else None


def probe_history(whole: pd.DataFrame, truncated: pd.DataFrame, *, key: str, columns: Sequence[str]) -> str | None:
    """Compare rows made from everything with the same rows made from history cut right after them."""
    expected = whole.set_index(key)[list(columns)].reindex(truncated[key]).to_numpy(float)
    differing = ~np.isclose(truncated[list(columns)].to_numpy(float), expected, rtol=0, atol=SAME, equal_nan=True)
    if not differing.any():
        return None
    row, column = np.argwhere(differing)[0]
    return f"{columns[column]} at {truncated[key].iloc[row]} changes with what came later: a feature looks ahead"
