"""What the documents promise: links lead somewhere, make targets exist, crontab lines do what they say."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FAKE_PYTHON = '#!/bin/sh\necho "$@"\n'
FAKE_DATE = '#!/bin/sh\ncase "$2" in +%H) echo {hour} ;; *) echo 2026-11-20T{hour}:05Z ;; esac\n'


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"^    (?:[A-Z_]+=\S+ )?make ([a-z-]+)|`make ([a-z-]+)", document.read_text(), re.M))
    assert {word for pair in named for word in pair if word} <= targets


@pytest.mark.parametrize(
    ("line", "hour", "expected"),
    [
        (0, "08", [f"-m crypto_forecast.run {k} --at 2026-11-20T08:05Z" for k in ("data", "inference", "monitoring")]),
        (0, "09", []),
        (1, "02", ["-m crypto_forecast.run train --cause clock"]),
        (1, "03", []),
    ],
)
def test_crontab_lines_run_what_they_say(tmp_path: Path, line: int, hour: str, expected: list[str]) -> None:
    block = re.search(r"```crontab\n(.*?)```", (ROOT / "docs/unattended.md").read_text(), re.S)
    assert block
    commands = [re.sub(r"^(\S+ +){5}", "", found) for found in re.findall(r"^\d.*", block[1], re.M)]
    for name, text in (("programs/date", FAKE_DATE.format(hour=hour)), (".venv/bin/python", FAKE_PYTHON)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / "artifacts").mkdir()
    # A machine without flock still shows that the line is right.
    (tmp_path / "programs/flock").write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    (tmp_path / "programs/flock").chmod(0o755)
    environment = {"QUARTET": str(tmp_path), "PATH": f"{tmp_path}/programs:/usr/local/bin:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", commands[line].replace("\\%", "%")], env=environment, check=True, timeout=30)
    log = tmp_path / "artifacts/cron.log"
    assert (log.read_text().splitlines() if log.exists() else []) == expected
