"""The settings of this room, read once from the environment."""

import os

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrackingSettings(BaseSettings):
    """`MLFLOW_TRACKING_URI` is MLflow's own, and so are all its others; without it MLflow lives in the home."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    uri: str | None = Field(default=None, validation_alias="MLFLOW_TRACKING_URI", repr=False)
    git_revision: str | None = Field(default=None, validation_alias="QUARTET_GIT_REVISION")


def quiet_mlflow() -> None:
    """Choose for MLflow what a step needs, where the environment says nothing else; call before importing it."""
    for name, value in {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        "MLFLOW_LOGGING_LEVEL": "CRITICAL",  # its errors come as exceptions, and our sentences replace them
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",  # files come through the server, whatever it offers
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "false",
        "GIT_PYTHON_REFRESH": "quiet",
    }.items():
        os.environ.setdefault(name, value)
