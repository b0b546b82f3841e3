"""Probation: a new champion stands beside the one before it for a number of labelled rows, and falls if it is worse."""

import logging
from dataclasses import replace
from typing import Any

import pandas as pd

from db_handler.connection.failures import LostError
from db_handler.errors import AwayError, QuartetError
from db_handler.ledger.decisions import Decision, read_decision, read_decisions, read_flips
from service.contract.describe_error import describe_bug
from service.contract.ending import was_terminated
from service.monitoring.shadow import answer_rows_again, pair_with_shadow
from service.promotion.decision import make_decision, save_decision
from service.promotion.gate import AGAINST_CHAMPION, divide
from service.promotion.rollback import roll_back_for
from service.spec import Train
from service.statistics.bootstrap import block_bootstrap
from service.statistics.looks import list_looks, measure_chance_of_worse
from service.step import Run
from service.step.results import ProbationResult
from service.tracking.artifact import ModelDamagedError
from service.training.rejection import PROBATION

log = logging.getLogger(__name__)

RUNNING, ENDED = "open", "done"  # states of a probation in the ledger


def answer_beside(run: Run) -> int:
    """Let the shadow answer what the champion has answered; it is in nobody's way, whatever becomes of it.

    What is away is no end: the rows are answered the next time. All else ends the probation undecided.
    """
    promotion = None if run.is_past else find_tested(run, find_last_flip(run))
    if promotion is None or read_standing(run, promotion).state == ENDED:
        return 0
    try:
        return answer_rows_again(run, promotion)
    except LostError:
        raise  # the step begins again
    except AwayError as error:
        log.warning("%s: the champion before answers beside the new one later: %s", run.spec.unit, error)
    except (Exception, SystemExit) as error:
        if was_terminated():
            raise  # it may have made another error of the end of this process
        said = str(error) if isinstance(error, QuartetError) else f"predict_rows {describe_bug(error)}"
        end_undecided(run, promotion, f"version {promotion.version_before} can't answer beside it: {said}")
    return 0


def watch_probation(run: Run) -> Decision | None:
    """Take the looks that are due, and roll back a champion that is worse; answer with its probation, if there is one.

    After such a rollback it is that of the version that fell.
    """
    if run.is_past:
        return None
    flip = find_last_flip(run)
    promotion = find_tested(run, flip)
    end_superseded(run, flip, promotion)
    if promotion is None:
        return read_cause_of(run, flip)
    standing = read_standing(run, promotion)
    if standing.state == ENDED:
        return standing
    found = judge_probation(run, standing, pair_with_shadow(run, promotion))
    log.info("%s version %s on probation: %s", run.spec.unit, found.version_after, "; ".join(found.reasons))
    if found.verdict != "worse":
        return save_decision(run, found)
    try:
        done = roll_back_for(run, found, promotion)
    except ModelDamagedError as error:
        return end_undecided(run, promotion, f"{found.reasons[0]}, but nobody can go back: {error}")
    return found if done else standing


def find_last_flip(run: Run) -> Decision | None:
    """Find the promotion or rollback after which the champion of this moment serves."""
    with run.database.begin(writing=False) as connection:
        flips = read_flips(connection, run.spec.project, run.spec.config)
    return next((flip for flip in reversed(flips) if flip.at < run.at), None)


def find_tested(run: Run, flip: Decision | None) -> Decision | None:
    """Say whether it is a promotion that stands on probation: one that was compared with a champion that can answer."""
    if flip is None or not run.spec.train.probation_rows:
        return None
    return flip if flip.verdict == "promoted" and AGAINST_CHAMPION in flip.numbers else None


def read_standing(run: Run, promotion: Decision) -> Decision:
    """Read how a probation stands; one that nobody has looked at yet has no numbers."""
    name = f"{promotion.decision_id}:{PROBATION}"
    with run.database.begin(writing=False) as connection:
        standing = read_decision(connection, name)
    if standing is not None:
        return standing
    versions = (promotion.version_before, promotion.version_after)
    numbers: dict[str, Any] = {"challenger": promotion.version_after, "looks": []}
    begun = make_decision(
        run, name, subject=PROBATION, verdict="running", reasons=[], numbers=numbers, versions=versions, state=RUNNING
    )
    return replace(begun, cause=promotion.cause)


def read_cause_of(run: Run, flip: Decision | None) -> Decision | None:
    """Read the probation that put the champion back, if one did."""
    name = flip.numbers.get(PROBATION) if flip else None
    if name is None:
        return None
    with run.database.begin(writing=False) as connection:
        return read_decision(connection, name)


def judge_probation(run: Run, standing: Decision, paired: pd.DataFrame) -> Decision:
    """Take the looks for which there are rows enough (columns loss, shadow_loss) and that were not taken before."""
    train, before, looks = run.spec.train, standing.version_before, list(standing.numbers["looks"])
    wanted, is_worse = train.probation_rows, False
    for look in list_looks(wanted):
        if not is_worse and look.rows <= len(paired) and all(taken["rows"] < look.rows for taken in looks):
            looks.append(take_look(paired.head(look.rows), train))
            is_worse = looks[-1]["p"] < look.limit
    numbers = {**standing.numbers, "rows": len(paired), "wanted": wanted, "looks": looks}
    if not is_worse and len(paired) < wanted:
        so_far = [describe_ratio(measure_ratio(paired), before, len(paired))] if len(paired) else []
        reasons = [*so_far, f"{len(paired)} of {wanted} labelled rows are there"]
        return replace(standing, at=run.at, reasons=reasons, numbers=numbers)
    last = looks[-1]
    seen, found = paired.head(last["rows"]), describe_ratio(last["ratio"], before, last["rows"])
    test = block_bootstrap(seen["loss"] - seen["shadow_loss"], block=train.block, draws=train.draws, seed=train.seed)
    numbers["p_better"] = test.p_value
    verdict = "worse" if is_worse else "better" if test.p_value < train.p_value else "alike"
    reasons = [found, describe_end(verdict, last["p"], test.p_value, run.spec.monitoring.min_new_rows)]
    return replace(standing, at=run.at, verdict=verdict, reasons=reasons, numbers=numbers, state=ENDED)


def take_look(seen: pd.DataFrame, train: Train) -> dict[str, Any]:
    """Look at so many rows: the ratio of the losses, and how often chance would show as much."""
    p = measure_chance_of_worse(
        seen["loss"] - seen["shadow_loss"], block=train.block, draws=train.draws, seed=train.seed
    )
    return {"rows": len(seen), "ratio": measure_ratio(seen), "p": p}


def measure_ratio(paired: pd.DataFrame) -> float:
    """Measure the loss of the new champion over that of the one before."""
    return divide(paired["loss"].mean(), paired["shadow_loss"].mean())


def describe_ratio(ratio: float, before: int | None, rows: int) -> str:
    """Say how the losses of both compare.

    >>> describe_ratio(0.956, 3, 120)
    '0.96 of the loss of version 3 on 120 rows'
    """
    return f"{ratio:.2f} of the loss of version {before} on {rows} rows"


def describe_end(verdict: str, p_worse: float, p_better: float, new_rows: int) -> str:
    """Say what the last look means."""
    if verdict == "worse":
        return f"worse, p {p_worse:.4f}: the same recipe is not tried again until {new_rows} new rows have come"
    if verdict == "better":
        return f"better, p {p_better:.3f}: the training was worth it"
    return f"neither better (p {p_better:.3f}) nor clearly worse (p {p_worse:.3f}): it stays"


def end_undecided(run: Run, promotion: Decision, why: str) -> Decision:
    """End a probation without an answer: the new champion stays."""
    standing = read_standing(run, promotion)
    log.error("%s: probation of version %s ends undecided: %s", run.spec.unit, promotion.version_after, why)
    return save_decision(run, replace(standing, at=run.at, verdict="undecided", reasons=[why], state=ENDED))


def end_superseded(run: Run, flip: Decision | None, promotion: Decision | None) -> None:
    """End the probations of versions that serve no longer, or that a config wants no more."""
    spec, kept = run.spec, f"{promotion.decision_id}:{PROBATION}" if promotion else None
    with run.database.begin(writing=False) as connection:
        running = read_decisions(connection, spec.project, spec.config, subject=PROBATION, state=RUNNING)
    for standing in running:
        if standing.decision_id != kept and standing.at < run.at:
            follows = flip.version_after if flip else None
            why = "Train.probation_rows is 0" if follows == standing.version_after else f"version {follows} serves now"
            reasons = [f"ended early: {why}", *standing.reasons]
            save_decision(run, replace(standing, at=run.at, verdict="superseded", reasons=reasons, state=ENDED))


def summarise(probation: Decision) -> ProbationResult:
    """Say in plain values how a probation stands."""
    assert probation.version_before is not None  # noqa: S101  # or it would not have begun
    assert probation.version_after is not None  # noqa: S101
    return ProbationResult(
        decision_id=probation.decision_id,
        at=probation.at.isoformat(),
        verdict=probation.verdict,
        version=probation.version_after,
        version_before=probation.version_before,
        reasons=probation.reasons,
    )
