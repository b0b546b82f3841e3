"""The secrets of the stack: their names, and what each is made of."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path


def make_password() -> str:
    return secrets.token_hex(24)


def make_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def make_jwt_secret() -> str:
    return secrets.token_hex(64)


PASSWORDS = (
    "postgres_password airflow_database_password mlflow_database_password mysql_root_password mysql_writer_password "
    "mysql_reader_password store_root_password store_mlflow_key redis_password airflow_api_secret_key "
    "airflow_admin_password airflow_ticker_password mlflow_admin_password mlflow_trainer_password "
    "mlflow_reader_password mlflow_flask_secret_key"
).split()
MAKERS: dict[str, Callable[[], str]] = {
    **dict.fromkeys(PASSWORDS, make_password),
    "airflow_fernet_key": make_fernet_key,
    "airflow_jwt_secret": make_jwt_secret,
}
# A user fills these, or leaves them empty.
OPTIONAL = ("slack_bot_token", "slack_webhook_url")


def read_secrets(folder: Path) -> list[str]:
    """Read whatever must not be seen in what we print; the longest first."""
    found = set()
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            text = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
        except (OSError, UnicodeDecodeError):
            continue
        if len(text) >= 8:
            found.add(text)
    return sorted(found, key=len, reverse=True)


def mask_secrets(text: str, known: list[str]) -> str:
    """Put stars in the place of secrets.

    >>> mask_secrets("user:hunter2hunter2@host", ["hunter2hunter2"])
    'user:***@host'
    """
    for secret in known:
        text = text.replace(secret, "***").replace(secret.replace("=", "%3D"), "***")
    return text
