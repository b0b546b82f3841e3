"""Where a model's code comes from: the revision of the repository and the lock of its libraries."""

import hashlib
import shutil
import subprocess
from functools import cache

from service.contract.projects import ROOT
from service.tracking.settings import TrackingSettings

# The commit's hash, and "-dirty" behind it where files differ from what was committed.
DESCRIBE = ("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")


def read_provenance() -> dict[str, str]:
    """Say what code and which libraries fit models here; "unknown" where nothing says so."""
    return {"git_revision": TrackingSettings().git_revision or _ask_git(), "lock_hash": _hash_lock()}


@cache
def _ask_git() -> str:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "unknown"
    try:
        answer = subprocess.run(  # noqa: S603  # a fixed command
            [git, "-C", str(ROOT), *DESCRIBE], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip() or "unknown"


@cache
def _hash_lock() -> str:
    lock = ROOT / "requirements.txt"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else "unknown"
