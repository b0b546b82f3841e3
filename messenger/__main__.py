"""`python -m messenger`: the outbox's sender, which sends what other processes keep until it is stopped."""

import logging
import signal
import sys
import threading
import time

from db_handler.connection.database import Database
from db_handler.errors import QuartetError
from db_handler.open_database import open_database
from messenger.send import open_messenger
from messenger.settings import read_settings
from messenger.without_outbox import tell_lost_database

LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 300.0  # a database that is restarted or moved is back before
log = logging.getLogger("messenger")


def send_until_stopped() -> None:
    """Send until this process is told to stop."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    send_until(over)


def send_until(over: threading.Event) -> None:
    """Look for messages every few seconds; a database that is away is waited for, and after a while told of."""
    read_settings()
    database: Database | None = None
    lost_at, said = None, ""
    while not over.wait(LOOK_SECONDS):
        try:
            database = database or open_database()
            open_messenger(database).send_waiting()
            lost_at, said = None, ""
        except QuartetError as error:
            lost_at = lost_at or time.monotonic()
            if str(error) != said:
                log.warning("%s Looking again.", said := str(error))
            if time.monotonic() - lost_at >= PATIENCE_SECONDS:
                tell_lost_database(str(error))
            if database:
                database.close()
                database = None
    if database:
        database.close()


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        send_until_stopped()
    except QuartetError as error:
        log.error("%s", error)
        sys.exit(error.exit_status)
