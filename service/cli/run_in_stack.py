"""`make run ... MODE=compose`: the same command inside the stack in containers; a file goes in by standard input."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

SERVICE = "airflow-scheduler"  # it holds what a step needs: the data, MLflow with both its accounts, Slack
CHANGES_MODELS = ("train", "monitoring", "promote", "rollback")  # all others log in to MLflow as the one who only reads
INPUT = "-"
# One account of MLflow, whose password is known inside only; the other one stays behind.
ENTER = (
    'export MLFLOW_TRACKING_USERNAME={account} MLFLOW_TRACKING_PASSWORD="${password}"; '
    'unset MLFLOW_TRAINER_PASSWORD MLFLOW_READER_PASSWORD; exec "$@"'
)


def run_in_stack(file: str | None, arguments: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Become `docker compose exec`, which reads `file` if there is one; a ValueError is the sentence for the user."""
    if file != INPUT:
        _feed(file or os.devnull)
    command = build_command(arguments)
    try:
        os.execvpe(command[0], command, dict(environment))  # noqa: S606 (no shell is what we want)
    except OSError as error:
        raise ValueError(f"MODE=compose needs the program docker, which can't be run: {error.strerror}.") from None


def build_command(arguments: list[str]) -> list[str]:
    """Say how a step is run in a container: `docker compose exec` leaves its entrypoint out.

    >>> build_command(["income.run", "import", "--file", "-"])[-6:]
    ['python', '-m', 'income.run', 'import', '--file', '-']
    """
    account = "trainer" if arguments[1] in CHANGES_MODELS else "reader"
    enter = ENTER.format(account=account, password=f"MLFLOW_{account.upper()}_PASSWORD")
    inside = ["compose/entrypoint.sh", "bash", "-c", enter, "quartet", "python", "-m", *arguments]
    return ["docker", "compose", "exec", "-T", SERVICE, *inside]


def _feed(file: str) -> None:
    """Make the file the standard input of the program that this process becomes."""
    try:
        path = Path(file)
        with (path if path.exists() else path.expanduser()).open("rb") as opened:
            os.dup2(opened.fileno(), 0)
    except OSError as error:
        raise ValueError(f"file={file[:200]} can't be read: {error.strerror}.") from None
