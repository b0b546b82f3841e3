"""Requests for tests, and a platform of income in a home of its own, by a recipe that takes less time than its own."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from db_handler.clock import VirtualClock
from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from income.utils.utils import load_spec_from_config
from messenger.clients import MemoryClient
from messenger.send import Messenger
from service.contract.project import Project
from service.spec import Spec
from service.spec.sources import Sources
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.workflow.run_kind import run_kind, run_verb

USUAL = {
    **{"age": "39", "workclass": "Private", "fnlwgt": "77516", "education": "Bachelors", "education_num": "13"},
    **{"marital_status": "Never-married", "occupation": "Sales", "relationship": "Not-in-family", "race": "White"},
    **{"sex": "Male", "capital_gain": "0", "capital_loss": "0", "hours_per_week": "40"},
    "native_country": "United-States",
}


def make_spec() -> Spec:
    """One small recipe, fitted again once a month."""
    spec = load_spec_from_config("adult")
    model = spec.model.model_copy(update={"grid": (), "iterations": 60, "depth": 4})
    return replace(spec, model=model, train=spec.train.model_copy(update={"evidence_days": 60, "refit_days": 20}))


def open_income(database: Database) -> Platform:
    spec, clock = make_spec(), VirtualClock(datetime(2025, 1, 1, tzinfo=UTC))
    for table in (*spec.data.tables, *sources_of(spec).tables):
        ensure_table(database, table)
    return Platform(Project("income"), {"adult": spec}, database, clock, Messenger(database, clock, MemoryClient()))


def sources_of(spec: Spec) -> Sources:
    assert spec.data.sources is not None
    return spec.data.sources


def play(platform: Platform, kind: str, at: str) -> Outcome:
    """Run a kind as its schedule would, as if `at` were now."""
    moment = read_moment(at)
    platform.clock.move_to(moment)  # type: ignore[attr-defined]
    return run_kind(platform, kind, ["adult"], at=moment, now=moment, cause="clock")["adult"]


def ask(platform: Platform, verb: str, **options: Any) -> dict[str, Any]:
    """Run a verb as a person would."""
    now = read_moment("2026-01-01")
    outcome = run_verb(platform, verb, ["adult"], at=now, now=now, options=options)["adult"]
    assert outcome.status == "done", outcome.results
    return dict(outcome.results[verb])


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_requests(moments: dict[str, str | None], **values: Any) -> pd.DataFrame:
    """Usual requests by id and moment, but for some values."""
    times = pd.to_datetime(pd.Series(list(moments.values()), dtype="str"), utc=True)
    return pd.DataFrame({"id": list(moments), "requested_at": times}).assign(**{**USUAL, **values})


def make_labels(labels: dict[str, str | None], known_at: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": list(labels), "known_at": pd.Timestamp(known_at, tz="UTC"), "income": list(labels.values())}
    )


def insert(platform: Platform, name: str, rows: pd.DataFrame) -> None:
    with platform.database.begin() as connection:
        upsert_rows(connection, sources_of(platform.specs["adult"]).by_name[name], rows)


def read_table(platform: Platform, table: Table) -> pd.DataFrame:
    with platform.database.begin(writing=False) as connection:
        return read_rows(connection, table).set_index("id")
