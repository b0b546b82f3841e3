"""Reads the requests and labels that the raw table lacks, also late ones with an older moment."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from db_handler.connection.database import Connection
from db_handler.rows.frames import read_query
from service.spec import Spec

HERE = Path(__file__).parent


def read_new_requests(connection: Connection, spec: Spec, at: datetime) -> pd.DataFrame:
    """Read the requests up to `at` that the raw table lacks; one without a moment gets `at`."""
    requests = read_query(connection, HERE / "new_requests.sql", at=at)
    requests = requests.assign(requested_at=read_moments(requests["requested_at"], at), loaded_at=pd.Timestamp(at))
    return requests[[name for name in spec.data.raw.columns if name in requests]]


def read_new_labels(connection: Connection, at: datetime) -> pd.DataFrame:
    """Read the labels up to `at` that are new or were corrected; those of unknown requests wait for them."""
    labels = read_query(connection, HERE / "new_labels.sql", at=at)
    return labels.assign(known_at=read_moments(labels["known_at"], at), loaded_at=pd.Timestamp(at))


def read_moments(moments: pd.Series, at: datetime) -> pd.Series:
    """Read moments, also handwritten ones; an unreadable one becomes `at`."""
    return pd.to_datetime(moments, utc=True, format="ISO8601", errors="coerce").fillna(pd.Timestamp(at))
