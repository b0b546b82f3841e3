"""Champions that follow one another too soon for an alarm are told of, with the keys to change."""

from datetime import timedelta

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, record_decision
from service.monitoring.hurry import describe_hurry
from service.step import Run
from tests.service.toy_world import DAY, START, open_toy


@pytest.mark.parametrize(
    ("days", "causes", "is_told"),
    [
        ((0, 10, 20), ("clock", "clock", "clock"), True),
        ((0, 10, 200), ("clock", "clock", "clock"), False),
        ((0, 10, 20), ("clock", "a decision", "clock"), False),
        ((0, 10), ("clock", "clock"), False),
    ],
)
def test_a_habit_of_promoting_too_soon(
    database: Database, days: tuple[int, ...], causes: tuple[str, ...], is_told: bool
) -> None:
    toy = open_toy(database)
    spec = toy.specs["a"]
    assert timedelta(days=10) < spec.days_to_alarm < timedelta(days=100)
    with database.begin() as connection:
        for day, cause in zip(days, causes, strict=True):
            at = START + day * DAY
            record_decision(
                connection,
                Decision(
                    decision_id=str(day), project="toy", config="a", at=at, subject="promotion", verdict="promoted",
                    reasons=[], numbers={}, cause=cause, decided_at=at,
                ),
            )  # fmt: skip
    at = START + 30 * DAY
    said = describe_hurry(Run(toy, spec, "monitoring", "monitor", at, at, "clock"))
    assert (said is not None) == is_told
    if said:
        assert "served 10 days at most" in said
        assert "Monitoring.k = 2 windows of window_days = " in said
