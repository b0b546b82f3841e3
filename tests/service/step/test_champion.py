"""Which champion serves a moment."""

from datetime import UTC, datetime, timedelta

from db_handler.ledger.decisions import Decision
from service.step.champion import choose_version

START = datetime(2025, 4, 1, tzinfo=UTC)


def flip(day: int, version: int) -> Decision:
    at = START + timedelta(days=day)
    unit = {"decision_id": f"d{day}", "project": "shop", "config": "east", "cause": "clock"}
    what = {"subject": "promotion", "verdict": "promoted", "reasons": [], "numbers": {}}
    return Decision(**unit, **what, at=at, decided_at=at, version_after=version)  # type: ignore[arg-type]


def test_without_a_flip_the_alias_serves() -> None:
    assert choose_version([], 7, START) == 7
    assert choose_version([], None, START) is None


def test_the_alias_serves_when_nothing_was_promoted_later() -> None:
    assert choose_version([flip(0, 1), flip(10, 2)], 2, START + timedelta(days=11)) == 2


def test_an_earlier_moment_is_served_as_the_ledger_tells() -> None:
    flips = [flip(0, 1), flip(10, 2), flip(20, 3)]
    assert choose_version(flips, 3, START + timedelta(days=5)) == 1
    assert choose_version(flips, 3, START + timedelta(days=15)) == 2


def test_only_the_first_champion_serves_its_own_moment() -> None:
    flips = [flip(0, 1), flip(10, 2)]
    assert choose_version(flips[:1], 1, START) == 1
    assert choose_version(flips, 2, START) == 1
    assert choose_version(flips, 2, START + timedelta(days=10)) == 1


def test_before_the_first_champion_there_is_none() -> None:
    assert choose_version([flip(0, 1)], 1, START - timedelta(days=1)) is None
