"""The step train."""

from typing import Any

from service.tabular.challenger import train_challenger
from service.tabular.rows import read_training_rows


def train(spec: Any, run: Any) -> dict[str, Any]:
    return train_challenger(spec, run, read_training_rows(spec, run))
