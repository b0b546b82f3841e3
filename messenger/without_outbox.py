"""The alert of the one failure that the outbox can't keep: that of its own database."""

import hashlib
import logging
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from db_handler.clock import WallClock
from db_handler.settings import read_settings as read_house_settings
from messenger.messages import lost_database_message
from messenger.plain_text import clean_text
from messenger.settings import read_settings

log = logging.getLogger(__name__)

BETWEEN, TO_NEXT_TRY = timedelta(hours=1), timedelta(minutes=5)


def tell_lost_database(*sentences: str) -> None:
    """Post to Slack at once, where it is set up, that the database is lost: once an hour a home, and never raise."""
    try:
        if not ((settings := read_settings()).token or settings.webhook_url):
            return
        mark, now = _name_mark(), WallClock().now()
        if _is_quiet(mark, now):
            return
        _keep_quiet(mark, now + BETWEEN)  # before the post, since several tasks fail at once
        from messenger.slack import SlackClient

        outcome = SlackClient(settings).post(clean_text(lost_database_message(now, sentences)))
        if outcome.kind != "sent":
            log.warning("%s", outcome.sentence)
            _keep_quiet(mark, now + TO_NEXT_TRY)
    except Exception as error:  # whatever goes wrong here must not hide what is told of
        log.error("Slack could not be told that the database is lost: %s", error)


def _name_mark() -> Path:
    """Name the file whose time says until when all is said; not in the home, whose disk may be full or away."""
    home = str(read_house_settings().home.expanduser().absolute())
    name = f"quartet-{os.getuid()}-{hashlib.sha256(home.encode()).hexdigest()[:16]}"
    return Path(tempfile.gettempdir()) / name


def _is_quiet(mark: Path, now: datetime) -> bool:
    try:
        return 0 < mark.lstat().st_mtime - now.timestamp() <= BETWEEN.total_seconds()
    except OSError:
        return False


def _keep_quiet(mark: Path, until: datetime) -> None:
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_NOFOLLOW, 0o600))
        os.utime(mark, (until.timestamp(), until.timestamp()), follow_symlinks=False)
    except OSError as error:  # an alert too many is better than none
        log.warning("%s can't be written: %s", mark, error.strerror)
