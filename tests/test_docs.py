"""What the documents promise: links, make targets, crontab lines, the stack's tables, and what a release does."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(ROOT.glob("*.md"))
DOCUMENTS = [*PAGES, *sorted((ROOT / "docs").glob("*.md"))]
# The home is below artifacts/, and what lies there is not ours.
WRAPPED = [*PAGES, *(path for path in ROOT.glob("[!.]*/**/*.md") if "artifacts" not in path.parts)]
WIDTH = 120
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ROW = r"^\| `([a-z_]+)` \|.*?((?: ?`[a-z-]+`)+) \|$"
LOOP = ("data", "inference", "monitoring")
FAKE_PYTHON = '#!/bin/sh\necho "$@"\n'
FAKE_DATE = '#!/bin/sh\ncase "$2" in +%H) echo {hour} ;; *) echo 2026-11-20T{hour}:05Z ;; esac\n'


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", WRAPPED, ids=lambda path: path.name)
def test_prose_is_wrapped(document: Path) -> None:
    # Tables, links, and what is code or the output of a program may be longer.
    prose = re.sub(r"^ *```.*?```$", "", document.read_text(), flags=re.M | re.S).splitlines()
    long = [line for line in prose if len(line) > WIDTH and not re.match(r" *\||    |.*\]\(\S{80,}\)", line)]
    assert long == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"^    (?:[A-Z_]+=\S+ )?make ([a-z-]+)|`make ([a-z-]+)", document.read_text(), re.M))
    assert {word for pair in named for word in pair if word} <= targets


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_targets_that_exist(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    scripts = [step.get("run", "") for job in read_yaml(workflow)["jobs"].values() for step in job.get("steps", [])]
    named = {word for script in scripts for word in re.findall(r"^make ([a-z-]+)", script, re.M)}
    assert named
    assert named <= targets


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name)
def test_issue_forms_can_be_read(form: Path) -> None:
    assert read_yaml(form)


def test_the_page_on_the_stack_names_who_is_in_which_network_and_holds_which_secret() -> None:
    base, laptop = read_yaml(ROOT / "docker-compose.yml"), read_yaml(ROOT / "docker-compose.override.yml")
    networks = turn_around(base["services"], "networks")
    networks["laptop"] = {n for n, s in laptop["services"].items() if "laptop" in s.get("networks", [])}
    tables = read_page("docs/stack.md").split("## Networks")[1].split("## Accounts")[0]
    told = {name: set(re.findall(r"`([^`]+)`", who)) for name, who in re.findall(ROW, tables, re.M)}
    assert told == networks | turn_around(base["services"], "secrets")


def test_the_page_on_the_stack_names_all_services_in_their_order() -> None:
    section = read_page("docs/stack.md").split("## Networks")[0]
    assert re.findall(r"^\| `([^`]+)` \|", section, re.M) == list(read_yaml(ROOT / "docker-compose.yml")["services"])


def test_the_readme_names_the_images_of_the_settings() -> None:
    told = dict(re.findall(r"^\| `([A-Z]+_IMAGE)` \| `([^`]+)` \|", read_page("README.md"), re.M))
    pages = "".join(read_page(name) for name in ("docker-compose.yml", "docker-compose.override.yml"))
    settings = dict(re.findall(r"\$\{([A-Z]+_IMAGE):-([^}]+)\}", pages))
    assert told == {key: image for key, image in settings.items() if key != "QUARTET_IMAGE"}


def test_a_release_pulls_before_it_stops_anything(tmp_path: Path) -> None:
    steps = read_yaml(ROOT / ".github/workflows/release.yml")["jobs"]["deploy"]["steps"]
    script = next(step["run"] for step in steps if step["name"] == "Pull and restart")
    (tmp_path / "my clone").mkdir()
    for name in ("docker", "git", "make"):
        write_program(tmp_path / name, f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/done\n')
    # The server is this machine.
    write_program(tmp_path / "ssh", '#!/bin/bash\nexec bash -c "${!#}"\n')
    given = {"HOST": "me@server", "IMAGE": "registry.example/quartet:v1", "TAG": "v1", "FOLDER": f"{tmp_path}/my clone"}
    environment = given | {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run(["bash", "-e", "-c", script], env=environment, check=True, timeout=30)
    assert (tmp_path / "done").read_text().splitlines() == [
        "docker pull --quiet registry.example/quartet:v1",
        "git fetch --quiet --force origin refs/tags/v1:refs/tags/v1",
        "git -c advice.detachedHead=false checkout --quiet v1",
        "make down",
        "make up QUARTET_IMAGE=registry.example/quartet:v1",
    ]


@pytest.mark.parametrize(
    ("line", "hour", "expected"),
    [
        (0, "08", [f"-m crypto_forecast.run {k} --at 2026-11-20T08:05Z --cause clock" for k in LOOP]),
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
        write_program(tmp_path / name, text)
    (tmp_path / "artifacts").mkdir()
    # A machine without flock still shows that the line is right.
    write_program(tmp_path / "programs/flock", '#!/bin/sh\nshift 3\nexec "$@"\n')
    environment = {"QUARTET": str(tmp_path), "PATH": f"{tmp_path}/programs:/usr/local/bin:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", commands[line].replace("\\%", "%")], env=environment, check=True, timeout=30)
    log = tmp_path / "artifacts/cron.log"
    assert (log.read_text().splitlines() if log.exists() else []) == expected


def read_page(name: str) -> str:
    return (ROOT / name).read_text()


def read_yaml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def turn_around(services: dict[str, Any], key: str) -> dict[str, set[str]]:
    """Say for each network or secret which services have it."""
    found: dict[str, set[str]] = {}
    for service, settings in services.items():
        for name in settings.get(key, []):
            found.setdefault(name, set()).add(service)
    return found


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
