"""Tells of a unit at which something has stopped, whatever statuses its steps ended with."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from db_handler.ledger.decisions import read_flips
from db_handler.ledger.runs import RunRow, read_runs
from messenger.failure_alert import put_failure
from messenger.messages import data_alert_message
from messenger.settings import SlackSettings
from service.contract.kinds import PERSON
from service.contract.moment import write_at
from service.step import Run
from service.step.platform import Platform

TOLERANCE = 3  # times the longest usual gap, or intervals of data where that is more
LOOKED_AT = 400  # newest runs of a step
USUAL = 30  # arrivals, by whose gaps it is known how often something comes
KNOWN_FROM = 3  # arrivals; with fewer it is not known how often rows come
LONGEST_RUN = timedelta(days=1)
OUTSIDE = ("load", "inference", "monitor")  # the steps that need what others run


def tell_silence(platform: Platform, configs: Iterable[str], *, at: datetime, now: datetime) -> None:
    """Tell once an incident which units that had a champion get no rows or labels, or have a step that never ends."""
    for config in configs:
        run = Run(platform, platform.specs[config], "plan", "plan", at, now, PERSON)
        if not run.is_past and _has_champion(run):
            _tell_unfinished(run)
            _tell_hanging(run)
            _tell_unfed(run)


def find_silence(attempts: Sequence[RunRow], arrivals: Sequence[datetime]) -> timedelta:
    """Say for how long a step was tried in vain, of runs with the newest first; a time without tries does not count."""
    in_vain = [row.at for row in attempts if not arrivals or row.at > arrivals[0]]
    return in_vain[0] - in_vain[-1] if in_vain else timedelta(0)


def find_patience(arrivals: Sequence[datetime], horizon: timedelta) -> timedelta:
    """Say how long nothing may come, by the gaps between what came, the newest first."""
    gaps = [later - earlier for later, earlier in pairwise(arrivals[:USUAL])]
    return TOLERANCE * max([horizon, *gaps])


def _has_champion(run: Run) -> bool:
    with run.database.begin(writing=False) as connection:
        flips = read_flips(connection, run.spec.project, run.spec.config)
    return any(flip.at <= run.at for flip in flips)


def _tell_unfinished(run: Run) -> None:
    """Tell of a step that is away, locked, lost or not yet every time; one that failed was told of, as the same."""
    for step in OUTSIDE:
        if not (newest := _read(run, step, limit=1)) or newest[0].status == "done":
            continue
        attempts = _read(run, step)
        silence = find_silence(attempts, [row.at for row in attempts if row.status == "done"])
        if silence > TOLERANCE * run.spec.data.horizon:
            reason = next((row.error for row in attempts if row.error), "it was never seen to end")
            _put_failure(run, step, f"it was tried for {_count_days(silence)} and never done: {reason}")


def _tell_hanging(run: Run) -> None:
    """Tell of a process that lives and does not end; Airflow ends its tasks itself."""
    if SlackSettings().alerts == "later":
        return
    for row in _read(run, None, status="running"):
        if run.now - row.started_at > LONGEST_RUN:
            host, process = (row.worker or "an unknown host:of unknown number").split(":")[:2]
            began = write_at(row.started_at)
            _put_failure(run, row.step, f"process {process} on {host} has been at it since {began}: end that process")


def _tell_unfed(run: Run) -> None:
    """Tell that no new rows come, or labels, although they are asked for; what check has told of is not told again."""
    check = _read(run, "check", limit=1)
    if check and check[0].status == "failed":
        return
    horizon, loads = run.spec.data.horizon, _read(run, "load")
    rows = [row.at for row in _read(run, "preprocess") if (row.result or {}).get("inserted")]
    patience = find_patience(rows, horizon)
    if len(rows) >= KNOWN_FROM and find_silence(loads, rows) > patience:
        _put_alert(run, "rows", rows[0], patience)
        return  # labels follow rows
    labels = [row.at for row in loads if (row.result or {}).get("labels")]
    patience = run.spec.data.label_delay + max(patience, find_patience(labels, horizon))
    if labels and find_silence(loads, labels) > patience:
        _put_alert(run, "labels", labels[0], patience)


def _put_alert(run: Run, what: str, last: datetime, patience: timedelta) -> None:
    spec = run.spec
    sentence = (
        f"no new {what} since {write_at(last)}, and by what came before, {_count_days(patience)} at most lie between: "
        "look whether their source still delivers"
    )
    text = data_alert_message(spec.project, run.at, spec.config, [sentence])
    about = f"silence:{spec.unit}:{what}:{write_at(last)}"
    run.platform.messenger.put(about, spec.project, run.at, text, urgency="alert")


def _put_failure(run: Run, step: str, sentence: str) -> None:
    put_failure(
        run.platform.messenger, run.database, project=run.spec.project, config=run.spec.config, step=step, at=run.at,
        sentence=sentence,
    )  # fmt: skip


def _read(run: Run, step: str | None, *, status: str | None = None, limit: int = LOOKED_AT) -> list[RunRow]:
    project, config = run.spec.project, run.spec.config
    with run.database.begin(writing=False) as connection:
        return read_runs(
            connection, project=project, config=config, step=step, status=status, until=run.at, limit=limit
        )


def _count_days(span: timedelta) -> str:
    return f"{span / timedelta(days=1):.3g} days"
