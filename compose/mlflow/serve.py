"""Run `mlflow server` in one process.

The command starts the server as a child and waits for it with all of MLflow in its memory, 180 MB. Here it becomes the
server, which then gets Docker's signals itself.
"""

import os
from typing import Any, NoReturn

import mlflow.server
from mlflow.cli import cli

APP, OURS = "mlflow.server.auth:create_app", "compose.mlflow.reading:create_app"


def become(command: list[str], *, extra_env: dict[str, str], **_: Any) -> NoReturn:
    """Become the server instead of starting it, with the door that lets readers only read."""
    if command.count(APP) != 1:
        raise SystemExit(f"This MLflow starts another server than {APP}: see compose/mlflow/serve.py")
    command = [OURS if word == APP else word for word in command]
    os.execvpe(command[0], command, {**os.environ, **extra_env})  # noqa: S606 (no shell is what we want)


if __name__ == "__main__":
    if not callable(getattr(mlflow.server, "_exec_cmd", None)):
        raise SystemExit("This MLflow starts its server in another way: start it plainly, in compose/mlflow/serve.sh")
    setattr(mlflow.server, "_exec_cmd", become)  # noqa: B010 (a private name, which types do not know)
    cli()
