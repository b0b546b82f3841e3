"""Labels as of a moment: those that came later are missing."""

from datetime import datetime

import pandas as pd

from service.spec import Spec


def hide_later_labels(spec: Spec, rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Make the targets missing that became known after `at`; where labels come with their rows, nothing is hidden."""
    label_at = spec.data.label_at
    if label_at is None or label_at not in rows:
        return rows
    has_label = rows[label_at].notna() & (rows[label_at] <= at)
    return rows.assign(**{spec.data.target: rows[spec.data.target].where(has_label)})
