"""Plain values: what JSON and the ledger can hold."""

from typing import Any

import numpy as np


def to_plain(value: Any) -> Any:
    """Turn numpy's and pandas' values into what JSON knows; what is not a number becomes null."""
    if isinstance(value, dict):
        return {str(key): to_plain(found) for key, found in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(found) for found in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
