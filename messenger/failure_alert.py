"""The alert of a failure: one for each incident, which lasts until the step is done again."""

import logging
from datetime import UTC, datetime

from db_handler.connection.database import Database
from db_handler.errors import QuartetError
from db_handler.ledger.runs import find_result
from db_handler.open_database import open_database
from messenger.messages import failure_message
from messenger.send import Messenger, open_messenger
from messenger.without_outbox import tell_lost_database

log = logging.getLogger(__name__)


def tell_failure(*, project: str, config: str | None, step: str, at: str, sentence: str) -> None:
    """Open the outbox, report one failure and send waiting messages, for callers without an open database.

    Where the outbox can't be used, that is told without it.
    """
    moment = datetime.fromisoformat(at)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        with open_database() as database:
            messenger = open_messenger(database)
            put_failure(messenger, database, project=project, config=config, step=step, at=moment, sentence=sentence)
            messenger.flush()
    except QuartetError as error:
        log.error("%s", error)
        tell_lost_database(str(error), failure_message(project, step, config, moment, sentence))


def put_failure(
    messenger: Messenger,
    database: Database,
    *,
    project: str,
    config: str | None,
    step: str,
    at: datetime,
    sentence: str,
) -> None:
    """Put one failure into the outbox; the same incident from another process is the same message."""
    incident = f"failure:{project}.{config}:{step}:{_find_begin(database, project, config, step, at)}"
    text = failure_message(project, step, config, at, sentence)
    messenger.put(incident, project, at, text, urgency="alert")


def _find_begin(database: Database, project: str, config: str | None, step: str, at: datetime) -> str:
    """Name the incident by the last moment at which the step was done; a task that is no step has one a day."""
    if config is None:
        return f"{at:%Y-%m-%d}"
    with database.begin(writing=False) as connection:
        last = find_result(connection, project=project, config=config, step=step)
    return f"{last.at:%Y-%m-%dT%H:%M:%SZ}" if last else "first"
