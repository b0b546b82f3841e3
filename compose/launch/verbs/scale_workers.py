"""`make scale WORKERS=4`: another number of Celery workers, kept in `.env`."""

from compose.launch.command import Command
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_plan
from compose.launch.containers.start import Start, start_containers
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, StopError, answer
from compose.launch.verbs.mode import need_up

WORKER = "airflow-worker"


def scale_workers(command: Command, settings: Settings, docker: Docker) -> None:
    """Start or stop workers until there are as many as asked for; nothing else is touched."""
    if "WORKERS" not in command.typed:
        raise StopError("How many workers? Type for example  make scale WORKERS=4")
    if faults := check_settings(command, settings):
        raise StopError(*faults)
    up = need_up(command, settings, docker)
    if not settings.celery or not any(one.service == WORKER for one in up.containers):
        raise StopError(
            f"There are no workers to scale: the platform that is up uses the LocalExecutor. "
            f"Type  make up EXECUTOR=celery WORKERS={settings['WORKERS']}"
        )
    seconds, progress = command.seconds, Progress()
    write_settings(command, settings)
    plan = {WORKER: read_plan(docker)[WORKER]}
    start = Start(docker, settings.project, plan, up.containers, command.secrets, seconds)
    start_containers(command, start, "--no-deps", WORKER)
    answer(f"Workers: {settings['WORKERS']}, all healthy after {progress.seconds} s.")
