"""Where the exchange is and how patient its client is, read once from the environment."""

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db_handler.errors import UsageError
from db_handler.settings import is_address


class ExchangeSettings(BaseSettings):
    """`QUARTET_UPBIT_URL` is the base of the API; the rest is for tests and odd networks."""

    model_config = SettingsConfigDict(env_prefix="QUARTET_UPBIT_", env_ignore_empty=True, frozen=True, extra="ignore")

    url: str = "https://api.upbit.com/v1"
    connect_seconds: float = Field(default=5.0, gt=0)
    read_seconds: float = Field(default=10.0, gt=0)
    # For all of an answer: one that comes byte by byte never times out on reading.
    total_seconds: float = Field(default=20.0, gt=0)
    # A block (418) that doesn't say how long it lasts; a second one in a row is taken to last twice as long.
    block_seconds: float = Field(default=60.0, gt=0)
    # Ten requests a second at half a second's round trip need five under way.
    pages: int = Field(default=8, ge=1, le=64)


def read_exchange_settings() -> ExchangeSettings:
    try:
        settings = ExchangeSettings()
    except ValidationError as error:
        names = ", ".join(f"QUARTET_UPBIT_{str(fault['loc'][0]).upper()}" for fault in error.errors())
        raise UsageError(f"The environment's {names} can't be read; unset it, or set it to a number above 0.") from None
    if not is_address(settings.url):
        raise UsageError("QUARTET_UPBIT_URL is no base of an API; write it like https://api.upbit.com/v1.")
    return settings
