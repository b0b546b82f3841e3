"""`make mlflow port=5000`: a viewer of the experiments and models in the home, for this machine only."""

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from db_handler.errors import NotYetError, UsageError, end_with_sentence
from db_handler.settings import read_settings
from service.cli.typed import read_typed
from service.tracking.mlflow_store import SCHEME, artifacts_of
from service.tracking.settings import TrackingSettings

DATABASE = "mlflow.db"
# Set in the environment of a step they would turn the viewer away from the home.
FOREIGN = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")


@end_with_sentence
def make_mlflow() -> NoReturn:
    """Become MLflow's server on the home's files, or leave with one sentence."""
    command = build_command(find_store(), read_port(read_typed(os.environ).get("port", "5000")))
    sys.stderr.write(f"MLflow is at http://127.0.0.1:{command[command.index('--port') + 1]}, Ctrl-C ends it.\n")
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    environment["PYTHONWARNINGS"] = "ignore"  # of its own libraries
    os.execve(sys.executable, command, environment)  # noqa: S606 (no shell is what we want)


def build_command(path: Path, port: int) -> list[str]:
    """Write the server's command line; it must not proxy artifacts, or steps could not read what it makes."""
    where = ["--backend-store-uri", f"{SCHEME}{path}", "--default-artifact-root", artifacts_of(path)]
    reach = ["--no-serve-artifacts", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [sys.executable, "-m", "mlflow", "server", *where, *reach]


def find_store() -> Path:
    """Find the database of the home's experiments; nothing is created."""
    uri = TrackingSettings().uri or ""
    if uri.startswith(("http://", "https://")):
        raise UsageError("MLFLOW_TRACKING_URI names a server: open that in the browser, or unset it to see the home.")
    home = read_settings().home.expanduser().resolve()
    path = Path(uri.removeprefix(SCHEME)).resolve() if uri.startswith(SCHEME) else home / DATABASE
    if not path.exists():
        raise NotYetError(
            f"There are no experiments at {path} yet: train first, or set QUARTET_HOME "
            "(after make demo:  QUARTET_HOME=artifacts/demo make mlflow)."
        )
    return path


def read_port(text: str) -> int:
    """Accept a port that is free, else suggest one that is.

    >>> read_port("65432")
    65432
    """
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1024 <= port <= 65535:
        raise UsageError(f"port={text[:20]} is no port: a number from 1024 to 65535 is, as in  make mlflow port=5001")
    if not _is_free(port):
        free = next((p for p in range(port + 1, min(port + 100, 65536)) if _is_free(p)), None)
        hint = f"  make mlflow port={free}" if free else "  make mlflow port=..."
        raise UsageError(f"Port {port} is in use by another program. Type:{hint}")
    return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(make_mlflow())
