"""Who is judged together, and what is judged soon after a promotion."""

from dataclasses import replace

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.models import ModelRow, record_model
from db_handler.rows.frames import upsert_rows
from service.monitoring.live_loss import fill_earlier, read_live_rows
from service.monitoring.pool import list_units
from service.promotion.decision import make_decision, save_decision
from service.step import Run
from service.step.platform import Platform
from tests.service.toy_world import DAY, START, open_toy

BEGAN, ALARMED, PROMOTED, LAST = 146, 158, 160, 290


@pytest.fixture
def toy(database: Database) -> Platform:
    """Two pooled units in an alarm, of which one was promoted since; the ledger knows who served when."""
    toy = open_toy(database)
    toy.specs = {
        config: replace(spec, monitoring=spec.monitoring.model_copy(update={"pooled": True}))
        for config, spec in toy.specs.items()
    }
    for config, days in (("a", (10, PROMOTED, LAST)), ("b", (10, LAST))):
        for version, day in enumerate(days, 1):
            decide(see(toy, config, day), "promotion", "promoted", version)
        decide(see(toy, config, ALARMED), "retrain", "wait", None)
    return toy


def see(toy: Platform, config: str, day: int) -> Run:
    at = START + day * DAY
    return Run(toy, toy.specs[config], "monitoring", "monitor", at, at, "clock")


def decide(run: Run, subject: str, verdict: str, version: int | None) -> None:
    numbers = {"since": (START + BEGAN * DAY).isoformat()} if subject == "retrain" else {}
    decision = make_decision(
        run, f"{run.spec.unit}:{run.at}:{subject}", subject=subject, verdict=verdict, reasons=[], numbers=numbers,
        versions=(None, version),
    )  # fmt: skip
    save_decision(run, decision)


def name_units(toy: Platform, config: str, day: int) -> list[str]:
    return [unit.spec.config for unit in list_units(see(toy, config, day))]


def test_a_unit_that_was_promoted_since_the_alarm_began_is_left_out_of_it(toy: Platform) -> None:
    assert [name_units(toy, config, PROMOTED) for config in ("a", "b")] == [["a", "b"], ["a", "b"]]
    assert [name_units(toy, config, PROMOTED + 1) for config in ("a", "b")] == [["a"], ["b"]]
    over = ALARMED + 8
    assert [name_units(toy, config, over) for config in ("a", "b")] == [["a", "b"], ["a", "b"]]


def test_windows_before_a_promotion_are_filled_from_the_evidence_of_the_new_champion(toy: Platform) -> None:
    def lose(first: int, last: int, loss: float) -> pd.DataFrame:
        times = [START + day * DAY for day in range(first, last)]
        return pd.DataFrame({"time": times, "loss": loss, "baseline_loss": 1.0})

    toy.expected = {("toy.a", 2): lose(90, PROMOTED, 0.5)}
    run, live = see(toy, "a", PROMOTED + 3), lose(PROMOTED, PROMOTED + 3, 0.9)
    filled = fill_earlier(run, live)
    windows = [filled[filled["time"] >= START + (PROMOTED + 3 - 7 * count) * DAY] for count in (1, 3)]
    assert list(windows[0]["loss"]) == [0.9] * 3  # the newest speaks of live rows alone
    assert list(windows[1]["loss"]) == [0.5] * 14 + [0.9] * 3
    assert len(filled) == 17
    long_after = see(toy, "a", PROMOTED + 30)
    assert fill_earlier(long_after, live) is live


def test_what_another_units_version_of_the_same_number_answered_is_no_answer_of_the_champion(toy: Platform) -> None:
    """A config that was renamed goes on with the table of another unit, and its versions begin anew at 1."""
    run = replace(see(toy, "b", 40), spec=replace(toy.specs["b"], monitoring=toy.specs["b"].monitoring.model_copy()))
    row = ModelRow(
        project="toy", config="b", version=1, mlflow_run="r", at=START + 30 * DAY, cause="clock", training_start=START,
        training_end=START + 29 * DAY, data_hash="d", recipe={}, recipe_hash="h", files={},
    )  # fmt: skip
    times = [START + day * DAY for day in range(25, 38)]
    data = run.spec.data
    answers = pd.DataFrame({"series": data.series, "target_slot": times, "at": times, "version": 1})
    scored = answers.assign(state="live", loss=0.1, baseline_loss=1.0)
    with toy.database.begin() as connection:
        record_model(connection, row)
        upsert_rows(connection, data.predictions, answers.assign(on_time=True))
        upsert_rows(connection, data.performance, scored)
    toy.specs, toy.expected = {"b": run.spec}, {("toy.b", 1): scored}
    live, predicted_at = read_live_rows(run)
    assert list(live["time"]) == list(predicted_at) == times[5:]
