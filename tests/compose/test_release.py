"""A release: tested first, and built from what is committed."""

import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
# Docker's part: it writes down its arguments, and what it would build from.
DOCKER = '#!/bin/sh\necho "$@" >"$TOLD"\nfor tree; do :; done\n(cd "$tree" && find . -type f) >>"$TOLD"\n'
COMMIT = ["-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qm", "a"]


def test_the_tests_of_its_commit_come_first() -> None:
    release, tests = (
        yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text()) for name in ("release", "ci")
    )
    assert release["jobs"]["tests"]["uses"] == "./.github/workflows/ci.yml"
    assert release["jobs"]["image"]["needs"] == "tests"
    assert "workflow_call" in tests[True]  # YAML reads `on` so
    assert any("compose/build_release.sh" in step.get("run", "") for step in release["jobs"]["image"]["steps"])


def test_it_is_built_from_what_is_committed(tmp_path: Path) -> None:
    tree, told = tmp_path / "tree", tmp_path / "told"
    for name in ("compose/build_release.sh", "docker-compose.override.yml", "compose/Dockerfile"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    for words in (["init", "-q"], ["add", "."], COMMIT):
        subprocess.run(["git", *words], cwd=tree, check=True)
    (tree / "service").mkdir()
    (tree / "service" / "half_done.py").write_text("")
    (tree / "compose" / "Dockerfile").write_text("FROM elsewhere")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "TOLD": str(told), "HOME": str(tmp_path)}
    command = [tree / "compose/build_release.sh", "registry.example/quartet:v1"]
    subprocess.run(command, env=environment, check=True)
    words, *files = told.read_text().splitlines()
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tree, capture_output=True, text=True, check=True).stdout
    assert "--tag registry.example/quartet:v1" in words
    assert f"GIT_REVISION={head.strip()}" in words
    assert sorted(files) == ["./compose/Dockerfile", "./compose/build_release.sh", "./docker-compose.override.yml"]
    refused = subprocess.run([*command, "nothing"], env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) == (2, "There is no commit nothing here.\n")
