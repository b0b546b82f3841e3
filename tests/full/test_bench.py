"""The table and its files are written; figures are never tested."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report import list_notes, write_page
from bench.row import Row, Skipped, Target

FAST = {"work": "w", "unit": "rows/s", "ours": 90.0, "peer": "p", "theirs": 100.0}


def test_tiny_rows_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--tiny", "--only", "features", "--into", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "ratio" in printed
    written = json.loads((tmp_path / "bench/results.json").read_text())
    assert {"at", "seconds", "machine", "rows", "skipped"} == written.keys()
    assert [row["flaw"] for row in written["rows"]] == [""] * 4
    page = (tmp_path / "docs/bench.md").read_text()
    assert all(f"| {row['work']} |" in page for row in written["rows"])


def test_a_part_writes_nothing_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.__main__.ROOT", tmp_path)
    assert main(["--tiny", "--only", "search"]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row(**FAST), None),
        (Row(**FAST, target=Target(0.9, "peer", "t")), True),
        (Row(**FAST, limit=101.0, target=Target(0.9, "limit", "t")), False),
        (Row(**FAST, target=Target(0.5, "peer", "t"), flaw="f"), False),
        (Row(**{**FAST, "unit": "s"}, target=Target(1.1, "peer", "t")), True),
    ],
)
def test_a_target_is_a_share_of_speed(row: Row, reached: bool | None) -> None:
    assert row.reached is reached


def test_what_was_skipped_is_said() -> None:
    found = [Row(**FAST), Skipped("upsert into MySQL", "no Docker engine answers")]
    assert list_notes(found) == ["upsert into MySQL: skipped, no Docker engine answers."]
    machine = dict.fromkeys(("cores", "processor", "system", "python", "pandas"), "x")
    assert "skipped" in write_page(found, machine, datetime(2025, 1, 1, tzinfo=UTC), 1.0)
