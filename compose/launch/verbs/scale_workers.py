"""`make scale WORKERS=4`: another number of Celery workers, kept in `.env`."""

from compose.launch.command import House
from compose.launch.containers.read_plan import Plan, read_plan
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.wait_until_healthy import Watch
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, read_time_limit
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, StopError, answer
from compose.launch.verbs.bring_up import start_containers
from compose.launch.verbs.mode import need_up

WORKER = "airflow-worker"


def scale_workers(house: House, settings: Settings, docker: Docker) -> None:
    """Start or stop workers until there are as many as asked for; nothing else is touched."""
    if "WORKERS" not in house.typed:
        raise StopError("How many workers? Type for example  make scale WORKERS=4")
    if wrong := check_settings(house, settings):
        raise StopError(*wrong)
    found = need_up(house, settings, docker)
    if found.home or not settings.celery or not any(one.service == WORKER for one in found.containers):
        raise StopError(
            f"There are no workers to scale: the platform that is up uses the LocalExecutor. "
            f"Type  make up EXECUTOR=celery WORKERS={settings['WORKERS']}"
        )
    seconds, progress = read_time_limit(house), Progress()
    write_settings(house, settings)
    plan = Plan({WORKER: read_plan(docker).services[WORKER]})
    watch = Watch(docker, settings.project, plan, found.containers, house.secrets)
    start_containers(house, docker, watch, seconds=seconds, only=WORKER)
    answer(f"Workers: {settings['WORKERS']}, all healthy after {progress.seconds} s.")
