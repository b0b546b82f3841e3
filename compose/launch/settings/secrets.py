"""The secrets: their names, what each is made of, and whether they are whole."""

import base64
import binascii
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from compose.launch.command import Command
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


def make_secrets(folder: Path) -> list[str]:
    """Make those that are missing; answers with their names."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    made = [name for name in MAKERS if _is_missing(folder / name)]
    for name in made:
        write_file(folder / name, MAKERS[name](), mode=FILE_MODE)
    for name in OPTIONAL:
        if not (folder / name).exists():
            write_file(folder / name, "", mode=0o644)
    return made


def mask_secrets(text: str, folder: Path) -> str:
    """Put stars in the place of every secret of a folder; the longest first, since one may be a part of another."""
    values = set()
    for path in folder.rglob("*"):
        try:
            values.add(path.read_text(encoding="utf-8").strip() if path.is_file() else "")
        except (OSError, UnicodeDecodeError):
            continue
    for secret in sorted(values, key=len, reverse=True):
        if len(secret) >= 8:
            text = text.replace(secret, "***").replace(secret.replace("=", "%3D"), "***")
    return text


def check_secrets(command: Command, settings: Settings, *, has_data: bool) -> list[str]:
    """Name every secret that is missing or damaged and can't be made by us."""
    if fault := check_place(command.secrets, folder=True):
        return [fault]
    faults = [_check_one(command, name, has_data=has_data) for name in (*MAKERS, *OPTIONAL)]
    return [*filter(None, faults), *_check_slack(command, settings)]


def _is_missing(path: Path) -> bool:
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _check_one(command: Command, name: str, *, has_data: bool) -> str:
    path = command.secrets / name
    shown = command.name_path(path)
    if fault := check_place(path, folder=False):
        return fault
    if _is_missing(path):
        lost = f"{shown} is {'empty' if path.exists() else 'gone'}, and the stack's data was made with it"
        mend = "restore it from a backup, or type  make clean  to begin with nothing."
        return f"{lost}: {mend}" if has_data and name in MAKERS else ""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return f"{shown} can't be read: restore it from a backup, or mend its permissions (chmod 444)."
    fault = ""
    if name in MAKERS and (text != text.strip() or len(text.split()) != 1):
        fault = "holds a space or a line break, which would be a part of the secret: write it with printf %s."
    elif name == "airflow_fernet_key" and not _is_fernet_key(text):
        fault = "is no Fernet key (44 letters, the base64 of 32 bytes): restore it from a backup."
    return f"{shown} {fault}" if fault else ""


def _is_fernet_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.encode())) == 32
    except (binascii.Error, ValueError):
        return False


def _check_slack(command: Command, settings: Settings) -> Iterator[str]:
    held = {name for name in OPTIONAL if not _is_missing(command.secrets / name)}
    if "slack_bot_token" in held and not settings["SLACK_CHANNEL"]:
        yield (
            "compose/secrets/slack_bot_token holds a token, but no channel is named: "
            "write SLACK_CHANNEL=... into .env, or type  make up SLACK_CHANNEL=..."
        )
    if settings["SLACK_CHANNEL"] and not held:
        yield (
            "SLACK_CHANNEL names a channel, but compose/secrets/slack_bot_token is empty: "
            "write the bot's token into it, or empty SLACK_CHANNEL."
        )
