"""Whether the ports are free, or taken by ourselves."""

import socket
from collections.abc import Collection

from compose.launch.settings.check_settings import PORTS
from compose.launch.settings.read_settings import Settings


def check_ports(settings: Settings, *, held: Collection[int], keys: tuple[str, ...] = PORTS) -> list[str]:
    """Name every port that another program has, with one that is free."""
    wrong = []
    given = {settings.port(key) for key in keys}
    for key in keys:
        port = settings.port(key)
        if port not in held and not is_free(port):
            other = find_free_port(port + 1, avoid=given)
            given.add(other)
            wrong.append(f"Port {port} ({key}) is in use by another program: end that, or type  make up {key}={other}")
    return wrong


def find_free_port(port: int, *, avoid: Collection[int] = ()) -> int:
    """Answer with the first free port from this one on."""
    return next((p for p in range(port, min(port + 200, 65536)) if p not in avoid and is_free(p)), 65535)


def is_free(port: int) -> bool:
    """Say whether a server could listen here; a system that lets two listen is found out by calling."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0
