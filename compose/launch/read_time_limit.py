"""How long `make up` waits, in seconds."""

from compose.launch.house import House
from compose.launch.stop_error import StopError

NAME, DEFAULT = "QUARTET_UP_SECONDS", "300"


def read_time_limit(house: House) -> int:
    """Take QUARTET_UP_SECONDS, or five minutes."""
    text = house.environment.get(NAME) or DEFAULT
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 86_400):
        raise StopError(f"{NAME}={text[:20]} can't be: a number of seconds is, as in  make up {NAME}=600")
    return int(text)
