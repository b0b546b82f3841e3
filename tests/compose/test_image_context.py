"""What goes into the image: the platform's code and the projects', and nothing that only lies beside it."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from service.new_project.render_skeleton import render_skeleton

ROOT = Path(__file__).resolve().parents[2]
# What others read: people, git, make, the tools of development, and the services whose folders are mounted.
OUTSIDE = re.compile(
    r"[^/]+|(\.[a-z]+|artifacts|bench|docs|tests)/.*|compose/(launch|embedded|servers)/.*|compose/(build_release|launch)\.sh"
    r"|.*\.md|compose/(\.env\.example|Dockerfile)"
)
INSIDE = {"requirements-stack.txt", "requirements-uv.txt"}
STRAY = """
customers.csv dump.sql id_rsa notes.py server.pem .env .git/config .venv/lib/a.py people.parquet requirements.txt
income/people.parquet income/data/x.csv income/data/x.py income/customers.csv income/id_rsa income/dump.sql
income/sample/people.csv.gz income/core/key.pem income/.env income/.cache/a.py income/notes.txt income/core/model.cbm
service/key.pem service/id_ed25519 dags/secrets.json db_handler/dump.sql compose/secrets/mysql_root_password
compose/secrets/a.py compose/mlflow/key.pem backup/secrets/a.py artifacts/a/run.py income/core/__pycache__/a.py
crypto_forecast/exchange/candles/people.csv crypto_forecast/catboost_info/a.py
""".split()


def read_patterns() -> list[tuple[bool, re.Pattern[str]]]:
    """Read .dockerignore: whether a line lets in, and what it matches."""
    lines = (line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines())
    return [(line[0] == "!", compile_pattern(line.lstrip("!"))) for line in lines if line and line[0] != "#"]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Write a pattern of Docker's as an expression: ** is any number of folders, * stays inside of one."""
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    means = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(means.get(part, re.escape(part)) for part in parts))


def choose(names: Iterable[str]) -> set[str]:
    """Choose what is let in; the last line that matches a file, or a folder that it is in, decides."""
    patterns = read_patterns()

    def is_in(name: str) -> bool:
        parents = PurePosixPath(name).parents[:-1]  # the last one is the folder of all
        places = [name, *(parent.as_posix() for parent in parents)]
        return next(
            (lets_in for lets_in, found in reversed(patterns) if any(found.fullmatch(place) for place in places)), True
        )

    return {name for name in names if is_in(name)}


def test_all_code_of_the_platform_and_the_projects_goes_in() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert choose(listed) == {name for name in listed if not OUTSIDE.fullmatch(name)} | INSIDE


def test_what_lies_beside_the_code_stays_outside() -> None:
    assert choose(STRAY) == set()


def test_a_new_project_goes_in_whole() -> None:
    names = {*render_skeleton("demand_forecast"), "demand_forecast/requirements.txt", "demand_forecast/loader/find.sql"}
    assert choose(names) == {name for name in names if not name.startswith("tests/")}
