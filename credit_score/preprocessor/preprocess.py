"""Turns extracts into model rows: the newest version of each, with its target."""

from collections import Counter

import pandas as pd

from credit_score.preprocessor.data_preparation import mend_texts
from credit_score.preprocessor.feature_engineering import derive_shares
from service.spec import Spec

KEY = ["id", "customer_id"]


def choose_newest(extracts: pd.DataFrame) -> pd.DataFrame:
    """Choose of each row the version of the newest extract that holds it."""
    return extracts.sort_values(["extract_date", *KEY]).drop_duplicates(KEY, keep="last", ignore_index=True)


def drop_outdated(rows: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows that were stored from a newer extract, unless the source has another moment for them since."""
    times = rows[[*KEY, "extract_date", "moment", "label_at"]]
    both = times.merge(stored, on=KEY, how="left", suffixes=("", "_stored"))
    label_stands = both["label_at"].isna() | (both["label_at"] == both["label_at_stored"])
    stands = (both["moment"] == both["moment_stored"]) & label_stands
    outdated = stands & (both["extract_date"] < both["extract_date_stored"])
    return rows[~outdated.to_numpy(bool)].reset_index(drop=True)


def make_rows(spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make one model row of each raw row, its dirt mended and counted."""
    clean, dirt = mend_texts(spec, raw)
    counts.update(dirt)
    return build_rows(spec, clean)


def build_rows(spec: Spec, clean: pd.DataFrame) -> pd.DataFrame:
    """Build the model rows; a target is the code of its class, missing as long as the score is not known."""
    codes = {label: float(code) for code, label in enumerate(spec.data.classes)}
    rows = clean.assign(**derive_shares(clean), target=clean["score"].map(codes).astype(float))
    return rows[list(spec.data.features.columns)]
