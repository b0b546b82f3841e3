"""A few raw rows, as they stand in the table after a load."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

APPLIED = datetime(2025, 3, 1, 9, tzinfo=UTC)
CLEAN = {
    "gender": "Male",
    "married": "Yes",
    "dependents": "1",
    "education": "Graduate",
    "self_employed": "No",
    "applicant_income": "4000",
    "coapplicant_income": "2000",
    "loan_amount": "120",
    "loan_term": "360",
    "credit_history": "1",
    "property_area": "Rural",
    "loan_status": "N",
}


def make_raw(*changes: dict[str, Any]) -> pd.DataFrame:
    """Make a clean row for each of these changes to it."""
    rows = [
        {"loan_id": f"LP{place}", "applied_at": APPLIED, "decided_at": APPLIED + timedelta(days=14), **CLEAN, **change}
        for place, change in enumerate(changes)
    ]
    return pd.DataFrame(rows)
