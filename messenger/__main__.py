"""`python -m messenger`: the outbox's sender, which sends what other processes keep until it is stopped."""

import logging
import signal
import sys
import threading

from db_handler.errors import DatabaseError, QuartetError
from db_handler.open_database import open_database
from messenger.send import open_messenger

LOOK_SECONDS = 2.0
log = logging.getLogger("messenger")


def send_until_stopped() -> None:
    """Look for messages every few seconds; a database that is away is waited for."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with open_database() as database:
        while not over.wait(LOOK_SECONDS):
            try:
                open_messenger(database).send_waiting()
            except DatabaseError as error:
                log.warning("%s Looking again.", error)


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        send_until_stopped()
    except QuartetError as error:
        log.error("%s", error)
        sys.exit(error.exit_status)
