"""Days between two runs of a cron line."""

import pytest

from service.contract.schedule import find_shortest_gap


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("5 */4 * * *", 1),
        ("5 4 * * 0", 7),
        ("5 4 * * 7", 7),
        ("5 4 1 * *", 28),
        ("35 3 1 */2 *", 59),
        ("0 0 1,15 * *", 14),
        ("0 0 1-3 1,7 *", 1),
        ("0 0 13 * 5", 1),  # a thirteenth or a Friday
        ("0 0 1 jan *", None),
        ("0 0 1 */0 *", None),
        ("@monthly", None),
        ("0 0 30 2 *", None),
    ],
)
def test_the_shortest_gap_of_a_cron_line(cron: str, days: int | None) -> None:
    gap = find_shortest_gap(cron)
    assert (gap and gap.days) == days
