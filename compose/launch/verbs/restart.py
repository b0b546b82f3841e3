"""`make restart`: one service or all servers anew, without a change of settings or data."""

from compose.launch.command import House
from compose.launch.containers.read_plan import read_plan
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.wait_until_healthy import Watch, wait_until_healthy
from compose.launch.processes.homes import Home
from compose.launch.processes.run_process import read_processes
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, read_time_limit
from compose.launch.terminal import Progress, StopError, answer, last_lines
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.mode import need_up
from compose.launch.verbs.show_logs import check_service
from compose.launch.verbs.take_down import stop_home


def restart(house: House, settings: Settings, docker: Docker) -> None:
    """Stop and start, then wait until it is healthy again."""
    found = need_up(house, settings, docker)
    if wrong := check_settings(house, settings):
        raise StopError(*wrong)
    wanted = house.words.get("s", "")
    if found.home:
        _restart_processes(house, settings, found.home, wanted)
        return
    seconds, progress = read_time_limit(house), Progress()
    plan = read_plan(docker)
    running = {one.service for one in found.containers}
    servers = [name for name in plan.servers if name in running]
    check_service(wanted, servers)
    done = docker.compose("restart", *([wanted] if wanted else servers), seconds=seconds)
    if done.returncode:
        raise StopError("Restarting failed:", *(f"  | {line}" for line in last_lines(done.stderr, 5)), status=1)
    watch = Watch(docker, settings.project, plan, found.containers, house.secrets)
    try:
        wait_until_healthy(watch, None, house.logs, seconds=seconds, progress=progress)
    finally:
        progress.end()
    answer(f"{wanted or 'All servers'} restarted and healthy after {progress.seconds} s.")


def _restart_processes(house: House, settings: Settings, home: Home, wanted: str) -> None:
    check_service(wanted, [process.name for process in read_processes(home.processes)])
    if settings.demo != home.demo:
        raise StopError(f"What is up is the home {home.path}: type  make restart DEMO={'1' if home.demo else ''}")
    stop_home(home, only=wanted)
    bring_up_embedded(house, settings)
