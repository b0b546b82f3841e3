"""A copy of the tree without its projects, in which tests make and break projects of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("service", "db_handler", "messenger")
SETTINGS = ("QUARTET_DATABASE_URL", "MLFLOW_TRACKING_URI", "SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL")


class Tree:
    """Commands are typed at its top, with a home inside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for room in ROOMS:
            shutil.copytree(ROOT / room, root / room)  # compiled as it is: each command would compile it again
        tests = [f"tests/{name}.py" for name in ("__init__", "conftest", "floors", "own_environments", "test_walls")]
        for file in ("pyproject.toml", "Makefile", *tests):
            (root / file).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / file, root / file)
        (root / "dags").mkdir()
        for path in (ROOT / "dags").glob("_*.py"):
            shutil.copy(path, root / "dags")

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        known = {name: value for name, value in os.environ.items() if name not in (*SETTINGS, "PYTHONPATH")}
        known |= {"QUARTET_HOME": str(self.root / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.root,
            env=known | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def type(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Run Python with these arguments; answer with status, standard output and standard error."""
        process = self.start(*arguments, **environment)
        out, log = process.communicate(timeout=300)
        assert "Traceback" not in log, log
        return process.returncode, out, log

    def list_files(self) -> set[str]:
        """List all that is there, apart from caches and the home."""
        return {
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if not {"__pycache__", "home", ".mypy_cache", ".ruff_cache"} & set(path.parts)
        }
