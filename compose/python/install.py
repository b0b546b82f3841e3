"""Install a locked file with uv: `install.py PYTHON LOCKED`.

uv does not read pip's settings, and whoever needs a mirror, a proxy or a certificate has told pip. What is set for uv
itself comes first. No setting is printed, nor given as an argument: an address can hold a password.
"""

import ast
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

# The lock is complete, so nothing needs to be resolved, and nothing is built from source. Whichever index has a
# package, its hash is the locked one.
INSTALL = (
    "pip install --require-hashes --no-deps --only-binary :all: --index-strategy unsafe-best-match "
    "--no-progress --color never"
)
VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
    "retries": ("UV_HTTP_RETRIES",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTPS_PROXY", "HTTP_PROXY"),
}
SECTIONS = ("global.", "install.", ":env:.")  # a later one comes first with pip
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def main(python: str, locked: str) -> None:
    """Become uv, so that whoever started this process can end uv."""
    pip = read_pip_settings()
    uv = str(Path(sysconfig.get_path("scripts")) / "uv")
    no_index = ["--no-index"] if pip.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
    command = [uv, *INSTALL.split(), *no_index, "--python", python, "-r", locked]
    os.execve(uv, command, {**list_variables(pip), **os.environ})  # noqa: S606  # no shell is what we want


def read_pip_settings() -> dict[str, str]:
    """Read pip's settings from its files and variables, as pip itself merges them."""
    command = [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()  # noqa: S603
    pairs = [line.split("=", 1) for line in lines if "=" in line]
    return {
        name.removeprefix(section): ast.literal_eval(value)
        for section in SECTIONS
        for name, value in pairs
        if name.startswith(section)
    }


def list_variables(pip: dict[str, str]) -> dict[str, str]:
    """List uv's variables for pip's settings."""
    values = {**pip, "find-links": ",".join(pip.get("find-links", "").split())}
    variables = {name: values[key] for key, names in VARIABLES.items() if values.get(key) for name in names}
    if sys.platform == "darwin" or any(Path(bundle).exists() for bundle in BUNDLES):
        variables["UV_SYSTEM_CERTS"] = "1"  # as pip does: a company's own certificates are there
    if not _is_cache_writable():
        variables["UV_NO_CACHE"] = "1"
    return variables


def _is_cache_writable() -> bool:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111  # never raises
    existing = next(place for place in (cache / "uv", *(cache / "uv").parents) if place.exists())
    return os.access(existing, os.W_OK)


if __name__ == "__main__":
    main(*sys.argv[1:])
