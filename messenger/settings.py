"""Where messages go: a bot token with a channel, a webhook's URL, or (without either) the terminal."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from db_handler.errors import UsageError
from db_handler.settings import is_address


class SlackSettings(BaseSettings):
    """Slack's variables in the environment; an empty one counts as not set."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    channel: str | None = Field(None, validation_alias="SLACK_CHANNEL")
    webhook_url: SecretStr | None = Field(None, validation_alias="SLACK_WEBHOOK_URL")
    api_url: str | None = Field(None, validation_alias="SLACK_API_URL")
    # `later` leaves alerts of failures to a scheduler that tries again first.
    alerts: str = Field("now", validation_alias="QUARTET_ALERTS")
    # `own` where a process of its own sends what others keep.
    sender: str = Field("", validation_alias="QUARTET_SENDER")


def read_settings() -> SlackSettings:
    """Read the environment and refuse half a pair or an address that is none, without repeating its value."""
    settings = SlackSettings()
    half = "{} is set but {} is not: set both, or neither to have messages printed."
    if settings.token and not settings.channel:
        raise UsageError(half.format("SLACK_BOT_TOKEN", "SLACK_CHANNEL"))
    if settings.channel and not settings.token and not settings.webhook_url:
        raise UsageError(half.format("SLACK_CHANNEL", "SLACK_BOT_TOKEN"))
    if settings.token and any(not 32 < ord(character) < 127 for character in settings.token.get_secret_value()):
        raise UsageError("SLACK_BOT_TOKEN holds a space, a line break or a sign that no token has: copy it again.")
    webhook = settings.webhook_url.get_secret_value() if settings.webhook_url else None
    for name, url in (("SLACK_WEBHOOK_URL", webhook), ("SLACK_API_URL", settings.api_url)):
        if url is not None and not is_address(url, login=True):
            what = "is not an address that begins with http:// or https://: copy it again, or unset it."
            raise UsageError(f"{name} {what}")
    return settings
