"""A project with a requirements.txt of its own: built into the image, and there for its own steps alone."""

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.server import has_docker
from tests.stack.whole_stack import ROOT, copy_repository

PROJECT, BROKEN = "live_toy", "broken_toy"
PACKAGE, VERSION = "cowsay", "6.1"  # small, pure, and nothing that the platform has
IMPORT = f"import {PACKAGE}; print({PACKAGE}.__file__)"
# Files that lie beside the code on somebody's laptop (fault 95).
STRAY = ("customers.csv", "id_rsa", "dump.sql", "service/key.pem", "income/data/x.csv", "income/people.parquet")
ROOMS = "dags db_handler messenger service credit_score crypto_forecast income ineligible_loan".split()
LOAD = f"""\"\"\"The step load: tells what it runs in.\"\"\"

import importlib.metadata
import sys
from typing import Any

import pandas
import {PACKAGE}


def load(spec: Any, run: Any) -> dict[str, Any]:
    return {{"own": importlib.metadata.version("{PACKAGE}"), "file": {PACKAGE}.__file__, "pandas": pandas.__file__}}
"""


def plant_toy(root: Path, name: str) -> Path:
    """Put the toy of the tests beside the projects of a tree, under another name."""
    folder = root / name
    shutil.copytree(ROOT / "tests" / "projects" / "toy", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        text = re.sub(r"\bfrom toy\.", f"from {name}.", path.read_text())
        path.write_text(text.replace('"toy"', f'"{name}"').replace('"toy_', f'"{name}_'))
    return folder


def docker(*words: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=900)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    copy_repository(root)
    folder = plant_toy(root, PROJECT)
    (folder / "requirements.txt").write_text(f"{PACKAGE}=={VERSION}\n")
    (folder / "core" / "load.py").write_text(LOAD)
    (plant_toy(root, BROKEN) / "requirements.txt").write_text("--no-index\nno-such-package==1\n")
    (root / "private").mkdir()
    (root / "private" / "customers.csv").write_text("no project")
    (root / "private" / "notes.py").write_text("")
    for name in STRAY:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("private")
    return root


@pytest.fixture(scope="module")
def image(tree: Path) -> Iterator[str]:
    if not has_docker():
        pytest.skip("no Docker engine answers, and the image is built by one")
    name = f"quartet-test-own-{secrets.token_hex(4)}:local"
    python = re.search(r"PYTHON_IMAGE:-([^}]+)", (tree / "docker-compose.override.yml").read_text())
    assert python
    argument = f"PYTHON_IMAGE={python[1]}"
    built = docker("build", "-f", "compose/Dockerfile", "--build-arg", argument, "-t", name, ".", cwd=tree)
    assert built.returncode == 0, built.stderr[-4000:]
    yield name
    docker("rmi", "-f", name)


@pytest.fixture
def live(image: str, tree: Path) -> Iterator[str]:
    """The volume that code is live in, after the copier's first look at a tree where the code has changed."""
    name = image.replace(":", "-")
    (tree / PROJECT / "core" / "load.py").write_text(LOAD.replace('{"own"', '{"live": True, "own"'))
    shutil.copytree(tree / "service", tree / PROJECT / ".venv")  # the laptop's own, which is no use in a container
    mounts = ("-v", f"{tree}:/tree:ro", "-v", f"{name}:/code", "--user=0", "--network=none")
    copier = ("python", "-I", "-S", "compose/code/follow_tree.py", "/tree", "/opt/quartet", "/code")
    done = docker("run", "--rm", *mounts, image, "timeout", "30", *copier)
    assert "files changed" in done.stdout, done.stderr
    yield name
    docker("volume", "rm", "-f", name)


def run(image: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as the stack would, without a network: whatever is missing can't be fetched."""
    return docker("run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", image, *command)


def test_its_steps_run_in_it_without_a_network(image: str) -> None:
    words = ("data", "--step", "load", "--config", "a", "--at", "2025-01-01")
    done = run(image, "python", "-m", f"{PROJECT}.run", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["results"]["a"]["load"]
    assert found["own"] == VERSION
    assert found["file"].startswith(f"/opt/quartet/{PROJECT}/.venv/lib/")
    assert found["pandas"].startswith("/opt/venv/lib/")  # the platform's, which is not installed twice
    assert "building its own environment" not in done.stderr


def test_it_is_there_too_where_code_is_live(image: str, live: str) -> None:
    words = ("python", "-m", f"{PROJECT}.run", "data", "--step", "load", "--config", "a", "--at", "2025-01-01")
    where = ("-v", f"{live}:/opt/quartet:ro", "--network=none")
    done = docker("run", "--rm", *where, image, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["results"]["a"]["load"]
    assert (found["live"], found["own"]) == (True, VERSION)
    assert "building its own environment" not in done.stderr


def test_one_that_can_not_be_built_stops_no_other_and_says_why(image: str) -> None:
    done = run(image, "python", "-m", f"{BROKEN}.run", "data", "--config", "a", "--at", "2025-01-01")
    assert done.returncode == 2
    assert "no-such-package" in json.loads(done.stdout.splitlines()[-1])["error"]
    assert "make up" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_projects_have_none_of_it(image: str) -> None:
    done = run(image, "python", "-c", IMPORT)
    assert done.returncode == 1
    assert f"No module named '{PACKAGE}'" in done.stderr
    listed = run(image, "find", "/opt/quartet", "-maxdepth", "2", "-name", ".venv").stdout.split()
    assert sorted(listed) == [f"/opt/quartet/{BROKEN}/.venv", f"/opt/quartet/{PROJECT}/.venv"]


def test_nobody_in_the_container_can_change_it(image: str) -> None:
    """Not for the container being read-only: for whose the files are."""
    script = (
        f"id -u; touch /opt/quartet/{PROJECT}/x /opt/quartet/{PROJECT}/.venv/x /opt/quartet/x; "
        "find /opt/quartet /opt/venv -writable -not -type l"
    )
    done = docker("run", "--rm", "--network=none", image, "bash", "-c", script)
    assert done.stdout.split() == ["50000"]
    assert done.stderr.count("Permission denied") == 3


def test_a_folder_that_is_no_project_stays_outside(image: str) -> None:
    listed = run(image, "ls", "-A", "/opt/quartet").stdout.split()
    assert PROJECT in listed
    assert "crypto_forecast" in listed
    assert not {"private", "tests", "docs", "bench", "artifacts", ".git", ".venv", ".env"} & set(listed)
    assert run(image, "ls", "-A", "/opt/quartet/compose").stdout.split().count("secrets") == 0


def test_the_image_holds_the_code_that_git_knows_and_no_stray_file(image: str) -> None:
    inside = set(run(image, "find", "/opt/quartet", "-type", "f", "-printf", "%P\\n").stdout.split())
    assert inside.isdisjoint(STRAY)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in listed if name.split("/")[0] in ROOMS and not name.endswith(".md")} - inside == set()
