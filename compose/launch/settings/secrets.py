"""The secrets: their names, what each is made of, and whether they are whole."""

import base64
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from compose.launch.command import Command
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_file import check_place, write_file


def make_password() -> str:
    return secrets.token_hex(24)


PASSWORDS = (
    "postgres_password airflow_database_password mlflow_database_password mysql_root_password mysql_writer_password "
    "mysql_reader_password store_root_password store_mlflow_key redis_password airflow_api_secret_key "
    "airflow_admin_password airflow_ticker_password mlflow_admin_password mlflow_trainer_password "
    "mlflow_reader_password mlflow_flask_secret_key"
).split()
Makers = Mapping[str, Callable[[], str]]
KEYS: Makers = {
    "fernet_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "jwt_secret": lambda: secrets.token_hex(64),
}
MAKERS = dict.fromkeys(PASSWORDS, make_password) | {f"airflow_{name}": make for name, make in KEYS.items()}
HOME_MAKERS = {**KEYS} | dict.fromkeys(("api_secret_key", "admin_password", "ticker_password"), make_password)
# A user fills these, or leaves them empty.
OPTIONAL = ("slack_bot_token", "slack_webhook_url")


def make_secrets(folder: Path, makers: Makers, *, mode: int) -> int:
    """Make those that are missing; answers how many. The folder keeps all but this user out."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    missing = [name for name in makers if _is_missing(folder / name)]
    for name in missing:
        write_file(folder / name, makers[name](), mode=mode)
    return len(missing)


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


def check_secrets(folder: Path, makers: Makers, *, lost: str) -> Iterator[str]:
    """Name every secret that is damaged; with `lost`, what to say of data made with it, a missing one too."""
    if faults := check_place(folder, folder=True):
        yield from faults
        return
    for path in (folder / name for name in makers):
        if faults := check_place(path):
            yield from faults
        elif _is_missing(path):
            if lost:
                yield f"{path} is {'empty' if path.exists() else 'gone'}, {lost}"
        else:
            yield from _check_text(path)


def check_slack(command: Command, settings: Settings) -> Iterator[str]:
    """Name what is missing of a Slack that was set up by half."""
    held = [name for name in OPTIONAL if not _is_missing(command.secrets / name)]
    for name in OPTIONAL:
        yield from check_place(command.secrets / name)
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


def _is_missing(path: Path) -> bool:
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _check_text(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield f"{path} can't be read: restore it from a backup, or mend its permissions (chmod 444)."
        return
    if len(text.split()) != 1 or text != text.strip():
        yield f"{path} holds a space or a line break, which would be a part of the secret: write it with printf %s."
    elif path.name.endswith("fernet_key") and not re.fullmatch(r"[\w-]{43}=", text, re.ASCII):
        yield f"{path} is no Fernet key (44 letters, the base64 of 32 bytes): restore it from a backup."
