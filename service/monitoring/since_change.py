"""The change that raised an alarm: when it began, and how many rows of after it are still to come."""

from dataclasses import replace

import pandas as pd

from db_handler.ledger.models import ModelRow
from service.monitoring.pool import list_beginnings
from service.statistics.windows import Alarm
from service.step import Run
from service.training.evidence import find_informed


def count_lacking(run: Run, rows: pd.DataFrame, alarm: Alarm) -> int:
    """Count the labelled rows that are still to come before a challenger can be judged after the change."""
    if alarm.since is None:
        return 0
    times = rows[run.spec.data.target_slot]
    counted = times >= find_informed(run.spec, alarm.since, run.at, times)
    return max(0, run.spec.train.wanted_since_change - int(counted.sum()))


def find_beginning(run: Run, champion: ModelRow, alarm: Alarm) -> Alarm:
    """Hold on to the change that raised the alarm while it lasts; its windows move on with each check."""
    if alarm.since is None:
        return alarm
    said = [since for check, since in list_beginnings(run, run.spec.config) if check.version_before == champion.version]
    return replace(alarm, since=min([alarm.since, *said]))
