"""Whether every secret file is whole; one that guards existing data can't be made anew."""

import base64
import binascii
from pathlib import Path

from compose.launch.house import House
from compose.launch.name_secrets import MAKERS, OPTIONAL
from compose.launch.read_settings import Settings
from compose.launch.write_file import check_place


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
