"""MLflow's database of the embedded mode: one SQLite file in the home, made whole or not at all."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

SCHEME = "sqlite:///"
MAGIC = b"SQLite format 3\0"


def prepare_store(path: Path) -> None:
    """Make the database where there is none; processes that come at once wait for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the system however the process ends
        if not path.exists() or path.stat().st_size == 0:
            _make_store(path)
    with suppress(IsADirectoryError), path.open("rb") as file:
        if file.read(len(MAGIC)) == MAGIC:
            return
    raise ValueError("the file is no SQLite database, or is damaged: restore it from a backup or move it away")


def artifacts_of(path: Path) -> str:
    """Name the folder of the files beside a database."""
    return str(path.parent / "mlflow-artifacts")


def _make_store(path: Path) -> None:
    # A draft takes its place by one rename, so that a kill in the middle of the migrations leaves no half of them.
    draft = path.with_name(f"{path.stem}-draft{path.suffix}")
    _delete_draft(draft)
    try:
        _migrate_draft(draft, path)
    except BaseException:
        _delete_draft(draft)  # on a full disk it would be in its own way
        raise
    draft.replace(path)


def _delete_draft(draft: Path) -> None:
    for leftover in draft.parent.glob(f"{draft.name}*"):
        leftover.unlink()


def _migrate_draft(draft: Path, path: Path) -> None:
    from mlflow.store.db.utils import create_sqlalchemy_engine
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    engine = create_sqlalchemy_engine(f"{SCHEME}{draft}")  # type: ignore[no-untyped-call]
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()
    store = SqlAlchemyStore(f"{SCHEME}{draft}", artifacts_of(path))  # type: ignore[no-untyped-call]
    store.engine.dispose()
    SqlAlchemyStore._engine_map.pop(f"{SCHEME}{draft}", None)


def renew_connections(client: Any) -> None:
    """Drop connections to a deleted file of the same name, and set a faster commit.

    In WAL mode a commit is safe against a kill without waiting for the disk.
    """
    for store in (client._tracking_client.store, client._get_registry_client().store):
        store.engine.dispose()
        with store.engine.connect() as connection:  # the pool hands this one out again
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")


def point_mlflow_at(uri: str) -> None:
    """Point MLflow's own functions at the store without changing the environment."""
    import mlflow

    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(uri)
    if before is None:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    else:
        os.environ["MLFLOW_TRACKING_URI"] = before
