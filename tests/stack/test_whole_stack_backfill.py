"""Moments that were left out, brought by Airflow's own backfill: the whole chain, in order, and no training."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stack.airflow_api import CHAIN, ENDED, TRAIN, wait_until
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

DATA = "crypto_forecast_data"
# When a candle was fetched and an answer written is another moment than in a live run; what they say is the same.
WHEN = {"crypto_forecast_raw": ["fetched_at"], "crypto_forecast_predictions": ["on_time"]}
SCORES = "crypto_forecast_performance"


@pytest.fixture(scope="module")
def left_out(played: WholeStack) -> list[datetime]:
    """Two moments that nobody plays, and a live one after them."""
    left_out = [played.next_moment(), played.next_moment()]
    at = played.next_moment()
    played.airflow.start(DATA, write_key(at), run_id=f"test__{write_key(at)}")
    played.airflow.wait_for_chain(write_key(at))
    return left_out


@pytest.fixture(scope="module")
def with_schedules(played: WholeStack, left_out: list[datetime]) -> WholeStack:
    """The same stack whose DAGs have the schedules that they have outside of a demo: a backfill needs them.

    The next `make up` brings those of the demo back; until then a tick of the clock is no more than a run that fails,
    since the candles of the virtual world end in 2025.
    """
    override = played.root / "docker-compose.override.yml"
    before = override.read_text(encoding="utf-8")
    played.override("airflow-dag-processor", 'environment: {QUARTET_DEMO: ""}')
    try:
        played.up()
    finally:
        override.write_text(before, encoding="utf-8")

    def look() -> bool:
        return "5 */4" in (played.airflow.ask("GET", f"/api/v2/dags/{DATA}")["timetable_summary"] or "")

    wait_until(look, "the data DAG has its schedule", 120)
    return played


def test_a_backfill_of_a_range_goes_through_the_chain_in_order_and_trains_nothing(
    with_schedules: WholeStack, left_out: list[datetime]
) -> None:
    stack, airflow = with_schedules, with_schedules.airflow
    trained = {run["dag_run_id"] for run in airflow.list_called(TRAIN)}
    minutes = timedelta(minutes=30)
    asked = {
        "dag_id": DATA,
        "from_date": (left_out[0] - minutes).isoformat(),
        "to_date": (left_out[-1] + minutes).isoformat(),
        "max_active_runs": 1,
    }
    airflow.ask("POST", "/api/v2/backfills", asked)
    keys = [write_key(at) for at in left_out]
    for key in keys:
        airflow.wait_for_chain(key)
    for dag in CHAIN:
        runs = [run for run in airflow.list_runs(dag) if run["partition_key"] in keys]
        assert [run["partition_key"] for run in sorted(runs, key=lambda run: str(run["start_date"]))] == keys
    assert {run["run_type"] for run in airflow.list_runs(DATA) if run["partition_key"] in keys} == {"backfill"}

    late = stack.ask_mysql("SELECT DISTINCT at FROM crypto_forecast_predictions WHERE NOT on_time")
    assert {at.replace(tzinfo=UTC) for (at,) in late} >= {*left_out}
    assert {run["dag_run_id"] for run in airflow.list_called(TRAIN)} == trained
    assert stack.ask_mysql("SELECT COUNT(*) FROM quartet_model") == [(3,)]
    wait_until(lambda: all(run["state"] in ENDED for run in airflow.list_runs(DATA)), "the clock's own run ends", 120)


def test_a_backfill_gives_the_rows_that_run_py_alone_gives(
    played: WholeStack, left_out: list[datetime], twin: Twin
) -> None:
    twin.play([at for at in played.moments if at not in left_out])
    twin.play(left_out)
    assert_same_rows(played.database_url(), twin)
    assert_same_ledger(played.database_url(), twin)


def test_a_backfill_gives_the_rows_that_live_runs_would_have_given(
    played: WholeStack, left_out: list[datetime], tmp_path: Path
) -> None:
    live = Twin(tmp_path)
    live.play(sorted(played.moments))
    # What was predicted for a past moment is scored by the next live run.
    counts = assert_same_rows(played.database_url(), live, left_out=WHEN, without=[SCORES])
    assert counts["crypto_forecast_predictions"] == 3 * len(played.moments)
    shutil.rmtree(live.home)
