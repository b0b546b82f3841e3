"""Drift of rows that stand by themselves: how far the newest lie from the sample, all features together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.statistics.as_numbers import number_column

NEWEST = 10  # rows whose mean distance is held against the sample's
FARTHEST = 8.0  # standard deviations of such a mean; the distances have a long tail
FEWEST = 100
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """Where the rows of a sample lie: their middle, the scale of each direction, and their usual distance from it."""

    columns: dict[str, "pd.Series[float] | None"]  # of a text: how frequent each category was
    middle: Floats
    unscale: Floats
    usual: float
    spread: float


def prepare_cloud(sample: pd.DataFrame, columns: tuple[str, ...]) -> Cloud | None:
    """Learn where rows lie; none where there are too few of them, or nothing to compare."""
    if len(sample) < FEWEST or not columns:
        return None
    numbered = {column: number_column(sample[column]) for column in columns}
    values = np.column_stack([values for values, _ in numbered.values()])
    filled = np.where(np.isnan(values), middle := _average(values), values)
    unscale = np.linalg.pinv(np.cov(filled, rowvar=False).reshape(len(columns), len(columns)), hermitian=True)
    distances = _measure(filled - middle, unscale)
    shares = {column: shares for column, (_, shares) in numbered.items()}
    return Cloud(shares, middle, unscale, float(distances.mean()), float(distances.std() / np.sqrt(NEWEST)))


def measure_strangeness(cloud: Cloud, rows: pd.DataFrame) -> float:
    """Give by how many standard deviations the mean distance of the last rows exceeds the usual one."""
    newest = rows.tail(NEWEST)
    values = np.column_stack([number_column(newest[name], shares)[0] for name, shares in cloud.columns.items()])
    filled = np.where(np.isnan(values), cloud.middle, values)
    return float((_measure(filled - cloud.middle, cloud.unscale).mean() - cloud.usual) / max(cloud.spread, 1e-12))


def _average(values: Floats) -> Floats:
    present = np.isfinite(values)
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(present.sum(axis=0), 1))


def _measure(centred: Floats, unscale: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", centred, unscale, centred).clip(0)))
