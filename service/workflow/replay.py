"""`data replay=1`: a home of its own gets a virtual now, so that a history is lived through as if it were today."""

from datetime import datetime

from db_handler.clock import WallClock
from db_handler.connection.database import Connection, Database
from db_handler.errors import UsageError
from db_handler.ledger.virtual_now import begin_virtual_time, has_worked, read_virtual_now
from db_handler.open_database import open_database
from db_handler.settings import read_settings
from service.contract.kinds import KINDS
from service.contract.moment import write_at
from service.tracking.settings import TrackingSettings

EXAMPLE = "as in  QUARTET_HOME=artifacts/history make run p=... k=data replay=1 at=2026-06-01T02:05Z"


def begin_replay(at: datetime) -> None:
    """Give the home a virtual now, before anything is opened that asks for it; one that has one keeps it."""
    settings = read_settings()
    servers = {"QUARTET_DATABASE_URL": settings.database_url, "MLFLOW_TRACKING_URI": TrackingSettings().uri}
    if at > WallClock().now():
        raise UsageError(f"--at {write_at(at)} is in the future, and a replay begins in the past")
    if "home" not in settings.model_fields_set:
        raise UsageError(f"--replay needs a home of its own: name a folder in QUARTET_HOME, {EXAMPLE}")
    if shared := [name for name, server in servers.items() if server]:
        raise UsageError(f"{shared[0]} is set, and a replay never shares a server with what is live: unset it")
    with open_database() as database:
        database.retry(lambda connection: _begin(connection, database, at))


def _begin(connection: Connection, database: Database, at: datetime) -> None:
    if read_virtual_now(connection) is not None:
        return
    if has_worked(connection, tuple(KINDS)):
        raise UsageError(
            f"The home of {database.place} has worked by the machine's clock, beside which no virtual time can begin: "
            "name another folder in QUARTET_HOME, and import there first"
        )
    begin_virtual_time(connection, at)
