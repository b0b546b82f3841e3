"""Customers for tests, and a platform of credit_score in a home of its own, by a recipe that takes less time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from credit_score.utils.utils import load_spec_from_config
from db_handler.clock import VirtualClock
from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from messenger.clients import MemoryClient
from messenger.send import Messenger
from service.contract.project import Project
from service.spec import Spec
from service.spec.sources import Sources
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.workflow.run_kind import run_kind, run_verb

USUAL = {
    **{"month": "August", "age": "23", "occupation": "Lawyer", "annual_income": "30625.94"},
    **{"monthly_inhand_salary": "2706.1616666666664", "num_bank_accounts": "6", "num_credit_card": "5"},
    **{"interest_rate": "27", "num_of_loan": "2", "type_of_loan": "Credit-Builder Loan, and Home Equity Loan"},
    **{"delay_from_due_date": "57", "num_of_delayed_payment": "26", "changed_credit_limit": "1.63"},
    **{"num_credit_inquiries": "11.0", "credit_mix": "Bad", "outstanding_debt": "1562.91"},
    **{"credit_utilization_ratio": "30.07719135017377", "credit_history_age": "10 Years and 9 Months"},
    **{"payment_of_min_amount": "Yes", "total_emi_per_month": "42.941090422469365"},
    **{"amount_invested_monthly": "77.31427572208112", "payment_behaviour": "High_spent_Medium_value_payments"},
    "monthly_balance": "400.36080052211616",
}


def make_spec() -> Spec:
    """One small recipe, fitted again once a month."""
    spec = load_spec_from_config("customers")
    model = spec.model.model_copy(update={"grid": ({"depth": 3}, {"depth": 4}), "iterations": 60})
    train = spec.train.model_copy(update={"evidence_days": 45, "refit_days": 15, "min_rows": 500})
    return replace(spec, model=model, train=train)


def open_credit(database: Database) -> Platform:
    spec, clock = make_spec(), VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))
    for table in (*spec.data.tables, *sources_of(spec).tables):
        ensure_table(database, table)
    messenger = Messenger(database, clock, MemoryClient())
    return Platform(Project("credit_score"), {"customers": spec}, database, clock, messenger)


def sources_of(spec: Spec) -> Sources:
    assert spec.data.sources is not None
    return spec.data.sources


def play(platform: Platform, kind: str, at: str, **options: Any) -> Outcome:
    """Run a kind as its schedule would, as if `at` were now."""
    moment = read_moment(at)
    platform.clock.move_to(max(moment, platform.clock.now()))  # type: ignore[attr-defined]
    return run_kind(platform, kind, ["customers"], at=moment, now=moment, cause="clock", **options)["customers"]


def ask(platform: Platform, verb: str, **options: Any) -> dict[str, Any]:
    """Run a verb as a person would."""
    now = read_moment("2026-01-01")
    outcome = run_verb(platform, verb, ["customers"], at=now, now=now, options=options)["customers"]
    assert outcome.status == "done", outcome.results
    return dict(outcome.results[verb])


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fill_store(platform: Platform, moments: dict[str, str], score: str | None = "Good", **values: Any) -> None:
    """Put customers by id and moment into the feature store; their score becomes known four weeks later."""
    features, labels = (sources_of(platform.specs["customers"]).by_name[n] for n in ("credit_score_features", LABELS))
    times = pd.to_datetime(pd.Series(list(moments.values())), utc=True)
    key = pd.DataFrame({"id": list(moments), "customer_id": [f"CUS_{name}" for name in moments]})
    with platform.database.begin() as connection:
        upsert_rows(connection, features, key.assign(moment=times, **{**USUAL, **values}))
        if score is not None:
            upsert_rows(connection, labels, key.assign(known_at=times + timedelta(days=28), score=score))


LABELS = "credit_score"


def read_table(platform: Platform, table: Table) -> pd.DataFrame:
    with platform.database.begin(writing=False) as connection:
        return read_rows(connection, table)


def list_extracts(platform: Platform) -> list[str]:
    raw = read_table(platform, platform.specs["customers"].data.raw)
    return sorted(set(raw["extract_date"].dt.strftime("%m-%d")))
