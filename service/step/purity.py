"""Whether a model row is made of its own raw row alone: made whole, shuffled and one by one, and compared by key."""

import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db_handler.rows.frames import read_rows
from service.contract.clock_reads import find_clock_read
from service.contract.project import ProjectError
from service.spec import Spec
from service.spec.make_rows import Read, make_row, make_rows, takes_one_row
from service.step.run import Run

SAMPLE, SINGLES = 32, 4  # rows that are made again together, and one by one
PURE: "WeakSet[Read]" = WeakSet()  # looked at before by this process, and found so on a whole sample
CLOSE = 1e-9  # the share by which two ways to add up the same numbers may differ
ADVICE = (
    "a model row depends on its own raw row alone, so that nothing is sorted, dropped, doubled, averaged over the "
    "rows at hand, or read from a clock"
)


def refuse_impure(spec: Spec, read: Read, raw: pd.DataFrame, built: pd.DataFrame) -> None:
    """Refuse a project whose rows depend on more than themselves; `built` are those of `raw`, in its order."""
    if read in PURE:
        return
    if sentence := find_impurity(spec, read, raw, built):
        raise ProjectError(sentence)
    if len(raw) >= SAMPLE:
        PURE.add(read)


def find_impurity(spec: Spec, read: Read, raw: pd.DataFrame, built: pd.DataFrame) -> str | None:
    """Find a row that is made otherwise in another order, or alone, and name it with the column."""
    file = Path(inspect.getfile(read))
    where = f"{file.parent.parent.name}/{file.parent.name}/{file.name}: {read.__name__}"
    if file.parent.name == "preprocessor" and (place := find_clock_read(file.parent)):
        return f"{place}: it reads the wall clock, and {ADVICE}"
    if len(built) != len(raw):
        return f"{where} makes {len(built)} model rows of {len(raw)} raw rows: {ADVICE}"
    for how, places in _choose_places(len(raw)):
        again = _make_again(spec, read, raw.iloc[places].reset_index(drop=True))
        if len(again) != len(places):
            return f"{where} makes {len(again)} model rows of {len(places)} raw rows: {ADVICE}"
        if differing := _find_difference(spec, built.iloc[places], again):
            row, column = differing
            key = ", ".join(f"{name} {raw[name].iloc[places[row]]}" for name in spec.data.raw.key if name in raw)
            return f"{where} makes {column!r} of the row {key} otherwise {how}: {ADVICE}"
    return None


def find_impurity_now(run: Run) -> str | None:
    """Find an impurity in the code of today, by the newest raw rows; none where a project is a series."""
    spec, read = run.spec, run.project.read_rows
    if read is None:
        return None
    raw_table, order = spec.data.raw, f"-{spec.data.slot}"
    order_by = (order,) if spec.data.slot in raw_table.columns else ()
    with run.database.begin(writing=False) as connection:
        raw = read_rows(connection, raw_table, where=spec.data.where_in(raw_table), order_by=order_by, limit=SAMPLE)
    return None if raw.empty else find_impurity(spec, read, raw, make_rows(read, spec, raw, Counter()))


def _make_again(spec: Spec, read: Read, raw: pd.DataFrame) -> pd.DataFrame:
    """Make rows again; a single one without a frame, where the project's function takes one."""
    if len(raw) == 1 and takes_one_row(read):
        return pd.DataFrame([make_row(read, spec, raw.iloc[0].to_dict(), Counter())])
    return make_rows(read, spec, raw, Counter())


def _choose_places(rows: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    places = np.unique(np.linspace(0, rows - 1, SAMPLE).astype(np.int64)) if rows else np.array([], np.int64)
    if rows > 1:
        yield "in another order", np.random.default_rng(0).permutation(places)
        for place in places[:: -(-len(places) // SINGLES)]:
            yield "alone", np.array([place])


def _find_difference(spec: Spec, built: pd.DataFrame, again: pd.DataFrame) -> tuple[int, str] | None:
    """Find the first row and column that differ; both frames have the same raw rows in the same order."""
    features = spec.data.features
    for column in [name for name in features.columns if name in built and name in again and name not in features.key]:
        same = compare_values(built[column], again[column])
        if not same.all():
            return int(np.argmin(same)), column
    return None


def compare_values(ours: "pd.Series[Any]", theirs: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Mark where two columns say the same, place by place; missing is missing."""
    missing = ours.isna().to_numpy(), theirs.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(ours) and pd.api.types.is_numeric_dtype(theirs):
        one, other = ours.to_numpy(float, na_value=np.nan), theirs.to_numpy(float, na_value=np.nan)
        return np.asarray(np.isclose(one, other, rtol=CLOSE, atol=1e-12, equal_nan=True))
    equal = [mine == again for mine, again in zip(ours.tolist(), theirs.tolist(), strict=True)]
    return np.where(missing[0] | missing[1], missing[0] == missing[1], np.array(equal, dtype=bool))
