"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("pandas", "numpy", "scipy", "catboost", "sqlalchemy", "pymysql")


def describe_machine() -> dict[str, str]:
    """Describe cores, processor, system, Python and the packages that are measured."""
    allowed = getattr(os, "sched_getaffinity", None)  # the cores that this process may use
    return {
        "cores": str(len(allowed(0)) if allowed else os.cpu_count() or 1),
        "processor": read_processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def read_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
