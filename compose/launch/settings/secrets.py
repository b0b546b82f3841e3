"""The secrets: made once, checked before each start, and written only where nobody else could have put a link."""

import base64
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path


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
SHORTEST = 8  # letters of a secret: less is found in any text
# A user fills these, or leaves them empty.
OPTIONAL = ("slack_bot_token", "slack_webhook_url")


def make_secrets(folder: Path, makers: Makers, *, mode: int) -> int:
    """Make those that are missing; answers how many. The folder keeps all but this user out."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    missing = [name for name in makers if is_missing(folder / name)]
    for name in missing:
        write_file(folder / name, makers[name](), mode=mode)
    return len(missing)


def write_file(path: Path, text: str, *, mode: int) -> None:
    """Put a file in its place by one rename, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8", newline="")
        draft.chmod(mode)
        draft.replace(path)


def mask_secrets(text: str, *folders: Path) -> str:
    """Put stars in the place of every secret, which another program may have printed; a part of one comes later."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file() and os.access(path, os.R_OK)]
    values = {path.read_text(encoding="utf-8", errors="replace").strip() for path in paths}
    for secret in sorted((value for value in values if len(value) >= SHORTEST), key=len, reverse=True):
        text = text.replace(secret, "***").replace(secret.replace("=", "%3D"), "***")
    return text


def check_secrets(folder: Path, makers: Makers, *, lost: str) -> list[str]:
    """Name every secret that is damaged; with `lost`, what to say of data made with it, a missing one too."""
    if faults := check_place(folder, folder=True):
        return faults
    return [fault for name in makers for fault in check_place(folder / name) or _check_text(folder / name, lost)]


def check_place(path: Path, *, folder: bool = False) -> list[str]:
    """Say why a path can't be written to, if it can't."""
    if path.is_symlink():
        return [f"{path} is a link: secrets and settings are only written to what is really there; remove the link."]
    if path.exists() and path.is_dir() != folder:
        return [f"{path} is a {'file' if folder else 'folder'} and should be a {'folder' if folder else 'file'}."]
    if path.exists() and path.stat().st_uid != os.getuid():
        return [f"{path} belongs to another user: run make up as that user, or move it away."]
    return []


def is_missing(path: Path) -> bool:
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _check_text(path: Path, lost: str) -> list[str]:
    if is_missing(path):
        return [f"{path} is {'empty' if path.exists() else 'gone'}, {lost}"] if lost else []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return [f"{path} can't be read: restore it from a backup, or mend its permissions (chmod 444)."]
    if text.split() != [text]:
        return [f"{path} holds a space or a line break, which would be a part of the secret: write it with printf %s."]
    if path.name.endswith("fernet_key") and not re.fullmatch(r"[\w-]{43}=", text, re.ASCII):
        return [f"{path} is no Fernet key (44 letters, the base64 of 32 bytes): restore it from a backup."]
    return []
