"""What steps leave behind and find again: results, models, decisions, metrics, watermarks, the limiter, the clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db_handler.connection.database import Connection, Database
from db_handler.ledger.decisions import Decision, read_decisions, read_flips, record_decision
from db_handler.ledger.limiter import read_limiter, write_limiter
from db_handler.ledger.metrics import Metric, read_metrics, record_metrics
from db_handler.ledger.models import ModelRow, find_model, record_model
from db_handler.ledger.runs import RunRow, find_result, finish_run, read_runs, start_run
from db_handler.ledger.virtual_now import begin_virtual_time, move_virtual_now, read_virtual_end, read_virtual_now
from db_handler.ledger.watermarks import lower_watermark, move_watermark, read_watermark

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNIT: dict[str, Any] = {"project": "crypto", "config": "btc"}


def test_the_newest_done_run_is_the_result(database: Database) -> None:
    with database.begin() as connection:
        for number, (at, status) in enumerate([(AT, "done"), (AT, "done"), (AT, "failed"), (AT + HOUR, "not_yet")]):
            begun = AT + number * HOUR
            run = {"run_id": str(number), "at": at, "cause": "clock", "started_at": begun}
            row = start_run(connection, RunRow(**UNIT, kind="data", step="load", **run))
            finish_run(connection, replace(row, status=status, result={"rows": number}, seconds=1.5))
        found = find_result(connection, **UNIT, step="load", at=AT, cause="clock")
        assert found is not None
        assert (found.run_id, found.result, found.at, found.seconds) == ("1", {"rows": 1}, AT, 1.5)
        newest = find_result(connection, **UNIT, step="load")
        assert newest is not None
        assert newest.at == AT
        assert find_result(connection, **UNIT, step="load", at=AT + HOUR) is None
        assert find_result(connection, **UNIT, step="load", cause="person") is None
        newest_first = read_runs(connection, project="crypto", step="load", until=AT, limit=2)
        assert [run.run_id for run in newest_first] == ["2", "1"]
        with pytest.raises(LookupError, match="no run 'x'"):
            finish_run(connection, replace(row, run_id="x", status="done"))


def test_of_runs_at_one_virtual_now_the_later_is_the_newer(database: Database) -> None:
    names = ["z", "m", "a", "q", "b"]
    for name in names:
        with database.begin() as connection:
            run = {"run_id": name, "at": AT, "cause": "clock", "started_at": AT}
            row = start_run(connection, RunRow(**UNIT, kind="data", step="load", **run))
            finish_run(connection, replace(row, status="done"))
    with database.begin(writing=False) as connection:
        assert [run.run_id for run in read_runs(connection, project="crypto")] == names[::-1]


def test_a_model_is_found_by_its_data_and_recipe(database: Database) -> None:
    model = {
        **UNIT,
        **{"mlflow_run": "r", "at": AT, "cause": "clock", "training_start": AT - HOUR, "training_end": AT},
        **{"data_hash": "d", "recipe": {"depth": 6}, "recipe_hash": "h", "files": {"model.cbm": "abc"}},
        **{"metrics": {"loss": float("nan")}, "baselines": {"last": 1.0}},
    }
    with database.begin() as connection:
        for version in (1, 2, 2):
            record_model(connection, ModelRow(version=version, **model))
        found = find_model(connection, **UNIT, data_hash="d", recipe_hash="h", at=AT, cause="clock")
        assert found == ModelRow(**{**model, "version": 2, "metrics": {"loss": None}})
        assert find_model(connection, **UNIT, version=1) == replace(found, version=1)
        assert find_model(connection, **UNIT, data_hash="x", recipe_hash="h") is None


def decide(
    connection: Connection, number: int, at: datetime, subject: str, verdict: str, after: int, state: str
) -> None:
    decision = Decision(
        decision_id=f"d{number}",
        **UNIT,
        at=at,
        subject=subject,
        verdict=verdict,
        reasons=["it is better"],
        numbers={"ratio": 0.9},
        cause="clock",
        decided_at=AT + number * HOUR,
        state=state,
        version_after=after,
    )
    record_decision(connection, decision)


def test_flips_are_the_promotions_and_rollbacks_that_were_done(database: Database) -> None:
    with database.begin() as connection:
        decide(connection, 1, AT, "promotion", "promoted", 1, "done")
        decide(connection, 2, AT + 2 * HOUR, "promotion", "kept", 2, "done")
        decide(connection, 3, AT + 2 * HOUR, "promotion", "promoted", 3, "intent")
        decide(connection, 4, AT + 4 * HOUR, "promotion", "promoted", 4, "intent")
        decide(connection, 4, AT + 4 * HOUR, "promotion", "promoted", 4, "done")
        decide(connection, 5, AT + 6 * HOUR, "rollback", "rolled_back", 1, "done")
        flips = read_flips(connection, "crypto", "btc")
        assert [(flip.at, flip.version_after) for flip in flips] == [
            (AT, 1),
            (AT + 4 * HOUR, 4),
            (AT + 6 * HOUR, 1),
        ]
        assert read_flips(connection, "crypto", "eth") == []
        some = read_decisions(connection, "crypto", subject="promotion", since=AT + HOUR, until=AT + 4 * HOUR)
        assert [decision.decision_id for decision in some] == ["d2", "d3"]
        assert (some[0].reasons, some[0].past) == (["it is better"], False)


def test_metrics_are_kept_by_moment_and_name(database: Database) -> None:
    with database.begin() as connection:
        for hours in (1, 0, 0):
            values = {"loss": 0.5 + hours, "cover": None}
            metrics = [Metric(**UNIT, at=AT + hours * HOUR, name=name, value=value) for name, value in values.items()]
            record_metrics(connection, metrics)
        loss = read_metrics(connection, "crypto", name="loss")
        assert loss["value"].tolist() == [0.5, 1.5]
        assert len(read_metrics(connection, "crypto", "btc", since=AT + HOUR)) == 2


def test_watermarks_move_forward_and_are_lowered_backward(database: Database) -> None:
    with database.begin() as connection:
        lower_watermark(connection, "crypto", "raw", AT)
        assert read_watermark(connection, "crypto", "raw") is None
        move_watermark(connection, "crypto", "raw", AT)
        move_watermark(connection, "crypto", "raw", AT - HOUR)
        lower_watermark(connection, "crypto", "raw", AT + HOUR)
        assert read_watermark(connection, "crypto", "raw") == AT
        lower_watermark(connection, "crypto", "raw", AT - HOUR)
        assert read_watermark(connection, "crypto", "raw") == AT - HOUR


def test_the_limiter_is_one_row_by_name(database: Database) -> None:
    with database.begin() as connection:
        assert read_limiter(connection, "upbit", lock=False)["used"] == 0
        assert read_limiter(connection, "upbit")["next_at"] == 0.0
        write_limiter(connection, "upbit", used=3, next_at=1_700_000_000.123456)
        row = read_limiter(connection, "upbit")
    assert (row["used"], row["next_at"], row["blocked_until"]) == (3, 1_700_000_000.123456, 0.0)


def test_the_virtual_now_never_goes_back(database: Database) -> None:
    with database.begin() as connection:
        assert read_virtual_now(connection) is None
        move_virtual_now(connection, AT)
        move_virtual_now(connection, AT - HOUR)
        assert (read_virtual_now(connection), read_virtual_end(connection)) == (AT, None)
        begin_virtual_time(connection, AT - HOUR, end=AT + HOUR)
        assert (read_virtual_now(connection), read_virtual_end(connection)) == (AT - HOUR, AT + HOUR)
