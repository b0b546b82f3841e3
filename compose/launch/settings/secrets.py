"""The secrets of the stack: their names, and what each is made of."""

import base64
import binascii
import secrets
from collections.abc import Callable
from pathlib import Path

from compose.launch.command import House
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_file import check_place, write_file

# Containers read them as users of their own; on this machine the folder keeps others out.
FILE_MODE, FOLDER_MODE = 0o444, 0o700


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


def make_secrets(folder: Path) -> list[str]:
    """Answer with the names of those that were made."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    made = [name for name in MAKERS if is_missing(folder / name)]
    for name in made:
        write_file(folder / name, MAKERS[name](), mode=FILE_MODE)
    for name in OPTIONAL:
        if not (folder / name).exists():
            write_file(folder / name, "", mode=0o644)
    return made


def check_secrets(house: House, settings: Settings, *, has_data: bool) -> list[str]:
    """Name every secret that is missing or damaged and can't be made by us."""
    if wrong := check_place(house.secrets, folder=True):
        return [wrong]
    faults = (_check_one(house, name, has_data=has_data) for name in (*MAKERS, *OPTIONAL))
    return [*(fault for fault in faults if fault), *_check_slack(house, settings)]


def is_missing(path: Path) -> bool:
    """Say whether a secret has to be made."""
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _check_one(house: House, name: str, *, has_data: bool) -> str:
    path = house.secrets / name
    shown = house.name_path(path)
    if wrong := check_place(path, folder=False):
        return wrong
    if is_missing(path):
        if name in OPTIONAL or not has_data:
            return ""
        return (
            f"{shown} is {'empty' if path.exists() else 'gone'}, and the stack's data was made with it: restore it "
            "from a backup, or type  make clean  to begin with nothing."
        )
    return _check_text(path, shown)


def _check_text(path: Path, shown: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return f"{shown} can't be read: restore it from a backup, or mend its permissions (chmod 444)."
    if path.name in MAKERS and (text != text.strip() or len(text.split()) != 1):
        return f"{shown} holds a space or a line break, which would be a part of the secret: write it with printf %s."
    if path.name == "airflow_fernet_key" and not _is_fernet_key(text):
        return f"{shown} is no Fernet key (44 letters, the base64 of 32 bytes): restore it from a backup."
    return ""


def _is_fernet_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.encode())) == 32
    except (binascii.Error, ValueError):
        return False


def _check_slack(house: House, settings: Settings) -> list[str]:
    held = {name for name in OPTIONAL if (house.secrets / name).is_file() and (house.secrets / name).stat().st_size}
    if "slack_bot_token" in held and not settings["SLACK_CHANNEL"]:
        return [
            "compose/secrets/slack_bot_token holds a token, but no channel is named: "
            "write SLACK_CHANNEL=... into .env, or type  make up SLACK_CHANNEL=..."
        ]
    if settings["SLACK_CHANNEL"] and not held:
        return [
            "SLACK_CHANNEL names a channel, but compose/secrets/slack_bot_token is empty: "
            "write the bot's token into it, or empty SLACK_CHANNEL."
        ]
    return []
