"""`mlflow server`, of which nothing is left but the server itself.

The command starts the server as a child and then only waits for it, with all of MLflow in its memory: 180 MB for
nothing. Here it becomes the server, which so gets Docker's signals itself.
"""

import os
from typing import Any, NoReturn

import mlflow.server
from mlflow.cli import cli


def become(command: list[str], *, extra_env: dict[str, str], **_: Any) -> NoReturn:
    """Go on as the server, in the place of starting it."""
    os.execvpe(command[0], command, {**os.environ, **extra_env})  # noqa: S606 (no shell is what we want)


if __name__ == "__main__":
    if not callable(getattr(mlflow.server, "_exec_cmd", None)):
        raise SystemExit("This MLflow starts its server in another way: start it plainly, in compose/mlflow/serve.sh")
    setattr(mlflow.server, "_exec_cmd", become)  # noqa: B010 (a private name, which types do not know)
    cli()
