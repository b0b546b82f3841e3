"""Model rows of raw ones, by a project's own function: many at once, or a single one without a frame."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from service.contract.one_value import Field
from service.contract.project import READ_ROWS
from service.spec import Spec

Read = Callable[[Spec, Any, "Counter[str]"], Any]


def make_rows(read: Read, spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make model rows, each with the key and the times of its raw row."""
    made = read(spec, raw, counts)
    made = made if isinstance(made, pd.DataFrame) else pd.DataFrame(made, index=raw.index)
    features, key = spec.data.features, spec.data.raw.key
    held = [name for name, kind in features.columns.items() if name in key or kind in ("time", "date")]
    taken_over = [name for name in held if name in raw and name not in made]
    return made.join(raw[taken_over]) if made.index.equals(raw.index) else made


def takes_one_row(read: Read) -> bool:
    """Say whether a function takes the fields of a single row; a project whose function needs a frame is slower."""
    return read.__name__ == READ_ROWS


def make_row(read: Read, spec: Spec, texts: Mapping[Any, Any], counts: Counter[str]) -> dict[str, Any]:
    """Make the model row of one raw row; a column that it lacks is missing."""
    if takes_one_row(read):
        made: dict[str, Any] = read(
            spec, {name: Field(name, texts.get(name)) for name in spec.data.raw.columns}, counts
        )
        return made
    raw = pd.DataFrame([{name: texts.get(name) for name in spec.data.raw.columns}])
    return dict(make_rows(read, spec, raw, counts).iloc[0])
