"""The settings of the home and the database, read once from the environment."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db_handler.errors import UsageError


class HouseSettings(BaseSettings):
    """`QUARTET_HOME` is the folder of the embedded mode, `QUARTET_DATABASE_URL` another database than its file."""

    model_config = SettingsConfigDict(env_prefix="QUARTET_", env_ignore_empty=True, frozen=True, extra="ignore")

    home: Path = Path("artifacts")
    # Not in the repr: it may hold a password.
    database_url: str | None = Field(default=None, repr=False)


def read_settings() -> HouseSettings:
    try:
        return HouseSettings()
    except ValidationError as error:
        names = ", ".join(f"QUARTET_{'_'.join(map(str, fault['loc'])).upper()}" for fault in error.errors())
        raise UsageError(f"The environment's {names} can't be read; set it to a plain text, or unset it.") from None


def is_address(url: str, *, login: bool = False) -> bool:
    """Say whether a text is the address of a server, with a login in it only where that is allowed."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(named and (login or not parts.username) and not re.search(r"\s", url))
