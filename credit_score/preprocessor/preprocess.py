"""Turns extracts into model rows: the newest version of each, with its target."""

from collections import Counter

import pandas as pd

from credit_score.preprocessor.data_preparation import mend_texts
from credit_score.preprocessor.feature_engineering import divide
from service.contract.one_value import Column, Raw, each
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


def read_rows(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Make the columns of the model rows, their dirt mended and counted; without an income both shares are missing."""
    mended = mend_texts(spec, raw, counts)
    return {
        **mended,
        "debt_share": each(divide, mended["outstanding_debt"], mended["annual_income"]),
        "instalment_share": each(divide, mended["total_emi_per_month"], mended["monthly_inhand_salary"]),
    }
