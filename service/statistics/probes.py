"""Probes for leaks: each returns a sentence about the leak that it sees, else nothing.

One that has too little to look at says so, which is no pass.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

SAME = 1e-9
NO_SKILL = 0.05  # that chance may give on permuted labels
FEWEST = 30  # rows on either side
TOO_LITTLE = "too little to look at"
# Copies are many rows, nearly all different, that agree in everything with rows of the training, also in the label.
COPIED, VARIED, AGREED = 0.05, 0.8, 0.99


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
    if min(len(seen), len(ahead)) < FEWEST:
        return f"{TOO_LITTLE} for shuffled labels: {len(seen)} rows to learn from and {len(ahead)} to predict"
    labels = np.random.default_rng(seed).permutation(pd.concat([seen[target], ahead[target]]).to_numpy())
    model = fit(seen.assign(**{target: labels[: len(seen)]}))
    skill = measure(model, ahead.assign(**{target: labels[len(seen) :]}))
    if not skill > NO_SKILL:
        return None
    return f"permuted labels were predicted with {skill:.0%} less loss than by chance: something leaks"


def probe_too_good(name: str, value: float, limit: float) -> str | None:
    """Name a score that no honest model of its project reaches."""
    if np.isnan(value):
        return f"{TOO_LITTLE} for {name}: the truth never varies"
    return f"{name} {value:.2f} is too good to be true (above {limit:g}): look for a leak" if value > limit else None


def probe_copies(seen: pd.DataFrame, ahead: pd.DataFrame, *, columns: Sequence[str], target: str) -> str | None:
    """Find evaluated rows that were learnt: the same rows under other keys, before and after the cut."""
    learnt = pd.Series(seen[target].to_numpy(), index=_hash(seen, columns))
    learnt = learnt[~learnt.index.duplicated()]
    hashes = _hash(ahead, columns)
    copied = hashes.isin(learnt.index)
    count = int(copied.sum())
    if count < max(FEWEST, COPIED * len(ahead)) or hashes[copied].nunique() < VARIED * count:
        return None
    agreeing = float((learnt.reindex(hashes[copied]).to_numpy() == ahead[target].to_numpy()[copied]).mean())
    if agreeing < AGREED:
        return None
    return f"{count} of {len(ahead)} evaluated rows stand among the rows to learn from, too, with the same label"


def probe_history(whole: pd.DataFrame, truncated: pd.DataFrame, *, key: str, columns: Sequence[str]) -> str | None:
    """Compare rows made from everything with the same rows made from history cut right after them."""
    if truncated.empty:
        return f"{TOO_LITTLE} for features that look ahead: no row can be made again"
    expected = whole.set_index(key)[list(columns)].reindex(truncated[key]).to_numpy(float)
    differing = ~np.isclose(truncated[list(columns)].to_numpy(float), expected, rtol=0, atol=SAME, equal_nan=True)
    if not differing.any():
        return None
    row, column = np.argwhere(differing)[0]
    return f"{columns[column]} at {truncated[key].iloc[row]} changes with what came later: a feature looks ahead"


def _hash(rows: pd.DataFrame, columns: Sequence[str]) -> pd.Index:
    return pd.Index(pd.util.hash_pandas_object(rows[list(columns)], index=False))
