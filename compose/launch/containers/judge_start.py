"""How far a start is, from one look at the containers: who is ready, who is waited for, and who has failed."""

from dataclasses import dataclass

from compose.launch.containers.read_containers import Container
from compose.launch.containers.read_plan import Plan, Service


@dataclass(frozen=True)
class Failure:
    """A container that will not come up, and why."""

    service: str
    reason: str
    probe: str = ""


@dataclass(frozen=True)
class Verdict:
    """`ready` and `waiting` are names of services; with a failure there is nothing to wait for."""

    ready: list[str]
    waiting: list[str]
    anew: set[str]  # services of which a container was started since
    failure: Failure | None = None


def judge_start(plan: Plan, before: list[Container], now: list[Container]) -> Verdict:
    """Compare what is with what should be.

    What ran before the start may be away for a moment because a store was, so it is only waited for.
    """
    earlier = {one.id: one for one in before}
    ran = {one.id for one in before if one.state in ("running", "restarting")}
    failures = [
        _find_failure(plan.services[one.service], one, earlier.get(one.id))
        for one in _known(plan, now)
        if one.id not in ran
    ]
    ready = [
        name for name, service in plan.services.items() if _is_ready(service, [c for c in now if c.service == name])
    ]
    waiting = [name for name in plan.services if name not in ready]
    starts = {one.started for one in before}
    anew = {one.service for one in now if one.state != "created" and one.started not in starts}
    return Verdict(ready, waiting, anew, next((failure for failure in failures if failure), None))


def name_slowest(plan: Plan, now: list[Container], waiting: list[str]) -> str:
    """Choose the service that holds up the others: one that has been started and is not ready."""
    rank = {"running": 0, "restarting": 0, "exited": 1, "created": 3}
    states = {one.service: one.state for one in _known(plan, now) if one.service in waiting}
    return min(waiting, key=lambda name: rank.get(states.get(name, "created"), 2))


def _known(plan: Plan, containers: list[Container]) -> list[Container]:
    return [one for one in containers if one.service in plan.services]


def _is_ready(service: Service, mine: list[Container]) -> bool:
    if service.job:
        return any(one.state == "exited" and one.exit_code == 0 for one in mine)
    well = [one for one in mine if one.state == "running" and (one.health == "healthy" or not service.probed)]
    return len(well) >= service.replicas


def _find_failure(service: Service, one: Container, earlier: Container | None) -> Failure | None:
    if earlier is not None and earlier.started == one.started:
        return None  # not started anew yet
    if one.state in ("exited", "dead") and (one.exit_code or not service.job):
        return Failure(service.name, f"{service.name} ended with status {one.exit_code}")
    if one.state == "restarting" or one.restarts > (earlier.restarts if earlier else 0):
        return Failure(service.name, f"{service.name} ends again and again, the last time with status {one.exit_code}")
    if one.health == "unhealthy":
        return Failure(service.name, f"{service.name} runs and does not become healthy", one.probe)
    return None
