"""The settings of the home and the database, read once from the environment."""

from pathlib import Path

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
