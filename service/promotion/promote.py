"""The step promote: a challenger becomes champion on evidence, and the ledger says why or why not."""

from db_handler.errors import NotYetError
from db_handler.ledger.decisions import read_decision
from db_handler.ledger.models import ModelRow, find_model
from service.promotion.change_champion import carry_out, lock_champion, reconcile, summarise
from service.promotion.decision import DAMAGED, make_decision, name_decision, save_decision
from service.promotion.gate import (
    Verdict,
    judge_artifact,
    judge_champion,
    judge_probes,
    judge_rules,
    judge_rules_since,
    judge_slices,
)
from service.promotion.gather_evidence import find_drop, measure_reload, pair_with_champion, read_force, read_probes
from service.spec import Spec
from service.step import Run
from service.step.champion import find_lost_columns, load_version, read_version
from service.step.purity import find_impurity_now
from service.step.results import PromoteResult
from service.tracking.artifact import ModelDamagedError
from service.tracking.registry import CHAMPION, read_alias
from service.training.evidence import find_damage, read_evidence


def promote(_spec: Spec, run: Run) -> PromoteResult:
    """Judge the challenger of this training, and make it champion if it passes."""
    return promote_version(run, run.result("train")["version"], by_person=False)


def promote_by_person(spec: Spec, run: Run, *, force: str | None = None) -> PromoteResult:
    """Judge the newest version in the same way because a person asks; the policy that waits for one is lifted.

    With `force`, the reason, leak probes that fired are accepted for this version.
    """
    with run.database.begin(writing=False) as connection:
        newest = find_model(connection, project=spec.project, config=spec.config)
    if newest is None:
        raise NotYetError(f"{spec.unit} has no trained version to promote: run train first")
    return promote_version(run, newest.version, by_person=True, accepted=force)


def promote_version(run: Run, version: int, *, by_person: bool, accepted: str | None = None) -> PromoteResult:
    """Judge a version under the unit's lock and make it champion if it passes; what was done before is not repeated."""
    reconcile(run)
    with lock_champion(run):
        decision_id = name_decision(run, "promotion", version, *(["person"] if by_person else []))
        with run.database.begin(writing=False) as connection:
            earlier = read_decision(connection, decision_id)
        if earlier is not None and earlier.state == "done":
            return summarise(earlier)
        serving = read_alias(run.tracking, run.spec.unit, CHAMPION)
        if serving == version:
            return describe_serving(version)
        verdict = judge(run, read_version(run, version), serving, accepted)
        outcome = name_outcome(run, verdict, serving, by_person=by_person)
        promoted = outcome == "promoted"
        decision = make_decision(
            run,
            decision_id,
            subject="promotion",
            verdict=outcome,
            reasons=[*verdict.objections, *verdict.lacks, *verdict.reasons],
            numbers={**verdict.numbers, "challenger": version},
            versions=(serving, version if promoted else serving),
            state="intent" if promoted else "done",
        )
        save_decision(run, decision)
        return summarise(carry_out(run, decision) if promoted else decision)


def describe_serving(version: int) -> PromoteResult:
    """Answer that a version serves already, which changes nothing and is not written down."""
    return PromoteResult(
        decision_id=None,
        verdict="serving",
        version=version,
        version_before=version,
        version_after=version,
        reasons=[f"version {version} serves already"],
        numbers={},
    )


def judge(run: Run, challenger: ModelRow, serving: int | None, accepted: str | None = None) -> Verdict:
    """Gather the evidence and judge it; the first champion, and one after a damaged one, need no comparison."""
    verdict, train = Verdict(), run.spec.train
    if forced := read_force(run, challenger):
        verdict.note(True, f"trained by force: {forced}")
    probes = read_probes(run, challenger)
    evidence = read_evidence(run, challenger.mlflow_run)
    drop = find_drop(run, challenger, evidence)
    judge_rules(verdict, evidence, train)
    if drop is not None:
        judge_rules_since(verdict, evidence[evidence[run.spec.data.target_slot] >= drop.since], train)
    judge_probes(verdict, probes, accepted)
    if impurity := find_impurity_now(run):
        verdict.note(False, impurity)
    judge_artifact(verdict, measure_reload(run, challenger))
    if serving is None:
        return verdict
    if lost := find_lost_columns(read_version(run, serving), run.spec):
        verdict.note(True, f"the champion reads {', '.join(lost)}, which rows have no longer")
        return verdict
    try:
        champion = load_version(run, serving)
    except ModelDamagedError as error:
        verdict.numbers[DAMAGED] = True
        verdict.note(True, f"the champion can't be loaded, the rules alone are held against its successor ({error})")
        return verdict
    if damage := find_damage(run, champion.row.mlflow_run):
        verdict.note(True, f"nothing watches the champion, the rules alone are held against its successor ({damage})")
        return verdict
    paired = pair_with_champion(run, evidence, champion, drop)
    judge_champion(verdict, paired, train, drop=drop)
    judge_slices(verdict, paired, train)
    return verdict


def name_outcome(run: Run, verdict: Verdict, serving: int | None, *, by_person: bool) -> str:
    """Name the outcome: a config may leave the last word to a person, and a later moment's champion is not replaced."""
    if verdict.objections:
        return "kept"
    if verdict.lacks:
        return "too_early"
    if run.spec.train.promote == "person" and not by_person:
        verdict.note(False, f"passed, and waits for a person: promote --config {run.spec.config}")
        return "waiting"
    if serving is not None and read_version(run, serving).at > run.at:
        verdict.note(False, f"version {serving}, trained for a later moment, serves already")
        return "superseded"
    return "promoted"
