"""Live is what was written at its moment by the home's clock; a replay gives a home a clock of its own."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.ledger.ledger_tables import CLOCK, RUN
from db_handler.ledger.virtual_now import read_virtual_now, refuse_virtual_time
from db_handler.rows.frames import delete_rows, read_rows
from db_handler.rows.single_rows import write_row
from service.cli.run_command import run_command
from service.step.platform import Platform
from service.workflow.replay import begin_replay
from service.workflow.run_kind import run_kind
from tests.service.toy_world import open_toy
from tests.service.visits_world import DAY, START, VISITS, invent_visits, open_visits, run_at

TRAINED = 70
REPLAY = ("--replay", "1")
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(database: Database, capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(project: str, kind: str, at: datetime | None, *more: str) -> tuple[int, dict[str, Any]]:
        status = run_command(project, [kind, *more, *(["--at", at.isoformat()] if at else [])])
        return status, json.loads(capsys.readouterr().out.splitlines()[-1])

    return ask


def test_a_replay_answers_in_time_and_the_machines_clock_calls_the_same_late(database: Database, ask: Ask) -> None:
    visits = open_visits(database, invent_visits(90))
    first = START + TRAINED * DAY
    assert ask("visits", "data", first, *REPLAY)[0] == 0
    assert ask("visits", "train", first)[1]["results"]["shop"]["promote"]["verdict"] == "promoted"
    answered = {}
    for day in (0, 1, 2):
        found = ask("visits", "inference", first + day * DAY)[1]
        answered[day] = found["results"]["shop"]["inference"]["late"]
        assert ask("visits", "plan", first + day * DAY)[1]["results"]["shop"]["past"] is False
    assert answered == dict.fromkeys(answered, 0)
    assert ask("visits", "data", first + DAY, *REPLAY)[0] == 0
    assert read_now(database) == first + 2 * DAY

    with database.begin() as connection:
        delete_rows(connection, CLOCK, where={"name": "virtual"})
    found = ask("visits", "inference", first + 3 * DAY)[1]["results"]["shop"]["inference"]
    assert (found["predicted"], found["late"]) == (VISITS, VISITS)
    assert count_states(visits) == {True: 9 * VISITS, False: VISITS}


def read_now(database: Database) -> datetime | None:
    with database.begin(writing=False) as connection:
        return read_virtual_now(connection)


def count_states(visits: Platform) -> dict[bool, int]:
    with visits.database.begin(writing=False) as connection:
        rows = read_rows(connection, visits.specs["shop"].data.predictions)
    return rows["on_time"].value_counts().to_dict()


def test_what_is_written_after_its_moment_is_no_live_row(database: Database) -> None:
    visits = open_visits(database, invent_visits(90))
    run_at(visits, "train", TRAINED)
    run_at(visits, "inference", TRAINED)
    backfilled = START + (TRAINED + 1) * DAY
    made_up = run_kind(visits, "inference", ["shop"], at=backfilled, now=backfilled + 5 * DAY, cause="clock")["shop"]
    assert made_up.results["inference"]["late"] == made_up.results["inference"]["predicted"] == VISITS
    # The command began in time, and what it wrote came when the first labels were there.
    visits.clock.move_to(START + (TRAINED + 8.5) * DAY)  # type: ignore[union-attr]
    at = START + (TRAINED + 2) * DAY
    written = run_kind(visits, "inference", ["shop"], at=at, now=at, cause="clock")["shop"].results["inference"]
    assert (written["predicted"], 0 < written["late"] < VISITS) == (VISITS, True)

    run_at(visits, "inference", TRAINED + 11)
    found = run_at(visits, "monitoring", TRAINED + 11, step="monitor").results["monitor"]
    with database.begin(writing=False) as connection:
        scored = read_rows(connection, visits.specs["shop"].data.performance)
    live = scored[scored["state"] == "live"]
    assert not live["came_at"].between(backfilled - DAY, backfilled).any()
    end = START + (TRAINED + 11 - 7) * DAY
    assert found["windows"][0]["rows"] == live["came_at"].between(end - 7 * DAY, end, inclusive="left").sum()


def test_a_home_that_has_worked_by_the_machines_clock_gets_no_virtual_one(database: Database, ask: Ask) -> None:
    open_toy(database)
    with database.begin() as connection:
        row = {"project": "toy", "config": "a", "at": START, "cause": "person", "started_at": START, "status": "done"}
        write_row(connection, RUN, run_id="1", kind="import", step="import", **row)
        write_row(connection, RUN, run_id="2", kind="data", step="load", **{**row, "status": "failed"})
    refuse_virtual_time(database)
    begin_replay(START)
    assert read_now(database) == START
    with pytest.raises(UsageError, match="lives in a virtual time"):
        refuse_virtual_time(database)
    with database.begin() as connection:
        delete_rows(connection, CLOCK, where={"name": "virtual"})
        write_row(connection, RUN, run_id="3", kind="inference", step="inference", **row)
    status, found = ask("toy", "data", START, *REPLAY)
    assert (status, "has worked by the machine's clock" in found["error"]) == (2, True)
    assert read_now(database) is None


def test_a_replay_is_refused_where_it_would_touch_what_is_live(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_toy(database)
    assert "goes with --at: the first moment" in ask("toy", "data", None, *REPLAY)[1]["error"]
    assert "is in the future" in ask("toy", "data", START + timedelta(days=365_000), *REPLAY)[1]["error"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    status, found = ask("toy", "data", START, *REPLAY)
    assert (status, "MLFLOW_TRACKING_URI is set" in found["error"]) == (2, True)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with monkeypatch.context() as patch:
        patch.delenv("QUARTET_HOME")
        assert "needs a home of its own" in ask("toy", "data", START, *REPLAY)[1]["error"]
    assert read_now(database) is None


def test_a_replay_ends_today(database: Database, ask: Ask) -> None:
    open_toy(database)
    begin_replay(START)
    status, found = ask("toy", "plan", START + timedelta(days=365_000))
    assert (status, "is in the future" in found["error"]) == (2, True)
    assert read_now(database) == START
