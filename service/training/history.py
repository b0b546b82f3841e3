"""The history of a unit's trainings, as far as a decision to retrain asks for it."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from db_handler.clock import TICK
from db_handler.ledger.decisions import Decision, read_decisions
from db_handler.ledger.runs import RunRow, read_runs
from service.contract.kinds import KINDS
from service.contract.moment import write_at
from service.step import Run
from service.training.rejection import ROLLED_BACK, list_undone

TURN = timedelta(hours=6)  # as long as a training may take, others may wait for theirs
CALLS_AT_MOST = 3  # of one decision, whose training never came to an end
OLD_INTERVALS = 3  # of data: rows that end before these, and before a window of monitoring, are old
NOT_FIT = "its data is not fit to train on"  # in the error of a training that the data gate stopped
State = Literal["promoted", "refused", "failed", "passed", "running", "open"]


@dataclass(frozen=True)
class Call:
    """A decision to retrain, and what became of the training that it called for.

    It may have `passed` without a judgement that counts (not yet, waiting for a person, superseded); `open` is one that
    has not begun, or was cut off.
    """

    decision_id: str
    state: State
    called: int  # how often monitoring has called for it
    last_called: datetime
    cut_off: bool = False  # its process was seen to be gone; else an open one may still wait for its turn

    def is_overdue(self, at: datetime) -> bool:
        """Say whether it is to be called for again: it was cut off, or has not come to its turn for long."""
        return self.state == "open" and (self.cut_off or at - self.last_called >= TURN)

    @property
    def has_ended(self) -> bool:
        return self.state not in ("running", "open") or (self.state == "open" and self.called >= CALLS_AT_MOST)


def find_last_training(run: Run) -> datetime | None:
    """Find when a training last began, failed ones too; what the data gate or a rejection stopped never began."""
    begun = [row.at for row in _read_train_runs(run) if row.status != "away" and not _was_stopped(row)]
    return max((at for at in begun if at <= run.at), default=None)


def find_last_judgement(run: Run) -> datetime | None:
    """Find when a challenger was last judged, whatever came of it."""
    judged = [row.at for row in _read_train_runs(run) if row.step == "promote" and row.status == "done"]
    return max((at for at in judged if at <= run.at), default=None)


def list_attempts(calls: Sequence[Call], *, promoted_before: bool) -> list[bool]:
    """List the retrains that count, newest first: whether each ended in a promotion; the last promotion ends the list.

    A call that is cut off again and again has failed; a training that waits for a person is no refusal.
    """
    counting = [call for call in calls if call.has_ended and call.state != "passed"]
    attempts = [call.state == "promoted" for call in reversed(counting)]
    return [*attempts, True] if promoted_before else attempts


def find_pending(calls: Sequence[Call]) -> Call | None:
    """Find the newest call if its training has not come to an end."""
    return calls[-1] if calls and not calls[-1].has_ended else None


def read_calls(run: Run) -> tuple[list[Call], bool]:
    """Read the calls for a retrain since the unit was last promoted or resumed, oldest first, and whether it ever was.

    A promotion that probation took back is none, and its training one that was refused. Past moments only recorded
    their decisions, and called for nothing.
    """
    spec, until, undone = run.spec, run.at + TICK, list_undone(run)
    with run.database.begin(writing=False) as connection:
        fresh = read_decisions(
            connection, spec.project, spec.config, verdict=["promoted", "resumed"], state="done", until=until
        )
        since = max((decision.at for decision in fresh if decision.decision_id not in undone), default=None)
        decisions = read_decisions(
            connection,
            spec.project,
            spec.config,
            subject="retrain",
            verdict=["retrain", "pending"],
            since=since + TICK if since else datetime.min.replace(tzinfo=UTC),
            until=run.at,
        )
    live = [decision for decision in decisions if not decision.past]
    made = [_describe_call(run, decision, live, undone) for decision in live if decision.verdict == "retrain"]
    return made, since is not None


def find_data_problem(run: Run) -> str | None:
    """Say what is wrong with the model rows: what the newest steps of data met, or that the rows are old by now."""
    ends = {step: _read_newest(run, step, until=run.at) for step in KINDS["data"]}
    for step, ended in ends.items():
        if ended is not None and ended.status == "failed":
            words = (ended.error or "").removeprefix(f"{run.spec.unit}: ")
            return ended.error if step == "check" else f"{step} failed at {write_at(ended.at)}: {words}"
    check = ends["check"]
    unfit = (check.result or {}).get("unfit_to_train") if check else None
    return unfit or _describe_age(run)


def _read_newest(run: Run, step: str, until: datetime | None = None) -> RunRow | None:
    """Read how a step of data last ended; what was away or cut off says nothing about the data."""
    with run.database.begin(writing=False) as connection:
        rows = read_runs(
            connection,
            project=run.spec.project,
            config=run.spec.config,
            step=step,
            status=["done", "failed", "not_yet"],
            until=until,
            limit=1,
        )
    return rows[0] if rows else None


def _describe_age(run: Run) -> str | None:
    """Say so where the model rows end longer ago than a window of monitoring is long; later runs may have filled up."""
    spec, prepared = run.spec, _read_newest(run, "preprocess")
    if prepared is None or not prepared.result:
        return None
    until = datetime.fromisoformat(prepared.result["until"])
    if run.at - until <= max(OLD_INTERVALS * spec.data.horizon, timedelta(days=spec.monitoring.window_days)):
        return None
    return f"the model rows end at {write_at(until)}, {(run.at - until).days} days before the moment asked for"


def _describe_call(run: Run, decision: Decision, decisions: Sequence[Decision], undone: Set[str]) -> Call:
    again = [later for later in decisions if later.numbers.get("calls_again") == decision.decision_id]
    rows = [row for row in _read_train_runs(run) if row.cause == decision.decision_id]
    newest = _find_newest(rows)
    return Call(
        decision.decision_id,
        _judge_rows(rows, undone),
        called=1 + len(again),
        last_called=max(call.at for call in (decision, *again)),
        cut_off=newest is not None and newest.status == "lost",
    )


def _judge_rows(rows: Sequence[RunRow], undone: Set[str]) -> State:
    """Say what became of a training from its rows, newest first; a promotion that is `undone` is a refusal."""
    judged = [row.result for row in rows if row.step == "promote" and row.status == "done" and row.result]
    if judged:
        verdict = judged[0]["verdict"]
        if verdict == "promoted":
            return "refused" if judged[0]["decision_id"] in undone else "promoted"
        return "refused" if verdict == "kept" else "passed"
    if any(row.status == "running" for row in rows):
        return "running"
    newest = _find_newest(rows)
    if newest is None or newest.status in ("lost", "away", "done"):  # done: cut off before the next step
        return "open"
    return "passed" if newest.status == "not_yet" else "failed"


def _find_newest(rows: Sequence[RunRow]) -> RunRow | None:
    """Find the newest row of a training; the steps of one command share its now, and the later of them is newer."""
    return max(rows, key=lambda row: (row.started_at, KINDS["train"].index(row.step)), default=None)


def _was_stopped(row: RunRow) -> bool:
    return any(words in (row.error or "") for words in (NOT_FIT, ROLLED_BACK))


def _read_train_runs(run: Run) -> list[RunRow]:
    spec, steps = run.spec, list(KINDS["train"])

    def read() -> list[RunRow]:
        with run.database.begin(writing=False) as connection:
            rows = read_runs(connection, project=spec.project, config=spec.config, step=steps)
        return [row for row in rows if row.kind == "train"]  # the verb promote is no training

    return run.once(("trainings", spec.unit), read)
