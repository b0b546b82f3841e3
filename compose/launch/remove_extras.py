"""Removes containers of services that are switched off now: workers of another executor, the exchange of a demo."""

from compose.launch.read_containers import Container
from compose.launch.read_plan import Plan
from compose.launch.run_docker import Docker, last_lines
from compose.launch.show_progress import Progress
from compose.launch.stop_error import StopError


def remove_extras(docker: Docker, plan: Plan, containers: list[Container]) -> None:
    """Stop them with the patience that each has for its tasks; Compose itself lets them run on."""
    extras = [one for one in containers if one.service not in plan.services]
    if not extras:
        return
    names = ", ".join(sorted({one.service for one in extras}))
    progress = Progress()
    progress.show(f"stopping {names}")
    ids = [one.id for one in extras]
    done = docker.ask("stop", *ids, seconds=120)
    if done.returncode == 0:
        done = docker.ask("rm", "--force", *ids)
    progress.end()
    if done.returncode:
        raise StopError(f"{names} can't be stopped: {' '.join(last_lines(done.stderr, 2))}", status=1)
    progress.tell(f"{names} removed after {progress.seconds} s")
