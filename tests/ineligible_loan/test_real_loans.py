"""The 400 real applications: no model is promoted on them, and the reasons say why."""

from datetime import date
from pathlib import Path

import pytest

from service.sources.day_range import DayRange
from tests.ineligible_loan.played_loans import CONFIGS, ask, open_loans, play

LOANS = Path("/work/shared/data/loan/loan.csv.gz")


@pytest.mark.skipif(not LOANS.exists(), reason="the real applications are not here")
def test_real_loans_promote_nobody(tmp_path: Path) -> None:
    with open_loans(tmp_path / "home") as platform:
        days = DayRange(date(2025, 1, 1), date(2025, 12, 31))
        told = ask(platform, "import", "2026-02-01T00:00", file=str(LOANS), days=days)
        assert (told["stored"], told["refused"]) == (400, {})
        assert {o.status for o in play(platform, "data", "2026-02-01T02:05").values()} == {"done"}
        trained = play(platform, "train", "2026-02-01T02:35")
        for config in CONFIGS:
            promote = trained[config].results["promote"]
            assert promote["verdict"] in ("kept", "too_early")
            assert any("split" in reason for reason in promote["reasons"])
        assert {o.status for o in play(platform, "inference", "2026-02-01T03:00").values()} == {"not_yet"}
